//! Files that are whole or not there.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file: all of it or, on an error, what was there before. The bytes go into a file of another name in the same
/// folder, which is then given the name; that file is removed when anything fails.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut partial = std::ffi::OsString::from(".");
    partial.push(name);
    partial.push(format!(".{}-{number}.partial", std::process::id()));
    let partial = path.with_file_name(partial);
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&partial)?;
        let result = file.write_all(bytes).and_then(|()| file.sync_all());
        drop(file);
        result.and_then(|()| std::fs::rename(&partial, path)).inspect_err(|_| {
            // Ours: it was made just now.
            let _ = std::fs::remove_file(&partial);
        })
    };
    write()
}
