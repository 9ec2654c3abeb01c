//! [Resize](https://onnx.ai/onnx/operators/onnx__Resize.html) (and its old form Upsample): each output element is a weighted
//! sum of input elements, separably along each axis; see `taps.rs`.
//!
//! | | shape |
//! |---|---|
//! | X | `[d0, ..., dr]` |
//! | roi | `[2 k]`: starts, then ends; only for `tf_crop_and_resize` |
//! | scales | `[k]`; given, or `sizes` is |
//! | sizes | `[k]` |
//! | Y | `floor(d * scale)` or `sizes`, along `axes` (`k` of them, or all) |
//!
//! An input without elements counts as omitted. `roi` does not change the size of the output, as in the standard's tests.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;
mod window;
pub(crate) mod taps;

use ocelli_tensor::Tensor;

use self::taps::Axis;
use super::bounds::{MAX_ELEMS, bounded};
use super::movement::{self, dimension};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// How elements are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResizeMode {
    /// One element, chosen by [`NearestMode`].
    #[default]
    Nearest,
    /// The two neighbours along each axis.
    Linear,
    /// Four neighbours along each axis.
    Cubic,
}

/// Which neighbour is the nearest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NearestMode {
    /// Rounds, halves down.
    #[default]
    RoundPreferFloor,
    /// Rounds, halves up.
    RoundPreferCeil,
    /// Rounds down.
    Floor,
    /// Rounds up.
    Ceil,
}

/// How a coordinate of the output becomes one of the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CoordinateMode {
    /// `(x + 0.5) / scale - 0.5`
    #[default]
    HalfPixel,
    /// The same around the centre of the output when its size was rounded.
    HalfPixelSymmetric,
    /// As half_pixel, but 0 for an output of one element.
    PytorchHalfPixel,
    /// `x * (in - 1) / (out - 1)`
    AlignCorners,
    /// `x / scale`
    Asymmetric,
    /// As align_corners within the region of interest.
    TfCropAndResize,
}

/// How `sizes` treat the aspect ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AspectRatioPolicy {
    /// Not at all.
    #[default]
    Stretch,
    /// One scale for all axes, so that none is larger than asked for.
    NotLarger,
    /// One scale for all axes, so that none is smaller than asked for.
    NotSmaller,
}

/// Attributes of Resize.
#[derive(Clone, Debug, PartialEq)]
pub struct Resize {
    /// How elements are combined.
    pub mode: ResizeMode,
    /// Coordinates.
    pub coordinate_transformation_mode: CoordinateMode,
    /// For the mode nearest.
    pub nearest_mode: NearestMode,
    /// Whether linear and cubic filters are stretched when the output is smaller.
    pub antialias: bool,
    /// The cubic coefficient `a`.
    pub cubic_coeff_a: f32,
    /// Whether neighbours outside of the input have no weight, instead of the value of the edge.
    pub exclude_outside: bool,
    /// Value outside of the input for `tf_crop_and_resize`.
    pub extrapolation_value: f32,
    /// The axes that roi, scales and sizes speak of; `None` is all.
    pub axes: Option<Vec<i64>>,
    /// How `sizes` treat the aspect ratio.
    pub keep_aspect_ratio_policy: AspectRatioPolicy,
}

impl Default for Resize {
    fn default() -> Resize {
        Resize {
            mode: ResizeMode::default(),
            coordinate_transformation_mode: CoordinateMode::default(),
            nearest_mode: NearestMode::default(),
            antialias: false,
            cubic_coeff_a: -0.75,
            exclude_outside: false,
            extrapolation_value: 0.0,
            axes: None,
            keep_aspect_ratio_policy: AspectRatioPolicy::default(),
        }
    }
}

/// Values of the inputs behind X; empty ones are `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub roi: Option<Vec<f64>>,
    pub scales: Option<Vec<f64>>,
    pub sizes: Option<Vec<i64>>,
}

impl Request {
    /// The request of these inputs, where `get` gives the value of each.
    pub(crate) fn new<'a>(get: impl Fn(usize) -> Option<&'a Tensor>) -> Request {
        let given = |i| get(i).filter(|t| !t.is_empty());
        Request {
            roi: given(1).map(Tensor::to_f64s),
            scales: given(2).map(Tensor::to_f64s),
            sizes: given(3).map(Tensor::to_i64s),
        }
    }
}

impl Resize {
    /// Every dimension of an input of `shape`.
    pub(crate) fn resolved(&self, shape: &[usize], request: &Request) -> Result<Vec<Axis>, OpError> {
        let axes = match &self.axes {
            Some(a) => movement::axes(a, shape.len())?,
            None => (0..shape.len()).collect(),
        };
        let k = axes.len();
        let expect = |name: &str, got: usize, wanted: usize| {
            if got == wanted { Ok(()) } else { Err(OpError::invalid(format!("{name}: expected {wanted} numbers, got {got}"))) }
        };
        let mut all: Vec<Axis> = shape.iter().map(|&d| Axis::identity(d)).collect();
        match (&request.scales, &request.sizes) {
            (Some(scales), None) => {
                expect("scales", scales.len(), k)?;
                for (&axis, &scale) in axes.iter().zip(scales) {
                    let d = shape[axis];
                    // In f32, as the standard's shape inference has it.
                    let out = (d as f32 * scale as f32).floor();
                    if !(scale > 0.0 && f64::from(out) <= MAX_ELEMS as f64) {
                        return Err(OpError::invalid(format!("a scale of {scale} for a dimension of {d}")));
                    }
                    all[axis].output = out as usize;
                    all[axis].width = d as f64 * scale;
                }
            }
            (None, Some(sizes)) => {
                expect("sizes", sizes.len(), k)?;
                let sizes = sizes.iter().map(|&s| dimension(s)).collect::<Result<Vec<_>, _>>()?;
                let ratios = axes.iter().zip(&sizes).map(|(&a, &s)| s as f64 / shape[a] as f64);
                let uniform = match self.keep_aspect_ratio_policy {
                    AspectRatioPolicy::Stretch => None,
                    AspectRatioPolicy::NotLarger => ratios.reduce(f64::min),
                    AspectRatioPolicy::NotSmaller => ratios.reduce(f64::max),
                };
                for (&axis, &size) in axes.iter().zip(&sizes) {
                    let width = uniform.map_or(size as f64, |scale| scale * shape[axis] as f64);
                    if !(width <= MAX_ELEMS as f64) {
                        return Err(OpError::invalid(format!("a size of {width}")));
                    }
                    all[axis].width = width;
                    all[axis].output = (width + 0.5).floor() as usize;
                }
            }
            _ => return Err(OpError::invalid("expected either scales or sizes")),
        }
        if self.coordinate_transformation_mode == CoordinateMode::TfCropAndResize {
            if let Some(roi) = &request.roi {
                expect("roi", roi.len(), 2 * k)?;
                for (i, &axis) in axes.iter().enumerate() {
                    all[axis].roi = (roi[i], roi[k + i]);
                }
            }
        }
        if let Some(a) = all.iter().find(|a| a.input == 0 && a.output > 0) {
            return Err(OpError::invalid(format!("an empty dimension cannot become {}", a.output)));
        }
        Ok(all)
    }
}

/// Whether `op` repeats each pixel of planes of `shape` `times` times along height and width and does nothing else. `constant`
/// gives the value of each input.
pub(crate) fn enlarges<'a>(
    op: &Resize,
    shape: &[usize],
    constant: impl Fn(usize) -> Option<&'a Tensor>,
    times: usize,
) -> bool {
    let Ok(axes) = op.resolved(shape, &Request::new(constant)) else { return false };
    let [n, c, planes @ ..] = &axes[..] else { return false };
    let repeats = |a: &Axis| {
        a.input.checked_mul(times) == Some(a.output)
            && (0..a.output).all(|i| matches!(a.taps(i, op).as_deref(), Some(&[(from, w)]) if from == i / times && w == 1.0))
    };
    op.mode == ResizeMode::Nearest && planes.len() == 2 && n.is_identity(op) && c.is_identity(op) && planes.iter().all(repeats)
}

impl Operator for Resize {
    fn name(&self) -> &'static str {
        "Resize"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let given = |i: usize| cx.optional(i).is_some_and(|t| t.elems() > 0);
        for i in [2, 3] {
            if given(i) {
                cx.constant(i)?;
            }
        }
        if self.antialias && self.mode == ResizeMode::Nearest {
            return Err(OpError::invalid("antialias is for the modes linear and cubic"));
        }
        let mut request = Request::new(|i| cx.constants.get(i).copied().flatten());
        // Not needed for the shape.
        request.roi = None;
        let axes = self.resolved(&x.shape, &request)?;
        Ok(vec![bounded(x.dtype, axes.iter().map(|a| a.output).collect::<Vec<_>>())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
