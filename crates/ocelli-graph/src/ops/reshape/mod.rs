//! The same elements in row-major order under another shape:
//! [Reshape](https://onnx.ai/onnx/operators/onnx__Reshape.html),
//! [Flatten](https://onnx.ai/onnx/operators/onnx__Flatten.html),
//! [Squeeze](https://onnx.ai/onnx/operators/onnx__Squeeze.html),
//! [Unsqueeze](https://onnx.ai/onnx/operators/onnx__Unsqueeze.html).
//!
//! | kind | input 1 | output shape |
//! |---|---|---|
//! | Reshape | shape `[k]` | `shape`; 0 keeps the dimension (unless `allow_zero`), one -1 takes what is left |
//! | Flatten | | `[d0 * ... * d(axis-1), d(axis) * ... * dr]` |
//! | Squeeze | axes `[k]`, optional | without those dimensions of 1, or without any of 1 |
//! | Unsqueeze | axes `[k]` | with dimensions of 1 at those places of the output |

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;

use ocelli_tensor::Tensor;

use super::bounds::bounded;
use super::movement::{axes, dimension, output_type};
use super::util::required;
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Which operator of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReshapeKind {
    /// Reshape.
    Reshape {
        /// Whether a 0 in `shape` means an empty dimension instead of the input's.
        allow_zero: bool,
    },
    /// Flatten.
    Flatten {
        /// First dimension of the second output dimension; may be the rank, negative ones count from the back.
        axis: i64,
    },
    /// Squeeze.
    Squeeze,
    /// Unsqueeze.
    Unsqueeze,
}

/// An operator that only changes the shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshape {
    /// Which one.
    pub kind: ReshapeKind,
}

impl From<ReshapeKind> for Reshape {
    fn from(kind: ReshapeKind) -> Reshape {
        Reshape { kind }
    }
}

/// The shape that `wanted` asks for, for an input of `shape`.
fn reshaped(shape: &[usize], wanted: &[i64], allow_zero: bool) -> Result<Vec<usize>, OpError> {
    let mut out = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (i, &d) in wanted.iter().enumerate() {
        out.push(match d {
            -1 if open.is_none() => {
                open = Some(i);
                1
            }
            0 if !allow_zero => *shape.get(i).ok_or_else(|| {
                OpError::invalid(format!("shape {wanted:?} keeps dimension {i} of an input of rank {}", shape.len()))
            })?,
            d => dimension(d)?,
        });
    }
    let count = |s: &[usize]| ocelli_tensor::element_count(s).unwrap_or(usize::MAX);
    let elems = count(shape);
    if let Some(i) = open {
        if allow_zero && wanted.contains(&0) {
            return Err(OpError::invalid(format!("shape {wanted:?} has both 0 and -1")));
        }
        let known = count(&out);
        out[i] = elems.checked_div(known).unwrap_or(0);
    }
    if count(&out) != elems {
        return Err(OpError::invalid(format!("{elems} elements do not fill shape {wanted:?}")));
    }
    Ok(out)
}

impl Operator for Reshape {
    fn name(&self) -> &'static str {
        match self.kind {
            ReshapeKind::Reshape { .. } => "Reshape",
            ReshapeKind::Flatten { .. } => "Flatten",
            ReshapeKind::Squeeze => "Squeeze",
            ReshapeKind::Unsqueeze => "Unsqueeze",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        let rank = x.rank();
        let shape = match self.kind {
            ReshapeKind::Reshape { allow_zero } => reshaped(&x.shape, &cx.constant(1)?.to_i64s(), allow_zero)?,
            ReshapeKind::Flatten { axis } => {
                let at = if axis == rank as i64 { rank } else { InferCx::axis(axis, rank)? };
                let product = |d: &[usize]| ocelli_tensor::element_count(d).unwrap_or(usize::MAX);
                vec![product(&x.shape[..at]), product(&x.shape[at..])]
            }
            ReshapeKind::Squeeze => {
                let gone = match cx.optional_i64s(1)? {
                    Some(a) => axes(&a, rank)?,
                    None => (0..rank).filter(|&i| x.shape[i] == 1).collect(),
                };
                if let Some(&a) = gone.iter().find(|&&a| x.shape[a] != 1) {
                    return Err(OpError::invalid(format!("axis {a} of {x} is not 1")));
                }
                (0..rank).filter(|i| !gone.contains(i)).map(|i| x.shape[i]).collect()
            }
            ReshapeKind::Unsqueeze => {
                let given = cx.constant(1)?.to_i64s();
                let new = axes(&given, rank.saturating_add(given.len()))?;
                let mut old = x.shape.iter().copied();
                (0..rank + given.len()).map(|i| if new.contains(&i) { 1 } else { old.next().unwrap_or(1) }).collect()
            }
        };
        Ok(vec![bounded(x.dtype, shape)?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let shape = output_type(self, inputs)?.shape;
        Ok(vec![required(inputs, 0)?.reshaped(&shape)?])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::reshaped;

    #[test]
    fn shapes_follow_the_standard() {
        assert_eq!(reshaped(&[2, 3, 4], &[0, -1], false).unwrap(), [2, 12]);
        assert_eq!(reshaped(&[2, 0, 4], &[3, 4, 0], true).unwrap(), [3, 4, 0]);
        assert_eq!(reshaped(&[0, 3], &[0, -1], false).unwrap(), [0, 0]);
        assert_eq!(reshaped(&[], &[-1], false).unwrap(), [1]);
        for (shape, wanted, zero) in [
            (&[2, 3][..], &[4, -1][..], false),
            (&[2, 3], &[-1, -1], false),
            (&[2, 3], &[2, 3, 0], false),
            (&[2, 3], &[-2, 3], false),
            (&[0, 3], &[0, -1], true),
            (&[2, 3], &[i64::MAX, i64::MAX, -1], false),
        ] {
            assert!(reshaped(shape, wanted, zero).is_err(), "{shape:?} {wanted:?}");
        }
    }
}
