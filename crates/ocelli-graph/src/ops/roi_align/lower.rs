use ocelli_shaders::kernels::pool;
use ocelli_shaders::{Params, linear_grid};

use super::{MAX_SAMPLES, RoiAlign, RoiMode};
use crate::OpError;
use crate::plan::{Accepts, Dispatch, LowerCx};

/// Lowers to `pool.roi_align`.
pub(super) fn lower(op: &RoiAlign, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, rois, images) = (cx.dense_input(0)?, cx.dense_input(1)?, cx.dense_input(2)?);
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    let dst = cx.output(0, Accepts::Dense, &[&x, &rois, &images])?;
    let count = dst.elems();
    if count == 0 {
        return Ok(());
    }
    let [n, c, h, w] = [0, 1, 2, 3].map(|i| x.shape[i]);
    let sizes = [count, n, c, h, w, op.output_height, op.output_width, op.sampling_ratio];
    let params = sizes.into_iter().fold(Params::new(), Params::u32);
    let params = [x.offset, rois.offset, images.offset, dst.offset].into_iter().fold(params, Params::u32);
    // Without the half-pixel shift a region has at least one pixel.
    let (shift, least) = if op.half_pixel { (0.5, f32::MIN) } else { (0.0, 1.0) };
    let params = params.f32(op.spatial_scale).f32(shift).f32(least).u32(MAX_SAMPLES);
    cx.dispatch(Dispatch {
        kernel: pool::roi_align(op.mode == RoiMode::Max),
        params,
        views: &[&x, &rois, &images, &dst],
        workgroups: linear_grid(count, pool::WORKGROUP),
        flops: (count * 8 * op.sampling_ratio.max(2).pow(2)) as u64,
    })
}
