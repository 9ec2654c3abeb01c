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
        ("fit = \"letterbox\"", "light = \"linear\"", "input.light"),
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

const LEVELED: &str = r#"
name = "denoiser"
task = "denoise"
file = "model.onnx"
[input.noise]
name = "sigma"
range = [5.0, 50.0]
default = 20.0
divisor = 100.0
"#;

#[test]
fn a_noise_level_is_checked_and_divided() {
    let noise = parse(LEVELED).unwrap().input.noise.unwrap();
    assert_eq!(noise.value(None).unwrap(), 0.2);
    assert_eq!(noise.value(Some(50.0)).unwrap(), 0.5);
    for level in [4.0, 51.0, f32::NAN] {
        let text = noise.value(Some(level)).unwrap_err().to_string();
        assert!(text.contains("5 to 50"), "{text}");
    }
    let steps = parse(&LEVELED.replace("divisor = 100.0", "")).unwrap().input.noise.unwrap();
    assert_eq!(steps.value(Some(25.5)).unwrap(), 0.1);
}

#[test]
fn errors_name_the_key_of_a_noise_level() {
    let cases = [
        ("name = \"sigma\"", "name = \"\"", "input.noise.name"),
        ("range = [5.0, 50.0]", "range = [50.0, 5.0]", "input.noise.range"),
        ("range = [5.0, 50.0]", "range = [-1.0, 50.0]", "input.noise.range"),
        ("default = 20.0", "default = 51.0", "input.noise.default"),
        ("divisor = 100.0", "divisor = 0.0", "input.noise.divisor"),
        ("divisor = 100.0", "units = 1.0", "units"),
        ("default = 20.0", "", "default"),
    ];
    for (from, to, key) in cases {
        assert!(LEVELED.contains(from));
        let text = parse(&LEVELED.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(text.contains(key), "{to}: {text}");
    }
    let noise = "[input.noise]\nname = \"s\"\nrange = [0.0, 1.0]\ndefault = 0.0\n[detect]";
    let text = parse(&YOLOX.replace("[detect]", noise)).unwrap_err().to_string();
    assert!(text.contains("[input.noise]"), "{text}");
}

/// A fresh folder of this test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ocelli-package-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn label_files_are_followed_inside_the_folder_only() {
    let folder = folder("labels");
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

/// SHA-256 of `abc`, of the 56 letters of [`LONG`] and of a million `a`, as FIPS 180 publishes them.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const OF_LONG: &str = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
const OF_MILLION: &str = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
const LONG: &str = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

#[test]
fn checksums_are_those_of_the_standard() {
    let folder = folder("sha256");
    let file = folder.join("model.onnx");
    for (content, sum) in [("abc".to_owned(), ABC), (LONG.to_owned(), OF_LONG), ("a".repeat(1_000_000), OF_MILLION)] {
        std::fs::write(&file, content).unwrap();
        checksum::check(&file, sum).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What loading YOLOX says where its model is `abc` and its checksum is `sha256`; `None` leaves the key out.
fn load_with(folder: &Path, sha256: Option<&str>) -> Result<Package> {
    let key = sha256.map(|s| format!("\nsha256 = \"{s}\"")).unwrap_or_default();
    let text = YOLOX.replace("file = \"model.onnx\"", &format!("file = \"model.onnx\"{key}"));
    std::fs::write(folder.join("model.toml"), text).unwrap();
    Package::load(folder)
}

#[test]
fn a_model_with_another_checksum_is_refused() {
    let folder = folder("checksum");
    let model = folder.join("model.onnx");
    std::fs::write(&model, "abc").unwrap();
    load_with(&folder, Some(ABC)).unwrap();
    load_with(&folder, None).unwrap();

    let error = load_with(&folder, Some(OF_LONG)).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: SHA-256 is {ABC}, model.toml expects {OF_LONG}", model.display()));
    // One more byte.
    std::fs::write(&model, "abc\n").unwrap();
    assert!(matches!(load_with(&folder, Some(ABC)), Err(VisionError::Checksum { expected, .. }) if expected == ABC));
    // No model: an error where it is to be hashed; otherwise whoever opens it says so.
    std::fs::remove_file(&model).unwrap();
    let error = load_with(&folder, Some(ABC)).unwrap_err();
    assert!(matches!(&error, VisionError::Io { path, .. } if *path == model), "{error}");
    load_with(&folder, None).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_later_stage_with_another_checksum_is_refused() {
    let folder = folder("stages");
    for file in ["p.onnx", "r.onnx", "o.onnx"] {
        std::fs::write(folder.join(file), if file == "o.onnx" { LONG } else { "abc" }).unwrap();
    }
    let load = |last: &str| {
        let text = format!(
            "name = \"m\"\ntask = \"detect\"\nfile = \"p.onnx\"\nsha256 = \"{ABC}\"\n[detect]\ndecoder = \"mtcnn\"\n\
             [[detect.stages]]\nfile = \"r.onnx\"\n[[detect.stages]]\nfile = \"o.onnx\"\nsha256 = \"{last}\"\n"
        );
        std::fs::write(folder.join("model.toml"), text).unwrap();
        Package::load(&folder)
    };
    let package = load(OF_LONG).unwrap();
    assert_eq!(package.stage_paths(), ["p.onnx", "r.onnx", "o.onnx"].map(|f| folder.join(f)));
    let error = load(ABC).unwrap_err().to_string();
    assert_eq!(error, format!("{}: SHA-256 is {OF_LONG}, model.toml expects {ABC}", folder.join("o.onnx").display()));
    std::fs::remove_dir_all(&folder).unwrap();
}
