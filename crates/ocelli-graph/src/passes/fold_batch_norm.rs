//! Makes batch normalization part of the weights in front of it.
//!
//! ```text
//! c = Conv x, w, b
//! y = BatchNormalization c, scale, shift, mean, var   ─▶   y = Conv x, w * s, (b - mean) * s + shift
//! ```
//!
//! where `s = scale / sqrt(var + epsilon)` per channel. Conv, ConvTranspose and Gemm with constant weights, whose result
//! nobody else reads.

use ocelli_tensor::Tensor;

use super::{only_output, only_reader};
use crate::{Graph, Node, Op, ValueId};

pub(super) fn run(graph: &mut Graph) -> usize {
    let mut changes = 0;
    let mut i = 0;
    while i < graph.nodes.len() {
        if fold(graph, i).is_some() {
            changes += 1;
        } else {
            i += 1;
        }
    }
    changes
}

/// Scale and shift per channel of a normalization whose statistics are constants.
fn affine(graph: &Graph, node: &Node) -> Option<(Vec<f64>, Vec<f64>)> {
    let Op::BatchNormalization(op) = &node.op else { return None };
    if op.training_mode {
        return None;
    }
    let get = |i: usize| Some(graph.constant(node.inputs.get(i).copied().flatten()?)?.to_f64s());
    let (scale, shift, mean, var) = (get(1)?, get(2)?, get(3)?, get(4)?);
    let factor: Vec<f64> = scale.iter().zip(&var).map(|(s, v)| s / (v + f64::from(op.epsilon)).sqrt()).collect();
    let offset = shift.iter().zip(&mean).zip(&factor).map(|((b, m), f)| b - m * f).collect();
    Some((factor, offset))
}

/// Folds the reader of node `i` into it.
fn fold(graph: &mut Graph, i: usize) -> Option<()> {
    let node = &graph.nodes[i];
    if !matches!(node.op, Op::Conv(_) | Op::ConvTranspose(_) | Op::Gemm(_)) {
        return None;
    }
    let value = only_output(node)?;
    let reader = only_reader(graph, &graph.consumers(), value)?;
    if graph.nodes[reader].inputs.first() != Some(&Some(value)) {
        return None;
    }
    let result = only_output(&graph.nodes[reader])?;
    let (factor, offset) = affine(graph, &graph.nodes[reader])?;
    let constant = |k: usize| graph.constant(node.inputs.get(k).copied().flatten()?);
    let w = constant(1)?;
    let has_bias = node.inputs.get(2).copied().flatten().is_some();
    let bias = constant(2);
    if has_bias && bias.is_none() {
        return None;
    }
    let shape = w.shape().to_vec();
    let (mut op, mut beta) = (node.op.clone(), 1.0);
    // The channel of the result that element `k` of the weights contributes to.
    let inner: usize = shape.get(2..)?.iter().product();
    let channels = factor.len();
    let channel = |k: usize| match &node.op {
        Op::Conv(_) => k / (inner * shape[1]),
        Op::ConvTranspose(op) => {
            let per_group = shape[0] / op.group.max(1);
            k / (inner * shape[1]) / per_group.max(1) * shape[1] + k / inner % shape[1]
        }
        Op::Gemm(op) if op.trans_b => k / shape[1],
        _ => k % shape[1],
    };
    if let Op::Gemm(gemm) = &mut op {
        beta = f64::from(gemm.beta);
        gemm.beta = 1.0;
    }
    let values = w.to_f64s();
    if !(0..values.len()).all(|k| channel(k) < channels) {
        return None;
    }
    let scaled: Vec<f64> = values.iter().enumerate().map(|(k, v)| v * factor[channel(k)]).collect();
    let old: Vec<f64> = match bias {
        None => vec![0.0; channels],
        Some(b) if b.len() == 1 => vec![b.to_f64s()[0]; channels],
        // A matrix of biases has no single value per channel.
        Some(b) if b.len() == channels && b.shape().last() == Some(&channels) => b.to_f64s(),
        Some(_) => return None,
    };
    let shifted: Vec<f64> = (0..channels).map(|c| beta * old[c] * factor[c] + offset[c]).collect();
    let dtype = w.dtype();
    let weights = Tensor::from_f64s(dtype, &shape, &scaled).ok()?;
    let bias = Tensor::from_f64s(dtype, &[channels], &shifted).ok()?;
    let name = node.name.clone();
    let w: ValueId = graph.add_constant(format!("{name}.weight"), weights);
    let b: ValueId = graph.add_constant(format!("{name}.bias"), bias);
    let node = &mut graph.nodes[i];
    node.op = op;
    node.inputs.resize(3, None);
    node.inputs[1] = Some(w);
    node.inputs[2] = Some(b);
    node.outputs = vec![Some(result)];
    super::remove(graph, &[reader]);
    Some(())
}
