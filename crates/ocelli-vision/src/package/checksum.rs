use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Result, VisionError};

/// Bytes that are read and hashed at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Whether the file at `path` has the SHA-256 `expected`, in lower-case hexadecimal digits. An empty `expected` is met by
/// anything, and the file is not looked at.
pub(super) fn check(path: &Path, expected: &str) -> Result<()> {
    if expected.is_empty() {
        return Ok(());
    }
    let found = sha256_of_file(path).map_err(|source| VisionError::Io { path: path.to_owned(), source })?;
    if found == expected {
        return Ok(());
    }
    Err(VisionError::Checksum { path: path.to_owned(), expected: expected.to_owned(), found })
}

/// The SHA-256 of a regular file in lower-case hexadecimal digits, as `model.toml` states it. The file is never in memory
/// as a whole.
///
/// Errors: `path` cannot be read, or is no regular file.
pub fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "expected a file"));
    }
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => hash.update(chunk.get(..n).unwrap_or(&chunk)),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(hex(&hash.finalize()))
}

/// The SHA-256 of `bytes` in lower-case hexadecimal digits.
pub fn sha256_of_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
