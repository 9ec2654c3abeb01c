use super::*;
use crate::error::argument;
use crate::package::Decoder;

/// A black picture with one white square of `side` pixels.
fn picture(x: usize, y: usize, side: usize) -> Image {
    let mut image = Image::filled_rgb(120, 90, [0.0; 3]);
    image.planes_mut().paste(&Planes::filled(3, side, side, 1.0), x, y);
    image
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

/// Three "networks" that take bright windows for faces: the score of a window is its mean.
fn run(stage: MtcnnStage, t: &Tensor) -> Result<Vec<(String, Tensor)>> {
    let v = t.to_f32s();
    let &[n, _, h, w] = t.shape() else {
        return Err(argument("rank"));
    };
    let named = |list: Vec<(&str, Tensor)>| list.into_iter().map(|(s, t)| (s.to_owned(), t)).collect();
    if stage == MtcnnStage::Propose {
        let (oh, ow) = ((h - 12) / 2 + 1, (w - 12) / 2 + 1);
        let mut scores = vec![0.0; 2 * oh * ow];
        for i in 0..oh * ow {
            let (y, x) = (i / ow * 2, i % ow * 2);
            let window: Vec<f32> = (0..144).map(|k| v[(y + k / 12) * w + x + k % 12]).collect();
            scores[oh * ow + i] = mean(&window);
        }
        return Ok(named(vec![
            ("boxes", Tensor::from_vec(&[1, 4, oh, ow], vec![0.0f32; 4 * oh * ow])?),
            ("prob", Tensor::from_vec(&[1, 2, oh, ow], scores)?),
        ]));
    }
    assert!(n.is_power_of_two() && n <= BATCH);
    let side = if stage == MtcnnStage::Refine { 24 } else { 48 };
    assert_eq!((h, w), (side, side));
    let scores: Vec<f32> = v.chunks(3 * side * side).flat_map(|face| [0.0, mean(face)]).collect();
    let mut out =
        vec![("prob", Tensor::from_vec(&[n, 2], scores)?), ("boxes", Tensor::from_vec(&[n, 4], vec![0.0f32; 4 * n])?)];
    if stage == MtcnnStage::Decide {
        // All landmarks a quarter from the left and half way down.
        let points = [[0.25f32; 5], [0.5; 5]].concat().repeat(n);
        out.insert(1, ("landmarks", Tensor::from_vec(&[n, 10], points)?));
    }
    Ok(named(out))
}

fn spec() -> DetectSpec {
    DetectSpec {
        score_threshold: 0.9,
        iou_threshold: 0.3,
        min_face_px: 12.0,
        labels: vec!["face".to_owned()],
        ..DetectSpec::new(Decoder::Mtcnn)
    }
}

#[test]
fn finds_the_bright_square_at_its_place_and_size() {
    // 12 / 0.709^2 = 23.9: the square of 24 fills a window at the third size of the pyramid.
    let image = picture(48, 32, 24);
    let found = mtcnn::<VisionError>(&image, &InputSpec::default(), &spec(), |s, t| run(s, &t));
    let found = found.unwrap();
    let best = &found[0];
    assert!(best.score > 0.9 && best.label == "face");
    // Smaller windows inside the square are as bright, so the best box lies in it.
    let square = Rect::new(48.0, 32.0, 72.0, 56.0);
    let inside = best.bbox.intersection(&square).area() / best.bbox.area();
    assert!(inside > 0.9, "{best:?}");
    assert!(found.iter().any(|f| f.bbox.iou(&square) > 0.7), "{found:?}");
    let (b, k) = (best.bbox, &best.keypoints);
    assert_eq!(k.len(), 5);
    assert!((k[0].0 - (b.x0 + 0.25 * b.width())).abs() < 1e-3);
    assert!((k[0].1 - (b.y0 + 0.5 * b.height())).abs() < 1e-3);
}

#[test]
fn nothing_in_the_dark_and_errors_name_the_shape() {
    let dark = Image::filled_rgb(40, 40, [0.0; 3]);
    let input = InputSpec::default();
    let found = mtcnn::<VisionError>(&dark, &input, &spec(), |s, t| run(s, &t));
    assert!(found.unwrap().is_empty());
    let bright = Image::filled_rgb(40, 40, [1.0; 3]);
    for broken in [MtcnnStage::Propose, MtcnnStage::Refine, MtcnnStage::Decide] {
        let error = mtcnn::<VisionError>(&bright, &input, &spec(), |s, t| {
            let mut out = run(s, &t)?;
            if s == broken {
                out.pop();
            }
            Ok(out)
        });
        let text = error.unwrap_err().to_string();
        assert!(text.contains("mtcnn"), "{text}");
    }
    let nan = mtcnn::<VisionError>(&bright, &input, &spec(), |s, t| {
        run(s, &t)?.into_iter().map(|(n, t)| Ok((n, Tensor::from_vec(t.shape(), vec![f32::NAN; t.len()])?))).collect()
    });
    assert!(nan.unwrap().is_empty());
}
