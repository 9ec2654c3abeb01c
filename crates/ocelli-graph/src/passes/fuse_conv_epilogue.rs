//! Makes the elementwise chain behind a convolution part of its kernel.
//!
//! ```text
//! c = Conv x, w, b
//! y = Pointwise [PRelu i0, i1; Add s0, i2] c, slope, r   ─▶   y = Conv[PRelu; Add] x, w, b, slope, r
//! ```
//!
//! The convolution has one or two spatial dimensions, nobody else reads its result, the chain keeps its shape and dtype,
//! and at most [`MAX_EXTRA`] of the chain's other operands need a buffer.

use ocelli_tensor::DType;

use super::fuse_elementwise::{behind, buffers, on_device};
use super::{is_conv, only_output, only_reader};
use crate::ops::fused::{Fused, MAIN_INPUTS};
use crate::ops::scalar::is_elementwise;
use crate::{Graph, Node, Op};

/// Most tensors that an epilogue reads beside the convolution's result: a kernel has four buffers of its own and eight
/// in all, and one is kept for what it may need later.
pub(super) const MAX_EXTRA: usize = 3;

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    let mut i = 0;
    while i < graph.nodes.len() {
        match fused(graph, i) {
            Some((reader, node)) => {
                graph.nodes[reader] = node;
                super::remove(graph, &[i]);
                changes += 1;
            }
            None => i += 1,
        }
    }
    changes
}

/// Whether kernels with an epilogue compute in this dtype.
pub(super) fn storable(dtype: DType) -> bool {
    matches!(dtype, DType::F32 | DType::F16 | DType::BF16)
}

/// The node that replaces the reader of convolution `i`, and the place of the reader.
fn fused(graph: &Graph, i: usize) -> Option<(usize, Node)> {
    let conv = &graph.nodes[i];
    if !is_conv(&conv.op) || conv.inputs.len() > MAIN_INPUTS {
        return None;
    }
    let value = only_output(conv)?;
    let reader = only_reader(graph, &graph.consumers(), value)?;
    let tail = &graph.nodes[reader];
    let (before, after) = (graph.ty(value)?, graph.ty(only_output(tail)?)?);
    if !is_elementwise(&tail.op) || before != after || !(3..=4).contains(&before.rank()) || !storable(before.dtype) {
        return None;
    }
    let (chain, ordered) = behind(tail, value);
    if buffers(graph, &ordered[1..]) > MAX_EXTRA || !on_device(graph, &chain, &ordered) {
        return None;
    }
    let mut operands = conv.inputs.clone();
    operands.resize(MAIN_INPUTS, None);
    operands.extend(ordered[1..].iter().copied().map(Some));
    let op = Op::Fused(Fused::new(conv.op.clone(), chain));
    Some((reader, Node { name: conv.name.clone(), op, inputs: operands, outputs: tail.outputs.clone() }))
}
