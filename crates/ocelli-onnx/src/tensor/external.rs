//! Where a tensor's data lies outside of the model file.

use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use crate::proto::StringStringEntryProto;

/// A range of another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// File, relative to the model's folder.
    pub location: String,
    /// First byte.
    pub offset: usize,
    /// Number of bytes; to the end of the file where absent.
    pub length: Option<usize>,
}

impl External {
    /// Reads the entries of `TensorProto::external_data`.
    pub fn parse(entries: &[StringStringEntryProto]) -> Result<External, String> {
        let mut place = External { location: String::new(), offset: 0, length: None };
        for entry in entries {
            let number = || {
                entry
                    .value
                    .trim()
                    .parse::<usize>()
                    .map_err(|_| format!("external data: {} '{}' is not a number of bytes", entry.key, entry.value))
            };
            match entry.key.as_str() {
                "location" => place.location.clone_from(&entry.value),
                "offset" => place.offset = number()?,
                "length" => place.length = Some(number()?),
                _ => {}
            }
        }
        if place.location.is_empty() {
            return Err("external data without a location".to_owned());
        }
        Ok(place)
    }

    /// The file within `base`; refuses every path that leads out of it, also through symbolic links.
    pub fn resolve(&self, base: &Path) -> Result<PathBuf, String> {
        let refused = |why: &str| format!("external data '{}': {why}", self.location);
        // Writers on Windows use backslashes, which are ordinary characters of a name elsewhere.
        let location = self.location.replace('\\', "/");
        let relative = Path::new(&location);
        let windows_drive = location.as_bytes().get(1) == Some(&b':');
        let inside = relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !inside || windows_drive || location.contains('\0') {
            return Err(refused("only files in the model's folder are allowed"));
        }
        let root = base.canonicalize().map_err(|e| refused(&format!("the model's folder: {e}")))?;
        let path = root.join(relative).canonicalize().map_err(|e| refused(&e.to_string()))?;
        if !path.starts_with(&root) {
            return Err(refused("a link leads out of the model's folder"));
        }
        Ok(path)
    }

    /// The bytes of the range, shared.
    pub fn slice(&self, file: &Bytes) -> Result<Bytes, String> {
        let end = match self.length {
            Some(length) => self.offset.checked_add(length),
            None => Some(file.len()),
        };
        match end {
            Some(end) if self.offset <= end && end <= file.len() => Ok(file.slice(self.offset..end)),
            _ => Err(format!(
                "external data '{}': bytes {} to {} of a file of {}",
                self.location,
                self.offset,
                end.map_or_else(|| "beyond any".to_owned(), |e| e.to_string()),
                file.len()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(location: &str) -> External {
        External { location: location.to_owned(), offset: 0, length: None }
    }

    #[test]
    fn only_files_inside_the_folder() {
        let dir = std::env::temp_dir().join(format!("ocelli-external-{}", std::process::id()));
        let inside = dir.join("model");
        std::fs::create_dir_all(inside.join("sub")).unwrap();
        std::fs::write(dir.join("secret"), b"secret").unwrap();
        std::fs::write(inside.join("weights.bin"), b"12345678").unwrap();
        std::fs::write(inside.join("sub/more.bin"), b"1234").unwrap();
        assert!(at("weights.bin").resolve(&inside).is_ok());
        assert!(at("./sub/more.bin").resolve(&inside).is_ok());
        assert!(at("sub\\more.bin").resolve(&inside).is_ok());
        for bad in ["../secret", "sub/../../secret", "/etc/passwd", "C:\\secret", "..\\secret", "missing", "a\0b"] {
            assert!(at(bad).resolve(&inside).is_err(), "{bad}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.join("secret"), inside.join("link")).unwrap();
            assert!(at("link").resolve(&inside).unwrap_err().contains("leads out"));
        }
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn ranges_are_checked() {
        let file = Bytes::from_static(b"0123456789");
        let range = |offset, length| External { location: "f".to_owned(), offset, length }.slice(&file);
        assert_eq!(range(2, Some(3)).unwrap(), Bytes::from_static(b"234"));
        assert_eq!(range(8, None).unwrap(), Bytes::from_static(b"89"));
        assert!(range(8, Some(3)).is_err());
        assert!(range(11, None).is_err());
        assert!(range(usize::MAX, Some(2)).is_err());
    }
}
