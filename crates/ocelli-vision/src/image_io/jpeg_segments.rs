//! The segments of a JPEG around its samples: what the decoder does not tell, and metadata put into a finished file.

use super::read::Context;
use crate::metadata::Metadata;

/// What the segments of a file say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Facts {
    /// The second byte of the start-of-frame marker.
    pub frame: u8,
    /// Bits of a sample.
    pub precision: u8,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Pixels per inch.
    pub density: Option<(f64, f64)>,
}

/// Walks all segments and scans up to the end marker. Errors: there is none, or no frame.
pub fn facts(bytes: &[u8]) -> Result<Facts, String> {
    let mut facts = Facts::default();
    let mut at = 2;
    loop {
        // Fill bytes and what else stands between segments.
        let Some(marker_at) = next_marker(bytes, at) else {
            return Err("the file is cut off: there is no end marker".to_owned());
        };
        let marker = bytes[marker_at];
        at = marker_at + 1;
        match marker {
            0xd9 if facts.frame == 0 => return Err("a JPEG without a picture".to_owned()),
            0xd9 => return Ok(facts),
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = bytes.get(at..at + 2).map_or(0, |b| usize::from(u16::from_be_bytes([b[0], b[1]])));
        let Some(body) = bytes.get(at + 2..at + length).filter(|_| length >= 2) else {
            return Err("the file is cut off inside a segment".to_owned());
        };
        match marker {
            0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) && body.len() >= 6 && facts.frame == 0 => {
                let [precision, h0, h1, w0, w1] = [body[0], body[1], body[2], body[3], body[4]];
                facts.frame = marker;
                facts.precision = precision;
                facts.size = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
            }
            0xe0 if body.starts_with(b"JFIF\0") && body.len() >= 12 => {
                let (x, y) = (u16::from_be_bytes([body[8], body[9]]), u16::from_be_bytes([body[10], body[11]]));
                let inches = match body[7] {
                    1 => 1.0,
                    2 => 2.54,
                    _ => 0.0,
                };
                if inches > 0.0 && x > 0 && y > 0 {
                    facts.density = Some((f64::from(x) * inches, f64::from(y) * inches));
                }
            }
            _ => {}
        }
        at += length;
    }
}

/// Where the next marker's second byte stands. Inside a scan, `ff 00` is a sample and `ff d0` to `ff d7` divide.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == 0xff)? + 1;
        match bytes.get(at)? {
            0 | 0xff | 0xd0..=0xd7 => {}
            _ => return Some(at),
        }
    }
}

const MOST: usize = 65_533;

/// The file with its profile, EXIF and XMP after the first segment. What is too large for its segment is left out with a
/// warning: only profiles may be spread over several.
pub fn with_metadata(file: &[u8], metadata: &Metadata, warn: &dyn Fn(String)) -> Vec<u8> {
    let first = match file.get(2..6) {
        Some([0xff, 0xe0, high, low]) => 4 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => 2,
    };
    let (head, tail) = file.split_at(first.min(file.len()));
    let mut out = head.to_vec();
    let mut segment = |marker: u8, parts: &[&[u8]]| {
        let length = 2 + parts.iter().map(|p| p.len()).sum::<usize>();
        out.extend([0xff, marker]);
        out.extend((length as u16).to_be_bytes());
        parts.iter().for_each(|p| out.extend(*p));
    };
    for (name, prefix, body) in
        [("EXIF", &b"Exif\0\0"[..], &metadata.exif), ("XMP", &b"http://ns.adobe.com/xap/1.0/\0"[..], &metadata.xmp)]
    {
        let Some(body) = body else { continue };
        if prefix.len() + body.len() > MOST {
            warn(format!("{name} of {} bytes is too large for JPEG and left out", body.len()));
        } else {
            segment(0xe1, &[prefix, body]);
        }
    }
    if let Some(icc) = &metadata.icc {
        const PREFIX: &[u8] = b"ICC_PROFILE\0";
        let parts: Vec<&[u8]> = icc.chunks(MOST - PREFIX.len() - 2).collect();
        if let Ok(count) = u8::try_from(parts.len()) {
            for (i, part) in parts.iter().enumerate() {
                segment(0xe2, &[PREFIX, &[i as u8 + 1, count], part]);
            }
        } else {
            warn(format!("an ICC profile of {} bytes is too large for JPEG and left out", icc.len()));
        }
    }
    out.extend(tail);
    out
}

/// The name of a kind of JPEG that is not read.
pub fn refuse(facts: &Facts, cx: &Context<'_>) -> crate::Result<()> {
    let name = match facts.frame {
        0xc0..=0xc2 if facts.precision == 8 => return Ok(()),
        0xc0..=0xc2 => format!("a JPEG of {} bits", facts.precision),
        0xc3 => "a lossless JPEG".to_owned(),
        0xc5..=0xc7 | 0xcd..=0xcf => "a hierarchical JPEG".to_owned(),
        _ => "an arithmetically coded JPEG".to_owned(),
    };
    Err(cx.refused(format!("{name}; baseline and progressive JPEG of 8 bits are read")))
}
