use ocelli_tensor::Tensor;

use super::MaxRoiPool;
use crate::OpError;
use crate::operator::Outputs;
use crate::ops::util::required;

pub(super) fn evaluate(op: &MaxRoiPool, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, rois) = (required(inputs, 0)?, required(inputs, 1)?);
    let [n, c, h, w] = [0, 1, 2, 3].map(|i| x.shape()[i]);
    let [out_h, out_w] = op.pooled_shape;
    let xs = x.to_f64s();
    let shape = [rois.shape()[0], c, out_h, out_w];
    let mut out = Vec::with_capacity(shape.iter().product());
    for roi in rois.to_f32s().chunks_exact(5) {
        let batch = roi[0] as i64;
        if batch < 0 || batch >= n as i64 {
            return Err(OpError::invalid(format!("region of image {batch}, there are {n}")));
        }
        // Whole pixels: first and last of the region.
        let corner = |i: usize| (roi[i] * op.spatial_scale).round() as i64;
        let (x1, y1) = (corner(1), corner(2));
        let extent = |first: i64, last: i64| last.saturating_sub(first).saturating_add(1).max(1);
        let (width, height) = (extent(x1, corner(3)), extent(y1, corner(4)));
        let range = |first: i64, extent: i64, bins: usize, bin: usize, size: usize| {
            let step = extent as f32 / bins as f32;
            let begin = ((bin as f32 * step).floor() as i64).saturating_add(first);
            let end = (((bin + 1) as f32 * step).ceil() as i64).saturating_add(first);
            (begin.clamp(0, size as i64) as usize)..(end.clamp(0, size as i64) as usize)
        };
        for channel in 0..c {
            let plane = &xs[(batch as usize * c + channel) * h * w..][..h * w];
            for by in 0..out_h {
                for bx in 0..out_w {
                    let mut best: Option<f64> = None;
                    for y in range(y1, height, out_h, by, h) {
                        for x in range(x1, width, out_w, bx, w) {
                            let value = plane[y * w + x];
                            best = Some(best.map_or(value, |b| b.max(value)));
                        }
                    }
                    out.push(best.unwrap_or(0.0));
                }
            }
        }
    }
    Ok(vec![Tensor::from_f64s(x.dtype(), &shape, &out)?])
}
