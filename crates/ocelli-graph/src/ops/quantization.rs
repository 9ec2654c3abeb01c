//! How scales and zero points spread over a tensor: one for all, one per index of an axis, or one per block of an axis.

use ocelli_tensor::{DType, Tensor, format_shape};

use super::scalar::{self, Builder, Operand};
use super::util::for_each_index;
use crate::plan::{LowerCx, Source, View, device_words, storage};
use crate::{InferCx, Op, OpError};

/// How many elements share one scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// One scale for the whole tensor.
    Tensor,
    /// One scale per index of this axis; the scales are a vector.
    Axis(usize),
    /// One scale per block of `size` elements of `axis`; the scales have the shape of the tensor with `axis` divided.
    Blocks {
        /// The axis.
        axis: usize,
        /// Elements of a block, at least 1.
        size: usize,
    },
}

impl Granularity {
    /// What the shapes of the tensor and its scale say; errors when they contradict the attributes.
    pub fn new(x: &[usize], scale: &[usize], axis: i64, block_size: usize) -> Result<Granularity, OpError> {
        if block_size == 0 && scale.iter().product::<usize>() == 1 && scale.len() < 2 {
            return Ok(Granularity::Tensor);
        }
        let mismatch = || {
            OpError::invalid(format!(
                "a scale of {} does not fit input 0 of {} (axis {axis}, blocks of {block_size})",
                format_shape(scale),
                format_shape(x)
            ))
        };
        let axis = InferCx::axis(axis, x.len())?;
        let len = x.get(axis).copied().ok_or_else(mismatch)?;
        if block_size == 0 {
            return if scale == [len] { Ok(Granularity::Axis(axis)) } else { Err(mismatch()) };
        }
        let fits = scale.len() == x.len()
            && scale
                .iter()
                .zip(x)
                .enumerate()
                .all(|(i, (&s, &d))| s == if i == axis { len.div_ceil(block_size) } else { d });
        if fits { Ok(Granularity::Blocks { axis, size: block_size }) } else { Err(mismatch()) }
    }

    /// For every element of `x` in row-major order, the offset of its scale in a scale tensor of shape `scale`.
    pub fn offsets(self, x: &[usize], scale: &[usize]) -> Vec<usize> {
        let mut all = Vec::new();
        for_each_index(x, |index| {
            all.push(match self {
                Granularity::Tensor => 0,
                Granularity::Axis(axis) => index[axis],
                Granularity::Blocks { axis, size } => index
                    .iter()
                    .zip(scale)
                    .enumerate()
                    .fold(0, |at, (i, (&p, &s))| at * s + if i == axis { p / size } else { p }),
            });
        });
        all
    }
}

/// Checks the scale (input 1) and the optional zero point (input 2, of dtype `quantized` when it is known) of a
/// quantization.
pub fn check(cx: &InferCx<'_>, axis: i64, block_size: usize, quantized: Option<DType>) -> Result<(), OpError> {
    let (x, scale) = (cx.input(0)?, cx.input(1)?);
    Granularity::new(&x.shape, &scale.shape, axis, block_size)?;
    if let Some(zero) = cx.optional(2) {
        let same = zero.shape == scale.shape || (zero.elems() == 1 && scale.elems() == 1);
        if !same || quantized.is_some_and(|q| q != zero.dtype) {
            return Err(OpError::invalid(format!("a zero point of {zero} with a scale of {scale} and input 0 of {x}")));
        }
    }
    Ok(())
}

/// The smallest and largest number of a quantized dtype.
pub fn range(dtype: DType) -> Result<(f64, f64), OpError> {
    Ok(match dtype {
        DType::U8 => (0.0, 255.0),
        DType::I8 => (-128.0, 127.0),
        DType::U16 => (0.0, 65_535.0),
        DType::I16 => (-32_768.0, 32_767.0),
        other => return Err(OpError::unsupported(format!("quantization to {other}"))),
    })
}

/// `round_half_even(x / scale) + zero`, saturated. The quotient is rounded to `precision` first.
pub fn quantized(x: f64, scale: f64, zero: f64, precision: DType, range: (f64, f64)) -> f64 {
    let q = super::numbers::rounded(x / scale, precision).round_ties_even() + zero;
    if q.is_nan() { zero } else { q.clamp(range.0, range.1) }
}

/// The elements of an optional zero point, or zeros.
pub fn zeros_or(zero: Option<&Tensor>, len: usize) -> Vec<f64> {
    zero.map_or_else(|| vec![0.0; len], Tensor::to_f64s)
}

/// Lowers a quantization or dequantization. Scales and zero points spread over the tensor by strides; those of blocks
/// must be constants, and are spread beforehand.
pub fn lower(op: &Op, axis: i64, block_size: usize, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let shape = cx.input_type(0)?.shape.clone();
    let scale = cx.input_type(1)?.shape.clone();
    let granularity = Granularity::new(&shape, &scale, axis, block_size)?;
    let to = cx.output_type(0)?.dtype;
    let mut b = Builder::default();
    let x = cx.source(0)?;
    let dtype = cx.input_type(0)?.dtype;
    let mut operands = vec![Some(b.input(x.elem(dtype)?, dtype))];
    let mut sources = vec![x];
    for i in 1..cx.node().inputs.len() {
        if !cx.has_input(i) {
            operands.push(None);
            continue;
        }
        let dtype = cx.input_type(i)?.dtype;
        if let Some(arg) = cx.constant(i).and_then(scalar::literal) {
            operands.push(Some(Operand { arg, dtype }));
            continue;
        }
        let view = spread(cx, i, granularity, &shape)?;
        operands.push(Some(b.input(view.elem, dtype)));
        sources.push(Source::Words(view));
    }
    let result = scalar::emit(op, &operands, to, &mut b)?;
    scalar::finish(cx, b, result, &sources)
}

/// Input `i` (a scale or zero point) seen as a tensor of `shape`.
fn spread(cx: &mut LowerCx<'_>, i: usize, granularity: Granularity, shape: &[usize]) -> Result<View, OpError> {
    if let Granularity::Blocks { .. } = granularity {
        let t = cx.constant(i).ok_or_else(|| OpError::host_only("block scales are not constant"))?.clone();
        let elem = storage(t.dtype()).ok_or_else(|| OpError::host_only(format!("{} has no device type", t.dtype())))?;
        let at = granularity.offsets(shape, t.shape());
        let make = move || {
            let words = device_words(&t, elem);
            at.iter().flat_map(|&i| words[i * 4..i * 4 + 4].to_vec()).collect()
        };
        return Ok(cx.packed("spread over blocks", elem, shape, make));
    }
    let view = cx.input(i)?;
    let mut strides = vec![0; shape.len()];
    if let (Granularity::Axis(axis), Some(&stride)) = (granularity, view.strides.first()) {
        strides[axis] = stride;
    }
    Ok(View { shape: shape.to_vec(), strides, ..view })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_share_a_scale_and_wrong_shapes_are_errors() {
        let g = Granularity::new(&[2, 5], &[2, 2], 1, 3).unwrap();
        assert_eq!(g.offsets(&[2, 5], &[2, 2]), [0, 0, 0, 1, 1, 2, 2, 2, 3, 3]);
        assert_eq!(Granularity::new(&[2, 5], &[5], -1, 0).unwrap(), Granularity::Axis(1));
        assert_eq!(Granularity::new(&[2, 5], &[1], 7, 0).unwrap(), Granularity::Tensor);
        assert!(Granularity::new(&[2, 5], &[4], 1, 0).is_err());
        assert!(Granularity::new(&[2, 5], &[2, 3], 1, 3).is_err());
        assert!(Granularity::new(&[2, 5], &[5], 2, 0).is_err());
    }
}
