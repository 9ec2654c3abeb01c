//! From a picture to the tensor that a model is fed.

use ocelli_tensor::Tensor;

use crate::color;
use crate::error::{self, Result};
use crate::geometry::Geometry;
use crate::image::Image;
use crate::package::{Align, ColorOrder, Fit, InputSpec, Layout, PadMode, SizeRule};
use crate::planes::{Border, Planes};
use crate::resample;

/// A picture made ready for a model.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// `1xCxHxW` or `1xHxWxC` of `f32`, as the package says.
    pub tensor: Tensor,
    /// Where the picture lies in it.
    pub geometry: Geometry,
}

/// Brings `image` to the size, colours, range and layout of `spec`.
///
/// `fixed` is the width and height that the model file demands; it is needed for `size = "fixed"`, and where it is
/// given the picture is fitted to it whatever the size rule. Alpha is left out.
///
/// Errors: a fixed size is missing or zero, or the package asks for tiles.
pub fn prepare(image: &Image, spec: &InputSpec, fixed: Option<(usize, usize)>) -> Result<Prepared> {
    let planes = model_planes(image, spec.color);
    let (planes, geometry) = match (spec.size, spec.fixed_size(fixed)) {
        (_, Some((width, height))) => fit(&planes, spec, width, height)?,
        (SizeRule::Fixed, None) => {
            return Err(error::argument(
                "the package has size = \"fixed\", but neither it nor the model states a width and height",
            ));
        }
        (SizeRule::Any, None) => {
            let geometry = Geometry::identity(planes.width(), planes.height());
            (planes, geometry)
        }
        (SizeRule::Multiple, None) => {
            let mut geometry = Geometry::identity(planes.width(), planes.height());
            let padded = pad_to_multiple(&planes, spec.multiple_of, spec.pad);
            geometry.model = (padded.width(), padded.height());
            (padded, geometry)
        }
    };
    Ok(Prepared { tensor: encode(planes, spec)?, geometry })
}

/// The planes that a model sees, in its order, in 0..1: three or one. `each` gives the planes of the picture, one or
/// three, for one run each.
pub fn model_planes(image: &Image, color: ColorOrder) -> Planes {
    match color {
        ColorOrder::Rgb => image.rgb_planes(),
        ColorOrder::Bgr => swapped(image.rgb_planes()),
        ColorOrder::Gray => image.gray_plane(),
        ColorOrder::Y => color::rgb_to_ycbcr(&image.color_planes()).select(0, 1),
        ColorOrder::Each => image.color_planes(),
    }
}

/// The first and third planes exchanged.
pub(crate) fn swapped(mut planes: Planes) -> Planes {
    let n = planes.width() * planes.height();
    if planes.channels() == 3 {
        let (first, rest) = planes.data_mut().split_at_mut(n);
        first.swap_with_slice(&mut rest[n..]);
    }
    planes
}

pub(crate) fn border(pad: PadMode) -> Border {
    match pad {
        PadMode::Reflect => Border::Reflect,
        PadMode::Edge => Border::Edge,
    }
}

/// Grown to the right and to the bottom until both sides are multiples of `multiple`.
pub fn pad_to_multiple(planes: &Planes, multiple: usize, pad: PadMode) -> Planes {
    let more = |n: usize| n.next_multiple_of(multiple.max(1)) - n;
    let (right, bottom) = (more(planes.width()), more(planes.height()));
    if (right, bottom) == (0, 0) {
        return planes.clone();
    }
    planes.padded(0, 0, right, bottom, border(pad))
}

/// Fits planes in 0..1 to `width` by `height`.
pub(crate) fn fit(planes: &Planes, spec: &InputSpec, width: usize, height: usize) -> Result<(Planes, Geometry)> {
    let (w, h) = (planes.width(), planes.height());
    if width == 0 || height == 0 {
        return Err(error::argument(format!("a model input of {width}x{height} pixels")));
    }
    let resized = |to_w, to_h| resample::resize(planes, to_w, to_h, spec.resize, spec.antialias);
    let (rx, ry) = (width as f64 / w as f64, height as f64 / h as f64);
    let (to_w, to_h) = match spec.fit {
        Fit::Stretch => (width, height),
        Fit::Letterbox => scaled(w, h, rx.min(ry)),
        Fit::Crop => scaled(w, h, rx.max(ry)),
        Fit::Tile => {
            return Err(error::argument(
                "the package has fit = \"tile\": run it tile by tile, as a model that answers with a picture",
            ));
        }
    };
    let scale = (to_w as f32 / w as f32, to_h as f32 / h as f32);
    let small = resized(to_w, to_h)?;
    let (planes, offset) = match spec.fit {
        Fit::Stretch | Fit::Tile => (small, (0.0, 0.0)),
        Fit::Letterbox => {
            let (to_w, to_h) = (to_w.min(width), to_h.min(height));
            let (left, top) = match spec.align {
                Align::Center => ((width - to_w) / 2, (height - to_h) / 2),
                Align::TopLeft => (0, 0),
            };
            let mut out = Planes::filled(small.channels(), height, width, spec.pad_value / 255.0);
            out.paste(&small, left, top);
            (out, (left as f32, top as f32))
        }
        Fit::Crop => {
            let (to_w, to_h) = (to_w.max(width), to_h.max(height));
            let (left, top) = ((to_w - width) / 2, (to_h - height) / 2);
            let offset = (-(left as f32), -(top as f32));
            (small.crop(left, top, width, height)?, offset)
        }
    };
    let geometry = Geometry { picture: (w, h), model: (width, height), scale, offset };
    Ok((planes, geometry))
}

fn scaled(w: usize, h: usize, ratio: f64) -> (usize, usize) {
    let size = |n: usize| ((n as f64 * ratio).round() as usize).max(1);
    (size(w), size(h))
}

/// Planes in 0..1, already in the model's colours, as the tensor that `spec` describes:
/// `(low + v (high - low) - mean) / std`.
pub fn encode(mut planes: Planes, spec: &InputSpec) -> Result<Tensor> {
    let [low, high] = spec.range;
    for c in 0..planes.channels() {
        let pick = |list: &[f32], default: f32| {
            let at = if list.len() == 1 { 0 } else { c };
            list.get(at).copied().unwrap_or(default)
        };
        let (mean, std) = (pick(&spec.mean, 0.0), pick(&spec.std, 1.0));
        for v in planes.plane_mut(c) {
            *v = (low + *v * (high - low) - mean) / std;
        }
    }
    match spec.layout {
        Layout::Nchw => planes.into_tensor(),
        Layout::Nhwc => {
            let (c, h, w) = (planes.channels(), planes.height(), planes.width());
            let n = h * w;
            let data: Vec<f32> = (0..n * c).map(|i| planes.data()[i % c * n + i / c]).collect();
            Ok(Tensor::from_vec(&[1, h, w, c], data)?)
        }
    }
}

/// The planes of a tensor `1xCxHxW` (or `CxHxW`, `HxW`) or, for [`Layout::Nhwc`], `1xHxWxC` (or `HxWxC`), of any dtype.
pub fn decode_planes(tensor: &Tensor, layout: Layout) -> Result<Planes> {
    let (h, w, c) = match (layout, tensor.shape()) {
        (Layout::Nhwc, &[1, h, w, c] | &[h, w, c]) => (h, w, c),
        (Layout::Nhwc, _) => {
            return Err(error::shape("picture from a tensor", "1xHxWxC", tensor.shape()));
        }
        (Layout::Nchw, _) => return Planes::from_tensor(tensor),
    };
    let (values, n) = (tensor.to_f32s(), h * w);
    let data = (0..values.len()).map(|i| values[i % n * c + i / n]).collect();
    Planes::new(c, h, w, data)
}

#[cfg(test)]
#[path = "preprocess_tests.rs"]
mod tests;
