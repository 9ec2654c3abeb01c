//! Pictures from file to file row by row: the bytes of the whole picture, and a run that ends early and goes on.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};

use ocelli::tasks::{FileOptions, RestoreOptions, Task};
use ocelli::vision::image_io::{part_path, write};
use ocelli::vision::{Channels, Depth, Image, Planes};
use ocelli::{Engine, EngineOptions};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn engine() -> Engine {
    let device = std::env::var("OCELLI_DEVICE").ok();
    Engine::open(&EngineOptions { device, reproducible: true, ..Default::default() }).unwrap()
}

fn shipped(name: &str) -> PathBuf {
    Path::new(ROOT).join("assets/models").join(name)
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rows").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

fn picture(width: usize, height: usize, channels: Channels, depth: Depth) -> Image {
    let n = channels.count() * width * height;
    let data = (0..n).map(|i| (i * 7919 % 1009) as f32 / 1008.0).collect();
    Image::new(Planes::new(channels.count(), height, width, data).unwrap(), channels, depth).unwrap()
}

/// By rows, whatever the size, in bands of a few rows.
fn by_rows() -> FileOptions {
    FileOptions { whole_bytes: 0, band_bytes: 1 << 16, ..FileOptions::default() }
}

#[test]
fn files_by_rows_have_the_bytes_of_the_whole_picture() {
    let folder = folder("bytes");
    let engine = engine();
    let cases = [
        ("ocelli-sr-x2", 131, Channels::Rgb, Depth::U8, "png"),
        ("ocelli-sr-x3", 131, Channels::Gray, Depth::U16, "tif"),
        ("ocelli-denoise", 301, Channels::Rgb, Depth::U16, "png"),
        ("ocelli-denoise", 301, Channels::Rgb, Depth::F32, "tif"),
    ];
    for (model, height, channels, depth, ending) in cases {
        let task = Task::open(&engine, shipped(model)).unwrap();
        let input = folder.join(format!("in.{ending}"));
        write(&input, &picture(61, height, channels, depth)).unwrap();
        let run = |name: &str, files: &FileOptions| {
            let out = folder.join(format!("{name}.{ending}"));
            let done = task.restore_file(&input, &out, files, &RestoreOptions::default(), &mut |_| true).unwrap();
            (std::fs::read(out).unwrap(), done)
        };
        let (whole, done) = run("whole", &FileOptions::default());
        assert!(!done.by_rows && !done.cuts.tiled, "{model}");
        let (rows, done) = run("rows", &by_rows());
        assert!(done.by_rows && done.cuts.tiled, "{model}: {:?}", done.cuts);
        assert!(rows == whole, "{model} {depth:?}");
        let (resumable, done) = run("resumable", &FileOptions { resume: true, ..by_rows() });
        assert!(done.by_rows && resumable == whole, "{model} {depth:?}");
    }
    assert!(names(&folder).iter().all(|n| !n.contains("part")), "{:?}", names(&folder));
}

#[test]
fn a_run_that_ended_early_goes_on() {
    let folder = folder("resumed");
    let engine = engine();
    let task = Task::open(&engine, shipped("ocelli-sr-x2")).unwrap();
    let (input, out) = (folder.join("in.png"), folder.join("out.png"));
    write(&input, &picture(61, 150, Channels::Rgb, Depth::U8)).unwrap();
    let options = RestoreOptions::default();
    let resume = FileOptions { resume: true, ..by_rows() };
    let run = |files: &FileOptions, until: f32| {
        let mut first = None;
        let done = task.restore_file(&input, &out, files, &options, &mut |done| {
            first.get_or_insert(done);
            done < until
        });
        (done, first.unwrap_or(1.0))
    };
    run(&by_rows(), 2.0).0.unwrap();
    let want = std::fs::read(&out).unwrap();
    std::fs::remove_file(&out).unwrap();
    // Nothing is left of a run that is not to be taken up.
    assert!(run(&by_rows(), 0.6).0.unwrap_err().is_cancelled());
    assert_eq!(names(&folder), ["in.png"]);
    assert!(run(&resume, 0.6).0.unwrap_err().is_cancelled());
    assert_eq!(names(&folder), ["in.png", "out.png.part"]);
    let (done, first) = run(&resume, 2.0);
    let done = done.unwrap();
    assert!(done.resumed_rows >= 64 && first > 0.3, "{} rows, from {first}", done.resumed_rows);
    assert!(std::fs::read(&out).unwrap() == want);
    assert_eq!(names(&folder), ["in.png", "out.png"]);
    // Another picture under the same name begins anew.
    assert!(run(&resume, 0.6).0.unwrap_err().is_cancelled());
    write(&input, &picture(61, 150, Channels::Gray, Depth::U8)).unwrap();
    let (done, first) = run(&resume, 2.0);
    assert!(done.unwrap().resumed_rows == 0 && first < 0.3, "{first}");
    assert!(!part_path(&out).exists());
}
