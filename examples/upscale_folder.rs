//! A model package on every picture of a folder:
//! `cargo run -p ocelli-examples --bin upscale-folder -- PACKAGE FOLDER OUT`.

use std::path::Path;

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::image_io;
use ocelli::{Engine, EngineOptions, Error};

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [package, folder, out] = &args[..] else {
        return Err(Error::Usage("expected PACKAGE FOLDER OUT".to_owned()));
    };
    let io = |path: &str, source| Error::Io { path: path.to_owned(), source };
    let task = Task::open(&Engine::open(&EngineOptions::default())?, package)?;
    std::fs::create_dir_all(out).map_err(|e| io(out, e))?;
    for entry in std::fs::read_dir(folder).map_err(|e| io(folder, e))?.flatten() {
        let picture = image_io::read(entry.path())?;
        let larger = task.restore(&picture, &RestoreOptions::default(), &mut |_| true)?;
        image_io::write(Path::new(out).join(entry.file_name()).with_extension("png"), &larger)?;
        println!("{}: {}x{}", entry.path().display(), larger.width(), larger.height());
    }
    Ok(())
}
