//! The table of `docs/images.md`: every file goes through a model that changes nothing, and every sample must come out.

use std::collections::BTreeSet;

use ocelli_vision::image_io::read;
use ocelli_vision::{Channels, Depth};

use crate::readers::{self, Seen};
use crate::{H, W, bytes, f32s, file, fixture, identity_file, through_doubling, through_identity, u8s, u16s};

pub enum Samples {
    /// 0 to 255 or 65535.
    Whole(Vec<u32>),
    Floats(Vec<f32>),
}

use Samples::{Floats, Whole};

/// A file, what it is read as, and its samples as they were given to the program that wrote it.
pub fn rows() -> Vec<(&'static str, Channels, Depth, Samples)> {
    use Channels::{Gray, GrayAlpha, Rgb, Rgba};
    use Depth::{F32, U8, U16};
    let two = |v: Vec<u32>| v.into_iter().map(|v| if v > 127 { 255 } else { 0 }).collect();
    // Colours 0 to 34 of the palette in turn, and the alpha of the first two.
    let palette: Vec<u32> = u8s(3);
    let with_alpha = |alpha: &dyn Fn(usize) -> u32| {
        palette.chunks(3).enumerate().flat_map(|(i, p)| [p[0], p[1], p[2], alpha(i)]).collect()
    };
    vec![
        ("gray1.png", Gray, U8, Whole(two(u8s(1)))),
        ("gray8.png", Gray, U8, Whole(u8s(1))),
        ("gray16.png", Gray, U16, Whole(u16s(1))),
        ("gray-alpha8.png", GrayAlpha, U8, Whole(u8s(2))),
        ("gray-alpha16.png", GrayAlpha, U16, Whole(u16s(2))),
        ("rgb8.png", Rgb, U8, Whole(u8s(3))),
        ("rgb16.png", Rgb, U16, Whole(u16s(3))),
        ("rgba8.png", Rgba, U8, Whole(u8s(4))),
        ("rgba16.png", Rgba, U16, Whole(u16s(4))),
        ("interlaced.png", Rgb, U16, Whole(u16s(3))),
        ("palette.png", Rgba, U8, Whole(with_alpha(&|i| [0, 128].get(i).copied().unwrap_or(255)))),
        ("rgb.webp", Rgb, U8, Whole(u8s(3))),
        ("rgba.webp", Rgba, U8, Whole(u8s(4))),
        ("gray8.tif", Gray, U8, Whole(u8s(1))),
        ("gray16.tif", Gray, U16, Whole(u16s(1))),
        ("bilevel.tif", Gray, U8, Whole(two(u8s(1)))),
        ("gray-alpha16.tif", GrayAlpha, U16, Whole(u16s(2))),
        ("rgb8.tif", Rgb, U8, Whole(u8s(3))),
        ("rgb16.tif", Rgb, U16, Whole(u16s(3))),
        ("planar.tif", Rgb, U16, Whole(u16s(3))),
        ("rgba16.tif", Rgba, U16, Whole(u16s(4))),
        ("big.tif", Rgb, U16, Whole(u16s(3))),
        ("palette.tif", Rgb, U8, Whole(palette.clone())),
        ("float1.tif", Gray, F32, Floats(f32s(1))),
        ("float3.tif", Rgb, F32, Floats(f32s(3))),
        ("float-tiled.tif", Rgb, F32, Floats(f32s(3))),
        ("double.tif", Gray, F32, Floats(f32s(1))),
        ("rgb.bmp", Rgb, U8, Whole(u8s(3))),
        ("rgba.bmp", Rgba, U8, Whole(u8s(4))),
        ("gray.bmp", Rgb, U8, Whole(u8s(1).into_iter().flat_map(|v| [v; 3]).collect())),
        ("palette.gif", Rgba, U8, Whole(with_alpha(&|i| if i == 3 { 0 } else { 255 }))),
    ]
}

/// Files of the table whose samples are checked elsewhere.
const ELSEWHERE: [&str; 39] = [
    "gray.jpg",
    "rgb.jpg",
    "progressive.jpg",
    "lossy.webp",
    "jpeg.tif",
    "premultiplied.tif",
    "cmyk.tif",
    "cmyk.jpg",
    "cmyk-plain.jpg",
    "cmyk-profile.jpg",
    "ycck.jpg",
    "wide.png",
    "gray-profile.png",
    "gamma-linear.png",
    "gamma-wide.png",
    "gamma-srgb.png",
    "described.png",
    "described.jpg",
    "described.webp",
    "described.tif",
    "turned1.jpg",
    "turned2.jpg",
    "turned3.jpg",
    "turned4.jpg",
    "turned5.jpg",
    "turned6.jpg",
    "turned7.jpg",
    "turned8.jpg",
    "animated.png",
    "animated.webp",
    "animated.gif",
    "pages.tif",
    "still.exr",
    "still.hdr",
    "still.psd",
    "still.heic",
    "still.avif",
    "still.jp2",
    "still.ico",
];

/// The samples with the colours of wholly transparent pixels left out: nobody sees them, and they are replaced.
fn visible(samples: &[u32], channels: Channels) -> Vec<u32> {
    if !channels.has_alpha() {
        return samples.to_vec();
    }
    let n = channels.count();
    samples.chunks(n).flat_map(|p| if p[n - 1] == 0 { vec![0; n] } else { p.to_vec() }).collect()
}

fn check(seen: &Seen, name: &str, channels: usize, bits: usize, expected: &[u32], kind: Channels) {
    assert_eq!((seen.width, seen.height, seen.channels, seen.bits), (W, H, channels, bits), "{name}");
    assert_eq!(visible(&seen.samples, kind), visible(expected, kind), "{name}");
}

#[test]
fn every_sample_comes_out_as_it_went_in() {
    for (name, channels, depth, samples) in rows() {
        let image = read(fixture(name)).unwrap();
        assert_eq!((image.channels(), image.depth()), (channels, depth), "{name}");
        let n = channels.count();
        match samples {
            Whole(expected) => {
                let bits = if depth == Depth::U16 { 16 } else { 8 };
                for ending in ["png", "tif"] {
                    let seen = readers::read(&identity_file(name, ending), ending);
                    check(&seen, name, n, bits, &expected, channels);
                    assert_eq!(seen.extra_samples, (ending == "tif" && channels.has_alpha()).then_some(2), "{name}");
                }
                // Formats of 8 bits; those without grey repeat it.
                if depth == Depth::U8 {
                    let spread: Vec<u32> = match channels {
                        Channels::Gray => expected.iter().flat_map(|&v| [v; 3]).collect(),
                        Channels::GrayAlpha => expected.chunks(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
                        _ => expected.clone(),
                    };
                    let colored = if channels.has_alpha() { Channels::Rgba } else { Channels::Rgb };
                    let seen = readers::webp(&identity_file(name, "webp"));
                    check(&seen, name, colored.count(), 8, &spread, colored);
                    let seen = readers::bmp(&identity_file(name, "bmp"));
                    if channels == Channels::Gray {
                        check(&seen, name, 1, 8, &expected, channels);
                    } else {
                        check(&seen, name, colored.count(), 8, &spread, colored);
                    }
                }
            }
            Floats(expected) => {
                let seen = readers::tiff(&identity_file(name, "tif"));
                assert_eq!((seen.width, seen.height, seen.channels, seen.bits), (W, H, n, 32), "{name}");
                // Bit for bit, below black and above white too.
                assert_eq!(seen.floats, expected, "{name}");
            }
        }
    }
}

#[test]
fn a_larger_picture_repeats_every_sample() {
    for name in ["gray16.png", "rgb8.png", "rgb16.tif", "gray-alpha16.png"] {
        let image = read(fixture(name)).unwrap();
        let n = image.channels().count();
        let small = readers::png(&identity_file(name, "png"));
        let large = readers::png(&file(&through_doubling(&image), "png"));
        assert_eq!((large.width, large.height, large.bits), (2 * W, 2 * H, small.bits), "{name}");
        for (i, pixel) in large.samples.chunks(n).enumerate() {
            let (x, y) = (i % (2 * W) / 2, i / (2 * W) / 2);
            assert_eq!(pixel, &small.samples[(y * W + x) * n..][..n], "{name} at {i}");
        }
    }
}

#[test]
fn a_changed_sample_would_be_noticed() {
    let mut image = read(fixture("rgb16.png")).unwrap();
    let before = readers::png(&file(&image, "png"));
    // One step of 16 bits in one sample.
    image.planes_mut().data_mut()[40] += 1.0 / 65535.0;
    for ending in ["png", "tif"] {
        let after = readers::read(&file(&image, ending), ending);
        let differ = after.samples.iter().zip(&before.samples).filter(|(a, b)| a != b).count();
        assert_eq!(differ, 1, "{ending}");
    }
    // A depth that is lost on the way.
    let shallow = readers::png(&file(&image.with_depth(Depth::U8), "png"));
    assert_eq!(shallow.bits, 8);
}

#[test]
fn color_models_and_models_of_one_channel_keep_grey_grey() {
    for input in ["color = \"rgb\"", "color = \"bgr\"", "color = \"each\"", "color = \"gray\""] {
        let out = through_identity(&read(fixture("gray16.png")).unwrap(), input);
        assert_eq!(readers::png(&file(&out, "png")).samples, u16s(1), "{input}");
    }
    for input in ["color = \"bgr\"", "color = \"each\"", "layout = \"nhwc\""] {
        let out = through_identity(&read(fixture("rgb16.png")).unwrap(), input);
        assert_eq!(readers::png(&file(&out, "png")).samples, u16s(3), "{input}");
    }
    // Other ranges cost rounding of `f32`, far below a step of 16 bits.
    let input = "range = [0, 255]\nmean = [120, 110, 100]\nstd = [58, 57, 56]";
    let image = read(fixture("rgb16.png")).unwrap();
    let p = crate::package(input, "");
    let out = ocelli_vision::restore::run::<ocelli_vision::VisionError>(&image, &p, &Default::default(), |_, t| {
        let mut planes = ocelli_vision::Planes::from_tensor(&t)?;
        for (c, (mean, std)) in [(120.0, 58.0), (110.0, 57.0), (100.0, 56.0)].into_iter().enumerate() {
            planes.plane_mut(c).iter_mut().for_each(|v| *v = (*v * std + mean) / 255.0);
        }
        planes.into_tensor()
    });
    assert_eq!(readers::png(&file(&out.unwrap(), "png")).samples, u16s(3));
}

/// JPEG's inverse transform may be rounded either way, and twice.
fn near(a: &[u32], b: &[u32], most: u32) {
    assert_eq!(a.len(), b.len());
    let worst = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= most, "off by {worst}");
}

#[test]
fn lossy_files_are_read_as_another_decoder_reads_them() {
    for (name, channels) in [("gray.jpg", 1), ("rgb.jpg", 3), ("progressive.jpg", 3)] {
        let theirs = readers::jpeg(&bytes(name));
        let ours = readers::png(&identity_file(name, "png"));
        assert_eq!((ours.width, ours.height, ours.channels, ours.bits), (16, 12, channels, 8), "{name}");
        near(&ours.samples, &theirs.samples, 3);
        // And written again: close to what it was at the default quality.
        let again = readers::jpeg(&identity_file(name, "jpg"));
        assert_eq!(again.channels, channels, "{name}");
        near(&again.samples, &ours.samples, 8);
    }
    // What was compressed, before it was: 40 + 5 x + 6 y + 20 c.
    let exact: Vec<u32> = (0..16 * 12 * 3).map(|i| 40 + 5 * (i / 3 % 16) + 6 * (i / 48) + 20 * (i % 3)).collect();
    near(&readers::png(&identity_file("rgb.jpg", "png")).samples, &exact, 6);
    let noise: Vec<u32> = (0..16 * 12 * 3).map(|i| (i * 83 + 7) % 256).collect();
    let tiff = readers::png(&identity_file("jpeg.tif", "png"));
    let mean = |seen: &Seen| {
        seen.samples.iter().zip(&noise).map(|(a, b)| a.abs_diff(*b)).sum::<u32>() as f32 / noise.len() as f32
    };
    assert!(mean(&tiff) < 8.0, "{}", mean(&tiff));
    // Noise in 4:2:0: only the brightness survives.
    let lossy = readers::png(&identity_file("lossy.webp", "png"));
    assert_eq!((lossy.width, lossy.height, lossy.channels), (16, 12, 3));
    let luma = |s: &[u32]| -> Vec<f32> {
        s.chunks(3).map(|p| 0.299 * p[0] as f32 + 0.587 * p[1] as f32 + 0.114 * p[2] as f32).collect()
    };
    let off: f32 = luma(&lossy.samples).iter().zip(luma(&noise)).map(|(a, b)| (a - b).abs()).sum::<f32>() / 192.0;
    assert!(off < 20.0, "{off}");
}

/// Every file is in the table of the documentation and in a test, and nothing else is.
#[test]
fn the_table_of_the_documentation_is_this_one() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images.md")).unwrap();
    let first = |line: &'_ str| line.strip_prefix("| `").and_then(|l| l.split_once('`')).map(|l| l.0.to_owned());
    let names: Vec<String> = text.lines().filter_map(first).filter(|span| !span.starts_with('-')).collect();
    let listed: BTreeSet<&str> = names.iter().flat_map(|n| n.split(' ')).filter(|n| n.contains('.')).collect();
    let tested: BTreeSet<&str> = rows().iter().map(|r| r.0).chain(ELSEWHERE).collect();
    let there: BTreeSet<String> = std::fs::read_dir(fixture(""))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| ![".py", ".icc", ".txt"].iter().any(|end| name.ends_with(end)))
        .collect();
    assert_eq!(tested, there.iter().map(String::as_str).collect(), "files and tests");
    assert_eq!(tested, listed, "tests and documentation");
}
