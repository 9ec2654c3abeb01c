//! From a file or bytes to a decoded, framed model.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message;

use crate::limits::MAX_MODEL_BYTES;
use crate::proto::ModelProto;
use crate::{ImportError, scan};

/// Files up to this size are read; larger ones are mapped.
const READ_UP_TO_BYTES: u64 = 1 << 20;

/// A decoded model file, not yet a graph.
#[derive(Clone, Debug)]
pub struct Model {
    /// The message as the file has it.
    pub proto: ModelProto,
    /// Folder that external data is looked up in; without one a model with external data is refused.
    pub base_dir: Option<PathBuf>,
}

impl Model {
    /// Decodes a model; weights share `bytes`.
    pub fn decode(bytes: Bytes, base_dir: Option<&Path>) -> Result<Model, ImportError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > MAX_MODEL_BYTES {
            return Err(ImportError::Limit {
                what: "the size of the model in bytes".to_owned(),
                limit: MAX_MODEL_BYTES,
                got: size,
            });
        }
        if bytes.is_empty() {
            return Err(ImportError::Decode("the file is empty".to_owned()));
        }
        scan::check(&bytes)?;
        let proto = ModelProto::decode(bytes).map_err(|e| ImportError::Decode(e.to_string()))?;
        Ok(Model { proto, base_dir: base_dir.map(Path::to_path_buf) })
    }

    /// Reads a model file; external data is looked up in its folder.
    pub fn open(path: &Path) -> Result<Model, ImportError> {
        let bytes = file_bytes(path, MAX_MODEL_BYTES)?;
        let folder = match path.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        Model::decode(bytes, Some(folder))
    }
}

/// The bytes of a regular file of at most `limit` bytes, mapped where it is large.
pub(crate) fn file_bytes(path: &Path, limit: u64) -> Result<Bytes, ImportError> {
    let failed = |source| ImportError::Io { path: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() {
        return Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidInput, "expected a file")));
    }
    let size = meta.len();
    if size > limit {
        return Err(ImportError::Limit { what: format!("the size of {} in bytes", path.display()), limit, got: size });
    }
    if size > READ_UP_TO_BYTES
        && let Ok(bytes) = map(&file)
    {
        return Ok(bytes);
    }
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Bytes::from(bytes))
}

/// Maps a whole file.
#[expect(unsafe_code, reason = "the one place where a file becomes memory")]
fn map(file: &File) -> std::io::Result<Bytes> {
    // SAFETY: the map is private, read-only and only ever seen as `&[u8]`, of which every bit pattern is valid; all
    // lengths and offsets taken from it are checked against its own length. What no program can rule out is that
    // another process writes to or truncates the file while it is mapped; the contract of `read_file` says that model
    // files must not change while in use, as every memory-mapping reader does.
    let map = unsafe { memmap2::Mmap::map(file)? };
    Ok(Bytes::from_owner(map))
}
