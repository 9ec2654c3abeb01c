//! `RestoreOptions::tta` beside the mean of separate runs on pictures that this file turns itself.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{Depth, Image, Package, Planes};
use ocelli::{Engine, EngineOptions};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn engine() -> Engine {
    Engine::open(&EngineOptions { device: std::env::var("OCELLI_DEVICE").ok(), ..Default::default() }).unwrap()
}

fn shipped(name: &str) -> Task {
    Task::open(&engine(), Path::new(ROOT).join("assets/models").join(name)).unwrap()
}

/// Waves and an edge, far from black and white, so that nothing is clipped; as floats, so that nothing is rounded.
fn picture(width: usize, height: usize) -> Image {
    let mut planes = Planes::filled(3, height, width, 0.0);
    for c in 0..3 {
        for (i, v) in planes.plane_mut(c).iter_mut().enumerate() {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            let edge = if x + 2.0 * y > width as f32 { 0.15 } else { 0.0 };
            *v = 0.4 + 0.1 * (x * 0.7 + c as f32).sin() + 0.08 * (y * 0.45 + 0.3 * x).cos() + edge;
        }
    }
    Image::from_planes(planes, Depth::F32).unwrap()
}

/// A quarter turn, pixel by pixel.
fn quarter(image: &Image) -> Image {
    let (w, h) = (image.width(), image.height());
    moved(image, h, w, |x, y| (y, h - 1 - x))
}

fn mirror(image: &Image) -> Image {
    let (w, h) = (image.width(), image.height());
    moved(image, w, h, |x, y| (w - 1 - x, y))
}

/// Pixel `(x, y)` of the result is pixel `from(x, y)` of `image`.
fn moved(image: &Image, width: usize, height: usize, from: impl Fn(usize, usize) -> (usize, usize)) -> Image {
    let mut planes = Planes::filled(3, height, width, 0.0);
    for c in 0..3 {
        for y in 0..height {
            for x in 0..width {
                let (u, v) = from(x, y);
                planes.plane_mut(c)[y * width + x] = image.planes().plane(c)[v * image.width() + u];
            }
        }
    }
    Image::from_planes(planes, Depth::F32).unwrap()
}

fn times(image: &Image, count: usize, step: impl Fn(&Image) -> Image) -> Image {
    (0..count).fold(image.clone(), |image, _| step(&image))
}

fn run(task: &Task, image: &Image, tile: Option<usize>, tta: bool) -> Image {
    task.restore(image, &RestoreOptions { tile, tta, ..Default::default() }, &mut |_| true).unwrap()
}

fn largest(a: &Image, b: &Image) -> f32 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    a.planes().data().iter().zip(b.planes().data()).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max)
}

/// The mean of separate runs: over all quarter turns by `steps`, with and without the mirror.
fn reference(task: &Task, image: &Image, steps: &[usize]) -> Image {
    let mut sum: Option<Planes> = None;
    for &turns in steps {
        for mirrored in [false, true] {
            let turned = times(image, turns, quarter);
            let result = run(task, &if mirrored { mirror(&turned) } else { turned }, None, false);
            let result = if mirrored { mirror(&result) } else { result };
            let back = times(&result, (4 - turns) % 4, quarter);
            match &mut sum {
                None => sum = Some(back.planes().clone()),
                Some(sum) => sum.data_mut().iter_mut().zip(back.planes().data()).for_each(|(s, v)| *s += v),
            }
        }
    }
    let mut mean = sum.unwrap();
    let count = (steps.len() * 2) as f32;
    mean.data_mut().iter_mut().for_each(|v| *v /= count);
    Image::from_planes(mean, Depth::F32).unwrap()
}

#[test]
fn is_the_mean_of_eight_separate_runs() {
    for (name, width, height) in [("ocelli-denoise", 48, 32), ("ocelli-sr-x3", 30, 22)] {
        let task = shipped(name);
        assert_eq!(task.turns(), 8);
        let image = picture(width, height);
        let got = run(&task, &image, None, true);
        let difference = largest(&got, &reference(&task, &image, &[0, 1, 2, 3]));
        assert!(difference < 2e-5, "{name}: {difference}");
        // One run alone is another picture: the mean is not what the model gives anyway.
        let plain = largest(&got, &run(&task, &image, None, false));
        assert!(plain > 2e-3, "{name}: {plain}");
        // A turned picture gives the turned result.
        let turned = run(&task, &quarter(&image), None, true);
        let difference = largest(&turned, &quarter(&got));
        assert!(difference < 2e-5, "{name}: {difference}");
    }
}

/// Cut or not, the result is the same: each tile is turned, with its halo.
#[test]
fn tiles_agree_with_the_whole() {
    let task = shipped("ocelli-sr-x2");
    let image = picture(90, 70);
    let difference = largest(&run(&task, &image, Some(64), true), &run(&task, &image, None, true));
    assert!(difference < 2e-5, "{difference}");
}

/// A model of a fixed size that is not square takes half the turns.
#[test]
fn four_where_the_size_is_fixed_and_not_square() {
    let data = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(ROOT).join("../shared"), PathBuf::from);
    if !data.join("models").is_dir() {
        eprintln!("SKIPPED: no test data at {} (set OCELLI_TEST_DATA)", data.display());
        return;
    }
    let toml = Path::new(ROOT).join("tests/packages/sci/sci_240x320.toml");
    let task = Task::from_package(&engine(), Package::read(&toml, &data.join("models")).unwrap()).unwrap();
    assert_eq!(task.turns(), 4);
    // Half as bright: the model lightens.
    let mut image = picture(320, 240);
    let mut planes = image.planes().clone();
    planes.data_mut().iter_mut().for_each(|v| *v *= 0.3);
    image = Image::from_planes(planes, Depth::F32).unwrap();
    let got = run(&task, &image, None, true);
    let difference = largest(&got, &reference(&task, &image, &[0, 2]));
    assert!(difference < 2e-5, "{difference}");
}
