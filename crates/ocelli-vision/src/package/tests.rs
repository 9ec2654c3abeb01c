use std::path::Path;

use super::*;

const YOLOX: &str = r#"
name = "yolox"
task = "detect"
file = "model.onnx"
licence = "Apache-2.0"
[input]
color = "bgr"
range = [0.0, 255.0]
size = "fixed"
fit = "letterbox"
align = "top-left"
pad_value = 114
[detect]
decoder = "yolox"
score_threshold = 0.3
labels = ["a", "b"]
[quality]
"COCO val mAP" = 25.8
"#;

fn parse(text: &str) -> Result<Package> {
    Package::parse(text, Path::new("here/model.toml"))
}

#[test]
fn reads_a_description_with_defaults() {
    let p = parse(YOLOX).unwrap();
    assert_eq!(p.task, Task::Detect);
    assert_eq!(p.input.color, ColorOrder::Bgr);
    assert_eq!((p.input.mean.as_slice(), p.input.std.as_slice()), (&[0.0][..], &[1.0][..]));
    let d = p.detect.unwrap();
    assert_eq!((d.decoder, d.iou_threshold), (Decoder::Yolox, 0.45));
    assert_eq!(d.strides, [8, 16, 32]);
    assert_eq!(p.quality["COCO val mAP"], 25.8);
    assert_eq!(p.output, OutputSpec::default());
}

#[test]
fn errors_name_the_key() {
    let cases = [
        ("task = \"detect\"", "task = \"guess\"", "guess"),
        ("fit = \"letterbox\"", "fitt = \"letterbox\"", "fitt"),
        ("range = [0.0, 255.0]", "range = [1.0, 1.0]", "input.range"),
        ("range = [0.0, 255.0]", "mean = [1.0, 2.0]", "input.mean"),
        ("range = [0.0, 255.0]", "std = [1.0, 0.0, 1.0]", "input.std"),
        ("range = [0.0, 255.0]", "mean = [nan]", "input.mean"),
        ("file = \"model.onnx\"", "file = \"../model.onnx\"", "file"),
        ("file = \"model.onnx\"", "file = \"/model.onnx\"", "file"),
        ("file = \"model.onnx\"", "file = \"m\"\nsha256 = \"12\"", "sha256"),
        ("score_threshold = 0.3", "score_threshold = 3", "detect.score_threshold"),
        ("pad_value = 114", "pad_value = 256", "input.pad_value"),
        ("score_threshold = 0.3", "strides = [0]", "detect.strides"),
        ("decoder = \"yolox\"", "decoder = \"mtcnn\"", "detect.stages"),
        ("fit = \"letterbox\"", "fit = \"tile\"", "input.fit"),
        ("[quality]", "[pose]\n[quality]", "[pose]"),
        ("[quality]", "[output]\nscale = 3\npre_upscale = 2\n[quality]", "output.pre_upscale"),
        ("task = \"detect\"", "task = \"classify\"", "[detect]"),
    ];
    for (from, to, key) in cases {
        assert!(YOLOX.contains(from));
        let text = parse(&YOLOX.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(text.contains(key), "{to}: {text}");
        assert!(text.starts_with("here/model.toml: "), "{text}");
    }
}

#[test]
fn label_files_are_followed_inside_the_folder_only() {
    let folder = std::env::temp_dir().join(format!("ocelli-package-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("labels.txt"), "one\n two \n\n").unwrap();
    let with = |labels: &str| YOLOX.replace("labels = [\"a\", \"b\"]", labels);
    std::fs::write(folder.join("model.toml"), with("labels_file = \"labels.txt\"")).unwrap();
    let p = Package::load(&folder).unwrap();
    assert_eq!(p.detect.as_ref().unwrap().labels, ["one", "two"]);
    assert_eq!(p.model_path(), folder.join("model.onnx"));
    std::fs::write(folder.join("model.toml"), with("labels_file = \"../labels.txt\"")).unwrap();
    assert!(Package::load(&folder).is_err());
    std::fs::remove_dir_all(&folder).unwrap();
}
