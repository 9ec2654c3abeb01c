//! Calls of `conv.winograd23` and `conv.winograd43`: convolutions of 3x3 at stride and dilation 1 with constant filters.

use ocelli_shaders::kernels::conv::winograd::{self, Form, Tile};
use ocelli_shaders::kernels::tiles::Block;
use ocelli_shaders::{Elem, Params};

use super::operands::Operands;
use super::planar::{Planar, Plane, plane, vector_rows};
use crate::ops::lowering::blocks;
use crate::plan::{Dispatch, LowerCx, View};
use crate::{OpError, TensorType};

/// Bytes that the transformed tiles of one pass may take: larger convolutions run in several passes.
const SCRATCH_BYTES: usize = 6 << 20;
/// The same on GPUs, which want large dispatches.
const GPU_SCRATCH_BYTES: usize = 48 << 20;
/// Invocations of a workgroup of the product where there are few tiles.
const LEAST_LANES: usize = 8;
/// Invocations of a workgroup of the transforms.
const TRANSFORM: usize = 64;

/// How the products at the points are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// With filters passed around the subgroup.
    Broadcast,
    /// In blocks that go through workgroup memory.
    Blocks(Block),
}

/// An algorithm and how it multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Winograd {
    pub form: Form,
    pub product: Product,
}

impl Winograd {
    /// The one for software adapters.
    pub const PASSED_AROUND: Winograd = Winograd { form: Form::F43, product: Product::Broadcast };

    /// Name among candidates.
    pub fn name(self) -> String {
        match self.product {
            Product::Broadcast => self.form.name().to_owned(),
            Product::Blocks(block) => format!("{} {}", self.form.name(), block.label()),
        }
    }
}

/// Channels and tiles from which a GPU gains by this algorithm: the transforms pay, and the products fill blocks.
const LARGE: (usize, usize) = (32, 256);

/// The ways in which these algorithms can compute the convolution, large tiles first; none for a reproducible target, because the rounding of a
/// result depends on all inputs of its tile, so that what a cut spoils would grow by a tile with each layer.
pub(super) fn variants(op: &Planar, cx: &LowerCx<'_>) -> Result<Vec<Winograd>, OpError> {
    let w = op.window;
    let fits = cx.constant(1).is_some()
        && !cx.target().reproducible
        && !op.transposed
        && op.filters.groups == 1
        && (w.kernel, w.strides, w.dilations) == ([3, 3], [1, 1], [1, 1]);
    if !fits {
        return Ok(Vec::new());
    }
    let (y, channels) = (cx.output_type(0)?, op.filters.inputs + op.filters.outputs);
    let mut all = Vec::new();
    for form in [Form::F43, Form::F23] {
        let columns = tiles(form, y).min(GPU_SCRATCH_BYTES / (form.points() * 4) / channels);
        let blocks = blocks(cx.target(), form.points(), op.filters.outputs, columns.max(1));
        let broadcast = (cx.target().broadcast_width() > 0).then_some(Product::Broadcast);
        // Transformed tiles lose too much in sums of 16 bits.
        let blocks = blocks.into_iter().filter(|b| !b.sums_halves()).map(Product::Blocks);
        let products = broadcast.into_iter().chain(blocks);
        all.extend(products.map(|product| Winograd { form, product }));
    }
    Ok(all)
}

/// Tiles of the result.
fn tiles(form: Form, y: &TensorType) -> usize {
    let [n, _, h, w] = y.shape[..] else { return 0 };
    n * h.div_ceil(form.outputs()) * w.div_ceil(form.outputs())
}

/// Whether a GPU should compute the convolution on large tiles.
pub(super) fn large(op: &Planar, y: &TensorType) -> bool {
    op.filters.inputs.min(op.filters.outputs) >= LARGE.0 && tiles(Form::F43, y) >= LARGE.1
}

/// Whether the multiplications that large tiles save pay for the transforms: these cost as much as about seven channels of the product.
/// (Measured on lavapipe: 5,700 and 4,300 instructions a tile for each input and output channel, against about 800 saved
/// for each pair of them.)
pub(super) fn worthwhile(op: &Planar, y: &TensorType) -> bool {
    let f = op.filters;
    let [n, _, h, w] = y.shape[..] else { return false };
    let (_, columns) = columns(tiles(Form::F43, y));
    let used = (n * h * w) as f64 / (columns * 16) as f64;
    // Rows that are no whole vectors make the transforms twice as dear.
    let transforms = if w % 4 == 0 { 7.0 } else { 14.0 };
    used * (f.inputs * f.outputs) as f64 > transforms * (f.inputs + f.outputs) as f64
}

/// Tiles of one invocation of the product, and all columns with those computed for nothing.
fn columns(tiles: usize) -> (usize, usize) {
    let padded = |n: usize| tiles.next_multiple_of(LEAST_LANES * n);
    let n = [4, 2, 1].into_iter().min_by_key(|&n| padded(n) * (2 + n) / n).unwrap_or(1);
    (n, padded(n))
}

/// The tile of channels with the least waste, the larger first.
pub(super) fn channel_tile(outputs: usize) -> usize {
    [32, 24, 16, 12, 8, 4].into_iter().min_by_key(|t| outputs.next_multiple_of(*t)).unwrap_or(4)
}

/// Records the convolution.
pub(super) fn lower(op: &Planar, cx: &mut LowerCx<'_>, o: &Operands<'_>, by: Winograd) -> Result<(), OpError> {
    let f = op.filters;
    let Winograd { form, product } = by;
    let (Plane { size: [in_h, in_w], strides: src }, Plane { size: [out_h, out_w], strides: to }) =
        (plane(o.x), plane(o.dst));
    let [tiles_y, tiles_x] = [out_h.div_ceil(form.outputs()), out_w.div_ceil(form.outputs())];
    let tiles = o.x.shape[0] * tiles_y * tiles_x;
    let (n, _) = columns(tiles);
    let tile = Tile { m: channel_tile(f.outputs) as u32, n: n as u32, width: cx.target().broadcast_width() };
    let (k4, rows4) = (f.inputs.div_ceil(4), f.outputs.div_ceil(4));
    let blocks = f.outputs.div_ceil(tile.m as usize);
    // Few tiles make small workgroups, so that not too many columns are computed for nothing.
    let lanes = LEAST_LANES;
    let granule = match product {
        Product::Broadcast => lanes * tile.n as usize,
        Product::Blocks(block) => block.n as usize,
    };
    let points = form.points();
    let per_tile = points * 16 * (k4 + rows4);
    let scratch = if cx.target().software { SCRATCH_BYTES } else { GPU_SCRATCH_BYTES };
    // Whole workgroups of the transforms, where a pass has that many tiles: they compute the rest of the last one for nothing.
    let fitting = scratch / per_tile;
    let unit = if fitting < TRANSFORM { granule } else { granule.max(TRANSFORM) };
    let pass = ((fitting + unit / 2) / unit * unit).clamp(granule, tiles.next_multiple_of(granule));
    let weight = match product {
        Product::Broadcast => filters(op, cx, form, tile)?,
        Product::Blocks(block) => filters_in_blocks(op, cx, form, block)?,
    };
    let wide = cx.target().wide();
    let begins = op.window.begins;
    let aligned_in = form == Form::F43 && begins[1] == 1 && vector_rows(o.x);
    let aligned_out = form == Form::F43 && o.stores_vectors();
    let flops = (2 * f.inputs * f.outputs * 9 * o.x.shape[0] * out_h * out_w) as u64;
    for first in (0..tiles).step_by(pass) {
        let columns = pass.min((tiles - first).next_multiple_of(granule));
        let v = cx.scratch(Elem::F32, &[points, k4, columns, 4]);
        let m = cx.scratch(Elem::F32, &[points, rows4, columns, 4]);
        let groups = columns.div_ceil(TRANSFORM) as u32;
        let mut params = Params::new();
        for v in [columns, first, tiles, tiles_y, tiles_x, in_h, in_w, f.inputs] {
            params = params.u32(v);
        }
        params = params.i32(begins[0]).i32(begins[1]).u32(k4).u32(o.x.offset);
        cx.dispatch_part(Dispatch {
            kernel: winograd::input(form, aligned_in, wide),
            params: src.into_iter().chain([granule]).fold(params, Params::u32),
            views: &[o.x, &v],
            workgroups: [groups, k4 as u32, 1],
            flops: 0,
        }, &[o.x], columns, tiles)?;
        let (kernel, params, groups_m, groups_n) = match product {
            Product::Broadcast => {
                let params = [k4, columns, rows4, blocks].into_iter().fold(Params::new(), Params::u32);
                (winograd::product(form, tile, lanes as u32, wide), params, blocks, columns / granule)
            }
            Product::Blocks(block) => {
                let (depth, m4) = (weight.shape[1], weight.shape[2] / 4);
                let params = [k4, columns, rows4, granule, depth, m4, 0, 0];
                let groups = (m4 * 4 / block.m as usize, columns / granule);
                (winograd::tiled(form, block), params.into_iter().fold(Params::new(), Params::u32), groups.0, groups.1)
            }
        };
        cx.dispatch(Dispatch {
            kernel,
            params,
            views: &[&weight, &v, &m],
            workgroups: [groups_n as u32, groups_m as u32, points as u32],
            flops: flops * pass.min(tiles - first) as u64 / tiles as u64,
        })?;
        let mut params = Params::new();
        for v in [columns, first, tiles, tiles_y, tiles_x, out_h, out_w, f.outputs, rows4, o.dst.offset] {
            params = params.u32(v);
        }
        params = to.into_iter().chain([granule, 0]).fold(params, Params::u32);
        params = o.epilogue_params(params);
        let shared: Vec<&View> = o.written().collect();
        let mut views = vec![&m, o.bias];
        views.extend(&shared);
        cx.dispatch_part(Dispatch {
            kernel: winograd::output(form, aligned_out, wide, o.epilogue),
            params,
            views: &views,
            workgroups: [groups, rows4 as u32, 1],
            flops: 0,
        }, &shared, columns, tiles)?;
    }
    Ok(())
}

/// The filters at the points for products in blocks: `[points, k, m]`, padded with zeros to whole slices and blocks.
fn filters_in_blocks(op: &Planar, cx: &mut LowerCx<'_>, form: Form, block: Block) -> Result<View, OpError> {
    let f = op.filters;
    let w = cx.constant(1).ok_or_else(|| OpError::invalid("the filters are no constant"))?.clone();
    let (depth, rows) =
        (f.inputs.next_multiple_of(block.k as usize), f.outputs.next_multiple_of(block.m as usize));
    let shape = [form.points(), depth, rows];
    Ok(cx.packed(&format!("weight oihw->{} pi{depth}o{rows}", form.name()), Elem::F32, &shape, move || {
        let mut out = vec![0.0f32; shape.iter().product()];
        for (i, g) in w.to_f32s().as_chunks::<9>().0.iter().enumerate() {
            let (o, c) = (i / f.inputs, i % f.inputs);
            form.filter(g, |point, value| out[(point * depth + c) * rows + o] = value);
        }
        bytemuck::allocation::pod_collect_to_vec(&out)
    }))
}

/// The filters at the points: `[points, blocks, k4, padded m, 4]`, zeros past the last channel.
fn filters(op: &Planar, cx: &mut LowerCx<'_>, form: Form, tile: Tile) -> Result<View, OpError> {
    let f = op.filters;
    let w = cx.constant(1).ok_or_else(|| OpError::invalid("the filters are no constant"))?.clone();
    let (m, padded) = (tile.m as usize, tile.padded_m() as usize);
    let (blocks, k4) = (f.outputs.div_ceil(m), f.inputs.div_ceil(4));
    let shape = [form.points(), blocks, k4, padded, 4];
    let label = format!("weight oihw->{} p{blocks}i4m{padded}", form.name());
    Ok(cx.packed(&label, Elem::F32, &shape, move || {
        let values = w.to_f32s();
        let mut out = vec![0.0f32; shape.iter().product()];
        for (i, g) in values.as_chunks::<9>().0.iter().enumerate() {
            let (o, c) = (i / f.inputs, i % f.inputs);
            form.filter(g, |point, value| {
                let row = ((point * blocks + o / m) * k4 + c / 4) * padded + o % m;
                out[row * 4 + c % 4] = value;
            });
        }
        bytemuck::allocation::pod_collect_to_vec(&out)
    }))
}
