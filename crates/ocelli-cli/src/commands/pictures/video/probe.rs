//! What is in a film, as ffprobe tells it.

use std::path::Path;

use ocelli::Error;
use serde_json::Value;

use super::ffmpeg::{self, failed};

/// A film's picture stream, and what goes with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// Index of the picture stream among all streams.
    pub stream: u64,
    /// Columns as shown, after rotation.
    pub width: usize,
    /// Rows as shown, after rotation.
    pub height: usize,
    /// Pictures a second, as a fraction.
    pub rate: String,
    /// Seconds a picture, as a fraction.
    pub period: (u32, u32),
    /// Pictures in all, as far as is known.
    pub frames: Option<f64>,
    /// Whether samples have more than eight bits.
    pub deep: bool,
    /// How the pictures begin later than the film, in seconds.
    pub delay: f64,
    /// Width of a pixel over its height, when it is not square.
    pub pixel: Option<String>,
    /// Matrix between RGB and YCbCr, by ffmpeg's name.
    pub matrix: String,
    /// Options of the colours for the result, by ffmpeg's names.
    pub colors: Vec<(&'static str, String)>,
    /// The codec of each stream of sound.
    pub sounds: Vec<String>,
    /// The codec of each stream of subtitles.
    pub subtitles: Vec<String>,
    /// What is done differently than one may expect.
    pub notes: Vec<String>,
}

/// Asks ffprobe.
pub fn film(path: &Path) -> Result<Film, Error> {
    let mut command = ffmpeg::command("ffprobe");
    command.args(["-print_format", "json", "-show_streams", "-show_format"]).arg(ffmpeg::file(path));
    let out = command.output().map_err(|e| ffmpeg::missing("ffprobe", e))?;
    if !out.status.success() {
        return Err(failed(path, "ffprobe", &String::from_utf8_lossy(&out.stderr)));
    }
    let told: Value = serde_json::from_slice(&out.stdout)
        .map_err(|e| failed(path, "ffprobe", &format!("its answer is no JSON: {e}")))?;
    read(&told).map_err(|what| failed(path, "ffprobe", &what))
}

fn read(told: &Value) -> Result<Film, String> {
    let streams = told["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |kind: &str| streams.iter().filter(move |s| s["codec_type"] == kind).collect::<Vec<_>>();
    // A cover is a picture stream too.
    let shown = |s: &&&Value| s["disposition"]["attached_pic"].as_i64() != Some(1);
    let videos = of("video");
    let video = videos.iter().find(shown).ok_or("no stream of pictures")?;
    let number = |v: &Value| v.as_f64().or_else(|| v.as_str()?.parse::<f64>().ok());
    let side = |key: &str| video[key].as_u64().filter(|n| (1..=65_535).contains(n)).map(|n| n as usize);
    let (Some(mut width), Some(mut height)) = (side("width"), side("height")) else {
        return Err("the pictures have no size".to_owned());
    };
    let mut notes = Vec::new();
    let turned = video["side_data_list"].as_array().into_iter().flatten().find_map(|s| number(&s["rotation"]));
    let turned = turned.or_else(|| number(&video["tags"]["rotate"])).unwrap_or(0.0);
    if (turned.abs() % 180.0 - 90.0).abs() < 1.0 {
        std::mem::swap(&mut width, &mut height);
    }
    let told_rate = |key: &str| video[key].as_str().and_then(|text| Some((text, fraction(text)?)));
    let (rate, (per_second, period)) = told_rate("avg_frame_rate")
        .or_else(|| told_rate("r_frame_rate"))
        .ok_or("the rate of the pictures is not known")?;
    if told_rate("r_frame_rate").is_some_and(|(_, (r, _))| (r / per_second - 1.0).abs() > 0.01) {
        notes.push(format!("the rate of pictures changes; the result has {rate} a second"));
    }
    let format = video["pix_fmt"].as_str().unwrap_or_default();
    if format.contains('a') && (format.starts_with("yuva") || format.starts_with("rgba") || format.starts_with("bgra"))
    {
        notes.push("transparency is left out".to_owned());
    }
    if !matches!(video["field_order"].as_str(), None | Some("progressive" | "unknown")) {
        notes.push("the pictures are interlaced, and taken as they are".to_owned());
    }
    let bits = number(&video["bits_per_raw_sample"]).unwrap_or(0.0);
    let deep = bits > 8.0 || ["9le", "10le", "12le", "14le", "16le", "p010"].iter().any(|d| format.contains(d));
    let tag = |key: &str| video[key].as_str().filter(|t| !matches!(*t, "unknown" | "reserved" | "gbr"));
    // Without a tag, as players guess.
    let guess = if height >= 720 { "bt709" } else { "smpte170m" };
    let matrix = tag("color_space").unwrap_or(guess).to_owned();
    let mut colors = vec![("-colorspace", matrix.clone()), ("-color_range", "tv".to_owned())];
    for (key, option) in [("color_primaries", "-color_primaries"), ("color_transfer", "-color_trc")] {
        colors.extend(tag(key).map(|t| (option, t.to_owned())));
    }
    if matches!(tag("color_transfer"), Some("smpte2084" | "arib-std-b67")) {
        notes.push("HDR: the model sees the values as they are coded".to_owned());
    }
    let begin = |v: &Value| number(&v["start_time"]).unwrap_or(0.0);
    let seconds = number(&video["duration"]).or_else(|| number(&told["format"]["duration"]));
    let codecs = |kind| of(kind).iter().map(|s| s["codec_name"].as_str().unwrap_or_default().to_owned()).collect();
    Ok(Film {
        stream: video["index"].as_u64().unwrap_or(0),
        width,
        height,
        rate: rate.to_owned(),
        period,
        frames: number(&video["nb_frames"]).or(seconds.map(|s| s * per_second)),
        deep,
        delay: (begin(video) - begin(&told["format"])).max(0.0),
        pixel: video["sample_aspect_ratio"]
            .as_str()
            .filter(|r| !matches!(*r, "1:1" | "0:1" | "N/A"))
            .map(str::to_owned),
        matrix,
        colors,
        sounds: codecs("audio"),
        subtitles: codecs("subtitle"),
        notes,
    })
}

/// A fraction of whole numbers, as long as it is a rate; its value, then its reciprocal.
fn fraction(text: &str) -> Option<(f64, (u32, u32))> {
    let (over, under) = text.split_once('/')?;
    let (over, under) = (over.parse::<u32>().ok()?, under.parse::<u32>().ok().filter(|n| *n > 0)?);
    let value = f64::from(over) / f64::from(under);
    (0.01..=1000.0).contains(&value).then_some((value, (under, over)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

    use serde_json::json;

    use super::*;

    fn told(more: &Value) -> Value {
        let mut video = json!({
            "index": 2, "codec_type": "video", "width": 1920, "height": 1080, "avg_frame_rate": "24000/1001",
            "r_frame_rate": "24000/1001", "pix_fmt": "yuv420p", "start_time": "0.500", "duration": "10.01",
        });
        video.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let cover = json!({ "index": 0, "codec_type": "video", "disposition": { "attached_pic": 1 } });
        let sound = json!({ "index": 1, "codec_type": "audio", "codec_name": "aac" });
        json!({ "streams": [cover, sound, video], "format": { "start_time": "0.1" } })
    }

    #[test]
    fn the_picture_stream_is_found_and_described() {
        let film = read(&told(&json!({}))).unwrap();
        assert_eq!((film.stream, film.width, film.height), (2, 1920, 1080));
        assert_eq!((film.rate.as_str(), film.matrix.as_str(), film.deep), ("24000/1001", "bt709", false));
        assert!((film.frames.unwrap() - 240.0).abs() < 0.1 && (film.delay - 0.4).abs() < 1e-9);
        assert_eq!((film.sounds, film.subtitles.len(), film.notes.len()), (vec!["aac".to_owned()], 0, 0));
        let film = read(&told(&json!({
            "side_data_list": [{ "rotation": -90 }], "pix_fmt": "yuv420p10le", "color_space": "bt2020nc",
            "color_transfer": "smpte2084", "avg_frame_rate": "30/1", "nb_frames": "7", "sample_aspect_ratio": "4:3",
            "field_order": "tt",
        })))
        .unwrap();
        assert_eq!((film.width, film.height, film.deep, film.frames), (1080, 1920, true, Some(7.0)));
        assert_eq!((film.matrix.as_str(), film.pixel.as_deref()), ("bt2020nc", Some("4:3")));
        assert_eq!(film.notes.len(), 3, "{:?}", film.notes);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for more in [
            json!({ "width": 0 }),
            json!({ "width": 70000 }),
            json!({ "avg_frame_rate": "0/0", "r_frame_rate": "1/0" }),
            json!({ "codec_type": "data" }),
            json!({ "avg_frame_rate": "90000/1", "r_frame_rate": "-1/1" }),
        ] {
            assert!(read(&told(&more)).is_err(), "{more}");
        }
        assert!(read(&json!({})).is_err());
    }
}
