//! Many pictures in one command: patterns, standard input and output, what is left out, what goes on, what fails.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ocelli::vision::image_io::{read, write};
use ocelli::vision::{Depth, Image};

use self::common::{fixture, identity, text};

const JOURNAL: &str = ".ocelli-progress";

/// Pictures of different colours, and a package that changes nothing.
struct Place {
    dir: PathBuf,
    model: PathBuf,
    out: PathBuf,
}

impl Place {
    fn new(name: &str, pictures: &[&str]) -> Place {
        let dir = common::folder("batch", name);
        for (i, name) in pictures.iter().enumerate() {
            let path = dir.join("in").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            write(path, &color(i)).unwrap();
        }
        Place { model: identity(&dir), out: dir.join("out"), dir }
    }

    fn input(&self, name: &str) -> PathBuf {
        self.dir.join("in").join(name)
    }

    /// `ocelli denoise INPUT... -o OUT` with more arguments.
    fn run(&self, inputs: &[&Path], more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ocelli"));
        command.arg("denoise").args(inputs).args(["-m", text(&self.model), "-o", text(&self.out)]).args(more);
        command.env_remove("RUST_LOG").output().unwrap()
    }

    fn done(&self, inputs: &[&Path], more: &[&str]) -> String {
        let out = self.run(inputs, more);
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(0), "{stderr}");
        stderr
    }

    fn results(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.out).into_iter().flatten();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Whether this result is the picture of this colour.
    fn is(&self, name: &str, i: usize) -> bool {
        read(self.out.join(name)).is_ok_and(|got| got.to_u8() == color(i).to_u8())
    }

    /// Another file in place of a result, to see whether it is made again.
    fn mark(&self, name: &str) {
        std::fs::create_dir_all(&self.out).unwrap();
        std::fs::write(self.out.join(name), "mark").unwrap();
    }

    fn is_marked(&self, name: &str) -> bool {
        std::fs::read(self.out.join(name)).unwrap() == b"mark"
    }
}

fn color(i: usize) -> Image {
    Image::filled_rgb(9, 7, [i as f32 * 20.0 / 255.0, 0.2, 0.6])
}

#[test]
fn a_broken_picture_stops_no_other_and_is_named_at_the_end() {
    let names: Vec<String> = (0..9).map(|i| format!("{i}.png")).collect();
    let place = Place::new("broken", &names.iter().map(String::as_str).collect::<Vec<_>>());
    for broken in ["3.png", "7.png"] {
        std::fs::write(place.input(broken), b"\x89PNG\r\n\x1a\n and no more").unwrap();
    }
    let out = place.run(&[&place.input("")], &[]);
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{stderr}");
    let last: Vec<&str> = stderr.lines().filter(|l| l.contains("2 of 9 failed")).collect();
    assert_eq!(last.len(), 1, "{stderr}");
    assert!(last[0].contains("3.png") && last[0].contains("7.png") && !last[0].contains("4.png"), "{stderr}");
    let good: Vec<usize> = (0..9).filter(|i| *i != 3 && *i != 7).collect();
    for i in &good {
        assert!(place.is(&format!("{i}.png"), *i), "{i}");
    }
    assert_eq!(place.results().len(), good.len() + 1, "{:?}", place.results());
}

#[test]
fn patterns_match_where_no_shell_does() {
    let place = Place::new("patterns", &["a1.png", "a2.png", "b1.png", "deep/er/a3.png"]);
    std::fs::write(place.input("a4.txt"), "no picture").unwrap();
    place.done(&[&place.input("a*")], &[]);
    assert_eq!(place.results(), ["a1.png", "a2.png"]);
    place.done(&[&place.input("**/a?.png"), &place.input("b[0-9].png")], &[]);
    assert_eq!(place.results(), ["a1.png", "a2.png", "a3.png", "b1.png"]);
    assert!(place.is("a3.png", 3) && place.is("b1.png", 2));
    // A file of the very name is meant before any pattern.
    write(place.input("[x].png"), &color(7)).unwrap();
    place.done(&[&place.input("[x].png")], &[]);
    assert!(place.is("[x].png", 7));
    for (pattern, what) in [("z*.png", "no pictures match"), ("***", "attern")] {
        let out = place.run(&[&place.input(pattern)], &[]);
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(pattern) && stderr.contains(what), "{stderr}");
    }
}

/// Runs the program with bytes on its standard input.
fn piped(args: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ocelli"));
    command.args(args).env_remove("RUST_LOG").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn pictures_go_through_pipes() {
    let place = Place::new("pipes", &["a.png"]);
    let model = text(&place.model);
    let picture = std::fs::read(fixture("rgb16.png")).unwrap();
    let through = |more: &[&str]| {
        let out = piped(&[&["denoise", "-", "-o", "-", "-m", model], more].concat(), &picture);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let path = place.dir.join("got");
        std::fs::write(&path, out.stdout).unwrap();
        read(&path).unwrap()
    };
    let wanted = read(fixture("rgb16.png")).unwrap();
    let got = through(&[]);
    assert_eq!((got.planes(), got.depth()), (wanted.planes(), Depth::U16));
    let got = through(&["--format", "tif"]);
    assert_eq!((got.planes(), got.depth()), (wanted.planes(), Depth::U16));
    assert!(std::fs::read(place.dir.join("got")).unwrap().starts_with(b"II"));

    // Into a folder, and from a file to a pipe.
    let out = piped(&["denoise", "-", "-o", text(&place.out), "-m", model], &picture);
    assert!(out.status.success());
    assert_eq!(place.results(), ["stdin.png"]);
    let out = piped(&["denoise", text(&place.input("a.png")), "-o", "-", "-m", model], b"");
    assert!(out.status.success() && out.stdout.starts_with(b"\x89PNG"));

    let fails = |args: &[&str], input: &[u8], code: i32, what: &str| {
        let out = piped(&[args, &["-m", model]].concat(), input);
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(what) && out.stdout.is_empty(), "{stderr}");
    };
    fails(&["denoise", "-", "-o", "-", "--json"], &picture, 2, "--json");
    fails(&["denoise", "-", text(&place.input("a.png")), "-o", "-"], &picture, 2, "not 2");
    fails(&["denoise", "-", "-o", "-"], b"nothing like a picture", 1, "stdin");
    fails(&["denoise", "-", "-o", "-"], b"", 1, "stdin");
}

#[test]
fn what_is_there_is_left_alone() {
    let place = Place::new("existing", &["a.png", "b.png", "c.png"]);
    place.mark("b.png");
    let said = place.done(&[&place.input("")], &["--skip-existing"]);
    assert!(said.contains("1 left out"), "{said}");
    assert!(place.is("a.png", 0) && place.is_marked("b.png") && place.is("c.png", 2));
    let said = place.done(&[&place.input("")], &["--skip-existing"]);
    assert!(said.contains("3 left out") && place.is_marked("b.png"), "{said}");
    place.done(&[&place.input("")], &[]);
    assert!(place.is("b.png", 1));
    let none =
        Command::new(env!("CARGO_BIN_EXE_ocelli")).args(["detect", "x.png", "--skip-existing"]).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn the_same_command_goes_on_where_it_was() {
    let place = Place::new("resume", &["a.png", "b.png", "c.png"]);
    let broken = b"\x89PNG\r\n\x1a\n and no more";
    std::fs::write(place.input("b.png"), broken).unwrap();
    let all = place.input("");
    let out = place.run(&[&all], &[]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("--resume"));
    assert_eq!(place.results(), [JOURNAL, "a.png", "c.png"]);
    // What was finished stays; a result that is gone, and an input that changed, are done again.
    place.mark("a.png");
    place.mark("c.png");
    assert_eq!(place.run(&[&all], &["--resume"]).status.code(), Some(1));
    assert!(place.is_marked("a.png") && place.is_marked("c.png"));
    std::fs::remove_file(place.out.join("a.png")).unwrap();
    write(place.input("c.png"), &Image::filled_rgb(4, 4, [0.0; 3])).unwrap();
    assert_eq!(place.run(&[&all], &["--resume"]).status.code(), Some(1));
    assert!(place.is("a.png", 0) && read(place.out.join("c.png")).unwrap().width() == 4);
    // Other options make other results.
    place.mark("a.png");
    let out = place.run(&[&all], &["--resume", "--depth", "16"]);
    assert!(String::from_utf8_lossy(&out.stderr).contains("starting over"));
    assert_eq!(read(place.out.join("a.png")).unwrap().depth(), Depth::U16);
    // When all is done there is nothing to go on with.
    place.mark("a.png");
    write(place.input("b.png"), &color(1)).unwrap();
    let said = place.done(&[&all], &["--resume", "--depth", "16"]);
    assert!(said.contains("2 left out"), "{said}");
    assert!(place.is_marked("a.png"));
    assert_eq!(place.results(), ["a.png", "b.png", "c.png"]);
}

/// Twice the same adapter: each picture is computed once, and all results are there.
#[test]
fn several_adapters_share_the_pictures() {
    let names: Vec<String> = (0..9).map(|i| format!("{i}.png")).collect();
    let place = Place::new("adapters", &names.iter().map(String::as_str).collect::<Vec<_>>());
    place.done(&[&place.input("")], &["--device", "0,0"]);
    assert_eq!(place.results(), names);
    assert!((0..9).all(|i| place.is(&names[i], i)));
    let out = place.run(&[&place.input("")], &["--device", "0,99"]);
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("99"), "{stderr}");
}
