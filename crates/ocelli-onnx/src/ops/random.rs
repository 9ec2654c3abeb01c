//! Random tensors.

use ocelli_graph::ops::random::{Random, RandomKind};
use ocelli_tensor::DType;

use super::Convert;
use crate::ImportError;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Bernoulli", |cx| random(cx, RandomKind::Bernoulli, None, None)),
    ("Multinomial", |cx| {
        let sample_size = cx.attributes().size("sample_size")?.unwrap_or(1);
        random(cx, RandomKind::Multinomial { sample_size }, None, Some(DType::I32))
    }),
    ("RandomNormal", |cx| {
        let kind = normal(cx)?;
        shaped(cx, kind)
    }),
    ("RandomNormalLike", |cx| {
        let kind = normal(cx)?;
        random(cx, kind, None, None)
    }),
    ("RandomUniform", |cx| {
        let kind = uniform(cx)?;
        shaped(cx, kind)
    }),
    ("RandomUniformLike", |cx| {
        let kind = uniform(cx)?;
        random(cx, kind, None, None)
    }),
];

fn normal(cx: &NodeCx<'_>) -> Result<RandomKind, ImportError> {
    let attributes = cx.attributes();
    Ok(RandomKind::Normal { mean: attributes.float_or("mean", 0.0)?, scale: attributes.float_or("scale", 1.0)? })
}

fn uniform(cx: &NodeCx<'_>) -> Result<RandomKind, ImportError> {
    let attributes = cx.attributes();
    Ok(RandomKind::Uniform { low: attributes.float_or("low", 0.0)?, high: attributes.float_or("high", 1.0)? })
}

fn shaped(cx: &mut NodeCx<'_>, kind: RandomKind) -> Converted {
    cx.attributes().required_ints("shape")?;
    let shape = cx.attributes().sizes("shape")?;
    random(cx, kind, Some(shape), Some(DType::F32))
}

fn random(cx: &mut NodeCx<'_>, kind: RandomKind, shape: Option<Vec<usize>>, default: Option<DType>) -> Converted {
    let seed = cx.attributes().float("seed")?;
    let dtype = cx.dtype_attribute("dtype")?.or(default);
    cx.push(Random { kind, shape, dtype, seed })
}
