//! Calls of `conv.general`: three spatial dimensions, and integers.

use ocelli_shaders::kernels::conv::general::{self, Numbers, TILE_OC};
use ocelli_shaders::pointwise::Epilogue;
use ocelli_shaders::{Params, linear_grid};

use super::planar::Filters;
use crate::OpError;
use crate::ops::window::Window;
use crate::plan::{Dispatch, LowerCx, View};

/// Zero points and bounds of integers; zeros for floats.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quantization {
    pub src_zero: i64,
    pub dst_zero: i64,
    pub low: i64,
    pub high: i64,
}

/// A convolution over up to three spatial dimensions.
pub(crate) struct General<'a> {
    pub numbers: Numbers,
    pub transposed: bool,
    pub filters: Filters,
    pub window: &'a Window,
    pub quantization: Quantization,
}

/// The last spatial dimensions of `v` as depth, height and width; those missing in front are `fill`.
pub(crate) fn dhw<T: Copy>(v: &[T], fill: T) -> Result<[T; 3], OpError> {
    match *v {
        [w] => Ok([fill, fill, w]),
        [h, w] => Ok([fill, h, w]),
        [d, h, w] => Ok([d, h, w]),
        _ => Err(OpError::host_only("more than three spatial dimensions")),
    }
}

impl General<'_> {
    /// Records the convolution of `inputs` (source, weights as [`Filters::packed`] for [`TILE_OC`], bias, and scales when
    /// quantized) into `dst`; all strides must not be negative.
    pub fn dispatch(&self, cx: &mut LowerCx<'_>, inputs: &[&View], dst: &View) -> Result<(), OpError> {
        let Some(&x) = inputs.first() else {
            return Err(OpError::invalid("no source"));
        };
        if dst.elems() == 0 {
            return Ok(());
        }
        let (f, w) = (self.filters, self.window);
        let n = w.kernel.len();
        let blocks = f.outputs.div_ceil(TILE_OC);
        let mut params = [f.inputs, f.outputs, f.groups, blocks].into_iter().fold(Params::new(), Params::u32);
        for v in [&x.shape[2..], &dst.shape[2..], &w.kernel, &w.strides, &w.dilations] {
            params = dhw(v, 1)?.into_iter().fold(params, Params::u32);
        }
        params = dhw(&w.pads[..n], 0)?.into_iter().fold(params, Params::i32);
        for v in [x, dst] {
            let strides: Vec<usize> = v.strides.iter().map(|&s| s as usize).collect();
            params = params.u32(v.offset).u32(strides[0]).u32(strides[1]);
            params = dhw(&strides[2..], 0)?.into_iter().fold(params, Params::u32);
        }
        let q = self.quantization;
        params = params.u32(x.shape[0]).i32(q.src_zero).i32(q.dst_zero).i32(q.low).i32(q.high).u32(0);
        let outputs: usize = dst.shape[2..].iter().product();
        let pixels: usize = if self.transposed { x.shape[2..].iter().product() } else { outputs };
        let taps: usize = w.kernel.iter().product();
        let mut views = inputs.to_vec();
        views.push(dst);
        cx.dispatch(Dispatch {
            kernel: general::kernel(self.numbers, self.transposed, &Epilogue::none()),
            params,
            views: &views,
            workgroups: linear_grid(x.shape[0] * f.groups * blocks * outputs.div_ceil(general::WORKGROUP as usize), 1),
            flops: 2 * (x.shape[0] * f.groups * f.outputs * f.inputs * taps * pixels) as u64,
        })
    }
}

/// Lowers the node's convolution of floats: input 0 with input 1 and bias 2.
pub(crate) fn lower_floats(
    transposed: bool,
    filters: Filters,
    window: &Window,
    cx: &mut LowerCx<'_>,
) -> Result<(), OpError> {
    if matches!(cx.node().op, crate::Op::Fused(_)) {
        return Err(OpError::host_only("a chain behind three spatial dimensions"));
    }
    let x = cx.input(0)?;
    let x = if x.is_forward() { x } else { cx.dense(&x)? };
    dhw(&window.kernel, 1)?;
    if x.elems() == 0 {
        return Err(OpError::host_only("an empty tensor"));
    }
    if cx.constant(1).is_none() && filters.outputs % TILE_OC != 0 {
        return Err(OpError::host_only("variable weights whose channels are no multiple of four"));
    }
    let weight = filters.packed(cx, TILE_OC)?;
    let bias = super::planar::bias(cx, 2, filters.outputs * filters.groups)?;
    let dst = cx.output(0, crate::plan::Accepts::Rows, &[&x, &weight, &bias])?;
    let general = General {
        numbers: Numbers::Float,
        transposed,
        filters,
        window,
        quantization: Quantization::default(),
    };
    general.dispatch(cx, &[&x, &weight, &bias], &dst)
}
