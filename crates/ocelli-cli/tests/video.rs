//! Films through the whole program: clips that ffmpeg makes, read back with ffmpeg.

#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use self::common::{identity, text};

const SIZE: (usize, usize) = (64, 48);
const FRAMES: usize = 15;

/// Whether ffmpeg is here; says so when it is not.
fn ffmpeg_is_here() -> bool {
    let here = ["ffmpeg", "ffprobe"].iter().all(|p| Command::new(p).arg("-version").output().is_ok());
    if !here {
        eprintln!("SKIPPED: films: no ffmpeg and ffprobe on the PATH");
    }
    here
}

fn ffmpeg(args: &[&str]) -> Vec<u8> {
    let out = Command::new("ffmpeg").args(["-v", "error", "-nostdin", "-y"]).args(args).output().unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// A moving picture with sound, subtitles, a chapter and a title; ten pictures a second.
fn clip(path: &Path, codec: &[&str], subtitles: &str) {
    let side = |name: &str, content: &str| {
        let file = path.with_extension(name);
        std::fs::write(&file, content).unwrap();
        file
    };
    let lines = side("srt", "1\n00:00:00,200 --> 00:00:01,000\nHello there\n\n");
    let about =
        side("about", ";FFMETADATA1\ntitle=A test\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=700\ntitle=First\n");
    let picture = format!("testsrc2=size={}x{}:rate=10:duration=1.5,hue=h=n*50", SIZE.0, SIZE.1);
    let inputs = ["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", "sine=frequency=440:duration=1.5"];
    let more =
        ["-i", text(&lines), "-i", text(&about), "-map", "0:v", "-map", "1:a", "-map", "2:s", "-map_metadata", "3"];
    let coded = ["-map_chapters", "3", "-c:a", "aac", "-c:s", subtitles];
    ffmpeg(&[&inputs[..], &more, &coded, codec, &[text(path)]].concat());
}

fn probe(path: &Path) -> Value {
    let args =
        ["-v", "error", "-print_format", "json", "-show_streams", "-show_format", "-show_chapters", "-count_frames"];
    let out = Command::new("ffprobe").args(args).arg(path).output().unwrap();
    serde_json::from_slice(&out.stdout).unwrap()
}

fn stream<'a>(told: &'a Value, kind: &str) -> &'a Value {
    let all = told["streams"].as_array().unwrap();
    all.iter().find(|s| s["codec_type"] == kind).unwrap_or_else(|| panic!("no {kind}: {told}"))
}

/// All pictures as interleaved bytes, resized by ffmpeg.
fn pictures(path: &Path, (w, h): (usize, usize)) -> Vec<Vec<u8>> {
    let filter = format!("scale={w}:{h}:flags=bicubic+accurate_rnd+full_chroma_int");
    let raw = ffmpeg(&["-i", text(path), "-map", "0:v:0", "-vf", &filter, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
    raw.chunks(w * h * 3).map(<[u8]>::to_vec).collect()
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: f64 = a.iter().zip(b).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum();
    10.0 * (255.0f64.powi(2) * a.len() as f64 / sum.max(1e-9)).log10()
}

/// Hashes of the packets of sound, and the words of subtitles, whatever the file around them.
fn beside(path: &Path) -> (Vec<String>, String) {
    let sound = ffmpeg(&["-i", text(path), "-map", "0:a", "-c", "copy", "-f", "framehash", "-hash", "md5", "-"]);
    let sound = String::from_utf8(sound).unwrap();
    let hashes = sound.lines().filter(|l| !l.starts_with('#')).map(|l| l.rsplit(',').next().unwrap().trim().to_owned());
    // Beside the first packet, files tell differently how much of it is heard.
    (hashes.skip(1).collect(), subtitles(path).lines().nth(2).unwrap().to_owned())
}

fn subtitles(path: &Path) -> String {
    String::from_utf8(ffmpeg(&["-i", text(path), "-map", "0:s", "-f", "srt", "-"])).unwrap()
}

/// Milliseconds from the first picture to the first subtitle.
fn lead(path: &Path) -> f64 {
    let told = probe(path);
    let begin = |v: &Value| v["start_time"].as_str().unwrap().parse::<f64>().unwrap();
    let shown = subtitles(path).lines().nth(1).unwrap()[6..12].replace(',', ".").parse::<f64>().unwrap();
    // Times of the words begin with the file.
    (shown - (begin(stream(&told, "video")) - begin(&told["format"]))) * 1000.0
}

fn ocelli(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ocelli")).args(args).env_remove("RUST_LOG").output().unwrap()
}

fn done(args: &[&str]) {
    let out = ocelli(args);
    assert_eq!(out.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

fn place(name: &str) -> PathBuf {
    common::folder("video", name)
}

/// The same pictures in the same order, at the same times, with all that goes with them.
fn is_like(before: &Path, after: &Path, scale: usize, least: f64) {
    let size = (SIZE.0 * scale, SIZE.1 * scale);
    let (a, b) = (pictures(before, size), pictures(after, size));
    assert_eq!((a.len(), b.len()), (FRAMES, FRAMES), "{}", after.display());
    for (i, picture) in b.iter().enumerate() {
        let own = psnr(&a[i], picture);
        assert!(own > least, "picture {i} of {}: {own} dB", after.display());
        let other = psnr(&a[(i + 1) % FRAMES], picture);
        assert!(own > other + 3.0, "picture {i} of {} is like the next: {own} and {other} dB", after.display());
    }
    let (one, two) = (probe(before), probe(after));
    let rate = |told: &Value| stream(told, "video")["avg_frame_rate"].clone();
    assert_eq!(rate(&one), rate(&two));
    assert_eq!(beside(before), beside(after), "{}", after.display());
    assert!(beside(before).0.len() > 50 && beside(before).1 == "Hello there");
    let (early, late) = (lead(before), lead(after));
    assert!((early - late).abs() < 10.0, "{}: subtitles come after {late} ms, not {early}", after.display());
    let title = |told: &Value| told["format"]["tags"]["title"].clone();
    assert_eq!(title(&two), "A test");
    assert_eq!(two["chapters"][0]["tags"]["title"], "First");
    assert_eq!(title(&one), title(&two));
}

#[test]
fn pictures_sound_and_subtitles_come_through() {
    if !ffmpeg_is_here() {
        return;
    }
    let dir = place("through");
    let model = identity(&dir);
    let (mkv, mp4) = (dir.join("in.mkv"), dir.join("in.mp4"));
    clip(&mkv, &["-c:v", "libx264", "-crf", "5", "-pix_fmt", "yuv420p"], "srt");
    clip(&mp4, &["-c:v", "libx264", "-crf", "5", "-pix_fmt", "yuv420p"], "mov_text");
    for (input, output) in [(&mkv, "a.mkv"), (&mkv, "a.mp4"), (&mp4, "b.mkv"), (&mp4, "b.mov")] {
        let out = dir.join(output);
        done(&["denoise", text(input), "-o", text(&out), "-m", text(&model), "--crf", "5"]);
        is_like(input, &out, 1, 28.0);
    }
    // Two adapters, or one twice, keep the order of the pictures.
    let out = dir.join("two.mkv");
    done(&["denoise", text(&mkv), "-o", text(&out), "-m", text(&model), "--crf", "5", "--device", "0,0"]);
    is_like(&mkv, &out, 1, 28.0);
    // With more than eight bits it keeps them; into a folder it keeps its name.
    let deep = dir.join("deep.mkv");
    clip(&deep, &["-c:v", "libx264", "-crf", "5", "-pix_fmt", "yuv420p10le"], "srt");
    let out = dir.join("out");
    std::fs::create_dir_all(&out).unwrap();
    done(&["denoise", text(&deep), "-o", text(&out), "-m", text(&model), "--crf", "5"]);
    is_like(&deep, &out.join("deep.mkv"), 1, 28.0);
    assert_eq!(stream(&probe(&out.join("deep.mkv")), "video")["pix_fmt"], "yuv420p10le");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn films_are_enlarged() {
    if !ffmpeg_is_here() {
        return;
    }
    let dir = place("enlarged");
    let input = dir.join("in.mp4");
    clip(&input, &["-c:v", "libx264", "-crf", "5", "-pix_fmt", "yuv420p"], "mov_text");
    let out = dir.join("out.mkv");
    done(&["upscale", text(&input), "-o", text(&out)]);
    let video = probe(&out);
    let video = stream(&video, "video");
    assert_eq!((video["width"].as_u64(), video["height"].as_u64()), (Some(128), Some(96)));
    // Like ffmpeg's own bicubic enlargement, and no copy of it.
    is_like(&input, &out, 2, 20.0);
}

#[test]
fn what_cannot_be_done_is_said_and_leaves_nothing() {
    let dir = place("fails");
    let model = identity(&dir);
    let film = dir.join("in.mp4");
    std::fs::write(&film, b"no film").unwrap();
    let out = dir.join("out.mkv");
    let run = |more: &[&str], path: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ocelli"));
        command.arg("denoise").args(more).args(["-m", text(&model)]).env_remove("RUST_LOG");
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let got = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&got.stderr).into_owned();
        let lines: Vec<String> = stderr.lines().filter(|l| l.starts_with("ocelli: ")).map(str::to_owned).collect();
        assert_eq!(lines.len(), 1, "{stderr}");
        let mut left: Vec<String> =
            std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, ["identity", "in.mp4"], "{stderr}");
        (got.status.code(), lines[0].clone())
    };
    let (code, said) = run(&[text(&film), "-o", text(&out)], Some(""));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("ffprobe") && said.contains("install ffmpeg"), "{said}");
    let (code, said) = run(&[text(&film), text(&film), "-o", text(&out)], None);
    assert!(code == Some(2) && said.contains("one film at a time"), "{said}");
    if !ffmpeg_is_here() {
        return;
    }
    let (code, said) = run(&[text(&film), "-o", text(&out)], None);
    assert!(code == Some(1) && said.contains("in.mp4"), "{said}");
    clip(&film, &["-c:v", "libx264", "-pix_fmt", "yuv420p"], "mov_text");
    for beside in ["srt", "about"] {
        std::fs::remove_file(film.with_extension(beside)).unwrap();
    }
    let (code, said) = run(&[text(&film), "-o", text(&dir.join("out.gif"))], None);
    assert!(code == Some(2) && said.contains("gif"), "{said}");
    let (code, said) = run(&[text(&film), "-o", text(&film)], None);
    assert!(code == Some(2) && said.contains("overwritten"), "{said}");
    let (code, said) = run(&[text(&film), "-o", text(&dir.join("missing/out.mkv"))], None);
    assert!(code == Some(1) && said.contains("out.mkv"), "{said}");
}
