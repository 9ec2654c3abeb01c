//! Files that are not read, cut off, damaged or made to be expensive, and results that cannot be written.

use std::path::Path;

use ocelli_vision::image_io::{Limits, ReadOptions, WriteOptions, decode, encode, read, read_with, write};
use ocelli_vision::{Depth, Image, VisionError};

use crate::{bytes, fixture};

fn decoded(file: &[u8], name: &str) -> Result<Image, VisionError> {
    decode(file, Path::new(name), &ReadOptions::default())
}

/// Refused by name, in one line.
fn refused(file: &[u8], name: &str, what: &str) {
    let error = decoded(file, name).unwrap_err();
    assert!(matches!(error, VisionError::Unsupported { .. }), "{name}: {error}");
    let text = error.to_string();
    assert!(text.starts_with(name) && text.contains(what) && !text.contains('\n'), "{name}: {text}");
}

#[test]
fn kinds_that_are_not_read_are_named() {
    for (name, what) in [
        ("still.heic", "HEIC"),
        ("still.exr", "OpenEXR"),
        ("still.psd", "Photoshop"),
        ("still.hdr", "Radiance HDR"),
        ("still.avif", "AVIF"),
        ("still.jp2", "JPEG 2000"),
        ("still.ico", "an icon"),
        ("animated.png", "an animated PNG"),
        ("animated.webp", "an animated WebP"),
        ("animated.gif", "an animated GIF"),
        ("pages.tif", "a TIFF of several pages"),
    ] {
        refused(&bytes(name), name, what);
    }
    let by_magic: [(&[u8], &str); 7] = [
        (b"\0\0\0\x1cftypmif1....", "HEIF"),
        (b"\0\0\0\x18ftypcrx ....", "Canon"),
        (b"FUJIFILMCCD-RAW 0201", "Fujifilm"),
        (b"\xff\x0a\xfa\x1f", "JPEG XL"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg xmlns=", "SVG"),
        (b"hello world, this is text", "not a picture"),
    ];
    for (file, what) in by_magic {
        refused(file, "x.bin", what);
    }
    refused(b"", "x.png", "empty");
    // Raw files are TIFF with a small preview in front: that must not be taken for the picture.
    for (name, what) in [("a.NEF", "Nikon"), ("a.dng", "DNG"), ("a.arw", "Sony")] {
        refused(&bytes("rgb16.tif"), name, what);
    }
    let mut file = bytes("rgb.jpg");
    let frame = file.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    for (marker, what) in [(0xc9, "arithmetically coded"), (0xc3, "lossless"), (0xc5, "hierarchical")] {
        file[frame + 1] = marker;
        refused(&file, "x.jpg", what);
    }
    file[frame + 1] = 0xc0;
    file[frame + 4] = 12;
    refused(&file, "x.jpg", "12 bits");
}

#[test]
fn first_frames_come_on_request() {
    let options = ReadOptions { first_frame: true, ..ReadOptions::default() };
    for name in ["animated.png", "animated.webp", "animated.gif", "pages.tif"] {
        let image = read_with(fixture(name), &options).unwrap();
        // The first is red, the second blue.
        assert_eq!(image.rgb_planes().plane(0), [1.0; 35], "{name}");
        assert_eq!(image.rgb_planes().plane(2), [0.0; 35], "{name}");
    }
}

fn all() -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<(String, Vec<u8>)> = std::fs::read_dir(fixture(""))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| ["png", "jpg", "webp", "tif", "bmp", "gif"].iter().any(|end| name.ends_with(end)))
        .map(|name| (name.clone(), bytes(&name)))
        .collect();
    out.sort();
    assert!(out.len() > 50);
    out
}

#[test]
fn cut_files_are_an_error() {
    for (name, whole) in all() {
        let step = (whole.len() / 60).max(1);
        // What follows the samples may be missing: PNG's end, values of TIFF that are not needed, the end of a GIF.
        let end = match &name[name.len() - 3..] {
            "png" => whole.len() - 12,
            "jpg" => whole.len() - 1,
            "gif" => whole.len() / 2,
            "tif" => whole.len() * 2 / 3,
            _ => whole.len() - 8,
        };
        for n in (0..end).step_by(step) {
            // Animations are refused for what they are.
            let result = decoded(&whole[..n], &name);
            assert!(result.is_err(), "{name} cut to {n} of {} bytes", whole.len());
        }
    }
}

#[test]
fn damaged_files_never_panic() {
    // Bytes set to 0, 255 or changed in one bit, by a fixed sequence.
    let mut state = 1u32;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let options =
        ReadOptions { limits: Limits { pixels: 1 << 20, side_px: 4096, ..Limits::default() }, first_frame: true };
    for (name, whole) in all() {
        for _ in 0..150 {
            let mut file = whole.clone();
            for _ in 0..=next(3) {
                let at = next(file.len());
                file[at] = match next(4) {
                    0 => 0,
                    1 => 255,
                    _ => file[at] ^ 1 << next(8),
                };
            }
            if let Ok(image) = decode(&file, Path::new(&name), &options) {
                let planes = image.planes();
                assert_eq!(planes.data().len(), planes.channels() * planes.width() * planes.height(), "{name}");
                assert!(planes.data().iter().all(|v| v.is_finite()), "{name}");
            }
        }
    }
}

#[test]
fn sizes_beyond_the_limits_are_refused_before_anything_is_allocated() {
    let limited = |file: &[u8], limits: Limits| {
        let error = decode(file, Path::new("x"), &ReadOptions { limits, first_frame: false }).unwrap_err();
        assert!(matches!(error, VisionError::Limit { .. }), "{error}");
    };
    let base = Limits::default();
    for name in ["gray16.png", "rgb.jpg", "rgb.webp", "rgb16.tif", "rgb.bmp", "palette.gif"] {
        limited(&bytes(name), Limits { pixels: 34, ..base });
        limited(&bytes(name), Limits { side_px: 6, ..base });
        limited(&bytes(name), Limits { file_bytes: 10, ..base });
    }
    // Headers that promise 60000x60000 pixels must not be believed. In PNG the checksum follows.
    let mut png = bytes("gray16.png");
    png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    assert!(decoded(&png, "x.png").is_err());
    let mut jpeg = bytes("rgb.jpg");
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    limited(&jpeg, base);
    let mut bmp = bytes("rgb.bmp");
    bmp[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);
    limited(&bmp, base);
}

#[test]
fn floats_that_are_not_numbers_are_an_error() {
    let mut file = bytes("float3.tif");
    let at = file.windows(4).position(|w| w == 1.0f32.to_le_bytes()).unwrap();
    file[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let error = decoded(&file, "x.tif").unwrap_err().to_string();
    assert!(error.contains("not a finite number"), "{error}");
}

#[test]
fn results_are_whole_or_not_there() {
    let folder = std::env::temp_dir().join(format!("ocelli-write-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let image = read(fixture("rgba16.png")).unwrap();
    for (name, what) in [
        ("x.jpg", "alpha"),
        ("x.gif", "256 colours"),
        ("x.heic", "heic"),
        ("x", "no ending"),
        ("missing/x.png", "missing"),
    ] {
        let error = write(folder.join(name), &image).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
    for (ending, depth) in [("png", Depth::F32), ("webp", Depth::U16), ("bmp", Depth::U16)] {
        let options = WriteOptions { depth: Some(depth), ..WriteOptions::default() };
        let error = encode(&image, Path::new(&format!("x.{ending}")), &options).unwrap_err().to_string();
        assert!(error.contains("holds no samples"), "{error}");
    }
    // A folder of that name: the file cannot take its place, and what was written for it goes.
    std::fs::create_dir_all(folder.join("x.png/inside")).unwrap();
    assert!(write(folder.join("x.png"), &image).is_err());
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["x.png"], "nothing half-written is left");
    std::fs::remove_dir_all(&folder).unwrap();
}
