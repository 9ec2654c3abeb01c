//! Readers that share no code with the writers: PNG and TIFF by hand over `flate2`, JPEG by `jpeg-decoder`, WebP's and
//! JPEG's metadata by hand, EXIF by `kamadak-exif`. Pixels of lossless WebP come from the library that wrote them.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// What a reader saw. Samples are interleaved.
#[derive(Debug, Default, PartialEq)]
pub struct Seen {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    /// 8 or 16 for whole numbers, 32 for floats.
    pub bits: usize,
    pub samples: Vec<u32>,
    pub floats: Vec<f32>,
    pub icc: Option<Vec<u8>>,
    pub exif: Option<Vec<u8>>,
    pub xmp: Option<Vec<u8>>,
    pub texts: BTreeMap<String, String>,
    /// Pixels per inch, rounded.
    pub density: Option<(u32, u32)>,
    /// TIFF: orientation, and kind of alpha. Everything else has them in EXIF, or none.
    pub orientation: Option<u32>,
    pub extra_samples: Option<u32>,
}

fn inflate(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::ZlibDecoder::new(data).read_to_end(&mut out).unwrap();
    out
}

fn be32(b: &[u8]) -> usize {
    u32::from_be_bytes(b[..4].try_into().unwrap()) as usize
}

/// 8 and 16 bits without palette and interlacing.
pub fn png(file: &[u8]) -> Seen {
    assert_eq!(&file[..8], b"\x89PNG\r\n\x1a\n");
    let mut seen = Seen::default();
    let mut data = Vec::new();
    let mut at = 8;
    loop {
        let (length, name) = (be32(&file[at..]), &file[at + 4..at + 8]);
        let body = &file[at + 8..at + 8 + length];
        let mut crc = flate2::Crc::new();
        crc.update(&file[at + 4..at + 8 + length]);
        assert_eq!(crc.sum(), be32(&file[at + 8 + length..]) as u32, "checksum of a chunk");
        at += length + 12;
        match name {
            b"IHDR" => {
                (seen.width, seen.height, seen.bits) = (be32(body), be32(&body[4..]), body[8].into());
                seen.channels = match body[9] {
                    0 => 1,
                    2 => 3,
                    4 => 2,
                    6 => 4,
                    kind => panic!("colour type {kind}"),
                };
                assert_eq!(body[12], 0, "interlaced");
            }
            b"IDAT" => data.extend(body),
            b"eXIf" => seen.exif = Some(body.to_vec()),
            b"iCCP" => {
                let end = body.iter().position(|&b| b == 0).unwrap();
                seen.icc = Some(inflate(&body[end + 2..]));
            }
            b"pHYs" => {
                assert_eq!(body[8], 1);
                let dpi = |b| (be32(b) as f64 * 0.0254).round() as u32;
                seen.density = Some((dpi(body), dpi(&body[4..])));
            }
            b"tEXt" => {
                let text: String = body.iter().map(|&b| b as char).collect();
                let (key, value) = text.split_once('\0').unwrap();
                seen.texts.insert(key.to_owned(), value.to_owned());
            }
            b"iTXt" => {
                let parts: Vec<&[u8]> = body.splitn(2, |&b| b == 0).collect();
                assert_eq!(parts[1][0], 0, "compressed");
                let value = parts[1][2..].splitn(3, |&b| b == 0).nth(2).unwrap();
                if parts[0] == b"XML:com.adobe.xmp" {
                    seen.xmp = Some(value.to_vec());
                } else {
                    let text = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap();
                    seen.texts.insert(text(parts[0]), text(value));
                }
            }
            b"IEND" => break,
            other => panic!("chunk {other:?}"),
        }
    }
    let pixel = seen.channels * seen.bits / 8;
    let row = seen.width * pixel;
    let raw = inflate(&data);
    let mut above = vec![0u8; row];
    for y in 0..seen.height {
        let kind = raw[y * (row + 1)];
        let mut line = raw[y * (row + 1) + 1..(y + 1) * (row + 1)].to_vec();
        for i in 0..row {
            let left = if i >= pixel { i32::from(line[i - pixel]) } else { 0 };
            let corner = if i >= pixel { i32::from(above[i - pixel]) } else { 0 };
            let up = i32::from(above[i]);
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => {
                    let p = left + up - corner;
                    let (a, b, c) = ((p - left).abs(), (p - up).abs(), (p - corner).abs());
                    if a <= b && a <= c {
                        left
                    } else if b <= c {
                        up
                    } else {
                        corner
                    }
                }
            };
            line[i] = line[i].wrapping_add(guess as u8);
        }
        seen.samples.extend(whole_numbers(&line, seen.bits, false));
        above = line;
    }
    seen
}

fn whole_numbers(bytes: &[u8], bits: usize, little: bool) -> Vec<u32> {
    match bits {
        8 => bytes.iter().map(|&b| b.into()).collect(),
        _ if little => bytes.chunks(2).map(|b| u16::from_le_bytes([b[0], b[1]]).into()).collect(),
        _ => bytes.chunks(2).map(|b| u16::from_be_bytes([b[0], b[1]]).into()).collect(),
    }
}

/// Strips, deflated or plain, differences or not, little-endian.
pub fn tiff(file: &[u8]) -> Seen {
    assert_eq!(&file[..4], b"II*\0");
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let u32_at = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let first = u32_at(4);
    let mut tags: BTreeMap<usize, (usize, Vec<u8>)> = BTreeMap::new();
    for i in 0..u16_at(first) {
        let at = first + 2 + 12 * i;
        let (tag, kind, count) = (u16_at(at), u16_at(at + 2), u32_at(at + 4));
        let length = count * [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8][kind];
        let from = if length <= 4 { at + 8 } else { u32_at(at + 8) };
        assert!(tags.insert(tag, (kind, file[from..from + length].to_vec())).is_none(), "tag {tag} twice");
    }
    let list = |tag: usize| -> Vec<usize> {
        let Some((kind, value)) = tags.get(&tag) else { return Vec::new() };
        match kind {
            3 => value.chunks(2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]]))).collect(),
            _ => value.chunks(4).map(|b| u32::from_le_bytes(b.try_into().unwrap()) as usize).collect(),
        }
    };
    let one = |tag: usize, default: usize| list(tag).first().copied().unwrap_or(default);
    let mut seen = Seen {
        width: one(256, 0),
        height: one(257, 0),
        channels: one(277, 1),
        bits: one(258, 1),
        icc: tags.get(&34675).map(|t| t.1.clone()),
        xmp: tags.get(&700).map(|t| t.1.clone()),
        // The file itself is what an EXIF reader wants.
        exif: tags.contains_key(&34665).then(|| file.to_vec()),
        orientation: list(274).first().map(|&v| v as u32),
        extra_samples: list(338).first().map(|&v| v as u32),
        ..Seen::default()
    };
    let rational = |tag: usize| {
        let v = &tags.get(&tag)?.1;
        let part = |at| f64::from(u32::from_le_bytes(v[at..at + 4].try_into().unwrap()));
        Some((part(0) / part(4)).round() as u32)
    };
    seen.density = rational(282).zip(rational(283)).filter(|_| one(296, 2) == 2);
    assert!(list(258).iter().all(|&b| b == seen.bits) && list(258).len() == seen.channels);
    let floats = one(339, 1) == 3;
    assert_eq!(one(262, 9), if seen.channels >= 3 { 2 } else { 1 }, "photometric interpretation");
    let row = seen.width * seen.channels;
    for (at, length) in list(273).into_iter().zip(list(279)) {
        let strip = &file[at..at + length];
        let strip = if one(259, 1) == 8 { inflate(strip) } else { strip.to_vec() };
        if floats {
            seen.floats.extend(strip.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())));
            continue;
        }
        let mut values = whole_numbers(&strip, seen.bits, true);
        if one(317, 1) == 2 {
            for line in values.chunks_mut(row) {
                for i in seen.channels..row {
                    line[i] = (line[i] + line[i - seen.channels]) & ((1 << seen.bits) - 1);
                }
            }
        }
        seen.samples.extend(values);
    }
    seen
}

/// The segments of a JPEG up to its scan: marker and body.
pub fn segments(file: &[u8]) -> Vec<(u8, &[u8])> {
    let mut out = Vec::new();
    let mut at = 2;
    loop {
        assert_eq!(file[at], 0xff);
        let (marker, length) = (file[at + 1], usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]])));
        out.push((marker, &file[at + 4..at + 2 + length]));
        if marker == 0xda {
            return out;
        }
        at += 2 + length;
    }
}

pub fn jpeg(file: &[u8]) -> Seen {
    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(file));
    let samples: Vec<u32> = decoder.decode().unwrap().into_iter().map(u32::from).collect();
    let info = decoder.info().unwrap();
    let (width, height) = (info.width.into(), info.height.into());
    let mut seen =
        Seen { width, height, channels: samples.len() / width / height, bits: 8, samples, ..Seen::default() };
    let mut icc = Vec::new();
    for (marker, body) in segments(file) {
        match marker {
            0xe0 if body[7] == 1 => {
                let at = |i: usize| u32::from(u16::from_be_bytes([body[i], body[i + 1]]));
                seen.density = Some((at(8), at(10)));
            }
            0xe1 if body.starts_with(b"Exif\0\0") => seen.exif = Some(body[6..].to_vec()),
            0xe1 => seen.xmp = body.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0").map(<[u8]>::to_vec),
            0xe2 => icc.extend(&body.strip_prefix(b"ICC_PROFILE\0").unwrap()[2..]),
            _ => {}
        }
    }
    seen.icc = Some(icc).filter(|icc| !icc.is_empty());
    seen
}

pub fn webp(file: &[u8]) -> Seen {
    assert_eq!((&file[..4], &file[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).unwrap();
    let (width, height) = decoder.dimensions();
    let mut data = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut data).unwrap();
    let mut seen = Seen {
        width: width as usize,
        height: height as usize,
        channels: if decoder.has_alpha() { 4 } else { 3 },
        bits: 8,
        samples: data.into_iter().map(u32::from).collect(),
        ..Seen::default()
    };
    let mut at = 12;
    while at + 8 <= file.len() {
        let length = u32::from_le_bytes(file[at + 4..at + 8].try_into().unwrap()) as usize;
        let body = &file[at + 8..at + 8 + length];
        match &file[at..at + 4] {
            b"ICCP" => seen.icc = Some(body.to_vec()),
            b"EXIF" => seen.exif = Some(body.to_vec()),
            b"XMP " => seen.xmp = Some(body.to_vec()),
            b"VP8L" | b"VP8X" => {}
            other => panic!("chunk {other:?}: not lossless"),
        }
        at += 8 + length.next_multiple_of(2);
    }
    seen
}

/// Uncompressed 24 and 32 bits, and 8 with a palette of greys.
pub fn bmp(file: &[u8]) -> Seen {
    let u32_at = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let (start, width, height) = (u32_at(10), u32_at(18), u32_at(22));
    let channels = usize::from(file[28]) / 8;
    let row = (width * channels).next_multiple_of(4);
    let mut samples = Vec::new();
    for y in (0..height).rev() {
        for x in 0..width {
            let p = &file[start + y * row + x * channels..][..channels];
            match p {
                [v] => samples.push(u32::from(*v)),
                [b, g, r] => samples.extend([*r, *g, *b].map(u32::from)),
                [b, g, r, a] => samples.extend([*r, *g, *b, *a].map(u32::from)),
                _ => panic!("{channels} channels"),
            }
        }
    }
    Seen { width, height, channels, bits: 8, samples, ..Seen::default() }
}

pub fn read(file: &[u8], ending: &str) -> Seen {
    match ending {
        "png" => png(file),
        "tif" => tiff(file),
        "jpg" => jpeg(file),
        "webp" => webp(file),
        "bmp" => bmp(file),
        other => panic!("{other}"),
    }
}

/// The fields of an EXIF block or TIFF file, `directory:tag` and value.
pub fn exif(block: &[u8]) -> BTreeMap<String, String> {
    let exif = exif::Reader::new().read_raw(block.to_vec()).unwrap();
    exif.fields().map(|f| (format!("{}:{}", f.ifd_num.index(), f.tag), f.display_value().to_string())).collect()
}
