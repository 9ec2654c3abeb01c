//! Which files go in, and where the results go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ocelli::Error;
use ocelli::vision::image_io::{Format, READ_ENDINGS, UNREAD_ENDINGS};

use crate::context::io_error;

fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Standard input or output.
const STREAM: &str = "-";

/// A picture and the place of its result.
pub struct Job {
    /// The picture; [`is_stream`] tells standard input.
    pub input: PathBuf,
    /// The result, if one is written; [`is_stream`] tells standard output.
    pub output: Option<PathBuf>,
}

/// Whether a path means standard input or output.
pub fn is_stream(path: &Path) -> bool {
    path == Path::new(STREAM)
}

/// The files that were named, those that patterns match, and the pictures in the folders that were named (not in folders
/// below), by name.
pub fn collect(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut all = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            match pattern(input)? {
                Some(matched) => all.extend(matched),
                None => all.push(input.clone()),
            }
            continue;
        }
        let files = || entries_of(input).map(|all| all.into_iter().filter(|p| p.is_file()));
        let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
        for path in files()?.filter(|p| UNREAD_ENDINGS.contains(&ending(p).as_str())) {
            *left_out.entry(ending(&path)).or_default() += 1;
        }
        if !left_out.is_empty() {
            let kinds: Vec<String> = left_out.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
            log::warn!("{}: left out, as they are not read: {}", input.display(), kinds.join(", "));
        }
        let mut found: Vec<PathBuf> = files()?.filter(|p| READ_ENDINGS.contains(&ending(p).as_str())).collect();
        if found.is_empty() {
            return Err(Error::Usage(format!("{}: no pictures in this folder", input.display())));
        }
        found.sort();
        all.extend(found);
    }
    Ok(all)
}

/// The pictures that a pattern matches, where no file has the very name: `*`, `?`, `[a-z]`, and `**` for all folders below.
fn pattern(input: &Path) -> Result<Option<Vec<PathBuf>>, Error> {
    let Some(text) = input.to_str().filter(|t| t.contains(['*', '?', '[']) && !input.exists()) else { return Ok(None) };
    let wrong = |what: String| Error::Usage(format!("{text}: {what}"));
    let mut found = Vec::new();
    for entry in glob::glob(text).map_err(|e| wrong(e.to_string()))? {
        let path = entry.map_err(|e| wrong(e.to_string()))?;
        if path.is_file() && READ_ENDINGS.contains(&ending(&path).as_str()) {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(wrong("no pictures match".to_owned()));
    }
    Ok(Some(found))
}

fn entries_of(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|e| io_error(folder, e))?;
    Ok(entries.flatten().map(|e| e.path()).collect())
}

/// Where each result goes. `output` is a file when there is one input that is no folder and `output` ends like a
/// picture; else a folder, made if need be, with the names of the inputs and the ending of `format`, or
/// else that of the input where it can be written, or else PNG's. Nothing overwrites an input.
pub fn outputs(
    inputs: &[PathBuf],
    output: &Path,
    given: &[PathBuf],
    format: Option<Format>,
) -> Result<Vec<PathBuf>, Error> {
    if is_stream(output) {
        if inputs.len() != 1 {
            return Err(Error::Usage(format!("-o -: one picture goes to standard output, not {}", inputs.len())));
        }
        return Ok(vec![output.to_owned()]);
    }
    let named = Format::of_ending(&ending(output));
    // A name such as `out.gif` is meant as a file too, and refused with its reason when that is to be written.
    let like_a_picture = named.is_some() || [&READ_ENDINGS[..], &UNREAD_ENDINGS].concat().contains(&&*ending(output));
    let single = given.len() == 1 && inputs.len() == 1 && !given[0].is_dir() && !output.is_dir() && like_a_picture;
    if let (true, Some(format)) = (single, format) {
        if named != Some(format) {
            return Err(Error::Usage(format!("-o {}: its ending is not that of --format", output.display())));
        }
    }
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
        inputs.iter().map(|input| unique(output, input, format, &mut taken)).collect()
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

fn unique(folder: &Path, input: &Path, format: Option<Format>, taken: &mut BTreeSet<PathBuf>) -> PathBuf {
    let input = if is_stream(input) { Path::new("stdin") } else { input };
    let stem = input.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let own = ending(input);
    let end = match format {
        Some(format) => format.ending().to_owned(),
        None if Format::of_ending(&own).is_some() => own,
        None => "png".to_owned(),
    };
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
            .map(|p| unique(folder, Path::new(p), None, &mut taken))
            .collect();
        assert_eq!(names, ["out/x.png", "out/x-2.png", "out/x-3.png", "out/x-4.png"].map(PathBuf::from));
        let named = unique(folder, Path::new("a/y.jpeg"), Some(Format::Tiff), &mut taken);
        assert_eq!(named, Path::new("out/y.tif"));
    }
}
