//! Alpha and what stands under it.

use ocelli_vision::image_io::read;
use ocelli_vision::restore::{self, Options};
use ocelli_vision::{Channels, Depth, Image, Planes, VisionError, resample};

use crate::readers;
use crate::{file, fixture, package};

/// A red disc of soft edge on nothing, with black under what is transparent.
fn disc(n: usize) -> Image {
    let mut planes = Planes::filled(4, n, n, 0.0);
    for i in 0..n * n {
        let (x, y) = (i % n, i / n);
        let away = ((x as f32 + 0.5 - n as f32 / 2.0).powi(2) + (y as f32 + 0.5 - n as f32 / 2.0).powi(2)).sqrt();
        let alpha = (n as f32 / 3.0 - away + 0.5).clamp(0.0, 1.0);
        planes.plane_mut(3)[i] = alpha;
        if alpha > 0.0 {
            planes.plane_mut(0)[i] = 0.9;
            planes.plane_mut(1)[i] = 0.2;
        }
    }
    Image::new(planes, Channels::Rgba, Depth::U8).unwrap()
}

/// Through a model that enlarges by bicubic interpolation: it rings, and looks at neighbours.
fn enlarged(image: &Image) -> Image {
    restore::run::<VisionError>(image, &package("", "scale = 2"), &Options::default(), |_, t| {
        let p = Planes::from_tensor(&t)?;
        resample::imresize(&p, 2 * p.width(), 2 * p.height())?.into_tensor()
    })
    .unwrap()
}

#[test]
fn edges_have_no_halo() {
    let out = enlarged(&disc(24));
    let (color, alpha) = (out.color_planes(), out.alpha().unwrap());
    let mut edge = 0;
    for i in (0..alpha.data().len()).filter(|&i| alpha.data()[i] > 0.0) {
        let rgb = [0, 1, 2].map(|c| color.plane(c)[i]);
        assert!((rgb[0] - 0.9).abs() < 1e-5 && (rgb[1] - 0.2).abs() < 1e-5 && rgb[2].abs() < 1e-5, "{rgb:?} at {i}");
        edge += usize::from(alpha.data()[i] < 1.0);
    }
    assert!(edge > 50);
    // Without care the black beside would be drawn into the edge.
    let naive = resample::imresize(&disc(24).color_planes(), 48, 48).unwrap();
    assert!((0..48 * 48).any(|i| alpha.data()[i] > 0.1 && naive.plane(0)[i] < 0.6));
}

#[test]
fn what_was_opaque_or_transparent_stays_exactly_so() {
    let (small, out) = (disc(24), enlarged(&disc(24)));
    let (from, to) = (small.alpha().unwrap(), out.alpha().unwrap());
    let mut flat = 0;
    for y in 1..23 {
        for x in 1..23 {
            let around: Vec<f32> = (0..9).map(|k| from.at(0, y + k / 3 - 1, x + k % 3 - 1)).collect();
            if around.iter().all(|v| *v == around[0]) {
                flat += 1;
                for k in 0..4 {
                    assert_eq!(to.at(0, 2 * y + k / 2, 2 * x + k % 2), around[0]);
                }
            }
        }
    }
    assert!(flat > 200);
    assert!(to.data().iter().all(|v| (0.0..=1.0).contains(v)));
}

#[test]
fn models_of_the_same_size_leave_alpha_alone() {
    let image = read(fixture("rgba16.png")).unwrap();
    let out = restore::run::<VisionError>(&image, &package("", ""), &Options::default(), |_, t| {
        Planes::from_tensor(&t)?.map(|v| 1.0 - v).into_tensor()
    });
    assert_eq!(out.unwrap().alpha(), image.alpha());
}

#[test]
fn premultiplied_colours_are_divided() {
    let seen = readers::png(&crate::identity_file("premultiplied.tif", "png"));
    // What was premultiplied: colours no more than alpha.
    let given: Vec<u32> =
        crate::u8s(4).chunks(4).flat_map(|p| [p[0] * p[3] / 255, p[1] * p[3] / 255, p[2] * p[3] / 255, p[3]]).collect();
    let mut checked = 0;
    for (p, g) in seen.samples.chunks(4).zip(given.chunks(4)) {
        assert_eq!(p[3], g[3]);
        // Half a step of the premultiplied value is this much of the colour.
        let most = 255.0 / g[3].max(1) as f32 + 1.0;
        for c in 0..3 {
            assert!(g[3] == 0 || (p[c] as f32 - g[c] as f32).abs() <= most, "{p:?} {g:?}");
            checked += usize::from(g[3] > 0);
        }
    }
    assert!(checked > 90);
}

#[test]
fn opaque_alpha_is_no_reason_to_refuse_jpeg() {
    let rgb = Image::filled_rgb(16, 16, [0.2, 0.6, 0.9]);
    let opaque = rgb.clone().with_alpha(&Planes::filled(1, 16, 16, 1.0)).unwrap();
    assert_eq!(file(&opaque, "jpg"), file(&rgb, "jpg"));
    let half = rgb.with_alpha(&Planes::filled(1, 16, 16, 0.5)).unwrap();
    let error = ocelli_vision::image_io::encode(&half, std::path::Path::new("x.jpg"), &Default::default());
    assert!(error.unwrap_err().to_string().contains("alpha"));
}
