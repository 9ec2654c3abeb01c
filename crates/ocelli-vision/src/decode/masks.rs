use ocelli_tensor::Tensor;

use super::{argmax, sigmoid};
use crate::error::{self, Result};
use crate::geometry::Geometry;
use crate::package::{Activation, Fit, InputSpec, SegmentKind, SegmentSpec};
use crate::planes::Planes;
use crate::preprocess;
use crate::resample::{self, Filter};

/// The class of every pixel of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Index of the class of each pixel, row after row; 0 is the background.
    pub classes: Vec<u16>,
    /// Class names by index; may be shorter than the classes.
    pub labels: Vec<String>,
}

impl Mask {
    /// Share of the picture that each class covers, for the classes that are there, by index.
    pub fn shares(&self) -> Vec<(usize, f32)> {
        let mut counts = std::collections::BTreeMap::new();
        for &c in &self.classes {
            *counts.entry(usize::from(c)).or_insert(0usize) += 1;
        }
        let all = self.classes.len().max(1) as f32;
        counts.into_iter().map(|(c, n)| (c, n as f32 / all)).collect()
    }
}

/// Most classes of a segmentation.
const MAX_CLASSES: usize = 4096;

/// The mask of a segmentation in the size of the picture.
///
/// `output` is `1xCxHxW` (or NHWC) of scores, of the model's input size or a fraction of it. Scores are enlarged with
/// bilinear interpolation before the decision, so that edges are smooth. Where the picture was cropped, the rest is
/// background.
pub fn mask(spec: &SegmentSpec, input: &InputSpec, output: &Tensor, geometry: &Geometry) -> Result<Mask> {
    let scores = preprocess::decode_planes(output, spec.layout.unwrap_or(input.layout))?;
    let binary = spec.kind == SegmentKind::Binary;
    if scores.channels() > MAX_CLASSES || (binary && scores.channels() != 1) {
        return Err(error::shape(
            "segmentation",
            if binary { "one channel" } else { "at most 4096 channels" },
            output.shape(),
        ));
    }
    let (width, height) = geometry.picture;
    let scores = to_picture(&scores, input, geometry)?;
    let n = scores.width() * scores.height();
    let mut pixel = vec![0.0; scores.channels()];
    let mut classes = Vec::with_capacity(n);
    for i in 0..n {
        for (c, v) in pixel.iter_mut().enumerate() {
            *v = scores.data()[c * n + i];
        }
        classes.push(if binary {
            let p = match spec.activation {
                Activation::Sigmoid => sigmoid(pixel[0]),
                Activation::Exp => pixel[0].exp(),
                Activation::None | Activation::Softmax => pixel[0],
            };
            u16::from(p >= spec.threshold)
        } else {
            argmax(&pixel).map_or(0, |(c, _)| c as u16)
        });
    }
    Ok(Mask { width, height, classes, labels: spec.labels.clone() })
}

/// The scores over the picture: the part that holds it, enlarged to its size.
fn to_picture(scores: &Planes, input: &InputSpec, g: &Geometry) -> Result<Planes> {
    let (width, height) = g.picture;
    // Scores for one pixel of the model's input.
    let (rx, ry) = (scores.width() as f32 / g.model.0.max(1) as f32, scores.height() as f32 / g.model.1.max(1) as f32);
    let bounds = |offset: f32, n: usize, scale: f32, r: f32, all: usize| {
        let from = (offset * r).round().max(0.0) as usize;
        let to = ((offset + n as f32 * scale) * r).round().max(0.0) as usize;
        let to = to.min(all).max(1);
        (from.min(to - 1), to)
    };
    let (x0, x1) = bounds(g.offset.0, width, g.scale.0, rx, scores.width());
    let (y0, y1) = bounds(g.offset.1, height, g.scale.1, ry, scores.height());
    let part = scores.crop(x0, y0, x1 - x0, y1 - y0)?;
    if input.fit != Fit::Crop || (g.offset.0 >= 0.0 && g.offset.1 >= 0.0) {
        return resample::resize(&part, width, height, Filter::Bilinear, true);
    }
    // Cropped: the model saw only the middle of the picture.
    let (px0, py0) = g.to_picture(0.0, 0.0);
    let (px1, py1) = g.to_picture(g.model.0 as f32, g.model.1 as f32);
    let side = |a: f32, b: f32, all: usize| {
        let a = (a.round().max(0.0) as usize).min(all - 1);
        (a, (b.round().max(0.0) as usize).clamp(a + 1, all))
    };
    let ((x, right), (y, bottom)) = (side(px0, px1, width), side(py0, py1, height));
    let middle = resample::resize(&part, right - x, bottom - y, Filter::Bilinear, true)?;
    let mut out = Planes::filled(scores.channels(), height, width, 0.0);
    out.plane_mut(0).fill(if scores.channels() == 1 { f32::NEG_INFINITY } else { 1.0 });
    out.paste(&middle, x, y);
    Ok(out)
}
