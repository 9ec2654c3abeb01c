//! Non-maximum suppression.

use crate::decode::Detection;

/// Sorts by score, the best first, and drops each detection whose box overlaps a better one of the same class by more
/// than `iou_threshold`; keeps at most `max` of them. Detections whose score or box is not finite are dropped.
///
/// Equal scores keep their order, so the result does not depend on anything but the input.
pub fn suppress(detections: Vec<Detection>, iou_threshold: f32, max: usize) -> Vec<Detection> {
    let mut sorted: Vec<Detection> =
        detections.into_iter().filter(|d| d.score.is_finite() && d.bbox.is_finite()).collect();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Detection> = Vec::new();
    for d in sorted {
        if kept.len() >= max {
            break;
        }
        let covered = kept.iter().any(|k| k.class == d.class && k.bbox.iou(&d.bbox) > iou_threshold);
        if !covered {
            kept.push(d);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    fn at(x: f32, score: f32, class: usize) -> Detection {
        Detection { class, score, bbox: Rect::new(x, 0.0, x + 10.0, 10.0), ..Detection::default() }
    }

    #[test]
    fn keeps_the_best_of_each_class() {
        // Shifted by 4 of 10 the overlap is 60 / 140 = 0.43; by 2 it is 80 / 120 = 0.67.
        let all = vec![
            at(0.0, 0.5, 0),
            at(2.0, 0.9, 0),
            at(0.0, 0.4, 1),
            at(6.0, 0.3, 0),
            at(0.0, f32::NAN, 0),
            at(f32::INFINITY, 0.99, 0),
        ];
        let scores = |v: Vec<Detection>| v.iter().map(|d| d.score).collect::<Vec<_>>();
        assert_eq!(scores(suppress(all.clone(), 0.45, 9)), [0.9, 0.4, 0.3]);
        assert_eq!(scores(suppress(all.clone(), 0.4, 9)), [0.9, 0.4]);
        assert_eq!(scores(suppress(all.clone(), 0.7, 9)), [0.9, 0.5, 0.4, 0.3]);
        assert_eq!(scores(suppress(all, 0.7, 2)), [0.9, 0.5]);
    }
}
