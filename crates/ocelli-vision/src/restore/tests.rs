use std::path::Path;

use super::*;
use crate::image::{Channels, Depth};
use crate::planes::Border;

fn package(input: &str, output: &str) -> Package {
    let text = format!("name = \"t\"\ntask = \"upscale\"\nfile = \"t.onnx\"\n[input]\n{input}\n[output]\n{output}\n");
    Package::parse(&text, Path::new("t.toml")).unwrap()
}

fn picture(width: usize, height: usize, channels: Channels) -> Image {
    let n = channels.count() * width * height;
    let data = (0..n).map(|i| (i * 37 % 256) as f32 / 255.0).collect();
    let planes = Planes::new(channels.count(), height, width, data).unwrap();
    Image::new(planes, channels, Depth::U8).unwrap()
}

/// Repeats every pixel `scale` times, and checks that every input has the size `fixed`.
fn repeat(t: &Tensor, scale: usize, fixed: Option<(usize, usize)>) -> Tensor {
    let p = Planes::from_tensor(t).unwrap();
    if let Some(fixed) = fixed {
        assert_eq!((p.width(), p.height()), fixed);
    }
    let (w, h) = (p.width() * scale, p.height() * scale);
    let mut out = Planes::filled(p.channels(), h, w, 0.0);
    for c in 0..p.channels() {
        for i in 0..w * h {
            out.plane_mut(c)[i] = p.at(c, i / w / scale, i % w / scale);
        }
    }
    out.into_tensor().unwrap()
}

/// Runs the repeating model and compares with the picture repeated by hand.
fn check(image: &Image, package: &Package, options: &Options) {
    let mut steps = 0;
    let out = run::<VisionError>(image, package, options, |step, t| {
        assert_eq!(step.index, steps);
        steps += 1;
        assert!(step.index < step.count);
        Ok(repeat(&t, 2, options.fixed))
    })
    .unwrap();
    assert_eq!((out.width(), out.height()), (image.width() * 2, image.height() * 2));
    assert_eq!(out.channels(), image.channels());
    let (want, got) = (image.color_planes(), out.color_planes());
    for c in 0..want.channels() {
        for y in 0..out.height() {
            for x in 0..out.width() {
                let (a, b) = (got.at(c, y, x), want.at(c, y / 2, x / 2));
                assert!((a - b).abs() < 1e-5, "plane {c} at ({x}, {y}): {a} {b}");
            }
        }
    }
}

#[test]
fn pictures_of_every_size_come_back_twice_as_large() {
    let fixed = "size = \"fixed\"\nfit = \"tile\"";
    let cases = [
        ("", None, None),
        ("", None, Some((16, 12))),
        ("color = \"bgr\"\nrange = [0, 255]\nmean = [1, 2, 3]\nstd = [2, 2, 2]", None, None),
        ("size = \"multiple\"\nmultiple_of = 8", None, Some((40, 40))),
        (fixed, Some((16, 16)), None),
        ("color = \"each\"", None, Some((20, 20))),
    ];
    for (input, fixed, tile) in cases {
        for (w, h) in [(37, 23), (9, 40), (16, 16), (5, 3)] {
            let mut output = "scale = 2\nhalo = 3".to_owned();
            if input.contains("255") {
                // The model repeats what it was fed: one range for three means needs equal ones.
                output.push_str("\nrange = [0, 255]");
            }
            let mut p = package(input, &output);
            if input.contains("255") {
                p.input.mean = vec![0.0];
                p.input.std = vec![1.0];
            }
            let options = Options { fixed, tile, ..Options::default() };
            check(&picture(w, h, Channels::Rgb), &p, &options);
        }
    }
}

#[test]
fn alpha_depth_and_profile_survive() {
    let mut icc = vec![0u8; 40];
    icc[16..20].copy_from_slice(b"RGB ");
    let image = picture(8, 6, Channels::Rgba).with_depth(Depth::U16).with_icc(Some(icc.clone()));
    let p = package("", "scale = 2");
    let out = run::<VisionError>(&image, &p, &Options::default(), |_, t| Ok(repeat(&t, 2, None)));
    let out = out.unwrap();
    assert_eq!((out.channels(), out.depth()), (Channels::Rgba, Depth::U16));
    assert_eq!(out.icc(), Some(&icc[..]));
    let (want, got) = (image.alpha().unwrap(), out.alpha().unwrap());
    assert!((0..16 * 12).all(|i| got.at(0, i / 16, i % 16) == want.at(0, i / 32, i % 16 / 2)), "through the model too");
}

#[test]
fn luma_nets_keep_grey_grey_and_chroma_in_place() {
    let p = package("color = \"y\"", "scale = 2");
    let gray = picture(7, 5, Channels::Gray);
    check(&gray, &p, &Options::default());
    let flat = Image::filled_rgb(6, 4, [0.8, 0.2, 0.4]);
    let out = run::<VisionError>(&flat, &p, &Options::default(), |_, t| Ok(repeat(&t, 2, None)));
    for (c, v) in [0.8, 0.2, 0.4].into_iter().enumerate() {
        for got in out.as_ref().unwrap().planes().plane(c) {
            assert!((got - v).abs() < 1e-4, "{got} {v}");
        }
    }
}

#[test]
fn enlarging_before_the_net_and_eaten_borders() {
    let image = picture(13, 9, Channels::Rgb);
    let p = package("", "scale = 2\npre_upscale = 2");
    let out = run::<VisionError>(&image, &p, &Options::default(), |_, t| Ok(t)).unwrap();
    let want = clamped(resample::imresize(&image.rgb_planes(), 26, 18).unwrap());
    assert_eq!(out.color_planes(), want);

    // A net that drops 3 pixels a side: the picture comes back whole, tiled or not, of any fixed size.
    let p = package("", "crop = 3");
    let eat = |t: Tensor| {
        let p = Planes::from_tensor(&t).unwrap();
        p.crop(3, 3, p.width() - 6, p.height() - 6).unwrap().into_tensor()
    };
    for options in [Options::default(), Options { tile: Some((12, 12)), halo: Some(0), ..Options::default() }] {
        let out = run::<VisionError>(&image, &p, &options, |_, t| eat(t)).unwrap();
        assert_eq!(out.planes(), image.planes());
    }
    let p = package("size = \"fixed\"\nfit = \"tile\"", "crop = 3");
    for fixed in [(12, 12), (40, 30)] {
        let options = Options { fixed: Some(fixed), halo: Some(0), ..Options::default() };
        let out = run::<VisionError>(&image, &p, &options, |_, t| {
            assert_eq!(t.shape(), [1, 3, fixed.1, fixed.0]);
            eat(t)
        });
        assert_eq!(out.unwrap().planes(), image.planes());
    }
}

#[test]
fn a_stretched_picture_comes_back_in_its_own_size() {
    let flat = Image::filled_rgb(30, 10, [0.25, 0.5, 0.75]);
    for fit in ["stretch", "letterbox"] {
        let p = package(&format!("size = \"fixed\"\nfit = \"{fit}\""), "");
        let options = Options { fixed: Some((16, 16)), ..Options::default() };
        let out = run::<VisionError>(&flat, &p, &options, |_, t| Ok(t)).unwrap();
        assert_eq!((out.width(), out.height()), (30, 10));
        for (g, w) in out.planes().data().iter().zip(flat.planes().data()) {
            assert!((g - w).abs() < 1e-5, "{fit}: {g} {w}");
        }
    }
}

#[test]
fn a_tiled_filter_has_no_seam_and_errors_pass_through() {
    let box3 = |t: Tensor| {
        let p = Planes::from_tensor(&t).unwrap();
        let q = p.padded(1, 1, 1, 1, Border::Constant(0.0));
        let mut out = p.clone();
        for c in 0..p.channels() {
            for i in 0..p.width() * p.height() {
                let (y, x) = (i / p.width(), i % p.width());
                out.plane_mut(c)[i] = (0..9).map(|k| q.at(c, y + k / 3, x + k % 3)).sum::<f32>() / 9.0;
            }
        }
        out.into_tensor()
    };
    let image = picture(33, 21, Channels::Rgb);
    let p = package("", "halo = 1");
    let whole = run::<VisionError>(&image, &p, &Options::default(), |_, t| box3(t)).unwrap();
    let tile = Options { tile: Some((10, 10)), ..Options::default() };
    let tiled = run::<VisionError>(&image, &p, &tile, |_, t| box3(t)).unwrap();
    assert_eq!(whole, tiled);
    let seam = Options { halo: Some(0), ..tile };
    assert_ne!(run::<VisionError>(&image, &p, &seam, |_, t| box3(t)).unwrap(), whole);
    let failed =
        run::<VisionError>(
            &image,
            &p,
            &tile,
            |step, t| {
                if step.index == 3 { Err(error::argument("stop")) } else { Ok(t) }
            },
        );
    assert_eq!(failed.unwrap_err().to_string(), "stop");
    assert!(run::<VisionError>(&image, &p, &tile, |_, _| Ok(Tensor::scalar(1.0f32))).is_err());
}

#[test]
fn a_result_that_is_not_finite_is_an_error() {
    let image = picture(20, 10, Channels::Rgb);
    for bad in [f32::NAN, f32::INFINITY] {
        let options = Options { tile: Some((10, 10)), halo: Some(1), ..Options::default() };
        let out = run::<VisionError>(&image, &package("", ""), &options, |step, t| {
            let mut v = t.to_f32s();
            if step.index == 1 {
                v[7] = bad;
            }
            Ok(Tensor::from_vec(t.shape(), v)?)
        });
        let error = out.unwrap_err();
        assert!(matches!(error, VisionError::NotFinite { index: 1, count: 3, .. }), "{error}");
        assert!(
            error.to_string().starts_with("model `t`: run 2 of 3 is no picture, tile of 10x10 at (7, 0): "),
            "{error}"
        );
    }
}
