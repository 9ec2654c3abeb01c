//! `ocelli models list|show|get|verify`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use ocelli::Error;
use ocelli::vision::package::{sha256_of_bytes, sha256_of_file};
use ocelli::vision::{Package, Task};
use serde_json::{Value, json};

use crate::args::{Models, ModelsArgs};
use crate::context::{io_error, one_line};
use crate::interrupt;
use crate::models::index::{Entry, Index};
use crate::models::{all_downloaded, downloaded, folder, get};
use crate::shipped;

/// Where a model is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Shipped,
    Downloaded,
    Listed,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Shipped => "shipped",
            State::Downloaded => "downloaded",
            State::Listed => "to download",
        }
    }
}

/// What is known of a model.
struct Known {
    state: State,
    package: Package,
    size_bytes: u64,
    url: Option<String>,
    folder: Option<PathBuf>,
}

/// Runs `ocelli models`.
pub fn run(args: &ModelsArgs) -> Result<u8, Error> {
    let index = Index::load(args.index.as_deref())?;
    match &args.what {
        Models::List { task, json } => list(&index, task.as_deref(), *json),
        Models::Show { name, json } => show(&index, name, *json),
        Models::Get { name, timeout } => fetch(&index, name, Duration::from_secs(u64::from(*timeout))),
        Models::Verify { name } => verify(&index, name),
    }
}

/// Shipped models, then those of the index, then what else was put where downloads are.
fn known(index: &Index) -> Result<Vec<Known>, Error> {
    let mut all = Vec::new();
    for s in shipped::ALL {
        let size_bytes = s.onnx.len() as u64;
        all.push(Known { state: State::Shipped, package: s.package()?, size_bytes, url: None, folder: None });
    }
    for e in &index.entries {
        let folder = downloaded(&e.package.name);
        let state = if folder.is_some() { State::Downloaded } else { State::Listed };
        let (package, url) = (e.package.clone(), Some(e.url.clone()));
        all.push(Known { state, package, size_bytes: e.size_bytes, url, folder });
    }
    for name in all_downloaded() {
        let Some(folder) = downloaded(&name).filter(|_| all.iter().all(|k| k.package.name != name)) else { continue };
        let toml = folder.join("model.toml");
        let text = std::fs::read_to_string(&toml).map_err(|e| io_error(&toml, e))?;
        match Package::parse(&text, &toml) {
            Ok(mut package) => {
                let size_bytes = std::fs::metadata(folder.join(&package.file)).map_or(0, |m| m.len());
                package.name = name;
                all.push(Known { state: State::Downloaded, package, size_bytes, url: None, folder: Some(folder) });
            }
            Err(e) => log::warn!("{}", one_line(&e.to_string())),
        }
    }
    Ok(all)
}

fn list(index: &Index, task: Option<&str>, as_json: bool) -> Result<u8, Error> {
    let all = known(index)?;
    if let Some(task) = task {
        if !Task::ALL.iter().any(|t| t.name() == task) {
            let names: Vec<&str> = Task::ALL.iter().map(|t| t.name()).collect();
            return Err(Error::Usage(format!("--task {task}: expected one of {}", names.join(", "))));
        }
    }
    let chosen: Vec<&Known> = all.iter().filter(|k| task.is_none_or(|t| k.package.task.name() == t)).collect();
    if as_json {
        println!("{}", Value::Array(chosen.iter().map(|k| k.json()).collect()));
        return Ok(0);
    }
    println!("{:22} {:9} {:>9}  {:12} {:18} what", "name", "task", "size", "state", "licence");
    for k in chosen {
        let p = &k.package;
        println!(
            "{:22} {:9} {:>9}  {:12} {:18} {}",
            p.name,
            p.task.name(),
            size(k.size_bytes),
            k.state.name(),
            p.licence,
            p.description
        );
    }
    Ok(0)
}

fn show(index: &Index, name: &str, as_json: bool) -> Result<u8, Error> {
    let all = known(index)?;
    let found = all.iter().find(|k| k.package.name == name).ok_or_else(|| unknown(name))?;
    if as_json {
        println!("{}", found.json());
        return Ok(0);
    }
    let p = &found.package;
    let mut rows = vec![
        ("name", p.name.clone()),
        ("task", p.task.name().to_owned()),
        ("what", p.description.clone()),
        ("state", found.state.name().to_owned()),
        ("size", format!("{} ({} bytes)", size(found.size_bytes), found.size_bytes)),
        ("licence", p.licence.clone()),
        ("source", p.source.clone()),
        ("url", found.url.clone().unwrap_or_default()),
        ("sha256", p.sha256.clone()),
        ("folder", found.folder.as_ref().map(|f| f.display().to_string()).unwrap_or_default()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    for (key, value) in rows {
        println!("{key:8} {value}");
    }
    for (what, value) in &p.quality {
        println!("measured {what}: {value}");
    }
    Ok(0)
}

/// Downloads what is not there; one that fails does not stop the others.
fn fetch(index: &Index, names: &[String], idle: Duration) -> Result<u8, Error> {
    let entries: Vec<&Entry> = names
        .iter()
        .filter(|name| {
            let shipped = shipped::ALL.iter().any(|s| s.name == **name);
            if shipped {
                eprintln!("{name}: ships with ocelli");
            }
            !shipped
        })
        .map(|name| index.find(name).ok_or_else(|| unknown(name)))
        .collect::<Result<_, _>>()?;
    interrupt::listen();
    let mut code = 0;
    for entry in entries {
        let name = &entry.package.name;
        if let Some(folder) = downloaded(name) {
            if check(&folder, Some(entry)).is_ok() {
                eprintln!("{name}: is there: {}", folder.display());
                continue;
            }
        }
        match one(entry, idle) {
            Ok(folder) => eprintln!("{name}: {}", folder.display()),
            Err(e) if e.is_cancelled() => return Err(e),
            Err(e) => {
                eprintln!("ocelli: {name}: {}", one_line(&e.to_string()));
                code = 1;
            }
        }
    }
    Ok(code)
}

fn one(entry: &Entry, idle: Duration) -> Result<PathBuf, Error> {
    let bar = std::io::stderr().is_terminal().then(|| {
        let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta:>4}");
        let bar = ProgressBar::new(entry.size_bytes).with_message(entry.package.name.clone());
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    });
    if bar.is_none() {
        eprintln!("{}: {} from {}", entry.package.name, size(entry.size_bytes), entry.url);
    }
    let result = get(entry, idle, &mut |bytes| {
        if let Some(bar) = &bar {
            bar.set_position(bytes);
        }
        !interrupt::cancelled()
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    result
}

/// Hashes the named models, or all that are here.
fn verify(index: &Index, names: &[String]) -> Result<u8, Error> {
    let shipped = |name: &str| shipped::ALL.iter().find(|s| s.name == name);
    let all: Vec<String> = if names.is_empty() {
        shipped::ALL.iter().map(|s| s.name.to_owned()).chain(all_downloaded()).collect()
    } else {
        names.to_vec()
    };
    let mut code = 0;
    for name in &all {
        let result = match (shipped(name), downloaded(name)) {
            (Some(s), _) => same(name, &sha256_of_bytes(s.onnx), &s.package()?.sha256),
            (None, Some(folder)) => check(&folder, index.find(name)),
            (None, None) => Err(Error::Usage(format!("{name}: neither shipped nor downloaded"))),
        };
        match result {
            Ok(()) => println!("{name}: ok"),
            Err(e) => {
                eprintln!("ocelli: {name}: {}", one_line(&e.to_string()));
                code = code.max(e.exit_code());
            }
        }
    }
    Ok(code)
}

/// Whether the package in `folder` is whole, and the one that the index lists.
fn check(folder: &Path, entry: Option<&Entry>) -> Result<(), Error> {
    let package = Package::load(folder)?;
    let Some(entry) = entry else { return Ok(()) };
    let path = package.model_path();
    let found = sha256_of_file(&path).map_err(|e| io_error(&path, e))?;
    same(&path.display().to_string(), &found, &entry.package.sha256)
}

fn same(what: &str, found: &str, expected: &str) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    let text = format!("SHA-256 is {found}, expected {expected}");
    Err(Error::Io { path: what.to_owned(), source: std::io::Error::other(text) })
}

fn unknown(name: &str) -> Error {
    let place = folder().map(|f| format!(" (downloads are in {})", f.display())).unwrap_or_default();
    Error::Usage(format!("no model `{name}`: `ocelli models list` lists them{place}"))
}

/// A size for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

impl Known {
    fn json(&self) -> Value {
        let p = &self.package;
        json!({
            "name": p.name, "task": p.task.name(), "description": p.description, "state": self.state.name(),
            "size_bytes": self.size_bytes, "licence": p.licence, "source": p.source, "url": self.url,
            "sha256": p.sha256, "folder": self.folder, "quality": p.quality,
        })
    }
}
