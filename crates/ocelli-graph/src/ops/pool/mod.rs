//! Pooling over sliding windows: [MaxPool](https://onnx.ai/onnx/operators/onnx__MaxPool.html),
//! [AveragePool](https://onnx.ai/onnx/operators/onnx__AveragePool.html) and
//! [LpPool](https://onnx.ai/onnx/operators/onnx__LpPool.html).
//!
//! | | shape |
//! |---|---|
//! | X | `[N, C, D1, ..., Dn]` |
//! | Y | `[N, C, O1, ..., On]` |
//! | Indices (MaxPool, optional) | as Y, int64: position in the flattened X |
//!
//! Pads never win a maximum and add nothing to a sum. `O` is rounded down, or up with `ceil_mode`, where a window that
//! would begin in the pads at the end does not count.

#[allow(missing_docs, reason = "one function")]
pub mod cases;
mod lower;
mod reference;

use ocelli_tensor::{DType, Tensor};

use super::window::{Window, bounded};
use crate::plan::LowerCx;
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// What a window is reduced to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PoolKind {
    /// The largest element, and where it is.
    Max {
        /// Indices count the spatial dimensions in column-major order (`storage_order` 1).
        column_major: bool,
    },
    /// The mean.
    Average {
        /// Pads count as elements. What a window of `ceil_mode` covers beyond the pads never does.
        count_include_pad: bool,
    },
    /// `(sum of |x|^p)^(1/p)`
    Lp {
        /// Order of the norm.
        p: f32,
    },
}

/// Pooling over sliding windows.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// What is computed.
    pub kind: PoolKind,
    /// The window; its kernel must be given.
    pub window: Window,
    /// Whether the output size is rounded up.
    pub ceil_mode: bool,
}

impl Pool {
    /// The window with explicit pads, and the shape of Y.
    pub(crate) fn geometry(&self, x: &[usize]) -> Result<(Window, Vec<usize>), OpError> {
        if x.len() < 3 || self.window.kernel.len() != x.len() - 2 {
            return Err(OpError::invalid(format!(
                "expected an input of rank {} for kernel_shape {:?}, got {}",
                self.window.kernel.len() + 2,
                self.window.kernel,
                x.len()
            )));
        }
        let window = self.window.resolve(&x[2..], &[])?;
        let mut shape = x[..2].to_vec();
        shape.extend(window.pooled_size(&x[2..], self.ceil_mode, self.window.auto_pad)?);
        Ok((window, shape))
    }
}

impl Operator for Pool {
    fn name(&self) -> &'static str {
        match self.kind {
            PoolKind::Max { .. } => "MaxPool",
            PoolKind::Average { .. } => "AveragePool",
            PoolKind::Lp { .. } => "LpPool",
        }
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let floats = [DType::F32, DType::F16, DType::BF16, DType::F64];
        let max = matches!(self.kind, PoolKind::Max { .. });
        let with_bytes = [&floats[..], &[DType::I8, DType::U8]].concat();
        cx.expect_dtype(0, if max { &with_bytes } else { &floats })?;
        if let PoolKind::Lp { p } = self.kind {
            if !(p > 0.0 && p.is_finite()) {
                return Err(OpError::invalid(format!("p is {p}, expected a positive number")));
            }
        }
        let x = cx.input(0)?;
        let (_, shape) = self.geometry(&x.shape)?;
        let y = bounded(x.dtype, shape)?;
        let indices = TensorType::new(DType::I64, y.shape.clone());
        Ok(if max { vec![y, indices] } else { vec![y] })
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        reference::evaluate(self, inputs)
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        lower::lower(self, cx)
    }
}
