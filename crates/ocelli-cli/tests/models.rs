//! `ocelli models` against a server on this machine: whole, resumed, cut off, wrong, endless, going round, slow.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::common::{fixture, identity_model, text};

/// Of [`identity_model`], as `sha256sum` gives it.
const SHA256: &str = "5e2f123b2f3d5849c59a73a17eff382fed2b13739e1f92b6b1098320666b0b5a";

/// What a request asks for.
#[derive(Clone, Debug)]
struct Request {
    path: String,
    /// The first byte of `Range`.
    from: Option<usize>,
}

/// Answers requests, one connection each, with what `answer` writes; keeps what was asked.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// `answer` gets the number of the request, the request and the connection.
    fn new(answer: impl Fn(usize, &Request, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let Some(request) = read(&stream) else { continue };
                let number = {
                    let mut log = log.lock().unwrap();
                    log.push(request.clone());
                    log.len() - 1
                };
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || answer(number, &request, &mut stream));
            }
        });
        Server { address, asked }
    }

    /// The first bytes that were asked for, in order.
    fn ranges(&self) -> Vec<Option<usize>> {
        self.asked.lock().unwrap().iter().map(|r| r.from).collect()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut request = Request { path: first.split(' ').nth(1)?.to_owned(), from: None };
    for line in lines {
        let line = line.ok()?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            request.from = range.strip_suffix('-')?.parse().ok();
        }
    }
    Some(request)
}

/// An answer; the connection ends with it. A client that goes away in between is no failure here.
fn say(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

/// `body` from where it was asked for, `sent` bytes of it at most, however many were promised.
fn file(stream: &mut TcpStream, request: &Request, body: &[u8], sent: usize) {
    let from = request.from.unwrap_or(0);
    let rest = &body[from..];
    let (status, mut headers) = match request.from {
        Some(_) => {
            ("206 Partial Content", format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len()))
        }
        None => ("200 OK", String::new()),
    };
    headers += &format!("Content-Length: {}\r\n", rest.len());
    say(stream, status, &headers, &rest[..sent.min(rest.len())]);
}

/// A cache folder and an index with one model named `copy`.
struct Place {
    dir: PathBuf,
    index: PathBuf,
}

impl Place {
    fn new(name: &str, url: &str, size: usize, sha256: &str) -> Place {
        let dir = common::folder("models", name);
        let index = dir.join("index.toml");
        let entry = format!(
            "[[model]]\nurl = {url:?}\nsize_bytes = {size}\n[model.package]\nname = \"copy\"\ntask = \"denoise\"\n\
             file = \"model.onnx\"\nlicence = \"MIT\"\nsha256 = \"{sha256}\"\n[model.package.input]\npad = \"edge\"\n"
        );
        std::fs::write(&index, entry).unwrap();
        Place { dir, index }
    }

    /// For the file of `server`.
    fn of(name: &str, server: &Server) -> Place {
        Place::new(name, &format!("{}/model.onnx", server.address), identity_model().len(), SHA256)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ocelli"));
        command.env("OCELLI_CACHE", self.dir.join("cache")).env("OCELLI_INDEX", &self.index).env_remove("RUST_LOG");
        for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command.args(args).output().unwrap()
    }

    fn get(&self) -> (Option<i32>, String) {
        let out = self.run(&["models", "get", "copy", "--timeout", "1"]);
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    }

    fn models(&self) -> PathBuf {
        self.dir.join("cache/models")
    }

    /// Names of what is in the folder of models.
    fn left(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.models()).into_iter().flatten();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The beginning that was kept.
    fn kept(&self) -> Vec<u8> {
        std::fs::read(self.models().join(format!(".copy-{}.partial", &SHA256[..16]))).unwrap_or_default()
    }

    /// It is there, whole, and nothing beside it.
    fn is_there(&self) {
        assert_eq!(self.left(), ["copy"]);
        assert_eq!(std::fs::read(self.models().join("copy/model.onnx")).unwrap(), identity_model());
    }

    /// It failed with all of `parts` in one line, and no model is there.
    fn fails(&self, parts: &[&str]) {
        let (code, stderr) = self.get();
        assert_eq!(code, Some(1), "{stderr}");
        let line = stderr.lines().find(|l| l.starts_with("ocelli: ")).unwrap();
        for part in parts {
            assert!(line.contains(part), "`{part}` is not in {line}");
        }
        assert!(!self.models().join("copy").exists(), "{stderr}");
    }
}

#[test]
fn a_downloaded_model_is_used_by_its_name_without_the_network() {
    let server = Server::new(|_, request, stream| file(stream, request, &identity_model(), usize::MAX));
    let place = Place::of("whole", &server);
    let listed = |place: &Place| String::from_utf8(place.run(&["models", "list", "--json"]).stdout).unwrap();
    let state = |json: &str| {
        let all: serde_json::Value = serde_json::from_str(json).unwrap();
        let found = all.as_array().unwrap().iter().find(|m| m["name"] == "copy").unwrap().clone();
        found["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(&listed(&place)), "to download");
    assert_eq!(place.get().0, Some(0));
    place.is_there();
    assert_eq!(state(&listed(&place)), "downloaded");
    // Again: hashed, not fetched.
    assert_eq!(place.get().0, Some(0));
    assert_eq!(server.ranges(), [None]);
    let shown = String::from_utf8(place.run(&["models", "show", "copy"]).stdout).unwrap();
    assert!(shown.contains(SHA256) && shown.contains("downloaded") && shown.contains("MIT"), "{shown}");
    let shown = String::from_utf8(place.run(&["models", "show", "ocelli-sr-x2"]).stdout).unwrap();
    assert!(shown.contains("Set5"), "{shown}");

    let out = place.dir.join("out.png");
    let done = place.run(&["denoise", &fixture("rgb8.png"), "-o", text(&out), "--model", "copy"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let read = |path: &Path| ocelli::vision::image_io::read(path).unwrap().to_u8();
    assert_eq!(read(&out), read(Path::new(&fixture("rgb8.png"))));

    assert!(place.run(&["models", "verify"]).status.success());
    // One changed byte is found, by `verify` and by whoever would run it, and fetched anew.
    let model = place.models().join("copy/model.onnx");
    let mut bytes = identity_model();
    bytes[20] ^= 1;
    std::fs::write(&model, bytes).unwrap();
    let verified = place.run(&["models", "verify", "copy"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&verified.stderr).contains(SHA256));
    let used = place.run(&["denoise", &fixture("rgb8.png"), "-o", text(&out), "--model", "copy"]);
    assert_eq!(used.status.code(), Some(1));
    assert_eq!(place.get().0, Some(0));
    place.is_there();
    assert_eq!(server.ranges().len(), 2);
}

#[test]
fn what_was_cut_off_goes_on_where_it_ended() {
    // Three pieces in one command, each connection cut off.
    let server = Server::new(|_, request, stream| file(stream, request, &identity_model(), 20));
    let place = Place::of("pieces", &server);
    assert_eq!(place.get().0, Some(0));
    place.is_there();
    assert_eq!(server.ranges(), [None, Some(20), Some(40)]);

    // A server that goes away: what came is kept, and the next command takes it up.
    let whole = identity_model();
    let server = Server::new(|number, request, stream| match number {
        0 => file(stream, request, &identity_model(), 25),
        1 => {}
        _ => file(stream, request, &identity_model(), usize::MAX),
    });
    let place = Place::of("resumed", &server);
    place.fails(&["25 of", "run again"]);
    assert_eq!(place.kept(), whole[..25]);
    assert_eq!(place.get().0, Some(0));
    place.is_there();
    assert_eq!(server.ranges(), [None, Some(25), Some(25)]);

    // A server that knows no ranges sends everything again.
    let server = Server::new(|number, request, stream| {
        let request = Request { from: None, ..request.clone() };
        file(stream, &request, &identity_model(), if number == 0 { 25 } else { usize::MAX });
    });
    let place = Place::of("no-ranges", &server);
    assert_eq!(place.get().0, Some(0));
    place.is_there();

    // The beginning of another file: its checksum tells, and everything is fetched.
    let server = Server::new(|_, request, stream| file(stream, request, &identity_model(), usize::MAX));
    let place = Place::of("other-beginning", &server);
    std::fs::create_dir_all(place.models()).unwrap();
    let kept = place.models().join(format!(".copy-{}.partial", &SHA256[..16]));
    std::fs::write(&kept, [7; 40]).unwrap();
    assert_eq!(place.get().0, Some(0));
    place.is_there();
    assert_eq!(server.ranges(), [Some(40), None]);
    // One that is longer than the file is of no use.
    let place = Place::of("long-beginning", &server);
    std::fs::create_dir_all(place.models()).unwrap();
    let kept = place.models().join(format!(".copy-{}.partial", &SHA256[..16]));
    std::fs::write(&kept, [7; 400]).unwrap();
    assert_eq!(place.get().0, Some(0));
    place.is_there();

    // A range that was not asked for.
    let server = Server::new(|_, request, stream| {
        let other = Request { from: request.from.map(|_| 3), ..request.clone() };
        file(stream, &other, &identity_model(), 25);
    });
    let place = Place::of("other-range", &server);
    place.fails(&["asked for bytes 25", "bytes 3-"]);
}

#[test]
fn what_is_not_the_model_is_refused() {
    let length = identity_model().len();
    let wrong = Server::new(|_, request, stream| file(stream, request, &[b'x'; 51], usize::MAX));
    let place = Place::of("checksum", &wrong);
    place.fails(&["SHA-256 is", SHA256]);
    assert!(place.left().is_empty(), "{:?}", place.left());

    let place = Place::new("length", &format!("{}/m", wrong.address), length + 1, SHA256);
    place.fails(&[&format!("{length} bytes long"), &format!("expects {}", length + 1)]);
    assert!(place.left().is_empty());

    // No end, and no length.
    let endless = Server::new(|_, _, stream| {
        say(stream, "200 OK", "", b"");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let place = Place::of("endless", &endless);
    place.fails(&["more comes than"]);
    assert!(place.left().is_empty());

    let chunked = Server::new(|_, _, stream| {
        say(stream, "200 OK", "Transfer-Encoding: chunked\r\n", b"");
        while stream.write_all(b"4\r\nabcd\r\n").is_ok() {}
    });
    Place::of("chunked", &chunked).fails(&["more comes than"]);

    // Not HTTP at all, and headers without end.
    let noise = Server::new(|_, _, stream| drop(stream.write_all(&[0xff; 5000])));
    Place::of("noise", &noise).fails(&[&noise.address]);
    let headers = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-More: and more\r\n").is_ok() {}
    });
    Place::of("headers", &headers).fails(&[&headers.address]);
}

#[test]
fn servers_that_do_not_answer_are_given_up() {
    let missing = Server::new(|_, _, stream| say(stream, "404 Not Found", "Content-Length: 4\r\n", b"gone"));
    let place = Place::of("missing", &missing);
    place.fails(&["404 Not Found", &missing.address]);
    assert!(place.left().is_empty());

    let round = Server::new(|number, _, stream| {
        say(stream, "302 Found", &format!("Location: /again{number}\r\nContent-Length: 0\r\n"), b"");
    });
    Place::of("round", &round).fails(&["redirect"]);
    assert!((2..20).contains(&round.ranges().len()));

    // One redirect is followed.
    let moved = Server::new(|_, request, stream| {
        if request.path == "/model.onnx" {
            say(stream, "301 Moved Permanently", "Location: /there\r\nContent-Length: 0\r\n", b"");
        } else {
            file(stream, request, &identity_model(), usize::MAX);
        }
    });
    let place = Place::of("moved", &moved);
    assert_eq!(place.get().0, Some(0));
    place.is_there();

    // Neither a body nor an end of it; then not even an answer.
    let stalled = Server::new(|_, request, stream| {
        file(stream, request, &identity_model(), if request.from.is_none() { 25 } else { 0 });
        std::thread::sleep(Duration::from_secs(20));
    });
    let place = Place::of("stalled", &stalled);
    place.fails(&["timeout"]);
    let silent = Server::new(|_, _, _| std::thread::sleep(Duration::from_secs(20)));
    Place::of("silent", &silent).fails(&["timeout"]);

    // Slow is not silent.
    let slow = Server::new(|_, _, stream| {
        let whole = identity_model();
        say(stream, "200 OK", &format!("Content-Length: {}\r\n", whole.len()), b"");
        for piece in whole.chunks(40) {
            let _ = stream.write_all(piece);
            std::thread::sleep(Duration::from_millis(500));
        }
    });
    let place = Place::of("slow", &slow);
    assert_eq!(place.get().0, Some(0));
    place.is_there();

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Place::new("nobody", &format!("http://{nobody}/m"), 10, SHA256).fails(&["run again"]);
}

#[test]
fn hostile_names_stay_outside() {
    let server = Server::new(|_, request, stream| file(stream, request, &identity_model(), usize::MAX));
    let place = Place::of("names", &server);
    std::fs::create_dir_all(place.models()).unwrap();
    common::identity(&place.dir);
    for name in ["../identity", "../../identity", "/etc", "copy/", ".", ".."] {
        for args in [&["models", "get", name][..], &["models", "show", name], &["models", "verify", name]] {
            let out = place.run(args);
            assert_eq!(out.status.code(), Some(2), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        }
    }
    assert!(server.ranges().is_empty());
    let index = std::fs::read_to_string(&place.index).unwrap().replace("\"copy\"", "\"../copy\"");
    std::fs::write(&place.index, index).unwrap();
    let out = place.run(&["models", "get", "../copy"]);
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("../copy"), "{stderr}");
    assert!(!place.dir.join("cache/copy").exists());
}

#[test]
fn names_that_are_not_here_say_what_to_do() {
    let server = Server::new(|_, _, _| ());
    let place = Place::of("hints", &server);
    let out = |model: &str| {
        let out = place.run(&["detect", &fixture("rgb8.png"), "--model", model]);
        assert_eq!(out.status.code(), Some(2));
        String::from_utf8_lossy(&out.stderr).into_owned()
    };
    assert!(out("yolox-nano").contains("ocelli models get yolox-nano"));
    assert!(out("no-such-model").contains("ocelli models list"));
    assert!(server.ranges().is_empty());
}
