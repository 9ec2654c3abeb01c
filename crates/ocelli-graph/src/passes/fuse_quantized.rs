//! Makes one quantised node of a convolution or matrix product between dequantised operands and a quantised result.
//!
//! ```text
//! f = DequantizeLinear x, x_scale, x_zero
//! c = Conv f, DequantizeLinear(w, w_scale, w_zero), b
//! r = Relu c                                       ─▶   y = QLinearConv[y_zero..] x, ..., w, ..., y_scale, y_zero, b'
//! y = QuantizeLinear r, y_scale, y_zero
//! ```
//!
//! Conv becomes QLinearConv; MatMul, and Gemm without factors, become QLinearMatMul. Operands and result are 8-bit integers
//! with one scale and zero point; weights are constants with one scale and zero point, or one per output channel. The bias
//! is a constant: its integers where it was dequantised with the scale of the sums, else rounded to that scale. Relu and
//! Clip with constant bounds become bounds of the result, which is exact because rounding keeps the order. Nobody else
//! reads what lies between.

use ocelli_tensor::{DType, Tensor};

use super::{only_output, only_reader};
use crate::ops::dequantize_linear::DequantizeLinear;
use crate::ops::qlinear_conv::QLinearConv;
use crate::ops::qlinear_matmul::QLinearMatMul;
use crate::ops::quantization::{quantized, range};
use crate::ops::unary::UnaryKind;
use crate::{Graph, Node, NodeId, Op, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    let mut i = 0;
    while i < graph.nodes.len() {
        match fused(graph, i) {
            Some(fusion) => {
                fusion.apply(graph);
                changes += 1;
            }
            None => i += 1,
        }
    }
    changes
}

/// A value of 8-bit integers with its scale and zero point: one each, or one per output channel.
struct Quantized {
    value: ValueId,
    scale: Tensor,
    zero: Tensor,
}

impl Quantized {
    /// What `node`, a DequantizeLinear or QuantizeLinear with constant parameters, says of the integers `value`.
    fn of(graph: &Graph, node: &Node, value: ValueId, dtype: DType) -> Option<Quantized> {
        let constant = |i: usize| node.inputs.get(i).copied().flatten().map(|id| graph.constant(id));
        let scale = constant(1)??.clone();
        let zero = match constant(2) {
            Some(zero) => zero?.clone(),
            None => Tensor::zeros(dtype, scale.shape()).ok()?,
        };
        let bytes = matches!(dtype, DType::I8 | DType::U8);
        let positive = scale.to_f32s().iter().all(|&s| s > 0.0 && s.is_finite());
        (bytes && positive && scale.dtype() == DType::F32 && zero.len() == scale.len()).then_some(Quantized {
            value,
            scale,
            zero,
        })
    }

    fn is_single(&self) -> bool {
        self.scale.len() == 1
    }

    /// The dequantisation of `node`, when it gives `f32`.
    fn dequantized(graph: &Graph, node: &Node) -> Option<(Quantized, i64)> {
        let Op::DequantizeLinear(DequantizeLinear { axis, block_size: 0, output_dtype }) = node.op else { return None };
        let value = node.inputs.first().copied().flatten()?;
        let dtype = graph.ty(value)?.dtype;
        let float = output_dtype.is_none_or(|d| d == DType::F32);
        Quantized::of(graph, node, value, dtype).filter(|_| float).map(|q| (q, axis))
    }
}

/// What replaces some nodes.
struct Fusion {
    /// The QuantizeLinear, whose place the new node takes.
    last: usize,
    gone: Vec<usize>,
    name: String,
    op: Op,
    x: Quantized,
    w: Quantized,
    /// Constant weights that replace those of `w`.
    weights: Option<Tensor>,
    y: Quantized,
    bias: Option<Tensor>,
}

impl Fusion {
    fn apply(self, graph: &mut Graph) {
        let name = self.name;
        let mut constant = |what: &str, t: Tensor| Some(graph.add_constant(format!("{name}.{what}"), t));
        let w = match self.weights {
            Some(w) => constant("weight", w),
            None => Some(self.w.value),
        };
        let mut inputs = vec![
            Some(self.x.value),
            constant("x_scale", self.x.scale),
            constant("x_zero", self.x.zero),
            w,
            constant("w_scale", self.w.scale),
            constant("w_zero", self.w.zero),
            constant("y_scale", self.y.scale),
            constant("y_zero", self.y.zero),
        ];
        inputs.extend(self.bias.map(|b| constant("bias", b)));
        let outputs = graph.nodes[self.last].outputs.clone();
        graph.nodes[self.last] = Node { name, op: self.op, inputs, outputs };
        super::remove(graph, &self.gone);
    }
}

/// The quantised node that node `i` becomes.
fn fused(graph: &Graph, i: usize) -> Option<Fusion> {
    let node = &graph.nodes[i];
    if !matches!(node.op, Op::Conv(_) | Op::MatMul(_) | Op::Gemm(_)) {
        return None;
    }
    let producers = graph.producers();
    let operand = |k: usize| node.inputs.get(k).copied().flatten();
    let NodeId(source) = producers[operand(0)?.0 as usize]?;
    let (x, _) = Quantized::dequantized(graph, &graph.nodes[source as usize])?;
    let (mut w, axis) = Quantized::dequantized(graph, graph.dequantization(operand(1)?)?)?;
    let tail = tail(graph, i)?;
    let (y, clamp) = (tail.y, tail.clamp);
    let shape = graph.ty(w.value)?.shape.clone();
    let rank = graph.ty(x.value)?.rank();
    let axis = crate::InferCx::axis(axis, shape.len()).ok();
    // The axis of output channels, and the operator.
    let (channel_axis, op) = match &node.op {
        Op::Conv(conv) => (0, Op::from(QLinearConv { group: conv.group, window: conv.window.clone(), clamp })),
        Op::Gemm(g) if g.alpha == 1.0 && g.beta == 1.0 && !g.trans_a => {
            (usize::from(!g.trans_b), QLinearMatMul { clamp }.into())
        }
        Op::MatMul(_) if shape.len() == 2 && rank >= 2 => (1, QLinearMatMul { clamp }.into()),
        _ => return None,
    };
    if !x.is_single() || !y.is_single() || !(w.is_single() || axis == Some(channel_axis)) {
        return None;
    }
    let channels = *shape.get(channel_axis)?;
    let transposed = matches!(&node.op, Op::Gemm(g) if g.trans_b);
    let weights = if transposed { Some(transpose(graph.constant(w.value)?)?) } else { None };
    let bias = match operand(2) {
        Some(id) => Some(bias(graph, id, &x.scale, &w.scale, channels)?),
        None => None,
    };
    // One element, not a vector of one.
    let scalar = |t: &Tensor| t.reshaped(&[]).ok();
    let single = |q: Quantized| Some(Quantized { scale: scalar(&q.scale)?, zero: scalar(&q.zero)?, ..q });
    if w.is_single() {
        w = single(w)?;
    }
    let name = node.name.clone();
    let gone = std::iter::once(i).chain(tail.between).collect();
    Some(Fusion { last: tail.last, gone, name, op, x: single(x)?, w, weights, y: single(y)?, bias })
}

/// What follows a node up to a QuantizeLinear.
struct Tail {
    y: Quantized,
    /// Place of the QuantizeLinear.
    last: usize,
    /// Places of the activations.
    between: Vec<usize>,
    clamp: Option<[i32; 2]>,
}

fn tail(graph: &Graph, i: usize) -> Option<Tail> {
    let consumers = graph.consumers();
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut between = Vec::new();
    let mut value = only_output(&graph.nodes[i])?;
    loop {
        if graph.ty(value)?.dtype != DType::F32 {
            return None;
        }
        let last = only_reader(graph, &consumers, value)?;
        let node = &graph.nodes[last];
        if node.inputs.first() != Some(&Some(value)) {
            return None;
        }
        let bound = |k: usize| match node.inputs.get(k).copied().flatten() {
            Some(id) => graph.constant(id)?.to_f64s().first().copied(),
            None => Some(if k == 1 { f64::NEG_INFINITY } else { f64::INFINITY }),
        };
        let (from, to) = match &node.op {
            Op::Unary(op) if op.kind == UnaryKind::Relu => (0.0, f64::INFINITY),
            Op::Clip(_) => (bound(1)?, bound(2)?),
            Op::QuantizeLinear(op) => {
                let result = only_output(node)?;
                let dtype = graph.ty(result)?.dtype;
                let y = Quantized::of(graph, node, result, dtype)?;
                let plain = op.block_size == 0 && op.precision.is_none_or(|p| p == DType::F32) && y.is_single();
                let (scale, zero) = (y.scale.to_f64s().first().copied()?, y.zero.to_f64s().first().copied()?);
                let range = range(dtype).ok()?;
                let bounds = [low, high].map(|b| quantized(b, scale, zero, DType::F32, range) as i32);
                let clamp = (low > f64::NEG_INFINITY || high < f64::INFINITY).then_some(bounds);
                return plain.then_some(Tail { y, last, between, clamp });
            }
            _ => return None,
        };
        // A NaN, or bounds that exclude each other, are left to the operators themselves.
        let ordered = from <= to && low.max(from) <= high.min(to);
        if !ordered {
            return None;
        }
        (low, high) = (low.max(from), high.min(to));
        between.push(last);
        value = only_output(node)?;
    }
}

/// The constant bias `id` as integers at the scale of the sums; `None` where they do not fit comfortably.
fn bias(graph: &Graph, id: ValueId, x_scale: &Tensor, w_scale: &Tensor, channels: usize) -> Option<Tensor> {
    let floats = graph.constant(id)?;
    if floats.len() != 1 && !(floats.len() == channels && floats.shape().last() == Some(&channels)) {
        return None;
    }
    let (x, w) = (*x_scale.to_f32s().first()?, w_scale.to_f32s());
    let scale = |m: usize| x * w[if w.len() > 1 { m } else { 0 }];
    let integers = graph.dequantization(id).and_then(|node| {
        let get = |i: usize| graph.constant(node.inputs.get(i).copied().flatten()?);
        let no_zero = node.inputs.get(2).copied().flatten().is_none() || get(2)?.to_i64s().iter().all(|&z| z == 0);
        let (values, scales) = (get(0)?, get(1)?.to_f32s());
        let near = |m: usize| {
            let (got, want) = (scales[if scales.len() > 1 { m } else { 0 }], scale(m));
            (got - want).abs() <= want * 1e-6
        };
        let same = matches!(scales.len(), 1) || scales.len() == channels;
        (no_zero && values.dtype() == DType::I32 && values.len() == channels && same && (0..channels).all(near))
            .then(|| values.to_i64s())
    });
    let values = floats.to_f64s();
    let all: Vec<i64> = integers.unwrap_or_else(|| {
        (0..channels)
            .map(|m| (values[if values.len() > 1 { m } else { 0 }] / f64::from(scale(m))).round_ties_even() as i64)
            .collect()
    });
    let fits = all.iter().all(|b| b.abs() < 1 << 30);
    if fits { Tensor::from_i64s(DType::I32, &[channels], &all).ok() } else { None }
}

/// A matrix of integers transposed.
fn transpose(t: &Tensor) -> Option<Tensor> {
    let &[n, k] = t.shape() else { return None };
    let values = t.to_i64s();
    let turned: Vec<i64> = (0..k).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| values[j * k + i]).collect();
    Tensor::from_i64s(t.dtype(), &[k, n], &turned).ok()
}
