//! The programs ffmpeg and ffprobe: raw pictures come from one and go to another.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use ocelli::Error;

use super::probe::Film;
use crate::context::{io_error, one_line};

/// Most bytes of complaints that are kept.
const SAID_BYTES: u64 = 8 << 10;

/// A command that prints errors alone, reads files alone, and asks nothing.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-v", "error", "-protocol_whitelist", "file,pipe"]);
    command.stdin(Stdio::null());
    command
}

/// A path as ffmpeg takes it, whatever characters it begins with.
pub fn file(path: &Path) -> std::ffi::OsString {
    let mut name = std::ffi::OsString::from("file:");
    name.push(path);
    name
}

/// What a program that does not start means.
pub fn missing(program: &str, error: io::Error) -> Error {
    let text = if error.kind() == io::ErrorKind::NotFound {
        "not found; films need ffmpeg and ffprobe: install ffmpeg (apt-get, brew, winget or dnf install ffmpeg) so that \
         both are on the PATH"
            .to_owned()
    } else {
        error.to_string()
    };
    Error::Io { path: program.to_owned(), source: io::Error::other(text) }
}

/// What a program that failed said about a film.
pub fn failed(path: &Path, program: &str, said: &str) -> Error {
    let said = one_line(said);
    let said = if said.is_empty() { "failed without a word" } else { &said };
    Error::Io { path: path.display().to_string(), source: io::Error::other(format!("{program}: {said}")) }
}

/// A running program; it ends with this value.
struct Running {
    program: &'static str,
    child: Child,
    said: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

impl Running {
    fn start(program: &'static str, command: &mut Command) -> Result<Running, Error> {
        let mut child = command.stderr(Stdio::piped()).spawn().map_err(|e| missing(program, e))?;
        let said = Arc::new(Mutex::new(String::new()));
        let (kept, pipe) = (Arc::clone(&said), child.stderr.take());
        let listener = std::thread::spawn(move || {
            let Some(mut pipe) = pipe else { return };
            let mut text = Vec::new();
            let _ = pipe.by_ref().take(SAID_BYTES).read_to_end(&mut text);
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = String::from_utf8_lossy(&text).into_owned();
            // The rest is read too, so that the program never waits for a reader.
            let _ = io::copy(&mut pipe, &mut io::sink());
        });
        Ok(Running { program, child, said, listener: Some(listener) })
    }

    /// Waits for its end; an error says what it complained of.
    fn end(&mut self, path: &Path) -> Result<(), Error> {
        let status = self.child.wait().map_err(|e| io_error(path, e))?;
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        if status.success() {
            return Ok(());
        }
        Err(failed(path, self.program, &self.said.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Pictures that come out of a film, as interleaved samples of 8 or 16 bits.
pub struct Source {
    running: Running,
    pipe: ChildStdout,
    frame_bytes: usize,
}

impl Source {
    /// Starts to decode.
    pub fn open(path: &Path, film: &Film) -> Result<Source, Error> {
        let filter = format!("scale=in_color_matrix={},fps={}", film.matrix, film.rate);
        let mut command = command("ffmpeg");
        command.arg("-i").arg(file(path)).args(["-map", &format!("0:{}", film.stream), "-vf", &filter]);
        command.args(["-f", "rawvideo", "-pix_fmt", pixels(film.deep), "pipe:1"]).stdout(Stdio::piped());
        let mut running = Running::start("ffmpeg", &mut command)?;
        let pipe = running.child.stdout.take().ok_or_else(|| Error::Internal("ffmpeg without a pipe".to_owned()))?;
        let frame_bytes = film.width * film.height * 3 * if film.deep { 2 } else { 1 };
        Ok(Source { running, pipe, frame_bytes })
    }

    /// The next picture; `None` at the end.
    pub fn next(&mut self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        let mut frame = Vec::new();
        let wanted = self.frame_bytes as u64;
        self.pipe.by_ref().take(wanted).read_to_end(&mut frame).map_err(|e| io_error(path, e))?;
        if frame.len() == self.frame_bytes {
            return Ok(Some(frame));
        }
        self.running.end(path)?;
        if frame.is_empty() {
            return Ok(None);
        }
        Err(failed(path, "ffmpeg", &format!("the last picture has {} of {wanted} bytes", frame.len())))
    }
}

/// Pictures that become a film, with the sound, subtitles, chapters and metadata of another.
pub struct Sink {
    running: Running,
    pipe: Option<ChildStdin>,
}

impl Sink {
    /// Starts to encode pictures of `width` by `height` to `output`, whose ending decides the format.
    pub fn open(
        output: &Path,
        input: &Path,
        film: &Film,
        (width, height): (usize, usize),
        streams: &[String],
        crf: u8,
    ) -> Result<Sink, Error> {
        let mut command = command("ffmpeg");
        command.args(["-y", "-f", "rawvideo", "-pix_fmt", pixels(film.deep)]);
        command.args(["-video_size", &format!("{width}x{height}"), "-framerate", &film.rate, "-i", "pipe:0"]);
        command.args(["-protocol_whitelist", "file,pipe", "-i"]).arg(file(input));
        command.args(["-map", "0:v", "-map_metadata", "1", "-map_chapters", "1"]).args(streams);
        let ratio = film.pixel.as_ref().map(|p| format!(",setsar={}", p.replace(':', "/"))).unwrap_or_default();
        // A hundredth of a picture: the pictures may begin between two.
        let tick = format!("{}/{}", film.period.0, film.period.1.saturating_mul(100));
        let time = format!("settb={tick},setpts=PTS+{}/TB", film.delay);
        command.args(["-vf", &format!("scale=out_color_matrix={}:out_range=tv{ratio},{time}", film.matrix)]);
        command.args(["-enc_time_base", &tick, timing_option()?, "passthrough"]);
        command.args(["-pix_fmt", coded(film.deep, width, height), "-crf", &crf.to_string()]);
        for (option, value) in &film.colors {
            command.args([*option, value]);
        }
        command.arg(file(output)).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut running = Running::start("ffmpeg", &mut command)?;
        let pipe = running.child.stdin.take();
        Ok(Sink { running, pipe })
    }

    /// Adds a picture.
    pub fn add(&mut self, output: &Path, frame: &[u8]) -> Result<(), Error> {
        let Some(pipe) = &mut self.pipe else { return Err(Error::Internal("the film has ended".to_owned())) };
        match pipe.write_all(frame) {
            Ok(()) => Ok(()),
            Err(e) => {
                self.pipe = None;
                // What it complained of tells more than that the pipe is closed.
                Err(self.running.end(output).err().unwrap_or_else(|| io_error(output, e)))
            }
        }
    }

    /// Ends the film.
    pub fn finish(&mut self, output: &Path) -> Result<(), Error> {
        self.pipe = None;
        self.running.end(output)
    }
}

/// The option that keeps the times of pictures: it was renamed in version 5.1.
fn timing_option() -> Result<&'static str, Error> {
    let out = Command::new("ffmpeg").arg("-version").output().map_err(|e| missing("ffmpeg", e))?;
    let text = String::from_utf8_lossy(&out.stdout);
    Ok(if version(&text).is_some_and(|v| v < (5, 1)) { "-vsync" } else { "-fps_mode" })
}

/// Major and minor version of a release; builds between releases tell none.
fn version(text: &str) -> Option<(u32, u32)> {
    let word = text.strip_prefix("ffmpeg version ")?.split_whitespace().next()?;
    let mut numbers = word.trim_start_matches('n').split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0)))
}

/// Samples in a pipe.
fn pixels(deep: bool) -> &'static str {
    if deep { "rgb48le" } else { "rgb24" }
}

/// Samples in the result: colours at half the size, where that is whole.
fn coded(deep: bool, width: usize, height: usize) -> &'static str {
    match (deep, width % 2 == 0 && height % 2 == 0) {
        (false, true) => "yuv420p",
        (false, false) => "yuv444p",
        (true, true) => "yuv420p10le",
        (true, false) => "yuv444p10le",
    }
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_of_releases_are_read() {
        let of = |word: &str| version(&format!("ffmpeg version {word} Copyright (c) 2000-2026 the FFmpeg developers"));
        assert_eq!(of("4.4.2-0ubuntu0.22.04.1"), Some((4, 4)));
        assert_eq!(of("5.1.9-0+deb12u1"), Some((5, 1)));
        assert_eq!((of("n7.0"), of("8.0-full_build")), (Some((7, 0)), Some((8, 0))));
        assert_eq!(of("N-118300-g1a2b3c"), None);
    }
}
