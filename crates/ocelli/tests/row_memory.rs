//! Memory of a picture that goes row by row does not depend on its height. Alone in its process, as others would be measured too.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::Path;

use ocelli::tasks::{FileOptions, RestoreOptions, Task};
use ocelli::vision::image_io::{read, write};
use ocelli::vision::{Image, Package};
use ocelli::{Engine, EngineOptions, Model};

/// A protobuf field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// A model that answers what it is asked.
fn identity() -> Model {
    let info = |name: &str| [field(1, name.as_bytes()), field(2, &field(1, &[8, 1]))].concat();
    let node = [field(1, b"x"), field(2, b"y"), field(4, b"Relu")].concat();
    let graph = [field(1, &node), field(2, b"g"), field(11, &info("x")), field(12, &info("y"))].concat();
    Model::from_bytes([vec![8, 8], field(7, &graph), field(8, &[16, 17])].concat()).unwrap()
}

/// Peak of resident memory since it was last asked for, in bytes.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[test]
fn memory_does_not_depend_on_the_height() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("row-memory");
    std::fs::create_dir_all(&folder).unwrap();
    let device = std::env::var("OCELLI_DEVICE").ok();
    let engine = Engine::open(&EngineOptions { device, ..Default::default() }).unwrap();
    let text = "name = \"same\"\ntask = \"denoise\"\nfile = \"x.onnx\"\n[output]\nhalo = 8\n";
    let package = Package::parse(text, Path::new("same.toml")).unwrap();
    let task = Task::from_model(&engine, package, &identity()).unwrap();
    let rows = FileOptions { whole_bytes: 0, band_bytes: 4 << 20, ..FileOptions::default() };
    let measure = |height: usize, ending: &str, files: &FileOptions| {
        let (input, out) = (folder.join(format!("in.{ending}")), folder.join(format!("out.{ending}")));
        let image = Image::filled_rgb(1600, height, [0.25, 0.5, 0.75]);
        write(&input, &image).unwrap();
        drop(image);
        let _ = peak_bytes();
        task.restore_file(&input, &out, files, &RestoreOptions::default(), &mut |_| true).unwrap();
        peak_bytes()
    };
    for ending in ["png", "tif"] {
        let small = measure(400, ending, &rows);
        let high = measure(4000, ending, &rows);
        let whole = measure(4000, ending, &FileOptions { whole_bytes: u64::MAX, ..rows });
        let samples = 2 * 4 * 3 * 1600 * 4000;
        eprintln!("{ending}: {} MiB, ten times as high {} MiB, whole {} MiB", small >> 20, high >> 20, whole >> 20);
        // An eighth of the samples of the picture and its result, for what an allocator keeps.
        assert!(high < small + samples / 8, "{ending}: {high} of {small} bytes");
        assert!(whole > small + samples / 2, "{ending}: {whole} of {small} bytes, the measure shows nothing");
        assert_eq!(read(folder.join(format!("out.{ending}"))).unwrap().height(), 4000);
    }
}
