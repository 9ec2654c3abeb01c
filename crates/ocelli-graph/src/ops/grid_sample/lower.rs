use ocelli_shaders::kernels::grid_sample;
use ocelli_shaders::{Elem, Params, linear_grid};

use super::{GridSample, SampleMode, SamplePadding};
use crate::OpError;
use crate::plan::{Accepts, Dispatch, LowerCx, View};

/// Two-dimensional sampling of floats.
pub(super) fn lower(op: &GridSample, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let (x, grid) = (cx.input(0)?, cx.input(1)?);
    if x.shape.len() != 4 || x.elem != Elem::F32 {
        return Err(OpError::host_only("sampling of a volume or of integers"));
    }
    let (x, grid) = (forward(cx, &x)?, forward(cx, &grid)?);
    let out = cx.output(0, Accepts::Rows, &[&x, &grid])?;
    let count = out.shape[0] * out.shape[2] * out.shape[3];
    let mode = match op.mode {
        SampleMode::Nearest => 0,
        SampleMode::Linear => 1,
        SampleMode::Cubic => 2,
    };
    let padding = match op.padding_mode {
        SamplePadding::Zeros => 0,
        SamplePadding::Border => 1,
        SamplePadding::Reflection => 2,
    };
    let mut params = Params::new().u32(count).u32(out.shape[1]).u32(x.shape[2]).u32(x.shape[3]);
    params = params.u32(out.shape[2]).u32(out.shape[3]).u32(mode).u32(padding).u32(usize::from(op.align_corners));
    for view in [&x, &grid, &out] {
        params = params.u32(view.offset);
        for &s in &view.strides {
            params = params.u32(s as usize);
        }
    }
    if out.elems() == 0 {
        return Ok(());
    }
    cx.dispatch(Dispatch {
        kernel: grid_sample::kernel(),
        params,
        views: &[&x, &grid, &out],
        workgroups: linear_grid(count, grid_sample::WORKGROUP),
        flops: (out.elems() << (1 + 2 * mode)) as u64,
    })
}

/// `view`, or a copy without negative strides.
fn forward(cx: &mut LowerCx<'_>, view: &View) -> Result<View, OpError> {
    if view.is_forward() { Ok(view.clone()) } else { cx.dense(view) }
}
