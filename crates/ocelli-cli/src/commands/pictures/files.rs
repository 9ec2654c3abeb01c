//! Which files go in, and where the results go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ocelli::Error;

use crate::context::io_error;

/// File endings that are pictures.
const ENDINGS: [&str; 10] = ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif", "dib", "jfif"];

/// Endings that can be written.
const WRITABLE: [&str; 8] = ["png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif"];

fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// The files that were named, and the pictures in the folders that were named (not in folders below), by name.
pub fn collect(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut all = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            all.push(input.clone());
            continue;
        }
        let entries = std::fs::read_dir(input).map_err(|e| io_error(input, e))?;
        let mut found: Vec<PathBuf> = entries
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.is_file() && ENDINGS.contains(&ending(p).as_str()))
            .collect();
        if found.is_empty() {
            return Err(Error::Usage(format!("{}: no pictures in this folder", input.display())));
        }
        found.sort();
        all.extend(found);
    }
    Ok(all)
}

/// Where each result goes. `output` is a file when there is one input that is no folder and `output` ends like a
/// picture; else a folder, made if need be, with the names of the inputs. Nothing overwrites an input.
pub fn outputs(inputs: &[PathBuf], output: &Path, given: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let single =
        given.len() == 1 && !given[0].is_dir() && !output.is_dir() && WRITABLE.contains(&ending(output).as_str());
    let all: Vec<PathBuf> = if single {
        vec![output.to_owned()]
    } else {
        if output.is_file() {
            return Err(Error::Usage(format!(
                "-o {}: a folder is needed for several pictures, this is a file",
                output.display()
            )));
        }
        std::fs::create_dir_all(output).map_err(|e| io_error(output, e))?;
        let mut taken = BTreeSet::new();
        inputs.iter().map(|input| unique(output, input, &mut taken)).collect()
    };
    for (input, out) in inputs.iter().zip(&all) {
        if let (Ok(a), Ok(b)) = (input.canonicalize(), out.canonicalize()) {
            if a == b {
                return Err(Error::Usage(format!("{} would be overwritten by its own result", input.display())));
            }
        }
    }
    Ok(all)
}

fn unique(folder: &Path, input: &Path, taken: &mut BTreeSet<PathBuf>) -> PathBuf {
    let stem = input.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let end = ending(input);
    let end = if WRITABLE.contains(&end.as_str()) && end != "gif" { end } else { "png".to_owned() };
    let mut path = folder.join(format!("{stem}.{end}"));
    let mut n = 2;
    while !taken.insert(path.clone()) {
        path = folder.join(format!("{stem}-{n}.{end}"));
        n += 1;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_equal_names_do_not_collide() {
        let mut taken = BTreeSet::new();
        let folder = Path::new("out");
        let names: Vec<PathBuf> = ["a/x.png", "b/x.png", "c/x.gif", "d/x.PNG"]
            .iter()
            .map(|p| unique(folder, Path::new(p), &mut taken))
            .collect();
        assert_eq!(names, ["out/x.png", "out/x-2.png", "out/x-3.png", "out/x-4.png"].map(PathBuf::from));
    }
}
