//! Pictures through the whole program with a model that changes nothing: what is asked of the result, exit codes, and
//! that nothing half-written is left.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ocelli::vision::image_io::read;
use ocelli::vision::{Channels, Depth, Image, Planes};

use self::common::{fixture, identity, text};

fn ocelli(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ocelli")).args(args).env_remove("RUST_LOG").output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    common::folder("pictures", name)
}

fn done(args: &[&str]) -> String {
    let out = ocelli(args);
    let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(0), "{args:?}: {stderr}");
    stderr
}

#[test]
fn depth_profile_and_metadata_go_through_the_program() {
    let dir = folder("through");
    let model = identity(&dir);
    for (input, ending) in
        [("rgb16.png", "png"), ("gray16.tif", "tif"), ("float3.tif", "tif"), ("described.tif", "tif")]
    {
        let out = dir.join(format!("{input}.out.{ending}"));
        done(&["denoise", &fixture(input), "-m", text(&model), "-o", text(&out)]);
        let (before, after) = (read(fixture(input)).unwrap(), read(&out).unwrap());
        assert_eq!((after.planes(), after.depth()), (before.planes(), before.depth()), "{input}");
        assert_eq!((after.icc(), after.exif().is_some()), (before.icc(), before.exif().is_some()), "{input}");
    }
    // The same in sRGB, tagged otherwise.
    let out = dir.join("srgb.png");
    done(&["denoise", &fixture("wide.png"), "-m", text(&model), "-o", text(&out), "--to-srgb"]);
    let (before, after) = (read(fixture("wide.png")).unwrap(), read(&out).unwrap());
    assert_ne!(after.to_u8(), before.to_u8());
    assert!(after.icc().is_some() && after.icc() != before.icc());
}

/// Twice the same adapter: both compute tiles of the one picture, and it is the same bit for bit.
#[test]
fn adapters_share_one_picture() {
    let dir = folder("shared");
    let input = dir.join("in.png");
    let data = (0..3 * 220 * 180).map(|i| (i * 7919 % 1009) as f32 / 1008.0).collect();
    let image = Image::from_planes(Planes::new(3, 180, 220, data).unwrap(), Depth::U8).unwrap();
    ocelli::vision::image_io::write(&input, &image).unwrap();
    let [one, two] = ["one.png", "two.png"].map(|name| dir.join(name));
    done(&["upscale", text(&input), "-o", text(&one), "--reproducible"]);
    done(&["upscale", text(&input), "-o", text(&two), "--reproducible", "--device", "0,0"]);
    assert_eq!(read(&one).unwrap(), read(&two).unwrap());
}

#[test]
fn format_depth_dither_and_quality_are_asked_for() {
    let dir = folder("asked");
    let model = identity(&dir);
    let run = |input: &str, out: &Path, more: &[&str]| {
        done(&[&["denoise", input, "-m", text(&model), "-o", text(out)], more].concat())
    };
    // A slow gradient of 16 bits, and what is left of it in 8.
    let ramp: Vec<f32> = (0..64 * 64).map(|i| (90.0 + (i % 64) as f32 / 40.0) / 255.0).collect();
    let ramp = Image::new(Planes::new(1, 64, 64, ramp).unwrap(), Channels::Gray, Depth::U16).unwrap();
    let input = dir.join("ramp.png");
    ocelli::vision::image_io::write(&input, &ramp).unwrap();
    let mut results = Vec::new();
    for dither in ["auto", "ordered", "diffusion", "none"] {
        let out = dir.join(format!("{dither}.png"));
        run(text(&input), &out, &["--depth", "8", "--dither", dither]);
        let image = read(&out).unwrap();
        assert_eq!(image.depth(), Depth::U8);
        let mean = image.planes().data().iter().sum::<f32>() / 4096.0;
        let wanted = ramp.planes().data().iter().sum::<f32>() / 4096.0;
        assert!((mean - wanted).abs() * 255.0 < if dither == "none" { 0.5 } else { 0.05 }, "{dither}");
        results.push(image.to_u8());
    }
    assert_eq!(results[0], results[1]);
    assert!(results[1] != results[2] && results[2] != results[3] && results[1] != results[3]);

    // The mean over all turns of a model that changes nothing is the picture, cut or not.
    let out = dir.join("turned.png");
    run(&fixture("rgb16.png"), &out, &["--tta", "--tile", "16"]);
    assert_eq!(read(&out).unwrap().planes(), read(fixture("rgb16.png")).unwrap().planes());

    // A folder: names of the inputs, the ending of the format.
    let pictures = dir.join("pictures");
    std::fs::create_dir_all(&pictures).unwrap();
    for name in ["rgb8.png", "rgb.jpg", "still.heic"] {
        std::fs::copy(fixture(name), pictures.join(name)).unwrap();
    }
    let out = dir.join("tifs");
    let said = run(text(&pictures), &out, &["--format", "tif", "--depth", "32f"]);
    assert!(said.contains("1 heic"), "{said}");
    let rgb = read(out.join("rgb8.tif")).unwrap();
    assert_eq!(rgb.depth(), Depth::F32);
    assert_eq!(rgb.to_u8(), read(fixture("rgb8.png")).unwrap().to_u8());
    assert!(out.join("rgb.tif").is_file() && !out.join("still.tif").exists());

    let size = |quality: &str| {
        let out = dir.join(format!("q{quality}.jpg"));
        run(&fixture("turned1.jpg"), &out, &["--quality", quality]);
        std::fs::metadata(out).unwrap().len()
    };
    assert!(size("20") < size("95"));
}

/// This exit code, one line on stderr with all of `parts`, nothing written.
fn fails(dir: &Path, args: &[&str], code: i32, parts: &[&str]) {
    let count = || std::fs::read_dir(dir).unwrap().count();
    let before = count();
    let out = ocelli(args);
    let stderr = String::from_utf8_lossy(&out.stderr);
    let lines: Vec<&str> = stderr.lines().filter(|l| l.starts_with("ocelli: ")).collect();
    assert_eq!(out.status.code(), Some(code), "{args:?}: {stderr}");
    assert_eq!(lines.len(), 1, "{args:?}: {stderr}");
    for part in parts {
        assert!(lines[0].contains(part), "{args:?}: `{part}` is not in {stderr}");
    }
    assert_eq!(count(), before, "{args:?} left something");
}

#[test]
fn what_cannot_be_done_is_one_line_and_leaves_nothing() {
    let dir = folder("fails");
    let model = identity(&dir);
    let png = text(&dir.join("out.png")).to_owned();
    let with = |input: &str, out: &str, more: &[&str]| -> Vec<String> {
        let args = ["denoise", input, "-m", text(&model), "-o", out];
        args.iter().chain(more).map(|s| (*s).to_owned()).collect()
    };
    let check = |args: Vec<String>, code: i32, parts: &[&str]| {
        fails(&dir, &args.iter().map(String::as_str).collect::<Vec<_>>(), code, parts);
    };
    // Refused or broken inputs fail; what makes no sense is bad usage.
    check(with(&fixture("animated.gif"), &png, &[]), 1, &["animated.gif", "an animated GIF", "--first-frame"]);
    check(with(&fixture("pages.tif"), &png, &[]), 1, &["several pages"]);
    check(with(&fixture("still.heic"), &png, &[]), 1, &["HEIC"]);
    let cut = dir.join("cut.jpg");
    let whole = std::fs::read(fixture("rgb.jpg")).unwrap();
    std::fs::write(&cut, &whole[..whole.len() - 40]).unwrap();
    check(with(text(&cut), &png, &[]), 1, &["cut.jpg", "cut off"]);
    let out = |name: &str| text(&dir.join(name)).to_owned();
    check(with(&fixture("rgba8.png"), &out("out.jpg"), &[]), 1, &["out.jpg", "alpha"]);
    check(with(&fixture("rgb8.png"), &out("out.gif"), &[]), 2, &["256 colours"]);
    check(with(&fixture("rgb8.png"), &out("out.jpg"), &["--depth", "16"]), 2, &["JPEG", "16 bits"]);
    check(with(&fixture("rgb8.png"), &png, &["--format", "tif"]), 2, &["--format"]);
    // And on request.
    let args = with(&fixture("animated.gif"), &png, &["--first-frame"]);
    done(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(read(&png).unwrap().rgb_planes().plane(0), [1.0; 35]);
}

/// An interrupted run leaves no file, of whatever name.
#[cfg(unix)]
#[test]
fn interrupted_runs_leave_nothing() {
    let dir = folder("interrupted");
    let large = Image::filled_rgb(1500, 1500, [0.3, 0.6, 0.2]);
    let input = dir.join("large.bmp");
    ocelli::vision::image_io::write(&input, &large).unwrap();
    let out = dir.join("out");
    std::fs::create_dir_all(&out).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ocelli"))
        .args(["upscale", text(&input), "-o", text(&out.join("x.png")), "--tile", "64"])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let status = child.wait().unwrap();
    if status.success() {
        // Faster than the signal.
        assert_eq!(read(out.join("x.png")).unwrap().width(), 3000);
        return;
    }
    assert!(killed.success());
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
}

/// An interrupted run that is to go on keeps its finished rows, and the same command finishes.
#[cfg(unix)]
#[test]
fn interrupted_runs_go_on_at_the_row() {
    let dir = folder("resumed");
    let model = identity(&dir);
    let n = 700;
    let data = (0..3 * n * n).map(|i| (i * 7919 % 1009) as f32 / 1008.0).collect();
    let image = Image::new(Planes::new(3, n, n, data).unwrap(), Channels::Rgb, Depth::U8).unwrap();
    let (input, out) = (dir.join("in.png"), dir.join("out.png"));
    ocelli::vision::image_io::write(&input, &image).unwrap();
    let part = ocelli::vision::image_io::part_path(&out);
    let args =
        ["denoise", text(&input), "-o", text(&out), "-m", text(&model), "--tile", "64", "--halo", "8", "--resume"];
    let mut child =
        Command::new(env!("CARGO_BIN_EXE_ocelli")).args(args).stderr(std::process::Stdio::piped()).spawn().unwrap();
    // Until a band is there.
    let begun = std::time::Instant::now();
    while std::fs::metadata(&part).map_or(0, |m| m.len()) < 100_000 && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let status = child.wait().unwrap();
    if !status.success() {
        assert_eq!(status.code(), Some(1));
        assert!(part.is_file() && !out.exists());
        let said = done(&args);
        assert!(said.contains("went on from row"), "{said}");
    }
    assert!(!part.exists());
    assert_eq!(read(&out).unwrap().to_u8(), image.to_u8());
}
