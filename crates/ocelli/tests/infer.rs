//! What is inferred of real models, beside the descriptions that people wrote for them.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};

use ocelli::Model;
use ocelli::tasks::infer_package;
use ocelli::vision::{Package, Task};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Models whose input has a dimension that the description fixes and the file leaves open, or which are told to enlarge
/// before: nothing in the graph says so.
const TOLD: [&str; 3] = ["vdsr.toml", "ch_ppocr_mobile_v2.0_cls_infer.toml", "prisma_nchw.toml"];

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(ROOT).join("../shared"), PathBuf::from);
    if folder.join("models").is_dir() {
        return Some(folder.join("models"));
    }
    eprintln!("SKIPPED: no test data at {} (set OCELLI_TEST_DATA)", folder.display());
    None
}

fn packages(models: &Path) -> Vec<(String, Package)> {
    let mut all = Vec::new();
    for folder in std::fs::read_dir(Path::new(ROOT).join("tests/packages")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.push((name, Package::read(&path, models).unwrap()));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn what_graphs_say_is_what_people_wrote() {
    let Some(models) = data() else { return };
    let mut count = 0;
    for (name, wanted) in packages(&models) {
        let model = Model::open(wanted.model_path()).unwrap();
        let inferred = infer_package(&model, wanted.task, &name);
        if matches!(wanted.task, Task::Detect | Task::Pose) {
            let error = inferred.unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("cannot be guessed"), "{error}");
            continue;
        }
        let (got, said) = inferred.unwrap_or_else(|e| panic!("{name}: {e}"));
        println!("{name}: {}", said.join("; "));
        assert_eq!(said.len(), 1);
        if TOLD.contains(&name.as_str()) {
            continue;
        }
        assert_eq!(got.input.layout, wanted.input.layout, "{name}");
        assert_eq!(got.input.color.channels(), wanted.input.color.channels(), "{name}");
        assert_eq!(got.input.size, wanted.input.size, "{name}");
        assert_eq!((got.output.scale, got.output.crop), (wanted.output.scale, wanted.output.crop), "{name}");
        let kind = |p: &Package| p.segment.as_ref().map(|s| (s.kind, s.activation));
        assert_eq!(kind(&got), kind(&wanted), "{name}");
        assert_eq!(got.classify.map(|c| c.activation), wanted.classify.map(|c| c.activation), "{name}");
        count += 1;
    }
    assert!(count >= 20, "{count} models");
}

/// A protobuf field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// Blocks of four by four pixels become channels and pixels again: rank 4, three channels, sizes open.
fn blocks_of_four() -> Model {
    let shape: Vec<u8> = [&[][..], &[8, 3], &[], &[]].iter().flat_map(|dim| field(1, dim)).collect();
    let tensor = [vec![8, 1], field(2, &shape)].concat();
    let info = |name: &str| [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat();
    let node = |op: &str, input: &str, output: &str| {
        let block = [field(1, b"blocksize"), vec![3 << 3, 4], vec![0xa0, 1, 2]].concat();
        field(
            1,
            &[field(1, input.as_bytes()), field(2, output.as_bytes()), field(4, op.as_bytes()), field(5, &block)]
                .concat(),
        )
    };
    let nodes = [node("SpaceToDepth", "x", "b"), node("DepthToSpace", "b", "y")].concat();
    let graph = [nodes, field(2, b"g"), field(11, &info("x")), field(12, &info("y"))].concat();
    let length = [graph.len() as u8 & 127 | 128, (graph.len() >> 7) as u8];
    Model::from_bytes([&[8, 8, 7 << 3 | 2][..], &length, &graph, &field(8, &[16, 17])].concat()).unwrap()
}

#[test]
fn divisors_of_sizes_are_found() {
    let (package, said) = infer_package(&blocks_of_four(), Task::Denoise, "blocks").unwrap();
    assert_eq!((package.input.multiple_of, package.output.scale), (4, 1), "{said:?}");
}

#[test]
fn what_does_not_answer_so_is_refused() {
    let Some(models) = data() else { return };
    let refused = |name: &str, task: Task, what: &str| {
        let model = Model::open(models.join(name)).unwrap();
        let error = infer_package(&model, task, name).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(what), "{error}");
    };
    refused("ncnn-assets/squeezenet_v1.1.onnx", Task::Upscale, "no picture");
    refused("carn-m/carn_m_x2.onnx", Task::Classify, "one row of scores");
    refused("mnist-burn/mnist.onnx", Task::Segment, "no picture of scores");
}
