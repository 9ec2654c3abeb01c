//! The files under `testdata/` were written by Pillow.

use std::path::{Path, PathBuf};

use super::*;
use crate::image::{Channels, Depth, Image};
use crate::{Result, VisionError};

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ocelli-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn sample(channels: Channels, depth: Depth) -> Image {
    let n = 5 * 3 * channels.count();
    match depth {
        Depth::U8 => {
            let v: Vec<u8> = (0..n).map(|i| (i * 83 % 256) as u8).collect();
            Image::from_u8(5, 3, channels, &v).unwrap()
        }
        Depth::U16 => {
            let v: Vec<u16> = (0..n).map(|i| (i * 8311 % 65536) as u16).collect();
            Image::from_u16(5, 3, channels, &v).unwrap()
        }
        Depth::F32 => {
            let v: Vec<f32> = (0..n).map(|i| i as f32 / 7.0 - 1.0).collect();
            Image::from_f32(5, 3, channels, &v).unwrap()
        }
    }
}

#[test]
fn lossless_formats_return_what_was_written() {
    use Channels::*;
    let folder = folder("lossless");
    let cases = [
        ("png", vec![Gray, GrayAlpha, Rgb, Rgba], vec![Depth::U8, Depth::U16]),
        ("tif", vec![Gray, Rgb, Rgba], vec![Depth::U8, Depth::U16]),
        ("TIFF", vec![Rgb, Rgba], vec![Depth::F32]),
        ("webp", vec![Rgb, Rgba], vec![Depth::U8]),
        ("bmp", vec![Rgb, Rgba], vec![Depth::U8]),
    ];
    for (ending, kinds, depths) in cases {
        for &channels in &kinds {
            for &depth in &depths {
                let image = sample(channels, depth);
                let path = folder.join(format!("x.{ending}"));
                write(&path, &image).unwrap();
                let back = read(&path).unwrap();
                assert_eq!(back, image, "{ending} {channels:?} {depth:?}");
            }
        }
    }
    // Grey comes back as three equal planes from formats that have no grey.
    for (ending, channels) in [("webp", Gray), ("tif", GrayAlpha), ("bmp", Gray)] {
        let (path, image) = (folder.join(format!("x.{ending}")), sample(channels, Depth::U8));
        write(&path, &image).unwrap();
        let back = read(&path).unwrap();
        assert_eq!(back.rgb_planes(), image.rgb_planes(), "{ending}");
        assert_eq!(back.alpha(), image.alpha(), "{ending}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn jpeg_is_close_and_refuses_alpha_and_unknown_endings_are_named() {
    let folder = folder("jpeg");
    let flat = Image::filled_rgb(16, 16, [0.2, 0.6, 0.9]);
    write(folder.join("x.jpg"), &flat).unwrap();
    let back = read(folder.join("x.jpg")).unwrap();
    for (a, b) in back.planes().data().iter().zip(flat.planes().data()) {
        assert!((a - b).abs() < 0.02);
    }
    let error = write(folder.join("y.jpg"), &sample(Channels::Rgba, Depth::U8)).unwrap_err();
    assert!(error.to_string().contains("alpha"), "{error}");
    let error = write(folder.join("y.heic"), &flat).unwrap_err();
    assert!(error.to_string().contains("heic"), "{error}");
    assert!(write(folder.join("missing/x.png"), &flat).is_err());
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["x.jpg"], "nothing half-written is left");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn animated_files_are_refused_by_name() {
    for (name, kind) in [("animated.png", "PNG"), ("animated.webp", "WebP"), ("animated.gif", "GIF")] {
        let error = read(testdata(name)).unwrap_err();
        assert!(matches!(error, VisionError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains(&format!("animated {kind}")), "{error}");
    }
    let folder = folder("gif");
    let path = folder.join("still.gif");
    write(&path, &Image::filled_rgb(3, 2, [1.0, 0.0, 0.0])).unwrap();
    let back = read(&path).unwrap();
    assert_eq!(back.rgb_planes(), Image::filled_rgb(3, 2, [1.0, 0.0, 0.0]).rgb_planes());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn orientation_palette_depth_and_profile_are_read() {
    let turned = read(testdata("turned.jpg")).unwrap();
    assert_eq!((turned.width(), turned.height()), (8, 16));
    let p = turned.planes();
    assert!(p.at(0, 2, 4) > 0.9 && p.at(2, 2, 4) < 0.1, "the top is red");
    assert!(p.at(0, 13, 4) < 0.1 && p.at(2, 13, 4) > 0.9, "the bottom is blue");

    // The rest of the EXIF block is written again, and the picture is not turned twice.
    let folder = folder("exif");
    assert!(turned.exif().is_some());
    for ending in ["jpg", "png", "webp"] {
        let path = folder.join(format!("x.{ending}"));
        write(&path, &turned).unwrap();
        let again = read(&path).unwrap();
        assert_eq!((again.width(), again.height()), (8, 16), "{ending}");
        assert_eq!(again.exif(), turned.exif(), "{ending}");
    }
    std::fs::remove_dir_all(&folder).unwrap();

    let palette = read(testdata("palette.png")).unwrap();
    assert_eq!(palette.to_u8(), [10, 20, 30, 0, 200, 100, 50, 255]);

    let gray = read(testdata("gray16.png")).unwrap();
    assert_eq!((gray.channels(), gray.depth()), (Channels::Gray, Depth::U16));
    assert_eq!(gray.to_u16(), [0, 1000, 40000, 65535]);

    let folder = self::folder("profile");
    let profile = read(testdata("profile.png")).unwrap();
    assert!(profile.icc().is_some());
    for ending in ["png", "jpg", "webp", "tif"] {
        let path = folder.join(format!("x.{ending}"));
        write(&path, &profile).unwrap();
        assert_eq!(read(&path).unwrap().icc(), profile.icc(), "{ending}");
    }
    std::fs::remove_dir_all(&folder).unwrap();

    let cmyk = read(testdata("cmyk.jpg")).unwrap();
    let p = cmyk.planes();
    assert_eq!(cmyk.channels(), Channels::Rgb);
    let pixel = [0, 1, 2].map(|c| p.at(c, 4, 4));
    assert!(pixel[0] > 0.9 && pixel[1] < 0.1, "red, got {pixel:?}");
}

#[test]
fn limits_and_broken_files() {
    let path = testdata("gray16.png");
    let bytes = std::fs::read(&path).unwrap();
    let with = |limits: Limits| decode(&bytes, &path, &limits);
    let base = Limits::default();
    assert!(with(base).is_ok());
    let limited = |r: Result<Image>| matches!(r.unwrap_err(), VisionError::Limit { .. });
    assert!(limited(with(Limits { pixels: 3, ..base })));
    assert!(limited(with(Limits { side_px: 1, ..base })));
    assert!(limited(with(Limits { file_bytes: 10, ..base })));
    assert!(limited(read_with(&path, &Limits { file_bytes: 10, ..base })));
    // A header that promises 60000x60000 pixels must not be believed.
    let mut bomb = bytes.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    assert!(decode(&bomb, &path, &base).is_err());
    for n in 0..bytes.len() - 12 {
        assert!(decode(&bytes[..n], &path, &base).is_err(), "cut at {n}");
    }
    assert!(read("no/such/file.png").unwrap_err().to_string().contains("no/such/file.png"));
}
