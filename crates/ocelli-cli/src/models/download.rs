//! One file over HTTP: resumed where an earlier attempt ended, never longer than it should be, checked by its SHA-256.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use ocelli::Error;
use ocelli::vision::package::sha256_of_file;
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, RANGE};

use crate::context::io_error;

/// Bytes that are read and written at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// How often a transfer that got anywhere is taken up again.
const RETRIES: usize = 5;

/// What is to be fetched.
pub struct Source<'a> {
    /// From where.
    pub url: &'a str,
    /// How long it is.
    pub size_bytes: u64,
    /// Its checksum, in lower-case hexadecimal digits.
    pub sha256: &'a str,
}

/// How a transfer ended before its end.
enum Stop {
    /// Another attempt may get further.
    Broken(String),
    /// No attempt will.
    Final(Error),
}

impl From<Error> for Stop {
    fn from(e: Error) -> Stop {
        Stop::Final(e)
    }
}

/// Makes the file at `partial` what `source` says; what is there already is taken up where it ends. `progress` hears how
/// many bytes are there and answers whether to go on. `idle` is how long nothing may come.
///
/// Errors leave in `partial` what may be resumed, and nothing else.
pub fn fetch(
    source: &Source<'_>,
    partial: &Path,
    idle: Duration,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<(), Error> {
    let mut tries = 0;
    let mut resumed = present(partial)? > 0;
    loop {
        let have = present(partial)?;
        if have > source.size_bytes {
            remove(partial)?;
            continue;
        }
        if have < source.size_bytes {
            match transfer(source, partial, have, idle, progress) {
                Ok(()) => {}
                Err(Stop::Final(e)) => return Err(e),
                Err(Stop::Broken(what)) => {
                    let got = present(partial)?;
                    tries += 1;
                    if got == have || tries > RETRIES {
                        return Err(about(
                            source.url,
                            format!("{what}; {got} of {} bytes are kept: run again to go on", source.size_bytes),
                        ));
                    }
                    log::warn!("{}: {what}; going on from byte {got}", source.url);
                    continue;
                }
            }
        }
        let found = sha256_of_file(partial).map_err(|e| io_error(partial, e))?;
        if found == source.sha256 {
            return Ok(());
        }
        remove(partial)?;
        if !resumed {
            return Err(about(source.url, format!("SHA-256 is {found}, the index expects {}", source.sha256)));
        }
        // What was there may have been the beginning of another file.
        log::warn!("{}: what was resumed has another SHA-256; starting over", source.url);
        resumed = false;
    }
}

/// One request, from byte `have` on; returns when the file is as long as it should be.
fn transfer(
    source: &Source<'_>,
    partial: &Path,
    have: u64,
    idle: Duration,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<(), Stop> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        // What is asked for over TLS does not come without it, however it is redirected.
        .https_only(source.url.starts_with("https://"))
        .max_redirects(8)
        .user_agent(concat!("ocelli/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(idle))
        .timeout_recv_response(Some(idle))
        .timeout_per_read(Some(idle))
        .build()
        .into();
    let mut request = agent.get(source.url).header(ACCEPT_ENCODING, "identity");
    if have > 0 {
        request = request.header(RANGE, format!("bytes={have}-"));
    }
    let mut response = request.call().map_err(|e| failed(source, e))?;
    let status = response.status();
    let from = match status {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT if have > 0 => {
            check_range(response.headers(), have, source.size_bytes).map_err(|e| about(source.url, e))?;
            have
        }
        StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {
            remove(partial)?;
            return transfer(source, partial, 0, idle, progress);
        }
        _ => return Err(about(source.url, format!("the server answers {status}")).into()),
    };
    if let Some(length) = number(response.headers(), CONTENT_LENGTH.as_str()) {
        if length != source.size_bytes - from {
            let whole = from.saturating_add(length);
            let what = format!("the file is {whole} bytes long, the index expects {}", source.size_bytes);
            return Err(about(source.url, what).into());
        }
    }
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .append(from > 0)
        .truncate(from == 0)
        .open(partial)
        .map_err(|e| io_error(partial, e))?;
    copy(source, partial, from, &mut response.body_mut().as_reader(), &mut file, progress)
}

/// Copies the body behind the `from` bytes that are there.
fn copy(
    source: &Source<'_>,
    partial: &Path,
    from: u64,
    body: &mut dyn Read,
    file: &mut File,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Result<(), Stop> {
    let mut at = from;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        if !progress(at) {
            return Err(Error::Runtime(ocelli::RuntimeError::Cancelled).into());
        }
        let n = match body.read(&mut chunk) {
            Ok(0) if at == source.size_bytes => break,
            Ok(0) => return Err(Stop::Broken("the connection ended early".to_owned())),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Stop::Broken(e.to_string())),
        };
        at += n as u64;
        if at > source.size_bytes {
            remove(partial)?;
            return Err(
                about(source.url, format!("more comes than the {} bytes of the index", source.size_bytes)).into()
            );
        }
        file.write_all(chunk.get(..n).unwrap_or(&chunk)).map_err(|e| io_error(partial, e))?;
    }
    file.sync_all().map_err(|e| io_error(partial, e))?;
    Ok(())
}

/// Whether a partial answer begins where it was asked to, of a file of the right length.
fn check_range(headers: &HeaderMap, have: u64, size: u64) -> Result<(), String> {
    let text = headers.get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let parts = text.strip_prefix("bytes ").and_then(|t| t.split_once('-')).and_then(|(from, rest)| {
        let (_, whole) = rest.split_once('/')?;
        Some((from.trim().parse::<u64>().ok()?, whole.trim()))
    });
    match parts {
        Some((from, whole)) if from == have && (whole == "*" || whole.parse() == Ok(size)) => Ok(()),
        _ => Err(format!("asked for bytes {have} to the end of {size}, the server sends {text:?}")),
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// What a request without an answer failed with.
fn failed(source: &Source<'_>, error: ureq::Error) -> Stop {
    match error {
        ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => {
            Stop::Broken(error.to_string())
        }
        error => about(source.url, error.to_string()).into(),
    }
}

fn about(url: &str, what: String) -> Error {
    Error::Io { path: url.to_owned(), source: io::Error::other(what) }
}

/// How many bytes are at `path`.
fn present(path: &Path) -> Result<u64, Error> {
    match std::fs::metadata(path) {
        Ok(m) => Ok(m.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(io_error(path, e)),
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error(path, e)),
        _ => Ok(()),
    }
}
