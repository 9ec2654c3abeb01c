//! TopK.

use ocelli_graph::ops::top_k::TopK;

use super::Convert;
use super::forms::set;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[("TopK", top_k)];

fn top_k(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    let op = TopK {
        axis: attributes.int_or("axis", -1)?,
        largest: attributes.flag("largest", true)?,
        sorted: attributes.flag("sorted", true)?,
    };
    let mut inputs = cx.inputs.clone();
    if cx.version < 10 {
        let k = attributes.required_int("k")?;
        let k = cx.i64s(&[k])?;
        set(&mut inputs, 1, k);
    }
    cx.push_with(op, inputs)
}
