//! [Range](https://onnx.ai/onnx/operators/onnx__Range.html): `start + i * delta` for `max(ceil((limit - start) / delta), 0)`
//! values of `i`.
//!
//! | | shape |
//! |---|---|
//! | start, limit, delta | scalars of one dtype |
//! | output | `[n]` |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::{DType, Tensor};

use super::bounds::{MAX_ELEMS, bounded};
use super::movement::output_type;
use super::util::required;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Range has no attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range;

/// Number of values.
fn count(start: &Tensor, limit: &Tensor, delta: &Tensor) -> Result<usize, OpError> {
    let one = |t: &Tensor| t.to_f64s().first().copied().filter(|_| t.len() == 1);
    let whole = |t: &Tensor| t.to_i64s().first().copied().map(i128::from);
    let (Some(a), Some(b), Some(d)) = (one(start), one(limit), one(delta)) else {
        return Err(OpError::invalid("start, limit and delta must be scalars"));
    };
    if d == 0.0 {
        return Err(OpError::invalid("a delta of 0"));
    }
    let n = if start.dtype().is_float() {
        ((b - a) / d).ceil()
    } else {
        let (Some(a), Some(b), Some(d)) = (whole(start), whole(limit), whole(delta)) else {
            return Err(OpError::invalid("start, limit and delta must be scalars"));
        };
        let (span, step) = if d > 0 { (b - a, d) } else { (a - b, -d) };
        if span <= 0 { 0.0 } else { ((span + step - 1) / step) as f64 }
    };
    if n.is_nan() || n > MAX_ELEMS as f64 {
        return Err(OpError::invalid(format!("a range of {n} values")));
    }
    Ok(n.max(0.0) as usize)
}

impl Operator for Range {
    fn name(&self) -> &'static str {
        "Range"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        cx.expect_dtype(0, &[DType::F32, DType::F64, DType::F16, DType::BF16, DType::I16, DType::I32, DType::I64])?;
        let dtype = cx.input(0)?.dtype;
        cx.expect_dtype(1, &[dtype])?;
        cx.expect_dtype(2, &[dtype])?;
        let n = count(cx.constant(0)?, cx.constant(1)?, cx.constant(2)?)?;
        Ok(vec![bounded(dtype, vec![n])?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let ty = output_type(self, inputs)?;
        let (start, delta) = (required(inputs, 0)?, required(inputs, 2)?);
        let n = ty.elems();
        let out = if ty.dtype.is_float() {
            let (a, d) = (start.to_f64s(), delta.to_f64s());
            Tensor::from_f64s(ty.dtype, &ty.shape, &(0..n).map(|i| a[0] + i as f64 * d[0]).collect::<Vec<_>>())
        } else {
            let (a, d) = (start.to_i64s(), delta.to_i64s());
            let at = |i: usize| a[0].wrapping_add((i as i64).wrapping_mul(d[0]));
            Tensor::from_i64s(ty.dtype, &ty.shape, &(0..n).map(at).collect::<Vec<_>>())
        };
        Ok(vec![out?])
    }
}
