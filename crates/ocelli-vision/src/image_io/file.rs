//! Files that are whole or not there.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files that are being written.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn open_files() -> MutexGuard<'static, Vec<PathBuf>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a file: all of it or, on an error, what was there before. The bytes go into a file of another name in the same
/// folder, which is then given the name; that file is removed when anything fails.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut partial = Partial::create(path)?;
    partial.file().write_all(bytes)?;
    partial.commit()
}

/// Removes what has been written of results that are not whole, then runs `end`, which is to end the process: for a handler
/// that is called when the user does not want to wait. No result becomes whole meanwhile.
pub fn discard_partial_files(end: impl FnOnce()) {
    let mut open = open_files();
    for path in open.drain(..) {
        // Nothing more can be done about a file that stays.
        let _ = std::fs::remove_file(path);
    }
    end();
}

/// A file that gets its name when it is whole; dropped before, it is removed.
pub(super) struct Partial {
    path: PathBuf,
    partial: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Partial {
    /// Makes a file of another name beside `path`.
    pub fn create(path: &Path) -> io::Result<Partial> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut partial = std::ffi::OsString::from(".");
        partial.push(name);
        partial.push(format!(".{}-{number}.partial", std::process::id()));
        let partial = path.with_file_name(partial);
        let mut open = open_files();
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&partial)?;
        open.push(partial.clone());
        Ok(Partial { path: path.to_owned(), partial, file: Some(BufWriter::with_capacity(1 << 20, file)) })
    }

    /// Where to write.
    pub fn file(&mut self) -> &mut BufWriter<File> {
        // It is taken by `commit` alone, which takes `self` too.
        #[expect(clippy::unwrap_used, reason = "there until the file is whole")]
        self.file.as_mut().unwrap()
    }

    /// Gives the file its name.
    pub fn commit(mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        drop(file);
        let mut open = open_files();
        std::fs::rename(&self.partial, &self.path)?;
        open.retain(|p| *p != self.partial);
        self.partial.clear();
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if self.partial.as_os_str().is_empty() {
            return;
        }
        // Without the buffered rest: an open file cannot be removed everywhere.
        if let Some(file) = self.file.take() {
            drop(file.into_parts());
        }
        let mut open = open_files();
        open.retain(|p| *p != self.partial);
        // Ours: it was made above.
        let _ = std::fs::remove_file(&self.partial);
    }
}
