//! What Conv and ConvTranspose share on the device: packed filters, and calls of `conv.direct` and `conv.transposed`.

use ocelli_shaders::kernels::conv::direct::{self, Mode};
use ocelli_shaders::{Elem, Params, linear_grid};
use ocelli_tensor::Tensor;

use super::variants::Variant;
use super::operands::Operands;
use super::{broadcast, depthwise, implicit_gemm, variants, winograd};
use crate::OpError;
use crate::ops::fused::Tail;
use crate::ops::window::Window;
use crate::plan::{Accepts, Dispatch, LowerCx, View};

/// Filters of all groups, `[G * outputs, inputs, taps...]`, or `[G * inputs, outputs, taps...]` with `inputs_first`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filters {
    pub groups: usize,
    /// Output channels of a group.
    pub outputs: usize,
    /// Input channels of a group.
    pub inputs: usize,
    pub inputs_first: bool,
}

/// A window over two spatial dimensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window2 {
    pub kernel: [usize; 2],
    pub strides: [usize; 2],
    pub dilations: [usize; 2],
    pub begins: [i64; 2],
}

/// A resolved window of one or two dimensions; one dimension becomes a single column.
pub(crate) fn hw(window: &Window) -> Result<Window2, OpError> {
    let pair = |v: &[usize]| match *v {
        [h] => Ok([h, 1]),
        [h, w] => Ok([h, w]),
        _ => Err(OpError::host_only("more than two spatial dimensions")),
    };
    Ok(Window2 {
        kernel: pair(&window.kernel)?,
        strides: pair(&window.strides)?,
        dilations: pair(&window.dilations)?,
        begins: [window.pads[0], if window.kernel.len() == 2 { window.pads[1] } else { 0 }],
    })
}

/// Sizes and strides of a plane: height, width, and the strides of n, c, y, x.
pub(crate) struct Plane {
    pub size: [usize; 2],
    pub strides: [usize; 4],
}

/// The plane of a view of rank 3 (a single column) or 4.
pub(crate) fn plane(v: &View) -> Plane {
    let s = |i: usize| v.strides.get(i).map_or(0, |&s| s as usize);
    let width = v.shape.get(3).copied().unwrap_or(1);
    Plane { size: [v.shape[2], width], strides: [s(0), s(1), s(2), s(3)] }
}

/// Whether the rows of a view are runs of whole vectors of four.
pub(crate) fn vector_rows(v: &View) -> bool {
    let Plane { size, strides } = plane(v);
    let whole = |s: usize| s % 4 == 0;
    v.shape.len() == 4
        && whole(size[1])
        && strides[3] == 1
        && whole(v.offset)
        && strides[..3].iter().zip(&v.shape).all(|(&s, &d)| whole(s) || d == 1)
}

/// A view of rank 3 as planes of one column.
fn as_plane(v: &View) -> View {
    let mut v = v.clone();
    v.shape.push(1);
    v.strides.push(0);
    v
}

impl Filters {
    /// Which of the filters maps input `i` of group `g` to its output `o`.
    pub fn position(self, g: usize, o: usize, i: usize) -> usize {
        let Filters { outputs, inputs, inputs_first, .. } = self;
        if inputs_first { (g * inputs + i) * outputs + o } else { (g * outputs + o) * inputs + i }
    }

    /// Input 1 of the node as `[G, blocks, taps, inputs, toc]`, padded with zeros: packed when it is prepared if it is a
    /// constant, else copied on the device, which needs `toc` to divide the output channels.
    pub fn packed(self, cx: &mut LowerCx<'_>, toc: usize) -> Result<View, OpError> {
        let taps: usize = cx.input_type(1)?.shape[2..].iter().product();
        let Filters { groups, outputs, inputs, inputs_first } = self;
        let blocks = outputs.div_ceil(toc);
        let shape = [groups, blocks, taps, inputs, toc];
        if let Some(w) = cx.constant(1) {
            let w = w.clone();
            let label = format!("weight {}->gb(hw)i{toc}", if inputs_first { "iohw" } else { "oihw" });
            return Ok(cx.packed(&label, Elem::F32, &shape, move || {
                bytemuck::allocation::pod_collect_to_vec(&self.pack(&w.to_f32s(), taps, toc))
            }));
        }
        let w = cx.dense_input(1)?;
        let (split, order): ([usize; 5], [usize; 5]) = if inputs_first {
            ([groups, inputs, blocks, toc, taps], [0, 2, 4, 1, 3])
        } else {
            ([groups, blocks, toc, inputs, taps], [0, 1, 4, 3, 2])
        };
        let w = w.reshape(&split).ok_or_else(|| OpError::host_only("the weights have no dense layout"))?;
        let out = cx.scratch(Elem::F32, &shape);
        cx.copy(&w.transpose(&order), &out)?;
        Ok(out)
    }

    /// Host values in the order of [`Filters::packed`].
    pub fn pack<T: Copy + Default>(self, w: &[T], taps: usize, toc: usize) -> Vec<T> {
        let Filters { groups, outputs, inputs, .. } = self;
        let blocks = outputs.div_ceil(toc);
        let mut out = vec![T::default(); groups * blocks * taps * inputs * toc];
        for g in 0..groups {
            for o in 0..outputs {
                for i in 0..inputs {
                    let filter = self.position(g, o, i);
                    let base = (g * blocks + o / toc) * taps;
                    for t in 0..taps {
                        out[((base + t) * inputs + i) * toc + o % toc] = w[filter * taps + t];
                    }
                }
            }
        }
        out
    }

    /// The largest of the tiles `all` (ascending) that wastes no lane, or for variable weights divides the channels.
    pub fn tile(self, constant: bool, all: &[usize]) -> usize {
        let fits = |&&t: &&usize| if constant { t <= self.outputs.next_multiple_of(4) && (t > 1 || self.outputs == 1) } else { self.outputs % t == 0 };
        all.iter().rev().find(fits).copied().unwrap_or(1)
    }
}

/// Input `i` as a dense vector of `len` at offset 0; zeros when it is omitted.
pub(crate) fn bias(cx: &mut LowerCx<'_>, i: usize, len: usize) -> Result<View, OpError> {
    if cx.has_input(i) && cx.constant(i).is_none() {
        let b = cx.input(i)?;
        if b.is_dense() && b.offset == 0 {
            return Ok(b);
        }
        let out = cx.scratch(b.elem, &b.shape);
        cx.copy(&b, &out)?;
        return Ok(out);
    }
    let values = cx.constant(i).map_or_else(|| vec![0.0; len], Tensor::to_f32s);
    Ok(cx.packed("bias", Elem::F32, &[len], move || bytemuck::allocation::pod_collect_to_vec(&values)))
}

/// A convolution over planes.
pub(crate) struct Planar {
    pub transposed: bool,
    pub filters: Filters,
    pub window: Window2,
}

impl Planar {
    /// Records the node's convolution of input 0 with input 1 and bias 2.
    pub fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        let x = cx.input(0)?;
        let x = if x.is_forward() { x } else { cx.dense(&x)? };
        if x.elems() == 0 {
            return Err(OpError::host_only("an empty tensor"));
        }
        let f = self.filters;
        let variant = variants::choose(self, cx, &x)?;
        let mut tail = Tail::new(cx)?;
        let bias = bias(cx, 2, f.outputs * f.groups)?;
        // No call of Winograd's reads the input and writes the result, so that they may lie in one buffer.
        let read = (!matches!(variant, Variant::Winograd(_))).then_some(&x);
        let reads: Vec<&View> = read.into_iter().chain(&tail.operands).collect();
        let dst = match cx.output_in_parts(0, &reads).filter(|_| !self.transposed) {
            Some(dst) => dst,
            None => cx.output(0, Accepts::Rows, &reads)?,
        };
        if dst.elems() == 0 {
            return Ok(());
        }
        let (dst, more, split) = tail.placed(&dst)?;
        let four = |v: &View| if v.shape.len() == 3 { as_plane(v) } else { v.clone() };
        let (x, dst, more) = (four(&x), four(&dst), more.iter().map(four).collect::<Vec<_>>());
        let epilogue = &tail.epilogue;
        let operands = Operands { x: &x, bias: &bias, dst: &dst, epilogue, more: &more, split: split.as_ref() };
        match variant {
            Variant::Winograd(by) => winograd::lower(self, cx, &operands, by),
            Variant::Depthwise => depthwise::lower(self, cx, &operands),
            Variant::ImplicitGemm(block) => implicit_gemm::lower(self, cx, &operands, block),
            Variant::Broadcast => broadcast::lower(self, cx, &operands),
            Variant::Direct => self.direct(cx, &operands),
        }
    }

    /// Records the convolution by `conv.direct` or `conv.transposed`.
    fn direct(&self, cx: &mut LowerCx<'_>, o: &Operands<'_>) -> Result<(), OpError> {
        let f = self.filters;
        let sizes: Vec<usize> = direct::TILES.iter().map(|t| t.oc as usize).collect();
        let toc = f.tile(cx.constant(1).is_some(), &sizes);
        let tile = direct::TILES.into_iter().find(|t| t.oc as usize == toc).unwrap_or(direct::TILES[0]);
        let weight = f.packed(cx, toc)?;
        let (x, dst) = (o.x, o.dst);
        let (batch, blocks) = (x.shape[0], f.outputs.div_ceil(toc));
        let Window2 { kernel: [kh, kw], strides: [sh, sw], dilations: [dh, dw], begins: [top, left] } = self.window;
        let (Plane { size: [in_h, in_w], strides: src }, Plane { size: [out_h, out_w], strides: to }) = (plane(x), plane(dst));
        let [class_h, class_w] = if self.transposed { [sh, sw] } else { [1, 1] };
        let (rows, cols) = (out_h.div_ceil(class_h).div_ceil(tile.rows as usize), out_w.div_ceil(class_w));
        let tiles = class_h * rows * class_w * cols;
        let mode = match (self.transposed, kh, sh, dh) {
            (true, ..) => Mode::Transposed,
            (false, 3, 1, 1) => Mode::Column,
            _ => Mode::Direct,
        };
        let mut params = Params::new();
        for v in [in_h, in_w, out_h, out_w, f.inputs, f.outputs, f.groups, blocks, kh, kw, sh, sw, dh, dw] {
            params = params.u32(v);
        }
        params = params.i32(top).i32(left).u32(x.offset);
        for v in src.into_iter().chain([dst.offset]).chain(to).chain([batch, tiles, class_h, class_w, rows, cols]) {
            params = params.u32(v);
        }
        params = o.epilogue_params(params);
        let mut views = vec![x, &weight, o.bias];
        views.extend(o.written());
        let outputs = (batch * f.groups * f.outputs) as u64;
        let pixels = if self.transposed { in_h * in_w } else { out_h * out_w };
        cx.dispatch(Dispatch {
            kernel: direct::kernel(tile, mode, o.epilogue),
            params,
            views: &views,
            workgroups: linear_grid(batch * f.groups * blocks * tiles.div_ceil(direct::WORKGROUP as usize), 1),
            flops: 2 * outputs * (f.inputs * kh * kw * pixels) as u64,
        })
    }
}
