use super::{DepthSpaceKind, DepthToSpace};
use crate::OpError;
use crate::plan::{Accepts, LowerCx, View};

/// One copy between six-dimensional views `[N, C, H, block y, W, block x]` of the small and the large picture.
pub(super) fn lower(op: &DepthToSpace, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let out = cx.output(0, Accepts::Strided, &[&x])?;
    let b = op.blocksize;
    let backwards = op.kind == DepthSpaceKind::SpaceToDepth;
    let (deep, wide) = if backwards { (&out, &x) } else { (&x, &out) };
    let shape = [wide.shape[0], wide.shape[1], deep.shape[2], b, deep.shape[3], b];
    let step = b as isize;
    let s = &wide.strides;
    let wide_view = View {
        shape: shape.to_vec(),
        strides: vec![s[0], s[1], s[2] * step, s[2], s[3] * step, s[3]],
        ..wide.clone()
    };
    let s = &deep.strides;
    let (channel, pixel) = match op.kind {
        DepthSpaceKind::Crd => (s[1] * step * step, s[1]),
        DepthSpaceKind::Dcr | DepthSpaceKind::SpaceToDepth => (s[1], s[1] * wide.shape[1] as isize),
    };
    let deep_view = View {
        shape: shape.to_vec(),
        strides: vec![s[0], channel, s[2], pixel * step, s[3], pixel],
        ..deep.clone()
    };
    let (from, to) = if backwards { (wide_view, deep_view) } else { (deep_view, wide_view) };
    cx.copy(&from, &to)
}
