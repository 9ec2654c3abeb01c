//! Convolutions and pooling.

use super::field::{Dim, Field, Simple};
use super::places::{Place, Result, expect_free};
use crate::Op;
use crate::ops::window::Window;
use crate::ops::{conv, conv_transpose::ConvTranspose};

/// The result of a convolution or of pooling; `op` is that of the node, or what it is fused from.
pub(super) fn transfer(p: &Place<'_>, op: &Op) -> Result<Field> {
    let x = p.shape(0)?;
    let fail = |e: crate::OpError| e.to_string();
    let (window, shape, turned) = match op {
        Op::Conv(c) => with_filters(conv::geometry(&c.window, c.group, x, p.shape(1)?).map_err(fail)?),
        Op::ConvInteger(c) => with_filters(conv::geometry(&c.window, c.group, x, p.shape(1)?).map_err(fail)?),
        Op::QLinearConv(c) => with_filters(conv::geometry(&c.window, c.group, x, p.shape(3)?).map_err(fail)?),
        Op::Pool(c) => with_filters(c.geometry(x).map_err(fail)?),
        Op::ConvTranspose(c) => transposed(c, x, p.shape(1)?)?,
        other => return Err(format!("{other:?} is no window")),
    };
    p.only(1)?;
    let field = p.field(0)?;
    let mut dims = vec![field.0[0].clone(), Dim::free(shape[1])];
    expect_free(&field.0[1], "channels")?;
    for i in 0..window.kernel.len() {
        let (kernel, stride, dilation) = (window.kernel[i] as i64, window.strides[i], window.dilations[i] as i64);
        let (pad, out) = (window.pads[i], shape[2 + i]);
        dims.push(match field.0[2 + i].simple()? {
            Simple::Same(_) | Simple::Free(_) => Dim::free(out),
            Simple::Along(t) if turned => {
                let s = stride as i64;
                Dim::along(t.map(out, t.rate.times(stride as u64, 1), |o, add| {
                    let places = (0..kernel).map(|k| o as i64 + pad - k * dilation);
                    places.filter(|at| at.rem_euclid(s) == 0).for_each(|at| add(at.div_euclid(s)));
                }))
            }
            Simple::Along(t) => Dim::along(t.map(out, t.rate.times(1, stride as u64), |o, add| {
                (0..kernel).for_each(|k| add((o * stride) as i64 + k * dilation - pad));
            })),
        });
    }
    Ok(Field(dims))
}

fn with_filters((window, shape): (Window, Vec<usize>)) -> (Window, Vec<usize>, bool) {
    (window, shape, false)
}

fn transposed(op: &ConvTranspose, x: &[usize], w: &[usize]) -> Result<(Window, Vec<usize>, bool)> {
    let (window, shape) = op.geometry(x, w).map_err(|e| e.to_string())?;
    Ok((window, shape, true))
}
