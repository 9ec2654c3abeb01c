//! Convolutions and matrix products of packed bytes, requantised: calls of `quantized.conv` and `quantized.depthwise`.

use std::sync::Arc;

use ocelli_shaders::kernels::conv::broadcast::Tile;
use ocelli_shaders::kernels::quantized::{self, DEPTHWISE_WORKGROUP, Products, Row};
use ocelli_shaders::{Elem, MAX_WORKGROUPS, Params};
use ocelli_tensor::{DType, Tensor};

use crate::OpError;
use crate::ops::conv::planar::Window2;
use crate::plan::{Dispatch, LowerCx, View};

/// Largest magnitude up to which sums of floats are exact.
const EXACT: i64 = 1 << 24;
/// Largest magnitude of a packed byte.
const BYTE: i64 = 128;
/// Channels of a tile.
const TILES: [usize; 6] = [4, 8, 12, 16, 24, 32];
/// Channels of a tile of `dot4I8Packed`, whose weights every invocation loads.
const DOT_TILES: [usize; 3] = [4, 8, 16];
/// Invocations of a workgroup on software adapters: few, so that small planes waste little.
const LANES: [usize; 3] = [8, 64, 256];
/// Most columns that an invocation of `quantized.depthwise` reads.
const WIDEST: u32 = 40;

/// Filters and bias of a quantised product, `[outputs, inputs of a group, taps]`, less their zero points.
pub(crate) struct Filters {
    pub groups: usize,
    pub outputs: usize,
    /// Input channels of a group.
    pub inputs: usize,
    pub taps: usize,
    values: Arc<Vec<i8>>,
    bias: Vec<i32>,
    /// Largest magnitude that a sum with its bias can have.
    largest: i64,
}

impl Filters {
    /// The filters of `values` in rows of `[outputs]`; `None` where a weight less its zero point is no byte, or a bias no
    /// 32-bit integer. `x_zero` is the zero point of the input in the signed form; it goes into the bias.
    pub fn new(shape: [usize; 4], values: &[i64], bias: Option<&Tensor>, x_zero: i64) -> Option<Filters> {
        let [groups, outputs, inputs, taps] = shape;
        let bytes: Vec<i8> = values.iter().map(|&v| i8::try_from(v).ok()).collect::<Option<_>>()?;
        let given = bias.map(Tensor::to_i64s);
        let mut all = Vec::with_capacity(outputs);
        let mut largest = 0;
        for (m, filter) in bytes.chunks((inputs * taps).max(1)).enumerate() {
            let sum: i64 = filter.iter().map(|&w| i64::from(w)).sum();
            let magnitude: i64 = filter.iter().map(|&w| i64::from(w).abs()).sum();
            let b = given.as_ref().map_or(Some(0), |b| b.get(m).copied())? - x_zero * sum;
            all.push(i32::try_from(b).ok()?);
            largest = largest.max(magnitude * BYTE + b.abs());
        }
        let fits = all.len() == outputs && largest <= i64::from(i32::MAX);
        fits.then(|| Filters { groups, outputs, inputs, taps, values: Arc::new(bytes), bias: all, largest })
    }

    /// The words of input that the blocks of `m` output channels read, and how many each does.
    fn words(&self, m: usize) -> (usize, usize) {
        let per_group = (self.outputs / self.groups.max(1)).max(1);
        let c4 = (self.groups * self.inputs).div_ceil(4);
        let reads = (0..self.outputs.div_ceil(m)).map(|block| {
            let last = ((block + 1) * m).min(self.outputs) - 1;
            ((last / per_group + 1) * self.inputs).div_ceil(4) - self.first(block * m)
        });
        (c4, reads.max().unwrap_or(1).max(1))
    }

    /// The first word of input that output channel `m` reads.
    fn first(&self, m: usize) -> usize {
        m / (self.outputs / self.groups.max(1)).max(1) * self.inputs / 4
    }

    /// Calls `put(block, tap, word, m, byte, weight)` for every weight.
    fn for_each(&self, tile: usize, mut put: impl FnMut(usize, usize, usize, usize, usize, i8)) {
        let (c4, k4) = self.words(tile);
        let per_group = (self.outputs / self.groups.max(1)).max(1);
        for m in 0..self.outputs {
            let block = m / tile;
            let start = self.first(block * tile).min(c4 - k4);
            for i in 0..self.inputs {
                let channel = m / per_group * self.inputs + i;
                for tap in 0..self.taps {
                    let weight = self.values[(m * self.inputs + i) * self.taps + tap];
                    put(block, tap, channel / 4 - start, m % tile, channel % 4, weight);
                }
            }
        }
    }

    /// As `[blocks, taps, k4, tile]` words of four bytes.
    fn as_words(&self, tile: usize) -> Vec<u8> {
        let (_, k4) = self.words(tile);
        let mut out = vec![0u8; self.outputs.div_ceil(tile) * self.taps * k4 * tile * 4];
        self.for_each(tile, |block, tap, word, m, byte, weight| {
            out[((((block * self.taps + tap) * k4 + word) * tile + m) * 4) + byte] = weight.to_le_bytes()[0];
        });
        out
    }

    /// As `[blocks, taps, k4, padded]` vectors of four floats.
    fn as_floats(&self, tile: usize, padded: usize) -> Vec<u8> {
        let (_, k4) = self.words(tile);
        let mut out = vec![0.0f32; self.outputs.div_ceil(tile) * self.taps * k4 * padded * 4];
        self.for_each(tile, |block, tap, word, m, byte, weight| {
            out[((((block * self.taps + tap) * k4 + word) * padded + m) * 4) + byte] = f32::from(weight);
        });
        bytemuck::allocation::pod_collect_to_vec(&out)
    }
}

/// What a sum becomes.
pub(crate) struct Requantization {
    /// Per output channel.
    pub scales: Vec<f32>,
    /// Zero point and bounds of the result.
    pub zero: i64,
    pub low: i64,
    pub high: i64,
}

impl Requantization {
    /// Of results of `dtype` with this zero point, within `clamp`, in the signed form.
    pub fn new(dtype: DType, scales: Vec<f32>, zero: i64, clamp: Option<[i32; 2]>) -> Requantization {
        let [low, high] = bounds(dtype, clamp).map(|b| b - signed(dtype));
        Requantization { scales, zero: zero - signed(dtype), low, high }
    }
}

/// What unsigned bytes have more than the packed ones.
pub(crate) fn signed(dtype: DType) -> i64 {
    if dtype == DType::U8 { BYTE } else { 0 }
}

/// The smallest and largest result of `dtype` within `clamp`.
pub(crate) fn bounds(dtype: DType, clamp: Option<[i32; 2]>) -> [i64; 2] {
    let [low, high] = if dtype == DType::I8 { [-128, 127] } else { [0, 255] };
    let [from, to] = clamp.map_or([low, high], |c| c.map(i64::from));
    [from.clamp(low, high), to.clamp(low, high)]
}

/// Where the words of a plane lie: sizes of height and width, and strides of batch, words, rows and columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    pub size: [usize; 2],
    pub strides: [usize; 4],
}

impl Words {
    /// Of `[N, c4, h, w]` without gaps.
    pub fn planes(c4: usize, size: [usize; 2]) -> Words {
        let [h, w] = size;
        Words { size, strides: [c4 * h * w, h * w, w, 1] }
    }

    /// Of `rows` rows of `c4` words, as one row of pixels.
    pub fn rows(c4: usize, rows: usize) -> Words {
        Words { size: [1, rows], strides: [0, 1, 0, c4] }
    }
}

/// A quantised convolution of packed bytes.
pub(crate) struct Problem<'a> {
    pub filters: &'a Filters,
    pub requantization: &'a Requantization,
    pub window: Window2,
    pub batch: usize,
    pub src: Words,
    pub dst: Words,
    /// Zero point of the input in the signed form.
    pub x_zero: i64,
}

impl Problem<'_> {
    /// Whether the grid has room for every variant.
    pub fn fits(&self) -> bool {
        let most = MAX_WORKGROUPS as usize;
        let pixels: usize = self.dst.size.iter().product();
        self.batch <= most && self.filters.outputs <= most && pixels <= most * DEPTHWISE_WORKGROUP as usize
    }

    fn row(&self) -> Option<Row> {
        let f = self.filters;
        let w = self.window;
        let row = Row { kernel: w.kernel[1] as u32, stride: w.strides[1] as u32, dilation: w.dilations[1] as u32 };
        let depthwise = f.inputs == 1 && f.groups == f.outputs && f.groups > 1;
        (depthwise && row.columns() <= WIDEST && f.largest < EXACT).then_some(row)
    }

    /// Records the convolution of `x` into `y`.
    pub fn lower(&self, cx: &mut LowerCx<'_>, x: &View, y: &View) -> Result<(), OpError> {
        let mut candidates = vec!["dot"];
        if cx.target().broadcast_width() > 0 && self.filters.largest < EXACT {
            candidates.insert(usize::from(!cx.target().software), "floats");
        }
        if self.row().is_some() {
            candidates.insert(0, "depthwise");
        }
        let (f, w) = (self.filters, self.window);
        let key = format!(
            "quantized x{}x{:?} i{} o{} g{} k{:?} s{:?} d{:?} p{:?}",
            self.batch, self.src.size, f.inputs, f.outputs, f.groups, w.kernel, w.strides, w.dilations, w.begins
        );
        let taken = cx.choose(key, candidates.into_iter().map(str::to_owned).collect());
        match (&taken[..], self.row()) {
            ("depthwise", Some(row)) => self.depthwise(cx, row, x, y),
            ("floats", _) => self.conv(cx, Products::Floats { wide: cx.target().wide() }, x, y),
            _ => self.conv(cx, Products::Dot, x, y),
        }
    }

    fn params(&self, c4: usize, k4: usize, positions: usize) -> Params {
        let (f, w, r) = (self.filters, self.window, self.requantization);
        let [sizes, to] = [self.src.size, self.dst.size];
        let mut params =
            [sizes[0], sizes[1], to[0], to[1], c4, k4, f.inputs].into_iter().fold(Params::new(), Params::u32);
        for v in [f.outputs / f.groups.max(1), f.outputs, w.kernel[0], w.kernel[1]] {
            params = params.u32(v);
        }
        params = w.strides.into_iter().chain(w.dilations).fold(params, Params::u32);
        params = params.i32(w.begins[0]).i32(w.begins[1]);
        for v in self.src.strides.into_iter().chain(self.dst.strides) {
            params = params.u32(v);
        }
        let byte = (self.x_zero & 255) as usize;
        params = params.u32(positions).u32(byte * 0x0101_0101);
        params.f32(r.zero as f32).f32(r.low as f32).f32(r.high as f32).u32(0).u32(0)
    }

    /// Bias and scales of the output channels in whole vectors.
    fn per_channel(&self, cx: &mut LowerCx<'_>, acc: Elem) -> [View; 2] {
        let padded = self.filters.outputs.next_multiple_of(4);
        let (mut bias, mut scales) = (self.filters.bias.clone(), self.requantization.scales.clone());
        bias.resize(padded, 0);
        scales.resize(padded, 0.0);
        let bias = cx.packed(&format!("bias {acc}"), acc, &[padded], move || match acc {
            Elem::F32 => bias.iter().flat_map(|&b| (b as f32).to_le_bytes()).collect(),
            _ => bytemuck::allocation::pod_collect_to_vec(&bias),
        });
        [bias, cx.packed("scales", Elem::F32, &[padded], move || bytemuck::allocation::pod_collect_to_vec(&scales))]
    }

    fn flops(&self) -> u64 {
        let f = self.filters;
        2 * (self.batch * f.outputs * f.inputs * f.taps * self.dst.size.iter().product::<usize>()) as u64
    }

    fn depthwise(&self, cx: &mut LowerCx<'_>, row: Row, x: &View, y: &View) -> Result<(), OpError> {
        let f = self.filters;
        let (c4, taps) = (f.outputs.div_ceil(4), f.taps);
        let positions = self.dst.size[0] * self.dst.size[1].div_ceil(4);
        let [bias, scales] = self.per_channel(cx, Elem::F32);
        let values = f.values.clone();
        let weight = cx.packed("weight c(hw)->c4(hw)4", Elem::F32, &[c4, taps, 4], move || {
            let mut out = vec![0.0f32; c4 * taps * 4];
            for (i, &w) in values.iter().enumerate() {
                let (c, tap) = (i / taps, i % taps);
                out[(c / 4 * taps + tap) * 4 + c % 4] = f32::from(w);
            }
            bytemuck::allocation::pod_collect_to_vec(&out)
        });
        cx.dispatch(Dispatch {
            kernel: quantized::depthwise(row),
            params: self.params(c4, c4, positions),
            views: &[x, &weight, &bias, &scales, y],
            workgroups: [positions.div_ceil(DEPTHWISE_WORKGROUP as usize), c4, self.batch].map(|w| w as u32),
            flops: self.flops(),
        })
    }

    fn conv(&self, cx: &mut LowerCx<'_>, products: Products, x: &View, y: &View) -> Result<(), OpError> {
        let f = self.filters;
        let target = cx.target();
        // No wider than a group, so that a block reads few words that it has no weights for.
        let most = (f.outputs / f.groups.max(1)).next_multiple_of(4);
        let tiles: &[usize] = if products == Products::Dot { &DOT_TILES } else { &TILES };
        let cost = |t: &usize| f.outputs.div_ceil(*t) * (24 + t);
        let m = tiles.iter().copied().filter(|t| *t <= most).min_by_key(cost).unwrap_or(4);
        let positions: usize = self.dst.size.iter().product();
        let least = if target.software { LANES[0] } else { LANES[1] };
        // The least work over whole workgroups: a fixed part per block for the weights, and the pixels themselves.
        let n = (1..=4).rev().min_by_key(|n| positions.div_ceil(least * n) * (2 + n)).unwrap_or(4);
        let room = |lanes: usize| positions.div_ceil(lanes * n) <= MAX_WORKGROUPS as usize;
        let lanes = LANES.into_iter().find(|l| *l >= least && room(*l)).unwrap_or(LANES[2]);
        let tile = Tile { m: m as u32, n: n as u32, width: target.broadcast_width().max(4) };
        let (c4, k4) = f.words(m);
        let blocks = f.outputs.div_ceil(m);
        let copy = Filters { values: f.values.clone(), bias: Vec::new(), ..*f };
        let weight = match products {
            Products::Dot => {
                let shape = [blocks, f.taps, k4, m];
                cx.packed(&format!("weight {shape:?} bytes"), Elem::U32, &shape, move || copy.as_words(m))
            }
            Products::Floats { .. } => {
                let padded = tile.padded_m() as usize;
                let shape = [blocks, f.taps, k4, padded, 4];
                cx.packed(&format!("weight {shape:?}"), Elem::F32, &shape, move || copy.as_floats(m, padded))
            }
        };
        let [bias, scales] = self.per_channel(cx, products.acc());
        cx.dispatch(Dispatch {
            kernel: quantized::conv(tile, products, lanes as u32),
            params: self.params(c4, k4, positions),
            views: &[x, &weight, &bias, &scales, y],
            workgroups: [positions.div_ceil(lanes * n), blocks, self.batch].map(|w| w as u32),
            flops: self.flops(),
        })
    }
}
