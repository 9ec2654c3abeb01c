//! One picture computed by several engines together.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ocelli::tasks::{FileOptions, RestoreOptions, Task};
use ocelli::vision::{Depth, Image, Planes, image_io};
use ocelli::{Engine, EngineOptions};

fn open(memory_limit_bytes: Option<u64>) -> (Engine, Task) {
    let device = std::env::var("OCELLI_DEVICE").ok();
    let options = EngineOptions { device, reproducible: true, memory_limit_bytes, ..Default::default() };
    let engine = Engine::open(&options).unwrap();
    let shipped = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/models/ocelli-sr-x2"));
    let task = Task::open(&engine, shipped).unwrap();
    (engine, task)
}

fn picture(width: usize, height: usize) -> Image {
    let data = (0..3 * width * height).map(|i| (i * 7919 % 1009) as f32 / 1008.0).collect();
    Image::from_planes(Planes::new(3, height, width, data).unwrap(), Depth::U8).unwrap()
}

/// What one engine makes of it, which what several make is held against.
fn alone(image: &Image) -> Image {
    open(None).1.restore(image, &RestoreOptions::default(), &mut |_| true).unwrap()
}

/// Warnings of this process, by substring.
fn warnings(part: &str) -> usize {
    lines().lock().unwrap().iter().filter(|line| line.contains(part)).count()
}

fn lines() -> &'static Mutex<Vec<String>> {
    static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    struct Keep;
    impl log::Log for Keep {
        fn enabled(&self, m: &log::Metadata<'_>) -> bool {
            m.level() <= log::Level::Warn
        }
        fn log(&self, record: &log::Record<'_>) {
            if self.enabled(record.metadata()) {
                LINES.lock().unwrap().push(record.args().to_string());
            }
        }
        fn flush(&self) {}
    }
    log::set_max_level(log::LevelFilter::Warn);
    let _ = log::set_logger(&Keep);
    &LINES
}

#[test]
fn two_engines_make_of_a_picture_what_one_makes() {
    let image = picture(310, 230);
    let want = alone(&image);
    let (_one, first) = open(None);
    let (_two, second) = open(None);
    let mut steps = Vec::new();
    let out = Task::restore_shared(&[first, second], &image, &RestoreOptions::default(), &mut |done| {
        steps.push(done);
        true
    });
    let out = out.unwrap();
    assert!(out.cuts.tiled && out.cuts.runs >= 4, "each has some of the tiles: {:?}", out.cuts);
    assert!(out.image == want, "bit for bit");
    assert!(steps.iter().any(|s| *s > 0.0) && steps.iter().all(|s| (0.0..=1.0).contains(s)));
    assert!((steps.last().unwrap() - 1.0).abs() < 1e-6, "{:?}", steps.last());
}

#[test]
fn who_cancels_is_heard() {
    let tasks = [open(None).1, open(None).1];
    let options = RestoreOptions { tile: Some(64), ..Default::default() };
    let out = Task::restore_shared(&tasks, &picture(310, 230), &options, &mut |_| false);
    assert!(out.unwrap_err().is_cancelled());
}

#[test]
fn others_go_on_when_a_device_is_lost_or_small() {
    let _ = lines();
    let image = picture(200, 160);
    let want = alone(&image);
    let options = RestoreOptions { tile: Some(64), ..Default::default() };
    let (lost, first) = open(None);
    let (_kept, second) = open(None);
    let tasks = [first, second];
    let mut calls = 0;
    let out = Task::restore_shared(&tasks, &image, &options, &mut |_| {
        calls += 1;
        if calls == 1 {
            lost.device().destroy();
        }
        true
    });
    assert!(out.unwrap().image == want, "every tile is there");
    assert!(lost.is_lost());
    assert_eq!(warnings("the other devices go on without it"), 1);
    assert_eq!(warnings("opened again"), 0);
    // The next picture goes on without it, and says nothing more.
    assert!(Task::restore_shared(&tasks, &image, &options, &mut |_| true).unwrap().image == want);
    assert_eq!(warnings("the other devices go on without it"), 1);
    // A tile that one of them has no memory for.
    let tasks = [open(Some(1 << 20)).1, open(None).1];
    let options = RestoreOptions { tile: Some(128), ..Default::default() };
    assert!(Task::restore_shared(&tasks, &image, &options, &mut |_| true).unwrap().image == want);
    assert_eq!(warnings("out of device memory"), 1);
    assert_eq!(warnings("the other devices go on without it"), 2);
}

#[test]
fn rows_of_a_picture_are_shared_too() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("shared");
    std::fs::create_dir_all(&folder).unwrap();
    let (input, output) = (folder.join("in.png"), folder.join("out.png"));
    let image = picture(300, 150);
    image_io::write(&input, &image).unwrap();
    let want = alone(&image_io::read(&input).unwrap());
    let tasks = [open(None).1, open(None).1];
    let files = FileOptions { whole_bytes: 0, band_bytes: 1 << 20, ..Default::default() };
    let options = RestoreOptions::default();
    let ocelli::tasks::Way::Rows(rows) = tasks[0].way(&input, &output, &files, &options).unwrap() else {
        panic!("held as a whole")
    };
    let written = Task::restore_rows(&tasks, *rows, &input, &output, &files, &options, &mut |_| true).unwrap();
    assert!(written.by_rows && written.cuts.runs >= 4, "{:?}", written.cuts);
    let whole = folder.join("whole.png");
    image_io::write(&whole, &want).unwrap();
    assert_eq!(image_io::read(&output).unwrap(), image_io::read(&whole).unwrap());
}
