//! The contract of the command line: what it writes, its exit codes, and one clear line per error.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ocelli::{DType, Tensor, npy};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn ocelli(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ocelli")).args(args).env_remove("RUST_LOG").output().unwrap()
}

/// A fresh folder of this test.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn upscaler() -> String {
    format!("{ROOT}/assets/models/ocelli-sr-x2/model.onnx")
}

/// Errors: this exit code, one line on stderr that holds all of `parts`, no panic.
fn fails(args: &[&str], code: i32, parts: &[&str]) {
    let out = ocelli(args);
    let stderr = String::from_utf8_lossy(&out.stderr);
    let lines: Vec<&str> = stderr.lines().filter(|l| l.starts_with("ocelli: ")).collect();
    assert_eq!(out.status.code(), Some(code), "{args:?}: {stderr}");
    assert_eq!(lines.len(), 1, "{args:?}: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    for part in parts {
        assert!(lines[0].contains(part), "{args:?}: `{part}` is not in {stderr}");
    }
}

/// A protobuf field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// A model of one input `x` (f32, any shape), whose nodes are of these operators, the last one giving `y`.
fn model(ops: &[&str]) -> Vec<u8> {
    let tensor = field(1, &[8, 1]);
    let info = |name: &str| [field(1, name.as_bytes()), field(2, &tensor)].concat();
    let mut graph = Vec::new();
    for (i, op) in ops.iter().enumerate() {
        let input = if i == 0 { "x".to_owned() } else { format!("v{}", i - 1) };
        let output = if i + 1 == ops.len() { "y".to_owned() } else { format!("v{i}") };
        let node =
            [field(1, input.as_bytes()), field(2, output.as_bytes()), field(3, op.as_bytes()), field(4, op.as_bytes())];
        graph.extend(field(1, &node.concat()));
    }
    graph.extend([field(2, b"g"), field(11, &info("x")), field(12, &info("y"))].concat());
    let length = [(graph.len() & 127) as u8 | 128, (graph.len() >> 7) as u8];
    [&[8, 8, 7 << 3 | 2][..], &length, &graph, &field(8, &[16, 17])].concat()
}

#[test]
fn run_writes_every_output_with_the_dtype_of_the_graph() {
    let dir = folder("run");
    let (file, input, out) = (dir.join("m.onnx"), dir.join("x.npy"), dir.join("out"));
    std::fs::write(&file, model(&["Neg", "Relu"])).unwrap();
    npy::write(&input, &Tensor::from_vec(&[2, 3], vec![1.0f32, -2.0, 3.0, -4.5, 0.0, -6.0]).unwrap()).unwrap();
    let got = ocelli(&["run", text(&file), "--input", &format!("x={}", text(&input)), "--output-dir", text(&out)]);
    assert_eq!(got.status.code(), Some(0), "{}", String::from_utf8_lossy(&got.stderr));
    let y = npy::read(&out.join("y.npy")).unwrap();
    assert_eq!((y.dtype(), y.shape(), y.to_f32s()), (DType::F32, &[2, 3][..], vec![0.0, 2.0, 0.0, 4.5, 0.0, 6.0]));
}

#[test]
fn a_batch_goes_on_after_a_failure() {
    let dir = folder("batch");
    let (good, bad, input) = (dir.join("good.onnx"), dir.join("bad.onnx"), dir.join("x.npy"));
    std::fs::write(&good, model(&["Abs"])).unwrap();
    std::fs::write(&bad, model(&["Frobnicate"])).unwrap();
    npy::write(&input, &Tensor::vector(vec![-1.5f32, 2.0])).unwrap();
    let job = |id: u32, model: &Path| serde_json::json!({ "id": id, "model": model, "inputs": { "x": input }, "output_dir": dir.join(format!("out{id}")), "precision": "f32" });
    let list = dir.join("list.json");
    let jobs = serde_json::json!([job(1, &good), job(2, &bad), job(3, &dir.join("none.onnx")), job(4, &good)]);
    std::fs::write(&list, jobs.to_string()).unwrap();
    let out = ocelli(&["run", "--batch", text(&list)]);
    let stdout = String::from_utf8(out.stdout).unwrap();
    let lines: Vec<serde_json::Value> = stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let codes: Vec<(u64, u64)> =
        lines.iter().map(|l| (l["id"].as_u64().unwrap(), l["code"].as_u64().unwrap())).collect();
    assert_eq!(codes, [(1, 0), (2, 3), (3, 1), (4, 0)]);
    assert!(lines[0]["error"].is_null() && lines[1]["error"].as_str().unwrap().contains("Frobnicate"));
    assert_eq!(npy::read(&dir.join("out4/y.npy")).unwrap().to_f32s(), [1.5, 2.0]);

    std::fs::write(&list, "[]").unwrap();
    assert_eq!(ocelli(&["run", "--batch", text(&list)]).status.code(), Some(0));
}

#[test]
fn check_names_every_unsupported_operator() {
    let dir = folder("check");
    let file = dir.join("m.onnx");
    std::fs::write(&file, model(&["Frobnicate", "Relu", "Gadget"])).unwrap();
    fails(&["check", text(&file)], 3, &["Frobnicate", "Gadget"]);
    let out = ocelli(&["check", text(&file), "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        (out.status.code(), json["supported"].as_bool(), json["unsupported"].as_array().unwrap().len()),
        (Some(3), Some(false), 2)
    );
}

#[test]
fn check_tells_where_each_node_runs() {
    let out = ocelli(&["check", &upscaler(), "--shape", "input=1x1x30x44", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["outputs"][0]["shape"], serde_json::json!([1, 1, 60, 88]));
    let nodes = json["nodes"].as_array().unwrap();
    assert!(nodes.len() > 10 && nodes.iter().all(|n| n["placement"] != "host"), "{json}");
    // Nine convolutions of 32 channels dominate: at least 2 * 9 * 32 * 32 * 7 per pixel.
    assert!(json["flops"].as_u64().unwrap() > 30 * 44 * 2 * 9 * 32 * 32 * 7);
}

#[test]
fn bad_usage_is_two() {
    let dir = folder("usage");
    let (file, input) = (dir.join("m.onnx"), dir.join("x.npy"));
    std::fs::write(&file, model(&["Relu"])).unwrap();
    npy::write(&input, &Tensor::vector(vec![1.0f32])).unwrap();
    let x = format!("--input=x={}", text(&input));
    assert_eq!(ocelli(&["frobnicate"]).status.code(), Some(2));
    assert_eq!(ocelli(&["run", text(&file), &x]).status.code(), Some(2));
    fails(&["check", text(&file), "--shape", "x=axb"], 2, &["--shape"]);
    fails(&["check", text(&file), "--shape", "z=1x1"], 2, &["`z`", "[x]"]);
    fails(&["upscale", text(&input)], 2, &["-o"]);
    fails(&["denoise", text(&input), "-o", "o.png", "--sigma", "25", "--model", "ocelli-sr-x2"], 2, &["--sigma", "x2"]);
    fails(&["denoise", text(&input), "-o", "o.png", "--sigma", "80"], 2, &["--sigma", "80", "75"]);
    fails(&["segment", text(&input), "-o", "out.png"], 2, &["segment", "--model"]);
}

#[test]
fn bad_input_is_one_line_and_nothing_half_written() {
    let dir = folder("bad");
    let (file, input, out) = (dir.join("m.onnx"), dir.join("x.npy"), dir.join("out"));
    let x = format!("--input=x={}", text(&input));
    let run = ["run", text(&file), &x, "--output-dir", text(&out)];
    npy::write(&input, &Tensor::vector(vec![1.0f32])).unwrap();
    fails(&run, 1, &["m.onnx"]);
    for bytes in [&b"not a model"[..], &model(&["Relu"])[..20], &[0xff; 64]] {
        std::fs::write(&file, bytes).unwrap();
        fails(&run, 1, &["m.onnx"]);
    }
    std::fs::write(&file, model(&["Relu"])).unwrap();
    npy::write(&input, &Tensor::vector(vec![1i64])).unwrap();
    fails(&run, 1, &["`x`", "f32", "i64"]);
    std::fs::write(&input, b"\x93NUMPY\x01\x00").unwrap();
    fails(&run, 1, &["x.npy"]);
    npy::write(&input, &Tensor::vector(vec![1.0f32])).unwrap();
    fails(
        &["run", text(&file), &format!("--input=q={}", text(&input)), "--output-dir", text(&out)],
        1,
        &["`q`", "[x]"],
    );
    fails(
        &["--device", "no such adapter", "run", text(&file), &x, "--output-dir", text(&out)],
        4,
        &["no such adapter"],
    );
    assert!(!out.exists());
    let picture = dir.join("p.png");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\nbroken").unwrap();
    let target = dir.join("larger.png");
    fails(&["upscale", text(&picture), "-o", text(&target)], 1, &["p.png"]);
    assert!(!target.exists());
    assert_eq!(
        std::fs::read_dir(&dir)
            .unwrap()
            .flatten()
            .filter(|e| e.path().extension().is_some_and(|x| x == "partial"))
            .count(),
        0
    );
}

#[test]
fn upscale_takes_folders_and_keeps_names() {
    let dir = folder("upscale");
    let pictures = dir.join("in");
    std::fs::create_dir_all(&pictures).unwrap();
    let pixels: Vec<u8> = (0..21 * 13 * 3).map(|i| (i * 37 % 256) as u8).collect();
    let image = ocelli::vision::Image::from_u8(21, 13, ocelli::vision::Channels::Rgb, &pixels).unwrap();
    for name in ["a.png", "b.bmp"] {
        ocelli::vision::image_io::write(pictures.join(name), &image).unwrap();
    }
    let out = dir.join("out");
    let got = ocelli(&["upscale", text(&pictures), "-o", text(&out)]);
    assert_eq!(got.status.code(), Some(0), "{}", String::from_utf8_lossy(&got.stderr));
    for name in ["a.png", "b.bmp"] {
        let result = ocelli::vision::image_io::read(out.join(name)).unwrap();
        assert_eq!((result.width(), result.height()), (42, 26), "{name}");
    }
    fails(&["upscale", text(&pictures), "-o", text(&pictures)], 2, &["overwritten"]);
}

#[test]
fn a_package_whose_model_was_exchanged_is_refused() {
    let dir = folder("checksum");
    let (picture, out) = (dir.join("p.png"), dir.join("larger.png"));
    let image = ocelli::vision::Image::from_u8(8, 8, ocelli::vision::Channels::Rgb, &[99; 8 * 8 * 3]).unwrap();
    ocelli::vision::image_io::write(&picture, &image).unwrap();
    let package = Path::new(&upscaler()).with_file_name("model.toml");
    std::fs::copy(&package, dir.join("model.toml")).unwrap();
    let upscale = ["upscale", text(&picture), "--model", text(&dir), "-o", text(&out)];

    std::fs::write(dir.join("model.onnx"), model(&["Relu"])).unwrap();
    let description = std::fs::read_to_string(&package).unwrap();
    let expected = description.lines().find_map(|l| l.strip_prefix("sha256 = \"")?.strip_suffix('"')).unwrap();
    fails(&upscale, 1, &["model.onnx", "SHA-256", expected]);
    assert!(!out.exists());
    std::fs::copy(upscaler(), dir.join("model.onnx")).unwrap();
    let got = ocelli(&upscale);
    assert_eq!(got.status.code(), Some(0), "{}", String::from_utf8_lossy(&got.stderr));
}

#[test]
fn devices_lists_what_can_be_opened() {
    let out = ocelli(&["devices", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(!json.as_array().unwrap().is_empty());
    assert!(json[0]["max_binding_bytes"].as_u64().unwrap() >= 128 << 20);
}

#[test]
fn check_tells_what_a_smaller_halo_costs() {
    let model = upscaler();
    let out = ocelli(&["check", &model, "--halo", "3", "--json"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let field = &told["receptive_field"];
    let (needed, truncated) = (field["halo"].as_u64().unwrap(), &field["truncated"]);
    assert_eq!(truncated["halo"], 3);
    assert!(needed > 3 && truncated["difference"].as_f64().unwrap() > 0.001, "{field}");
    assert!(truncated["halo_below_half_a_step_of_8_bits"].as_u64().unwrap() <= needed, "{field}");
    let out = ocelli(&["check", &model, "--halo", &needed.to_string()]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.contains("tiles equal the whole picture"), "{said}");
}
