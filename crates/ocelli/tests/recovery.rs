//! What can go wrong with a device while a picture is restored: too little memory, a device that is lost, results that are no
//! picture. And that memory is what the plan says.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use ocelli::graph::ops::binary::{Binary, BinaryKind};
use ocelli::graph::{Op, TensorType};
use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{Image, Package, Planes};
use ocelli::{DType, Engine, EngineOptions, Model, Session, Tensor};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn open(options: EngineOptions) -> Engine {
    Engine::open(&EngineOptions { device: std::env::var("OCELLI_DEVICE").ok(), ..options }).unwrap()
}

fn shipped(name: &str) -> std::path::PathBuf {
    Path::new(ROOT).join("assets/models").join(name)
}

fn picture(width: usize, height: usize) -> Image {
    let data = (0..3 * width * height).map(|i| (i * 7919 % 1009) as f32 / 1008.0).collect();
    Image::from_planes(Planes::new(3, height, width, data).unwrap(), ocelli::vision::Depth::F32).unwrap()
}

/// Warnings of this process, by substring.
fn warnings(part: &str) -> usize {
    logged().lock().unwrap().iter().filter(|line| line.contains(part)).count()
}

fn logged() -> &'static Mutex<Vec<String>> {
    static LINES: OnceLock<Mutex<Vec<String>>> = OnceLock::new();
    LINES.get_or_init(|| {
        struct Keep;
        impl log::Log for Keep {
            fn enabled(&self, m: &log::Metadata<'_>) -> bool {
                m.level() <= log::Level::Warn
            }
            fn log(&self, record: &log::Record<'_>) {
                if self.enabled(record.metadata()) {
                    logged().lock().unwrap().push(record.args().to_string());
                }
            }
            fn flush(&self) {}
        }
        log::set_max_level(log::LevelFilter::Warn);
        let _ = log::set_logger(&Keep);
        Mutex::default()
    })
}

#[test]
fn a_lost_device_is_opened_again_and_its_tile_resumed() {
    let _ = logged();
    let engine = open(EngineOptions { reproducible: true, ..Default::default() });
    let task = Task::open(&engine, shipped("ocelli-sr-x2")).unwrap();
    let image = picture(120, 90);
    let options = RestoreOptions { tile: Some(48), ..Default::default() };
    let whole = task.restore(&image, &options, &mut |_| true).unwrap();
    let mut steps = Vec::new();
    let resumed = task.restore(&image, &options, &mut |done| {
        steps.push(done);
        if steps.len() == 5 {
            engine.device().destroy();
        }
        true
    });
    assert_eq!(resumed.unwrap(), whole, "every tile is as before");
    assert!(engine.is_lost());
    // Nothing begins again from the first tile.
    let back = steps.windows(2).map(|w| w[0] - w[1]).fold(0.0f32, f32::max);
    assert!(back < 0.2, "progress fell back by {back}: {steps:?}");
    assert_eq!(warnings("opened again, going on at tile"), 1);
    // The task stays with its new device.
    assert_eq!(task.restore(&image, &options, &mut |_| true).unwrap(), whole);
    assert_eq!(warnings("opened again, going on at tile"), 1);
}

#[test]
fn a_lost_device_of_the_application_is_an_error() {
    let engine = open(EngineOptions::default());
    let own = Engine::from_device(engine.device().clone(), engine.queue().clone());
    assert!(own.reopened(false).is_err());
    assert!(engine.reopened(false).is_ok());
}

#[test]
fn too_little_memory_makes_tiles_smaller() {
    let _ = logged();
    let image = picture(200, 160);
    let roomy = open(EngineOptions { reproducible: true, ..Default::default() });
    let want = Task::open(&roomy, shipped("ocelli-sr-x2")).unwrap().restore(&image, &Default::default(), &mut |_| true);
    let tight = open(EngineOptions { reproducible: true, memory_limit_bytes: Some(3 << 20), ..Default::default() });
    let task = Task::open(&tight, shipped("ocelli-sr-x2")).unwrap();
    // The plan is known beforehand: nothing is tried that does not fit.
    let planned = task.restore_cut(&image, &Default::default(), &mut |_| true).unwrap();
    assert!(planned.cuts.tiled);
    assert_eq!(warnings("out of device memory"), 0);
    assert_eq!(planned.image, want.unwrap());
    // Who insists on a size gets a smaller one.
    let options = RestoreOptions { tile: Some(200), ..Default::default() };
    let cut = task.restore_cut(&image, &options, &mut |_| true).unwrap();
    assert_eq!(cut.image, planned.image);
    assert_eq!(warnings("out of device memory"), 1, "one warning");
    let none = open(EngineOptions { memory_limit_bytes: Some(1 << 10), ..Default::default() });
    let task = Task::open(&none, shipped("ocelli-sr-x2")).unwrap();
    let error = task.restore(&image, &Default::default(), &mut |_| true).unwrap_err().to_string();
    assert!(error.contains("--memory-limit"), "{error}");
}

#[test]
fn a_result_that_is_not_finite_names_the_model_and_the_tile() {
    let engine = open(EngineOptions::default());
    let mut graph = ocelli::graph::Graph::default();
    let x = graph.add_input("x", DType::F32, None);
    // The square of a sample far above white is infinite; what drivers make of a logarithm of black differs.
    let square = Op::Binary(Binary { kind: BinaryKind::Mul });
    graph.outputs = graph.add_node("square", square, &[Some(x), Some(x)], 1);
    let session = Session::new(&engine, graph).unwrap();
    let text = "name = \"dark\"\ntask = \"denoise\"\nfile = \"x.onnx\"\n";
    let package = Package::parse(text, Path::new("dark.toml")).unwrap();
    let mut planes = Planes::filled(3, 40, 60, 0.5);
    planes.plane_mut(1)[30 * 60 + 45] = -1e30;
    let image = Image::from_planes(planes, ocelli::vision::Depth::F32).unwrap();
    let options = ocelli::vision::restore::Options { tile: Some((24, 24)), halo: Some(1), ..Default::default() };
    let run = ocelli::vision::restore::run::<ocelli::Error>(&image, &package, &options, |_, t| {
        Ok(session.run(&[t])?.remove(0))
    });
    let error = run.unwrap_err().to_string();
    assert!(
        error.contains("model `dark`") && error.contains("tile of 24x24 at (") && error.contains(": inf at ("),
        "{error}"
    );
}

/// Bytes that the driver has given out, by its allocator.
fn allocated(engine: &Engine) -> Option<u64> {
    Some(engine.device().generate_allocator_report()?.total_allocated_bytes)
}

#[test]
fn memory_is_what_the_plan_says() {
    let mut checked = 0;
    for (name, channels, side) in
        [("ocelli-sr-x2", 1, 256), ("ocelli-sr-x4", 1, 160), ("ocelli-denoise", 3, 256), ("ocelli-denoise", 3, 512)]
    {
        let engine = open(EngineOptions::default());
        let Some(before) = allocated(&engine) else {
            eprintln!("SKIPPED: {name}: this back end does not report allocations");
            continue;
        };
        let session = Model::open(shipped(name).join("model.onnx")).unwrap().session(&engine).unwrap();
        let shape = [1, channels, side, side];
        let planned = session.report(&[TensorType::new(DType::F32, shape)]).unwrap().peak_bytes;
        let x = Tensor::zeros(DType::F32, &shape).unwrap();
        let done = AtomicBool::new(false);
        let most = std::thread::scope(|threads| {
            let watch = threads.spawn(|| {
                let mut most = 0;
                while !done.load(Ordering::Relaxed) {
                    most = most.max(allocated(&engine).unwrap().saturating_sub(before));
                    std::thread::yield_now();
                }
                most
            });
            let ran = session.run(&[x]);
            done.store(true, Ordering::Relaxed);
            ran.unwrap();
            watch.join().unwrap()
        });
        let ratio = most as f64 / planned as f64;
        eprintln!("{name} {side}: {most} of {planned} bytes planned, {ratio:.4}");
        assert!((0.95..=1.05).contains(&ratio), "{name} at {side}: {most} bytes allocated, {planned} planned");
        checked += 1;
    }
    eprintln!("{checked} plans checked");
}
