//! What the tests of the program share.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

/// An empty folder for one test.
pub fn folder(group: &str, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(group).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A picture of the library's tests.
pub fn fixture(name: &str) -> String {
    format!("{}/../ocelli-vision/tests/pictures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A protobuf field of bytes.
pub fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// A model that answers what it is asked.
pub fn identity_model() -> Vec<u8> {
    let info = |name: &str| [field(1, name.as_bytes()), field(2, &field(1, &[8, 1]))].concat();
    let node = [field(1, b"x"), field(2, b"y"), field(4, b"Identity")].concat();
    let graph = [field(1, &node), field(2, b"g"), field(11, &info("x")), field(12, &info("y"))].concat();
    [vec![8, 8], field(7, &graph), field(8, &[16, 17])].concat()
}

/// A package of [`identity_model`].
pub fn identity(dir: &Path) -> PathBuf {
    let package = dir.join("identity");
    std::fs::create_dir_all(&package).unwrap();
    std::fs::write(package.join("model.onnx"), identity_model()).unwrap();
    std::fs::write(package.join("model.toml"), "name = \"identity\"\ntask = \"denoise\"\nfile = \"model.onnx\"\n")
        .unwrap();
    package
}
