use ocelli_tensor::Tensor;

use super::{DepthSpaceKind, DepthToSpace};
use crate::operator::Outputs;
use crate::ops::movement::{offset, output_type, pick};
use crate::ops::util::required;

/// The index formulas of the module's documentation.
pub(super) fn evaluate(op: &DepthToSpace, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, ty) = (required(inputs, 0)?, output_type(op, inputs)?);
    let (b, in_channels, out_channels) = (op.blocksize, x.shape()[1], ty.shape[1]);
    let out = pick(x, &ty.shape, &[], |at| {
        let [n, c, y, x_] = [at[0], at[1], at[2], at[3]];
        let pixel = y % b * b + x_ % b;
        let from = match op.kind {
            DepthSpaceKind::Dcr => [n, pixel * out_channels + c, y / b, x_ / b],
            DepthSpaceKind::Crd => [n, c * b * b + pixel, y / b, x_ / b],
            DepthSpaceKind::SpaceToDepth => {
                let pixel = c / in_channels;
                [n, c % in_channels, y * b + pixel / b, x_ * b + pixel % b]
            }
        };
        Some(offset(&from, x.shape()))
    })?;
    Ok(vec![out])
}
