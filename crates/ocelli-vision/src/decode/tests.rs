//! Small outputs made by hand; the boxes follow from the formulas in each decoder's header.

use super::*;
use crate::package::{Activation, BoxCode, ClassifySpec, InputSpec, PoseSpec, SegmentKind, SegmentSpec};

fn tensor(shape: &[usize], set: &[(usize, f32)]) -> Tensor {
    let mut v = vec![0.0f32; shape.iter().product()];
    for &(i, x) in set {
        v[i] = x;
    }
    Tensor::from_vec(shape, v).unwrap()
}

fn named(list: Vec<(&str, Tensor)>) -> Vec<(String, Tensor)> {
    list.into_iter().map(|(n, t)| (n.to_owned(), t)).collect()
}

/// A picture of 128x64 seen as 64x64: half as large, with a strip of 16 above.
fn half() -> Geometry {
    Geometry { picture: (128, 64), model: (64, 64), scale: (0.5, 0.5), offset: (0.0, 16.0) }
}

fn one(found: &[Detection], class: usize, score: f32, b: [f32; 4]) {
    assert_eq!(found.len(), 1, "{found:?}");
    let d = &found[0];
    assert_eq!(d.class, class);
    assert!((d.score - score).abs() < 1e-4, "{d:?}");
    for (got, want) in [d.bbox.x0, d.bbox.y0, d.bbox.x1, d.bbox.y1].into_iter().zip(b) {
        assert!((got - want).abs() < 1e-3, "{d:?} {b:?}");
    }
}

fn spec(decoder: Decoder) -> DetectSpec {
    DetectSpec { labels: vec!["zero".to_owned(), "one".to_owned()], ..DetectSpec::new(decoder) }
}

#[test]
fn yolox() {
    // 64 + 16 + 4 cells; cell (1, 1) of stride 16 is row 64 + 4 + 1.
    let at = (64 + 5) * 7;
    let e = 2f32.ln();
    let t = tensor(&[1, 84, 7], &[(at, 0.5), (at + 1, 0.25), (at + 2, e), (at + 3, 0.0), (at + 4, 0.9), (at + 6, 0.5)]);
    let found = detections(&spec(Decoder::Yolox), &named(vec![("o", t)]), &half()).unwrap();
    // Centre (24, 20), size (32, 16): 8..40, 12..28, moved up by 16, doubled, clamped.
    one(&found, 1, 0.45, [16.0, 0.0, 80.0, 24.0]);
    assert_eq!(found[0].label, "one");
    let wrong = named(vec![("o", tensor(&[1, 83, 7], &[]))]);
    let error = detections(&spec(Decoder::Yolox), &wrong, &half()).unwrap_err();
    assert!(error.to_string().contains("84"), "{error}");
    assert!(detections(&spec(Decoder::Yolox), &[], &half()).is_err());
}

#[test]
fn rows_in_pixels() {
    let row = [(7, 20.0), (8, 32.0), (9, 16.0), (10, 8.0), (11, 0.81), (12, 0.5), (13, 0.25)];
    let t = named(vec![("o", tensor(&[1, 3, 7], &row))]);
    let b = [24.0, 24.0, 56.0, 40.0];
    one(&detections(&spec(Decoder::YoloDecoded), &t, &half()).unwrap(), 0, 0.405, b);
    let score = 0.81f32.powf(0.6) * 0.5f32.powf(0.4);
    one(&detections(&spec(Decoder::Fastestdet), &t, &half()).unwrap(), 0, score, b);
}

#[test]
fn nanodet() {
    let (mut outputs, g) = (Vec::new(), half());
    for stride in [8usize, 16, 32] {
        let n = (64 / stride) * (64 / stride);
        outputs.push(("c", tensor(&[1, n, 3], &if stride == 32 { vec![(3 * 3 + 2, 0.7)] } else { vec![] })));
    }
    for stride in [8usize, 16, 32] {
        let n = (64 / stride) * (64 / stride);
        // Cell (1, 1) of stride 32: one stride to the left, half a stride up (bins 0 and 1 alike).
        let set = [(96, -99.0), (97, 99.0), (104, 50.0), (105, 50.0), (112, 99.0), (120, 99.0)];
        outputs.push(("b", tensor(&[1, n, 32], if stride == 32 { &set } else { &[] })));
    }
    let found = detections(&spec(Decoder::Nanodet), &named(outputs.clone()), &g).unwrap();
    // Centre (48, 48), 16..48 and 32..48 in the model.
    one(&found, 2, 0.7, [32.0, 32.0, 96.0, 64.0]);
    assert_eq!(found[0].label, "class 2");
    outputs.pop();
    assert!(detections(&spec(Decoder::Nanodet), &named(outputs), &g).is_err());
}

#[test]
fn ultraface() {
    let g = Geometry::identity(320, 240);
    let scores = tensor(&[1, 4420, 2], &[(2 * 4000 + 1, 0.9)]);
    let corners = tensor(&[1, 4420, 4], &[(16000, 0.25), (16001, 0.5), (16002, 0.5), (16003, 0.75)]);
    let mut s = spec(Decoder::Ultraface);
    let outputs = named(vec![("scores", scores.clone()), ("boxes", corners)]);
    one(&detections(&s, &outputs, &g).unwrap(), 0, 0.9, [80.0, 120.0, 160.0, 180.0]);
    // Row 4000 is prior 400 of the second grid (3600 in the first): cell 200 = (0, 10), size 32.
    let offsets = tensor(&[1, 4420, 4], &[(16000, 1.0), (16002, 5.0 * 2f32.ln())]);
    s.boxes = BoxCode::Priors;
    let outputs = named(vec![("scores", scores), ("boxes", offsets)]);
    let (cx, cy) = (8.0 + 3.2, 168.0);
    let found = detections(&s, &outputs, &g).unwrap();
    one(&found, 0, 0.9, [(cx - 32f32).max(0.0), cy - 16.0, cx + 32.0, cy + 16.0]);
}

#[test]
fn yunet() {
    let mut outputs = Vec::new();
    for (stride, n) in [(8, 64), (16, 16), (32, 4)] {
        let hit = stride == 8;
        let set = |list: &[(usize, f32)]| if hit { list.to_vec() } else { Vec::new() };
        // Cell 10 is column 2, row 1.
        outputs.push((format!("cls_{stride}"), tensor(&[1, n, 1], &set(&[(10, 0.8)]))));
        outputs.push((format!("obj_{stride}"), tensor(&[1, n, 1], &set(&[(10, 0.5)]))));
        outputs.push((format!("bbox_{stride}"), tensor(&[1, n, 4], &set(&[(40, 0.5), (41, 2.0)]))));
        outputs.push((format!("kps_{stride}"), tensor(&[1, n, 10], &set(&[(100, 1.0), (101, 2.0)]))));
    }
    let found = detections(&spec(Decoder::Yunet), &outputs, &half()).unwrap();
    // Centre (20, 24), size 8; the first landmark at (24, 24).
    one(&found, 0, 0.4f32.sqrt(), [32.0, 8.0, 48.0, 24.0]);
    assert_eq!(found[0].keypoints[0], (48.0, 16.0));
    assert_eq!(found[0].keypoints.len(), 5);
}

#[test]
fn blazeface() {
    let g = Geometry::identity(128, 128);
    // Anchor 35 is the second of cell 17 = (1, 1) of 16x16, centre (12, 12); anchor 512 + 6 + 5 is in (1, 0) of 8x8.
    let set = [(35 * 16, 2.0), (35 * 16 + 2, 10.0), (35 * 16 + 3, 6.0), (35 * 16 + 5, -1.0)];
    let outputs = |anchor: usize, set: &[(usize, f32)]| {
        let mut scores = vec![-100f32; 896];
        scores[anchor] = 2.0;
        let scores = Tensor::from_vec(&[1, 896, 1], scores).unwrap();
        named(vec![("regressors", tensor(&[1, 896, 16], set)), ("scores", scores)])
    };
    let s = spec(Decoder::Blazeface);
    let found = detections(&s, &outputs(35, &set), &g).unwrap();
    one(&found, 0, sigmoid(2.0), [9.0, 9.0, 19.0, 15.0]);
    assert_eq!(found[0].keypoints[0], (12.0, 11.0));
    let at = 523 * 16;
    let found = detections(&s, &outputs(523, &[(at + 2, 4.0), (at + 3, 4.0)]), &g).unwrap();
    one(&found, 0, sigmoid(2.0), [22.0, 6.0, 26.0, 10.0]);
}

#[test]
fn poisoned_outputs_yield_nothing() {
    let bad = |shape: &[usize], v: f32| Tensor::from_vec(shape, vec![v; shape.iter().product()]).unwrap();
    for v in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let outputs = named(vec![("o", bad(&[1, 84, 7], v))]);
        for decoder in [Decoder::Yolox, Decoder::YoloDecoded, Decoder::Fastestdet] {
            let found = detections(&spec(decoder), &outputs, &half()).unwrap();
            assert!(found.is_empty(), "{decoder:?} {v}");
        }
    }
}

#[test]
fn classes_are_ranked() {
    let s = |activation, top| ClassifySpec { activation, top, labels: vec!["a".to_owned()], labels_file: None };
    let t = Tensor::from_vec(&[1, 3, 1, 1], vec![0.0f32, 2f32.ln(), f32::NEG_INFINITY]).unwrap();
    let found = classes(&s(Activation::Softmax, 2), &t).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].class, found[0].label.as_str()), (1, "class 1"));
    assert!((found[0].score - 2.0 / 3.0).abs() < 1e-6);
    assert_eq!(found[1].label, "a");
    assert!((classes(&s(Activation::Exp, 1), &t).unwrap()[0].score - 2.0).abs() < 1e-6);
    let nan = Tensor::vector(vec![f32::NAN; 3]);
    assert!(classes(&s(Activation::None, 1), &nan).is_err());
    let two = Tensor::from_vec(&[2, 3], vec![0.0f32; 6]).unwrap();
    assert!(classes(&s(Activation::None, 1), &two).is_err());
}

#[test]
fn masks_return_to_the_picture() {
    let input = InputSpec::default();
    let s = |kind| SegmentSpec {
        kind,
        threshold: 0.5,
        activation: Activation::None,
        layout: None,
        labels: Vec::new(),
        labels_file: None,
    };
    // The right half of the input is class 1; the picture lies in rows 16..48 of 64.
    let mut v = vec![0.0f32; 2 * 64 * 64];
    for i in 0..64 * 64 {
        v[4096 + i] = if i % 64 >= 32 { 1.0 } else { -1.0 };
    }
    let two = Tensor::from_vec(&[1, 2, 64, 64], v.clone()).unwrap();
    let one = Tensor::from_vec(&[1, 1, 64, 64], v[4096..].to_vec()).unwrap();
    for (kind, t) in [(SegmentKind::Argmax, &two), (SegmentKind::Binary, &one)] {
        let m = mask(&s(kind), &input, t, &half()).unwrap();
        assert_eq!((m.width, m.height, m.classes.len()), (128, 64, 128 * 64));
        assert_eq!((m.classes[60], m.classes[66]), (0, 1));
        let share = m.shares();
        assert_eq!(share.len(), 2);
        assert!((share[1].1 - 0.5).abs() < 0.01, "{share:?}");
    }
    assert!(mask(&s(SegmentKind::Binary), &input, &two, &half()).is_err());
    assert!(mask(&s(SegmentKind::Argmax), &input, &Tensor::scalar(0.0f32), &half()).is_err());
}

#[test]
fn poses_take_the_peak_of_each_map() {
    let s = PoseSpec { score_threshold: 0.1, joints: vec!["head".to_owned()], skeleton: vec![[0, 1]], layout: None };
    // Maps of 32x32 for an input of 64: a cell is 2 pixels.
    let t = tensor(&[1, 2, 32, 32], &[(10 * 32 + 4, 0.8), (10 * 32 + 5, 0.4), (1024 + 3, 0.05)]);
    let p = pose(&s, &InputSpec::default(), &t, &half()).unwrap();
    assert_eq!(p.points.len(), 1);
    let k = &p.points[0];
    assert_eq!((k.index, k.name.as_str(), k.score), (0, "head", 0.8));
    // Model (9.5, 21), less 16 rows, doubled.
    assert_eq!((k.x, k.y), (19.0, 10.0));
}
