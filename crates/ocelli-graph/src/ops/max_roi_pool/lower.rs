use ocelli_shaders::kernels::pool;
use ocelli_shaders::{Params, linear_grid};

use super::MaxRoiPool;
use crate::OpError;
use crate::plan::{Accepts, Dispatch, LowerCx};

/// Lowers to `pool.max_roi`.
pub(super) fn lower(op: &MaxRoiPool, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, rois) = (cx.dense_input(0)?, cx.dense_input(1)?);
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let dst = cx.output(0, Accepts::Dense, &[&x, &rois])?;
    let count = dst.elems();
    if count == 0 {
        return Ok(());
    }
    let [n, c, h, w] = [0, 1, 2, 3].map(|i| x.shape[i]);
    let [out_h, out_w] = op.pooled_shape;
    let sizes = [count, n, c, h, w, out_h, out_w, x.offset, rois.offset, dst.offset];
    cx.dispatch(Dispatch {
        kernel: pool::max_roi_pool(),
        params: sizes.into_iter().fold(Params::new(), Params::u32).f32(op.spatial_scale),
        views: &[&x, &rois, &dst],
        workgroups: linear_grid(count, pool::WORKGROUP),
        flops: x.elems() as u64,
    })
}
