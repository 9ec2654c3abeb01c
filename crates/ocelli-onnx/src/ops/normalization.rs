//! Batch, instance, layer, group, local response and Lp normalization.

use ocelli_graph::ops::batch_normalization::BatchNormalization;
use ocelli_graph::ops::group_normalization::GroupNormalization;
use ocelli_graph::ops::instance_normalization::InstanceNormalization;
use ocelli_graph::ops::layer_normalization::LayerNormalization;
use ocelli_graph::ops::lp_normalization::LpNormalization;
use ocelli_graph::ops::lrn::LRN;
use ocelli_graph::ops::mean_variance_normalization::MeanVarianceNormalization;
use ocelli_graph::ops::rms_normalization::RMSNormalization;
use ocelli_tensor::DType;

use super::Convert;
use crate::ImportError;
use crate::call::call;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("BatchNormalization", batch_normalization),
    ("GroupNormalization", group_normalization),
    ("InstanceNormalization", instance_normalization),
    ("LRN", lrn),
    ("LayerNormalization", layer_normalization),
    ("LpNormalization", lp_normalization),
    ("MeanVarianceNormalization", |cx| {
        let axes = cx.attributes().ints("axes")?.unwrap_or(&[0, 2, 3]).to_vec();
        cx.push(MeanVarianceNormalization { axes })
    }),
    ("RMSNormalization", |cx| {
        let axis = cx.attributes().int_or("axis", -1)?;
        let epsilon = cx.attributes().float_or("epsilon", 1e-5)?;
        let stash_type = stash_type(cx)?;
        cx.push(RMSNormalization { axis, epsilon, stash_type })
    }),
];

fn batch_normalization(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    let epsilon = attributes.float_or("epsilon", 1e-5)?;
    let momentum = attributes.float_or("momentum", 0.9)?;
    let training_mode = attributes.flag("training_mode", false)?;
    if cx.version < 14 {
        // What the further outputs are differs from the newest form; only training asks for them.
        if (1..5).any(|i| cx.has_output(i)) {
            return Err(cx.unsupported("outputs for training"));
        }
        cx.outputs.truncate(1);
        if cx.version < 9 && !attributes.flag("spatial", true)? {
            return per_activation(cx, epsilon);
        }
    }
    cx.push(BatchNormalization { epsilon, momentum, training_mode })
}

/// `spatial = 0`: statistics for each element of an image instead of each channel.
fn per_activation(cx: &mut NodeCx<'_>, epsilon: f32) -> Converted {
    let [x, scale, bias, mean, variance] = [cx.input(0)?, cx.input(1)?, cx.input(2)?, cx.input(3)?, cx.input(4)?];
    let epsilon = cx.float_like(epsilon, x)?;
    let deviation = cx.apply(call("Add"), &[variance, epsilon])?;
    let deviation = cx.apply(call("Sqrt"), &[deviation])?;
    let y = cx.apply(call("Sub"), &[x, mean])?;
    let y = cx.apply(call("Div"), &[y, deviation])?;
    let y = cx.apply(call("Mul"), &[y, scale])?;
    cx.finish(call("Add"), &[Some(y), Some(bias)])
}

fn instance_normalization(cx: &mut NodeCx<'_>) -> Converted {
    let epsilon = cx.attributes().float_or("epsilon", 1e-5)?;
    cx.push(InstanceNormalization { epsilon })
}

fn layer_normalization(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(LayerNormalization {
        axis: attributes.int_or("axis", -1)?,
        epsilon: attributes.float_or("epsilon", 1e-5)?,
        stash_type: stash_type(cx)?,
    })
}

fn group_normalization(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(GroupNormalization {
        epsilon: attributes.float_or("epsilon", 1e-5)?,
        num_groups: attributes.required_size("num_groups")?,
        stash_type: stash_type(cx)?,
    })
}

/// The type that statistics are computed in.
fn stash_type(cx: &NodeCx<'_>) -> Result<DType, ImportError> {
    Ok(cx.dtype_attribute("stash_type")?.unwrap_or(DType::F32))
}

fn lp_normalization(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(LpNormalization { axis: attributes.int_or("axis", -1)?, p: attributes.int_or("p", 2)? })
}

fn lrn(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(LRN {
        alpha: attributes.float_or("alpha", 1e-4)?,
        beta: attributes.float_or("beta", 0.75)?,
        bias: attributes.float_or("bias", 1.0)?,
        size: attributes.required_size("size")?,
    })
}
