//! Measured winners between kernel variants, kept on disk per adapter, driver and engine version.
//!
//! The file holds a line per decision, `variant<TAB>key`, so that it can be read, shipped and edited.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The winners that an engine knows.
#[derive(Default)]
pub(crate) struct Choices {
    path: Option<PathBuf>,
    known: Mutex<Arc<BTreeMap<String, String>>>,
}

impl Choices {
    /// Those of the adapter in `folder`; none yet when there is no file.
    pub fn open(info: &wgpu::AdapterInfo, folder: Option<&Path>) -> Choices {
        let name = format!("{}-{}-{}", info.name, info.driver_info, env!("CARGO_PKG_VERSION"));
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).collect();
        let path = folder.map(|f| f.join(format!("variants-{name}.tsv")));
        let text = path.as_ref().and_then(|p| std::fs::read_to_string(p).ok()).unwrap_or_default();
        Choices { path, known: Mutex::new(Arc::new(parse(&text))) }
    }

    /// The winners so far.
    pub fn known(&self) -> Arc<BTreeMap<String, String>> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds winners and writes the file. Failing to is logged, not an error: they only save time.
    pub fn extend(&self, winners: BTreeMap<String, String>) {
        let all = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::make_mut(&mut known).extend(winners);
            Arc::clone(&known)
        };
        let Some(path) = &self.path else { return };
        let text: String = all.iter().map(|(key, variant)| format!("{variant}\t{key}\n")).collect();
        let partial = path.with_extension(format!("{}.partial", std::process::id()));
        let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written =
            folder.and_then(|()| std::fs::write(&partial, text)).and_then(|()| std::fs::rename(&partial, path));
        if let Err(e) = written {
            log::warn!("measured variants are not kept at {}: {e}", path.display());
        }
    }
}

fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(|l| l.split_once('\t')).map(|(variant, key)| (key.to_owned(), variant.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_lines_are_left_out() {
        let known = parse("winograd43\tconv a\nno tab here\n\nbroadcast\tconv b\n");
        assert_eq!(known.len(), 2);
        assert_eq!(known["conv b"], "broadcast");
    }
}
