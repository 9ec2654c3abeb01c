//! Spectra: [DFT](https://onnx.ai/onnx/operators/onnx__DFT.html), [STFT](https://onnx.ai/onnx/operators/onnx__STFT.html) and
//! [MelWeightMatrix](https://onnx.ai/onnx/operators/onnx__MelWeightMatrix.html). Complex numbers are a last dimension of 2.
//!
//! | | inputs | result |
//! |---|---|---|
//! | DFT | `[..., n, ..., 1 or 2]`, dft_length (optional), axis (optional, -2) | the length (or half of it plus 1 when one-sided) along the axis, 2 last; 1 last for a one-sided inverse |
//! | STFT | signal `[batch, n, 1 or 2]`, frame_step, window (optional), frame_length (optional) | `[batch, frames, bins, 2]` |
//! | MelWeightMatrix | num_mel_bins, dft_length, sample_rate, lower_edge_hertz, upper_edge_hertz | `[dft_length / 2 + 1, num_mel_bins]` |
//!
//! Lengths, axes and steps must be known.

#[allow(missing_docs, reason = "one function")]
pub mod cases;

mod reference;

use ocelli_tensor::Tensor;
use ocelli_tensor::DType;

use super::bounds::bounded;
use super::numeric::FLOATS;

use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spectral {
    /// Discrete Fourier transform.
    Dft {
        /// Inverse, with a factor of 1 / length.
        inverse: bool,
        /// Only the first half of the spectrum: of the result, or of the input when inverse.
        onesided: bool,
    },
    /// Short-time Fourier transform.
    Stft {
        /// Only the first half of each spectrum; true by default.
        onesided: bool,
    },
    /// Weights from a spectrum to mel bins.
    MelWeightMatrix {
        /// Type of the result; f32 by default.
        output_datatype: DType,
    },
}

/// The one element of a scalar input.
fn whole(t: &Tensor) -> Result<i64, OpError> {
    match t.to_i64s()[..] {
        [x] => Ok(x),
        _ => Err(OpError::invalid(format!("expected one element, got {}", t.len()))),
    }
}

fn positive(t: &Tensor) -> Result<usize, OpError> {
    let x = whole(t)?;
    usize::try_from(x).ok().filter(|&x| x > 0 && x < 1 << 31).ok_or_else(|| OpError::invalid(format!("a size of {x}")))
}

/// Axis, length and result shape of a DFT.
fn dft_shape(
    shape: &[usize],
    length: Option<&Tensor>,
    axis: Option<&Tensor>,
    inverse: bool,
    onesided: bool,
) -> Result<(usize, usize, Vec<usize>), OpError> {
    let rank = shape.len();
    let parts = shape.last().copied().unwrap_or(0);
    let axis = InferCx::axis(axis.map_or(Ok(-2), whole)?, rank)?;
    if rank < 2 || axis + 1 == rank || !(parts == 1 || parts == 2) {
        return Err(OpError::invalid(format!("a transform of {shape:?} along axis {axis}")));
    }
    let default = if inverse && onesided { 2 * shape[axis].saturating_sub(1) } else { shape[axis] };
    let length = length.map_or(Ok(default), positive)?;
    let mut out = shape.to_vec();
    out[axis] = if onesided && !inverse { length / 2 + 1 } else { length };
    out[rank - 1] = if onesided && inverse { 1 } else { 2 };
    Ok((axis, length, out))
}

/// Frame length, step, frames and bins of an STFT of a signal of `n` samples.
fn stft_shape(
    n: usize,
    step: &Tensor,
    window: Option<usize>,
    length: Option<&Tensor>,
    onesided: bool,
) -> Result<(usize, usize, usize, usize), OpError> {
    let step = positive(step)?;
    let length = length.map(positive).transpose()?.or(window).unwrap_or(n);
    if length == 0 || length > n || window.is_some_and(|w| w != length) {
        return Err(OpError::invalid(format!("frames of {length} with a window of {window:?} in a signal of {n}")));
    }
    let bins = if onesided { length / 2 + 1 } else { length };
    Ok((length, step, (n - length) / step + 1, bins))
}

impl Operator for Spectral {
    fn name(&self) -> &'static str {
        match self {
            Spectral::Dft { .. } => "DFT",
            Spectral::Stft { .. } => "STFT",
            Spectral::MelWeightMatrix { .. } => "MelWeightMatrix",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let given = |i: usize| if cx.has(i) { cx.constant(i).map(Some) } else { Ok(None) };
        match *self {
            Spectral::Dft { inverse, onesided } => {
                cx.expect_dtype(0, &FLOATS)?;
                let x = cx.input(0)?;
                let (_, _, shape) = dft_shape(&x.shape, given(1)?, given(2)?, inverse, onesided)?;
                Ok(vec![bounded(x.dtype, shape)?])
            }
            Spectral::Stft { onesided } => {
                cx.expect_dtype(0, &FLOATS)?;
                let x = cx.input(0)?;
                let &[batch, n, 1 | 2] = &x.shape[..] else {
                    return Err(OpError::invalid(format!("expected a signal [batch, n, 1 or 2], got {x}")));
                };
                let window = cx.optional(2).map(TensorType::elems);
                let (_, _, frames, bins) = stft_shape(n, cx.constant(1)?, window, given(3)?, onesided)?;
                Ok(vec![bounded(x.dtype, [batch, frames, bins, 2])?])
            }
            Spectral::MelWeightMatrix { output_datatype } => {
                let (bins, length) = (positive(cx.constant(0)?)?, positive(cx.constant(1)?)?);
                for i in 2..5 {
                    cx.input(i)?;
                }
                Ok(vec![bounded(output_datatype, [length / 2 + 1, bins])?])
            }
        }
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }
}
