//! Makes the gathering of blocks of pixels in front of a convolution part of its window.
//!
//! ```text
//! s0 = Slice x, [:, :, 0::2, 0::2]
//! s1 = Slice x, [:, :, 1::2, 0::2]
//! ...                                            ─▶   y = Conv[strides 2 2, kernel 6 6, pads 2 2 2 2] x, w'
//! f = Concat[axis 1] s0, s1, s2, s3
//! y = Conv[strides 1 1, kernel 3 3, pads 1 1 1 1] f, w
//! ```
//!
//! The slices take every b-th pixel of the same picture from any start, so that the filters spread over windows b times as
//! large. SpaceToDepth counts as such slices. The convolution has one group, no dilation, constant filters, and no more
//! than [`LARGEST`] taps along a dimension afterwards; only it reads what is gathered.

use ocelli_tensor::Tensor;

use super::only_reader;
use crate::ops::conv::Conv;
use crate::ops::depth_to_space::DepthSpaceKind;
use crate::ops::slice::ranges;
use crate::ops::window::{AutoPad, Window};
use crate::{Graph, Op, ValueId};

/// Most taps of a window along one dimension: what kernels read as vectors of a row.
const LARGEST: usize = 8;

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    for i in 0..graph.nodes.len() {
        if let Some((conv, source, filters)) = folded(graph, i) {
            let filters = graph.add_constant(format!("{}.spread", graph.nodes[i].name), filters);
            let node = &mut graph.nodes[i];
            node.op = conv.into();
            node.inputs[0] = Some(source);
            node.inputs[1] = Some(filters);
            changes += 1;
        }
    }
    changes
}

/// Pixels of a picture, every `b`-th along height and width, once per part: where each begins.
struct Gathered {
    source: ValueId,
    b: usize,
    parts: Vec<[usize; 2]>,
}

/// Convolution `i` over the picture itself: the operator, the picture and the filters.
fn folded(graph: &Graph, i: usize) -> Option<(Conv, ValueId, Tensor)> {
    let node = &graph.nodes[i];
    let Op::Conv(conv) = &node.op else { return None };
    let value = node.inputs.first().copied().flatten()?;
    if only_reader(graph, &graph.consumers(), value)? != i {
        return None;
    }
    let filters = graph.constant(node.inputs.get(1).copied().flatten()?)?;
    let w = &conv.window;
    let plain = conv.group == 1 && w.auto_pad == AutoPad::NotSet && w.dilations.iter().all(|&d| d == 1);
    let (&[outputs, inputs, kh, kw], true) = (filters.shape(), plain) else { return None };
    let gathered = gathered(graph, value)?;
    let &[_, channels, h, width] = &graph.ty(gathered.source)?.shape[..] else { return None };
    let b = gathered.b;
    let whole = h % b == 0 && width % b == 0 && gathered.parts.len() * channels == inputs;
    if !whole || kh.max(kw) * b > LARGEST || filters.dtype() != ocelli_tensor::DType::F32 {
        return None;
    }
    let (values, shape) = (filters.to_f32s(), [outputs, channels, kh * b, kw * b]);
    let mut spread = vec![0.0f32; shape.iter().product()];
    for (at, value) in values.into_iter().enumerate() {
        let (x, y, input, output) = (at % kw, at / kw % kh, at / (kw * kh) % inputs, at / (kw * kh * inputs));
        let [by, bx] = gathered.parts[input / channels];
        let row = ((output * channels + input % channels) * shape[2] + y * b + by) * shape[3];
        spread[row + x * b + bx] += value;
    }
    let times = |v: &[usize], n: usize| if v.is_empty() { vec![b; n] } else { v.iter().map(|s| s * b).collect() };
    let window = Window {
        kernel: vec![shape[2], shape[3]],
        strides: times(&w.strides, 2),
        dilations: Vec::new(),
        pads: w.pads.iter().map(|p| p * b as i64).collect(),
        auto_pad: AutoPad::NotSet,
    };
    Some((Conv { group: 1, window }, gathered.source, Tensor::from_vec(&shape, spread).ok()?))
}

fn producer(graph: &Graph, value: ValueId) -> Option<&crate::Node> {
    graph.nodes.iter().find(|n| n.outputs.contains(&Some(value)))
}

/// How `value` is gathered from a picture.
fn gathered(graph: &Graph, value: ValueId) -> Option<Gathered> {
    let node = producer(graph, value)?;
    match &node.op {
        Op::DepthToSpace(op) if op.kind == DepthSpaceKind::SpaceToDepth => {
            let b = op.blocksize;
            let parts = (0..b * b).map(|p| [p / b, p % b]).collect();
            Some(Gathered { source: node.inputs.first().copied().flatten()?, b, parts })
        }
        Op::Concat(op) if op.axis == 1 || op.axis == -3 => {
            let all: Vec<_> = node.inputs.iter().map(|v| strided(graph, (*v)?)).collect::<Option<_>>()?;
            let &(source, b, _) = all.first()?;
            let same = all.iter().all(|p| (p.0, p.1) == (source, b));
            let rank = graph.ty(value)?.rank();
            (same && rank == 4 && b > 1).then(|| Gathered { source, b, parts: all.into_iter().map(|p| p.2).collect() })
        }
        _ => None,
    }
}

/// The picture of which Slices take every b-th row and column to make `value`, b, and the first row and column.
fn strided(graph: &Graph, value: ValueId) -> Option<(ValueId, usize, [usize; 2])> {
    let (mut at, mut steps, mut starts) = (value, [1; 2], [0; 2]);
    while let Some((source, parts)) = slice(graph, at) {
        // This Slice counts in elements of its source.
        for (d, r) in parts.into_iter().enumerate() {
            starts[d] = r[0] + starts[d] * r[1];
            steps[d] *= r[1];
        }
        at = source;
    }
    let (shape, whole) = (&graph.ty(value)?.shape, &graph.ty(at)?.shape);
    let b = steps[0];
    let every = b == steps[1]
        && starts.iter().all(|&s| s < b)
        && shape.len() == 4
        && (0..2).all(|d| shape[2 + d] * b == whole[2 + d]);
    every.then_some((at, b, starts))
}

/// The source of `value` if it is a Slice of rows and columns alone, and start and step of both.
fn slice(graph: &Graph, value: ValueId) -> Option<(ValueId, [[usize; 2]; 2])> {
    let node = producer(graph, value)?;
    let source = node.inputs.first().copied().flatten()?;
    let i64s = |i: usize| node.inputs.get(i).copied().flatten().map(|id| graph.constant(id).map(Tensor::to_i64s));
    let (starts, ends) = (i64s(1)??, i64s(2)??);
    let optional = |i: usize| match i64s(i) {
        None => Some(None),
        Some(given) => given.map(Some),
    };
    let (axes, steps) = (optional(3)?, optional(4)?);
    let shape = &graph.ty(source)?.shape;
    if !matches!(node.op, Op::Slice(_)) || shape.len() != 4 {
        return None;
    }
    let parts = ranges(shape, &starts, &ends, axes.as_deref(), steps.as_deref()).ok()?;
    let kept = (0..2).all(|d| (parts[d].start, parts[d].len, parts[d].step) == (0, shape[d], 1));
    let planes = [2, 3].map(|d| Some([parts[d].start, usize::try_from(parts[d].step).ok()?]));
    let [y, x] = planes;
    kept.then_some((source, [y?, x?]))
}
