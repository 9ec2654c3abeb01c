//! What the window shows, against the picture file and the plain path (host tensors, a device of its own). The test
//! needs a screen: `cargo xtask window` runs it on a virtual one.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{Image, Planes, image_io};
use ocelli::{Engine, EngineOptions};

/// Largest difference on the side of the picture: eight bits, rounded once by the sampler and once by the screen.
const BEFORE: f32 = 2.0 / 255.0;
/// The same where a model ran twice, on two devices and by two ways.
const AFTER: f32 = 3.0 / 255.0;
/// Columns beside the cut that the line may cover.
const LINE: usize = 3;

fn asset(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets").join(path)
}

/// Runs the window until it has taken its picture of itself.
fn window(picture: &Path, model: &str, split: f32, file: &Path) -> Output {
    let _ = std::fs::remove_file(file);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ocelli-egui-window"));
    command.arg(picture).arg("--model").arg(asset(model)).arg("--screenshot").arg(file);
    command.arg("--split").arg(split.to_string()).output().unwrap()
}

/// Left, top, width and height in pixels of the place that the window says its pictures have.
fn area(output: &Output) -> [usize; 4] {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|l| l.strip_prefix("area "));
    let line = line.unwrap_or_else(|| panic!("no area: {text}{}", String::from_utf8_lossy(&output.stderr)));
    let numbers: Vec<usize> = line.split(' ').map(|n| n.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// Bilinear interpolation between the centres of the pixels, edges repeated: what a sampler does.
fn bilinear(planes: &Planes, c: usize, u: f32, v: f32) -> f32 {
    let side = |t: f32, n: usize| {
        let at = (t * n as f32 - 0.5).clamp(0.0, n as f32 - 1.0);
        let low = at.floor() as usize;
        (low, (low + 1).min(n - 1), at - low as f32)
    };
    let ((x0, x1, fx), (y0, y1, fy)) = (side(u, planes.width()), side(v, planes.height()));
    let row = |y| planes.at(c, y, x0) * (1.0 - fx) + planes.at(c, y, x1) * fx;
    row(y0) * (1.0 - fy) + row(y1) * fy
}

/// Largest difference between columns `from..to` of the place and `picture` drawn over the whole of it.
fn worst(seen: &Image, [left, top, w, h]: [usize; 4], (from, to): (usize, usize), picture: &Image) -> f32 {
    let (seen, planes) = (seen.rgb_planes(), picture.rgb_planes());
    let mut worst = 0.0f32;
    for (c, y, x) in (0..3).flat_map(|c| (0..h).flat_map(move |y| (from..to).map(move |x| (c, y, x)))) {
        let want = bilinear(&planes, c, (x as f32 + 0.5) / w as f32, (y as f32 + 0.5) / h as f32);
        worst = worst.max((seen.at(c, top + y, left + x) - want).abs());
    }
    worst
}

/// The window at three places of its slider, against the file and the plain path.
fn compare(picture: &str, model: &str, way: &str) {
    let path = asset(picture);
    let before = image_io::read(&path).unwrap();
    let engine = Engine::open(&EngineOptions::default()).unwrap();
    let task = Task::open(&engine, asset(model)).unwrap();
    let after = task.restore(&before, &RestoreOptions::default(), &mut |_| true).unwrap();
    for split in [0.0, 0.3, 1.0] {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{split}.png", model.replace('/', "-")));
        let output = window(&path, model, split, &file);
        let place = area(&output);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains(way), "{output:?}");
        let seen = image_io::read(&file).unwrap();
        let [_, _, w, h] = place;
        assert_eq!(w * before.height(), h * before.width(), "the picture keeps its shape");
        let cut = (split * w as f32).round() as usize;
        let (left, right) = ((0, cut.saturating_sub(LINE)), ((cut + LINE).min(w), w));
        let found = [worst(&seen, place, left, &before), worst(&seen, place, right, &after)];
        println!("{picture}, {model}, slider at {split}: {} and {} of 255", found[0] * 255.0, found[1] * 255.0);
        assert!(found[0] <= BEFORE && found[1] <= AFTER, "{found:?}: {}", file.display());
        // The comparison can fail: the sides are not interchangeable.
        if left.1 > 0 {
            assert!(worst(&seen, place, left, &after) > 2.0 * AFTER);
        }
        if right.0 < w {
            assert!(worst(&seen, place, right, &before) > 2.0 * AFTER);
        }
    }
}

#[test]
fn textures_in_one_submit() {
    compare("images/plane-noisy.png", "models/ocelli-denoise", "one submit");
}

#[test]
fn slices_through_the_host() {
    compare("images/parrot.png", "models/ocelli-sr-x2", "slices");
}

#[test]
fn errors_are_shown() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let bytes = std::fs::read(asset("images/parrot.png")).unwrap();
    let broken = folder.join("broken.png");
    std::fs::write(&broken, &bytes[..3000]).unwrap();
    let absent = folder.join("absent.png");
    let detector = "models/ocelli-cells";
    let cases = [
        (broken.clone(), "models/ocelli-denoise", "broken.png"),
        (absent, "models/ocelli-denoise", "absent.png"),
        (asset("images/parrot.png"), detector, "detect"),
        (asset("images/parrot.png"), "models/none", "models/none"),
    ];
    for (picture, model, named) in cases {
        let output = window(&picture, model, 0.5, &folder.join("error.png"));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{output:?}");
        assert!(text.starts_with("error: ") && text.contains(named) && !text.contains("area"), "{output:?}");
    }
}
