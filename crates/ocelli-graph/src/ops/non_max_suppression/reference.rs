use ocelli_tensor::{DType, Tensor};

use super::NonMaxSuppression;
use crate::operator::Outputs;
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &NonMaxSuppression, inputs: &[Option<Tensor>]) -> Outputs {
    let (boxes, scores) = (required(inputs, 0)?, required(inputs, 1)?);
    let one = |i: usize| optional(inputs, i).and_then(|t| t.to_f32s().first().copied());
    let most = optional(inputs, 2).and_then(|t| t.to_i64s().first().copied()).unwrap_or(0);
    let most = usize::try_from(most).unwrap_or(0);
    let (iou_threshold, score_threshold) = (one(3).unwrap_or(0.0), one(4));
    let (batches, count, classes) = (boxes.shape()[0], boxes.shape()[1], scores.shape()[1]);
    let corners: Vec<[f32; 4]> = boxes.to_f32s().chunks_exact(4).map(|b| op.corners([b[0], b[1], b[2], b[3]])).collect();
    let scores = scores.to_f32s();
    let mut selected = Vec::new();
    for batch in 0..batches {
        let boxes = &corners[batch * count..(batch + 1) * count];
        for class in 0..classes {
            let scores = &scores[(batch * classes + class) * count..][..count];
            let mut order: Vec<usize> =
                (0..count).filter(|&i| score_threshold.is_none_or(|t| scores[i] > t)).collect();
            order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
            let mut kept: Vec<usize> = Vec::new();
            for i in order {
                if kept.len() >= most {
                    break;
                }
                if kept.iter().all(|&k| overlap(boxes[i], boxes[k]) <= iou_threshold) {
                    kept.push(i);
                    selected.extend([batch as i64, class as i64, i as i64]);
                }
            }
        }
    }
    Ok(vec![Tensor::from_i64s(DType::I64, &[selected.len() / 3, 3], &selected)?])
}

impl NonMaxSuppression {
    /// Lower and upper corner: `[y1, x1, y2, x2]` with the smaller values first.
    fn corners(self, b: [f32; 4]) -> [f32; 4] {
        if self.center_point_box {
            let [x, y, w, h] = b;
            return [y - h / 2.0, x - w / 2.0, y + h / 2.0, x + w / 2.0];
        }
        [b[0].min(b[2]), b[1].min(b[3]), b[0].max(b[2]), b[1].max(b[3])]
    }
}

/// Intersection over union; 0 for boxes without area.
fn overlap(a: [f32; 4], b: [f32; 4]) -> f32 {
    let side = |i: usize| (a[i + 2].min(b[i + 2]) - a[i].max(b[i])).max(0.0);
    let area = |b: [f32; 4]| (b[2] - b[0]) * (b[3] - b[1]);
    let common = side(0) * side(1);
    let union = area(a) + area(b) - common;
    if common <= 0.0 || area(a) <= 0.0 || area(b) <= 0.0 || union <= 0.0 {
        return 0.0;
    }
    common / union
}
