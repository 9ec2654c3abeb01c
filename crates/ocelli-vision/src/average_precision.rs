//! How good a detector is.

use crate::decode::Detection;
use crate::geometry::Rect;

/// A thing that is in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Index of the class.
    pub class: usize,
    /// Where it is, in pixels of the picture.
    pub bbox: Rect,
}

/// Overlap from which a detection counts as right.
const IOU: f32 = 0.5;

/// Average precision of one class at an overlap of 0.5: the area under the curve of precision over recall, precision
/// made falling (PASCAL VOC 2010). `found` and `truth` are by picture. `None` where nothing of the class is there.
///
/// Detections of all pictures are taken by falling score. One is right when it overlaps some thing of its class by at
/// least half, and the one that it overlaps most was not found before.
pub fn average_precision(found: &[Vec<Detection>], truth: &[Vec<Truth>], class: usize) -> Option<f64> {
    let total = truth.iter().flatten().filter(|t| t.class == class).count();
    if total == 0 {
        return None;
    }
    let mut ranked: Vec<(usize, &Detection)> = found
        .iter()
        .enumerate()
        .flat_map(|(picture, all)| all.iter().filter(|d| d.class == class).map(move |d| (picture, d)))
        .collect();
    ranked.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    let mut taken: Vec<Vec<bool>> = truth.iter().map(|all| vec![false; all.len()]).collect();
    let mut hits = 0usize;
    // Precision at each hit.
    let mut precision = Vec::new();
    for (rank, (picture, d)) in ranked.into_iter().enumerate() {
        let things = truth.get(picture).map(Vec::as_slice).unwrap_or_default();
        let overlaps =
            things.iter().enumerate().filter(|(_, t)| t.class == class).map(|(i, t)| (d.bbox.iou(&t.bbox), i));
        let Some((iou, i)) = overlaps.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))) else { continue };
        if iou >= IOU && !taken[picture][i] {
            taken[picture][i] = true;
            hits += 1;
            precision.push(hits as f64 / (rank + 1) as f64);
        }
    }
    let mut best: f64 = 0.0;
    let area: f64 = precision
        .iter()
        .rev()
        .map(|p| {
            best = best.max(*p);
            best
        })
        .sum();
    Some(area / total as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Detections and things in ten pictures from a linear congruential generator.
    fn scene() -> (Vec<Vec<Detection>>, Vec<Vec<Truth>>) {
        let mut state = 1u64;
        let mut next = |n: u64| {
            state = (state * 1_103_515_245 + 12_345) % (1 << 31);
            (state >> 8) % n
        };
        let mut scenes = (Vec::new(), Vec::new());
        for _ in 0..10 {
            let (mut found, mut truth) = (Vec::new(), Vec::new());
            for _ in 0..6 {
                let [x, y, w, h] = [next(200), next(200), 20 + next(60), 20 + next(60)].map(|v| v as f32);
                let class = next(2) as usize;
                truth.push(Truth { class, bbox: Rect::new(x, y, x + w, y + h) });
                let [dx, dy] = [next(30), next(30)].map(|v| v as f32 - 15.0);
                let score = next(1000) as f32 / 1000.0;
                let class = if next(8) == 0 { 1 - class } else { class };
                let bbox = Rect::new(x + dx, y + dy, x + dx + w, y + dy + h);
                found.push(Detection { class, label: String::new(), score, bbox, keypoints: Vec::new() });
            }
            scenes.0.push(found);
            scenes.1.push(truth);
        }
        scenes
    }

    #[test]
    fn agrees_with_numpy() {
        let (found, truth) = scene();
        // By a second program in NumPy, which integrates the curve of precision over recall at every rank.
        let close = |class: usize, expected: f64| {
            let got = average_precision(&found, &truth, class).unwrap();
            assert!((got - expected).abs() < 1e-6, "class {class}: {got}, expected {expected}");
        };
        close(0, CLASS_0);
        close(1, CLASS_1);
        assert_eq!(average_precision(&found, &truth, 2), None);
    }

    const CLASS_0: f64 = 0.254704115;
    const CLASS_1: f64 = 0.308705877;

    #[test]
    fn a_thing_is_found_once() {
        let bbox = Rect::new(0.0, 0.0, 10.0, 10.0);
        let truth = vec![vec![Truth { class: 0, bbox }, Truth { class: 0, bbox: Rect::new(50.0, 0.0, 60.0, 10.0) }]];
        let at =
            |score: f32, bbox: Rect| Detection { class: 0, label: String::new(), score, bbox, keypoints: Vec::new() };
        let one = vec![vec![at(0.9, bbox)]];
        assert_eq!(average_precision(&one, &truth, 0), Some(0.5));
        // The second box on the same thing is wrong, and lowers what comes after it.
        let three = vec![vec![at(0.9, bbox), at(0.8, bbox), at(0.7, truth[0][1].bbox)]];
        let got = average_precision(&three, &truth, 0).unwrap();
        assert!((got - (1.0 + 2.0 / 3.0) / 2.0).abs() < 1e-12, "{got}");
        let nothing = vec![vec![at(0.9, Rect::new(4.0, 4.0, 14.0, 14.0))]];
        assert_eq!(average_precision(&nothing, &truth, 0), Some(0.0));
    }
}
