//! A noise level that a model is told: a model that adds it to the picture shows what arrives.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::Path;

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{Channels, Image, Package};
use ocelli::{Engine, EngineOptions, Model};

/// A protobuf field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 127 {
        out.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend(bytes);
    out
}

/// An f32 input or output; dimension 0 is open.
fn value(name: &str, dims: &[u8]) -> Vec<u8> {
    let dim = |&n: &u8| field(1, &if n == 0 { field(2, b"open") } else { vec![8, n] });
    let shape: Vec<u8> = dims.iter().flat_map(dim).collect();
    let tensor = [&[8, 1][..], &field(2, &shape)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

/// `y = x + level` with these inputs in this order.
fn adds(inputs: [Vec<u8>; 2]) -> Model {
    let node = [field(1, b"x"), field(1, b"level"), field(2, b"y"), field(3, b"n"), field(4, b"Add")].concat();
    let [a, b] = inputs;
    let graph =
        [field(1, &node), field(2, b"g"), field(11, &a), field(11, &b), field(12, &value("y", &[1, 3, 0, 0]))].concat();
    let bytes = [&[8, 8][..], &field(7, &graph), &field(8, &[16, 17])].concat();
    Model::from_bytes(bytes).unwrap()
}

const PICTURE: [u8; 4] = [1, 3, 0, 0];

fn package(name: &str) -> Package {
    let noise = "range = [0.0, 75.0]\ndefault = 10.0\ndivisor = 100.0";
    let text =
        format!("name = \"adder\"\ntask = \"denoise\"\nfile = \"m.onnx\"\n[input.noise]\nname = \"{name}\"\n{noise}\n");
    Package::parse(&text, Path::new("model.toml")).unwrap()
}

fn engine() -> Engine {
    Engine::open(&EngineOptions { device: std::env::var("OCELLI_DEVICE").ok(), ..Default::default() }).unwrap()
}

#[test]
fn the_level_reaches_the_model_with_every_tile() {
    let engine = engine();
    let pixels: Vec<u8> = (0..40 * 30 * 3).map(|i| (i % 100) as u8).collect();
    let image = Image::from_u8(40, 30, Channels::Rgb, &pixels).unwrap();
    for inputs in [
        [value("x", &PICTURE), value("level", &[1, 1, 1, 1])],
        [value("level", &[]), value("x", &PICTURE)],
        [value("x", &PICTURE), value("level", &[0])],
    ] {
        let task = Task::from_model(&engine, package("level"), &adds(inputs)).unwrap();
        for (noise, added) in [(None, 0.1), (Some(0.0), 0.0), (Some(60.0), 0.6)] {
            for tile in [None, Some(16)] {
                let options = RestoreOptions { tile, halo: Some(2), noise, ..RestoreOptions::default() };
                let got = task.restore(&image, &options, &mut |_| true).unwrap();
                for (a, b) in got.planes().data().iter().zip(image.planes().data()) {
                    assert!((a - b - added).abs() < 1e-6, "{noise:?}: {b} became {a}");
                }
            }
        }
        let beyond = RestoreOptions { noise: Some(76.0), ..RestoreOptions::default() };
        let text = task.restore(&image, &beyond, &mut |_| true).unwrap_err().to_string();
        assert!(text.contains("76") && text.contains("0 to 75"), "{text}");
    }
}

#[test]
fn a_package_that_does_not_fit_its_model_is_refused() {
    let engine = engine();
    let picture = || value("x", &PICTURE);
    let open = |name: &str, level: Vec<u8>| Task::from_model(&engine, package(name), &adds([picture(), level])).err();
    let text = open("sigma", value("level", &[1])).unwrap().to_string();
    assert!(text.contains("sigma") && text.contains("[x, level]"), "{text}");
    let text = open("level", value("level", &[3, 1, 1])).unwrap().to_string();
    assert!(text.contains("`level`") && text.contains('3'), "{text}");
}

#[test]
fn a_level_for_a_blind_model_is_refused() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let task = Task::open(&engine(), Path::new(root).join("assets/models/ocelli-sr-x2")).unwrap();
    let image = Image::from_u8(4, 4, Channels::Rgb, &[7; 48]).unwrap();
    let options = RestoreOptions { noise: Some(5.0), ..RestoreOptions::default() };
    let text = task.restore(&image, &options, &mut |_| true).unwrap_err().to_string();
    assert!(text.contains("takes no noise level"), "{text}");
}
