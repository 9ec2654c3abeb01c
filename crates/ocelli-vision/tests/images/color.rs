//! Profiles, gamma and light: what a model sees, and what the result says of its values.

use ocelli_vision::image_io::read;
use ocelli_vision::profile::{self, Curve, Space};
use ocelli_vision::{Channels, Depth, Image};

use crate::readers;
use crate::{H, W, bytes, file, fixture, identity_file, package, through_identity, u8s, u16s};

/// What a file is in sRGB: `make.py` tells how.
fn expected(name: &str) -> Vec<u32> {
    let text = std::fs::read_to_string(fixture(name).with_extension("txt")).unwrap();
    text.split_whitespace().map(|v| v.parse().unwrap()).collect()
}

fn near(a: &[u32], b: &[u32], most: u32) {
    assert_eq!(a.len(), b.len());
    let worst = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(worst <= most, "off by {worst}");
}

/// IEC 61966-2-1, from light.
fn srgb(v: f64) -> f64 {
    if v <= 0.0031308 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}

fn light_of_srgb(v: f64) -> f64 {
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

#[test]
fn values_and_profile_stay_together() {
    for ending in ["png", "jpg", "webp", "tif"] {
        let seen = readers::read(&identity_file("wide.png", ending), ending);
        assert_eq!(seen.icc, Some(bytes("wide.icc")), "{ending}");
        if ending != "jpg" {
            assert_eq!(seen.samples, u8s(3), "{ending}");
        }
    }
    let seen = readers::png(&identity_file("gray-profile.png", "png"));
    assert_eq!((seen.channels, seen.samples, seen.icc), (1, u16s(1), Some(bytes("gray.icc"))));
}

#[test]
fn to_srgb_is_what_little_cms_computes() {
    let image = read(fixture("wide.png")).unwrap().into_srgb().unwrap();
    let seen = readers::png(&file(&image, "png"));
    near(&seen.samples, &expected("wide.png"), 1);
    let far = seen.samples.iter().zip(u8s(3)).map(|(a, b)| a.abs_diff(b)).max().unwrap();
    assert!(far > 20, "there is something to convert: {far}");
    let icc = seen.icc.unwrap();
    assert_eq!(profile::space(&icc), Some(Space::Rgb));
    assert_ne!(icc, bytes("wide.icc"));

    // Grey of gamma 461/256, to the last of 16 bits.
    let image = read(fixture("gray-profile.png")).unwrap().into_srgb().unwrap();
    let seen = readers::png(&file(&image, "png"));
    let exact = |v: u32| (srgb((f64::from(v) / 65535.0).powf(461.0 / 256.0)) * 65535.0).round() as u32;
    near(&seen.samples, &u16s(1).into_iter().map(exact).collect::<Vec<_>>(), 1);
    // Untagged pictures are sRGB already.
    let plain = read(fixture("rgb16.png")).unwrap();
    assert_eq!(plain.clone().into_srgb().unwrap(), plain);
}

#[test]
fn ink_becomes_rgb() {
    for (name, most) in [("cmyk.jpg", 2), ("cmyk-plain.jpg", 2), ("ycck.jpg", 4), ("cmyk-profile.jpg", 5)] {
        let seen = readers::png(&identity_file(name, "png"));
        assert_eq!((seen.channels, seen.bits), (3, 8), "{name}");
        near(&seen.samples, &expected(name), most);
        assert_eq!(seen.icc.is_some(), name == "cmyk-profile.jpg", "{name}: sRGB where a profile led there");
    }
    // Without the profile, and with the ink taken for its inverse, other colours come out: a mistake would be seen.
    let [plain, profile] = ["cmyk.jpg", "cmyk-profile.jpg"].map(expected);
    let differ = |x: &[u32], y: &[u32]| x.iter().zip(y).filter(|(x, y)| x.abs_diff(**y) > 20).count();
    let inverse: Vec<u32> = plain.iter().map(|v| 255 - v).collect();
    assert!(differ(&plain, &profile) > 100 && differ(&plain, &inverse) > 100);

    let seen = readers::png(&identity_file("cmyk.tif", "png"));
    let exact = u8s(4)
        .chunks(4)
        .flat_map(|p| [0, 1, 2].map(|c| f64::from((255 - p[c]) * (255 - p[3])) / 255.0))
        .map(|v| v.round() as u32)
        .collect::<Vec<_>>();
    near(&seen.samples, &exact, 1);
}

#[test]
fn gamma_and_primaries_of_png_become_a_profile() {
    // The usual ones say sRGB: nothing to keep.
    assert_eq!(readers::png(&identity_file("gamma-srgb.png", "png")).icc, None);
    let wide = readers::png(&identity_file("gamma-wide.png", "png"));
    assert_eq!(wide.samples, u8s(3));
    assert_eq!(profile::space(&wide.icc.unwrap()), Some(Space::Rgb));
    // The primaries of Adobe RGB with a gamma of 2.2: nearly the profile `wide.icc`.
    let to_srgb = |name| readers::png(&file(&read(fixture(name)).unwrap().into_srgb().unwrap(), "png")).samples;
    near(&to_srgb("gamma-wide.png"), &to_srgb("wide.png"), 2);

    let linear = read(fixture("gamma-linear.png")).unwrap().into_srgb().unwrap();
    let exact = |v: u32| (srgb(f64::from(v) / 255.0) * 255.0).round() as u32;
    near(&readers::png(&file(&linear, "png")).samples, &u8s(3).into_iter().map(exact).collect::<Vec<_>>(), 1);
}

/// What a model with this `[input]` is fed for the picture, and that nothing changes on the way through.
fn fed(image: &Image, input: &str) -> Vec<f32> {
    let mut fed = Vec::new();
    let out = ocelli_vision::restore::run::<ocelli_vision::VisionError>(
        image,
        &package(input, ""),
        &Default::default(),
        |_, t| {
            fed = t.to_f32s();
            Ok(t)
        },
    )
    .unwrap();
    assert_eq!(readers::png(&file(&out, "png")).samples, readers::png(&file(image, "png")).samples, "{input}");
    assert_eq!(out.icc(), image.icc());
    // The first row of the first plane.
    fed[..W].to_vec()
}

fn close(a: &[f32], exact: impl Fn(f64) -> f64, values: &[u32], top: f64) {
    for (a, v) in a.iter().zip(values.iter().step_by(values.len() / (W * H))) {
        let b = exact(f64::from(*v) / top);
        assert!((f64::from(*a) - b).abs() < 2e-6, "{a} {b}");
    }
}

#[test]
fn models_get_the_light_they_want() {
    let linear = "light = \"linear\"";
    let plain = read(fixture("rgb16.png")).unwrap();
    close(&fed(&plain, ""), |v| v, &u16s(3), 65535.0);
    close(&fed(&plain, linear), light_of_srgb, &u16s(3), 65535.0);
    let gray = read(fixture("gray-profile.png")).unwrap();
    close(&fed(&gray, ""), |v| v, &u16s(1), 65535.0);
    close(&fed(&gray, &format!("{linear}\ncolor = \"each\"")), |v| v.powf(461.0 / 256.0), &u16s(1), 65535.0);
    let wide = read(fixture("wide.png")).unwrap();
    close(&fed(&wide, linear), |v| v.powf(563.0 / 256.0), &u8s(3), 255.0);
    // A file of linear light: encoded for models that want that, as it is for the others.
    let light = read(fixture("gamma-linear.png")).unwrap();
    close(&fed(&light, ""), srgb, &u8s(3), 255.0);
    close(&fed(&light, linear), |v| v, &u8s(3), 255.0);
}

#[test]
fn floats_keep_their_range_through_linear_light() {
    let image = read(fixture("float3.tif")).unwrap();
    let out = through_identity(&image, "light = \"linear\"");
    for (a, b) in out.planes().data().iter().zip(image.planes().data()) {
        assert!((a - b).abs() <= 2e-6 * b.abs().max(1.0), "{a} {b}");
    }
}

#[test]
fn curves_come_back_from_light() {
    let table = Curve::Table(vec![0.0, 0.0, 0.1, 0.1, 0.4, 1.0]);
    let curves = [Curve::SRGB, Curve::LINEAR, Curve::power(2.2), Curve::power(0.5), table];
    for curve in &curves {
        for i in 0..=1000 {
            let y = f64::from(i) / 1000.0;
            let back = curve.decode(curve.encode(y));
            assert!((back - y).abs() < 1e-9, "{curve:?}: {back} {y}");
        }
    }
    assert!((Curve::SRGB.decode(0.5) - 0.214_041).abs() < 1e-6);
    // Below black and above white.
    for v in [-0.3, 1.7] {
        assert!((Curve::SRGB.encode(Curve::SRGB.decode(v)) - v).abs() < 1e-9);
    }
}

#[test]
fn profiles_that_cannot_be_used_are_an_error_and_not_a_guess() {
    let mut icc = bytes("wide.icc");
    icc.truncate(200);
    let image = Image::filled_rgb(4, 4, [0.1, 0.5, 0.9]).with_icc(Some(icc));
    assert_eq!(image.channels(), Channels::Rgb);
    let error = image.clone().into_srgb().unwrap_err().to_string();
    assert!(error.contains("ICC profile"), "{error}");
    let run = ocelli_vision::restore::run::<ocelli_vision::VisionError>(
        &image.with_depth(Depth::U16),
        &package("light = \"linear\"", ""),
        &Default::default(),
        |_, t| Ok(t),
    );
    assert!(run.unwrap_err().to_string().contains("linear"));
}
