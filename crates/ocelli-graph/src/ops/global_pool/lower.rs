use ocelli_shaders::kernels::pool::{self, Reduction};
use ocelli_shaders::{Params, linear_grid};

use super::{GlobalPool, GlobalPoolKind};
use crate::OpError;
use crate::plan::{Accepts, Dispatch, LowerCx};

/// Lowers to `pool.global`.
pub(super) fn lower(op: &GlobalPool, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.dense_input(0)?;
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let dst = cx.output(0, Accepts::Dense, &[&x])?;
    let (count, plane) = (dst.elems(), x.shape[2..].iter().product::<usize>());
    let (reduction, power) = match op.kind {
        GlobalPoolKind::Average => (Reduction::Average, 1.0),
        GlobalPoolKind::Max => (Reduction::Max, 1.0),
        GlobalPoolKind::Lp { p } => (Reduction::Lp, p),
    };
    let params = Params::new().u32(count).u32(plane).u32(x.offset).u32(dst.offset).f32(1.0 / plane as f32).f32(power);
    cx.dispatch(Dispatch {
        kernel: pool::global(reduction),
        params,
        views: &[&x, &dst],
        workgroups: linear_grid(count, 1),
        flops: x.elems() as u64,
    })
}
