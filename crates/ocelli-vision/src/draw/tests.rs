use super::*;
use crate::decode::Keypoint;
use crate::image::{Channels, Depth};
use crate::planes::Planes;

fn boxed(label: &str, class: usize, bbox: Rect) -> Detection {
    Detection { class, label: label.to_owned(), score: 0.87, bbox, keypoints: vec![(bbox.x0 + 20.0, bbox.y0 + 30.0)] }
}

#[test]
fn the_font_has_every_latin_1_letter() {
    for c in (' '..='~').chain('\u{a1}'..='\u{ff}').filter(|c| *c != '\u{ad}') {
        let text = Text::layout(&c.to_string(), 20.0);
        assert!(text.width() > 0.0, "{c:?}");
        let mut ink = 0.0;
        text.draw(0.0, 0.0, |_, _, cover| ink += cover);
        assert!(ink > 0.0 || c == ' ', "{c:?}");
    }
    let missing = Text::layout("\u{4e2d}", 20.0);
    assert_eq!(missing.width(), Text::layout("\u{fffd}", 20.0).width());
}

#[test]
fn a_box_colours_its_outline_only() {
    let mut image = Image::filled_rgb(200, 200, [0.5; 3]);
    let d = Detection { keypoints: Vec::new(), ..boxed("x", 0, Rect::new(50.0, 100.0, 150.0, 180.0)) };
    detections(&mut image, &[d]);
    let pixel = |x, y| [0, 1, 2].map(|c| image.planes().at(c, y, x));
    assert_eq!(pixel(50, 140), class_color(0));
    assert_eq!(pixel(149, 140), class_color(0));
    assert_eq!(pixel(100, 179), class_color(0));
    assert_eq!(pixel(100, 140), [0.5; 3], "inside");
    assert_eq!(pixel(49, 140), [0.5; 3], "left of it");
    assert_eq!(pixel(150, 140), [0.5; 3], "right of it");
    assert_ne!(pixel(53, 97), [0.5; 3], "the label is above it");
}

#[test]
fn nothing_outside_panics_and_alpha_stays() {
    let planes = Planes::filled(2, 7, 9, 0.3);
    let mut image = Image::new(planes, Channels::GrayAlpha, Depth::U8).unwrap();
    let wild = [
        Rect::new(-50.0, -20.0, 400.0, 300.0),
        Rect::new(f32::NAN, 0.0, f32::INFINITY, 3.0),
        Rect::new(5.0, 5.0, 2.0, 1.0),
        Rect::new(1e30, 1e30, 2e30, 2e30),
    ];
    detections(&mut image, &wild.map(|r| boxed("läbel", 3, r)));
    let point = |index, x| Keypoint { index, name: String::new(), x, y: f32::NAN, score: 1.0 };
    pose(&mut image, &Pose { points: vec![point(0, 3.0), point(1, 1e9)], skeleton: vec![[0, 1], [0, 7]] });
    mask(&mut image, &Mask { width: 20, height: 20, classes: vec![1; 400], labels: vec![] }, 0.5);
    assert_eq!(image.channels(), Channels::Rgba);
    assert_eq!(image.alpha().unwrap(), Planes::filled(1, 7, 9, 0.3));
}

#[test]
fn a_mask_tints_its_classes_only() {
    let mut image = Image::filled_rgb(2, 1, [0.2; 3]);
    mask(&mut image, &Mask { width: 2, height: 1, classes: vec![0, 4], labels: vec![] }, 1.0);
    let pixel = |x| [0, 1, 2].map(|c| image.planes().at(c, 0, x));
    assert_eq!(pixel(0), [0.2; 3]);
    for (got, want) in pixel(1).into_iter().zip(class_color(4)) {
        assert!((got - want).abs() < 1e-6);
    }
}

#[test]
fn labels_do_not_hide_one_another_in_a_crowd() {
    // One place, many boxes: only as many labels as there are places for.
    let mut image = Image::filled_rgb(400, 400, [0.5; 3]);
    let crowd: Vec<Detection> = (0..40).map(|i| boxed("same", i, Rect::new(100.0, 100.0, 300.0, 300.0))).collect();
    detections(&mut image, &crowd);
    let pixel = |x, y| [0, 1, 2].map(|c| image.planes().at(c, y, x));
    // The first four stand above, below and at the inner edges; the others have no place.
    assert_eq!(pixel(101, 98), class_color(0));
    assert_eq!(pixel(101, 301), class_color(1));
    assert_eq!(pixel(101, 101), class_color(2));
    assert_eq!(pixel(101, 298), class_color(3));
    assert_eq!(pixel(101, 80), [0.5; 3]);
    assert_eq!(pixel(101, 320), [0.5; 3]);
}

#[test]
fn a_caption_lies_in_the_bottom_left_corner() {
    let mut image = Image::filled_rgb(200, 100, [0.6; 3]);
    caption(&mut image, "left");
    let plane = image.planes().plane(0);
    let changed = |x: usize, y: usize| plane[y * 200 + x] != 0.6;
    assert!(changed(0, 99) && changed(1, 92));
    assert!(!changed(0, 50) && !changed(199, 99));
    assert!(plane.iter().any(|v| *v > 0.65), "no ink");
}
