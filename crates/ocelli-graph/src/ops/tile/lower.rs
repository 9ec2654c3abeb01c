use crate::OpError;
use crate::plan::{Accepts, LowerCx, View};

/// One copy between views in which each dimension is `[repeats, size]`, the source with a stride of 0 over the repeats.
pub(super) fn lower(cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let x = cx.input(0)?;
    let out = cx.output(0, Accepts::Strided, &[&x])?;
    let split = |view: &View, repeat: &dyn Fn(usize) -> isize| {
        let mut shape = Vec::new();
        let mut strides = Vec::new();
        for (i, &d) in x.shape.iter().enumerate() {
            shape.extend([out.shape[i].checked_div(d).unwrap_or(0), d]);
            strides.extend([repeat(i), view.strides[i]]);
        }
        View { shape, strides, ..view.clone() }
    };
    let from = split(&x, &|_| 0);
    let to = split(&out, &|i| out.strides[i] * x.shape[i] as isize);
    cx.copy(&from, &to)
}
