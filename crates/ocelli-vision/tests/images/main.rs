//! What goes into a picture file and what comes out, on files that other programs made (`tests/pictures`, by its
//! `make.py`), read back by other means than those that wrote them. `docs/images.md` has the table of it.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod by_rows;
mod color;
mod hostile;
mod metadata;
mod readers;
mod rows;
mod transparency;

use std::path::{Path, PathBuf};

use ocelli_tensor::Tensor;
use ocelli_vision::image_io::{WriteOptions, encode, read};
use ocelli_vision::restore::{self, Options};
use ocelli_vision::{Image, Package, Planes, VisionError};

const W: usize = 7;
const H: usize = 5;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

/// The samples that `make.py` gave to the other programs: pixels times `n` channels, interleaved.
fn u8s(n: usize) -> Vec<u32> {
    (0..(W * H * n) as u32).map(|i| (i * 83 + 7) % 256).collect()
}

fn u16s(n: usize) -> Vec<u32> {
    (0..(W * H * n) as u32).map(|i| (i * 8311 + 257) % 65536).collect()
}

fn f32s(n: usize) -> Vec<f32> {
    (0..W * H * n).map(|i| (i as f64 / 7.0 - 1.0) as f32).collect()
}

fn package(input: &str, output: &str) -> Package {
    let text = format!("name = \"t\"\ntask = \"upscale\"\nfile = \"t.onnx\"\n[input]\n{input}\n[output]\n{output}\n");
    Package::parse(&text, Path::new("t.toml")).unwrap()
}

/// Through a model that answers what it is asked, of `input` in `model.toml`.
fn through_identity(image: &Image, input: &str) -> Image {
    restore::run::<VisionError>(image, &package(input, ""), &Options::default(), |_, t| Ok(t)).unwrap()
}

/// Through a model that repeats every pixel twice in both directions.
fn through_doubling(image: &Image) -> Image {
    let double = |t: &Tensor| {
        let p = Planes::from_tensor(t).unwrap();
        let mut out = Planes::filled(p.channels(), 2 * p.height(), 2 * p.width(), 0.0);
        let width = out.width();
        for c in 0..p.channels() {
            for (i, v) in out.plane_mut(c).iter_mut().enumerate() {
                *v = p.at(c, i / width / 2, i % width / 2);
            }
        }
        out.into_tensor().unwrap()
    };
    let p = package("", "scale = 2");
    restore::run::<VisionError>(image, &p, &Options::default(), |_, t| Ok(double(&t))).unwrap()
}

/// The file of `image` with this ending.
fn file(image: &Image, ending: &str) -> Vec<u8> {
    encode(image, Path::new(&format!("x.{ending}")), &WriteOptions::default()).unwrap()
}

fn identity_file(name: &str, ending: &str) -> Vec<u8> {
    file(&through_identity(&read(fixture(name)).unwrap(), ""), ending)
}
