//! Constant: a value of the graph without a node.

use ocelli_tensor::Tensor;

use super::Convert;
use crate::node::{Converted, NodeCx};
use crate::proto::data_type;
use crate::tensor::densify;

pub(super) const OPS: &[(&str, Convert)] = &[("Constant", constant)];

fn constant(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    let tensor = if let Some(tensor) = cx.tensor("value")? {
        tensor
    } else if let Some(sparse) = attributes.sparse_tensor("sparse_value")? {
        let name = cx.name().to_owned();
        densify(cx.tensors(), sparse, &name)?.1
    } else if let Some(v) = attributes.float("value_float")? {
        Tensor::scalar(v)
    } else if let Some(v) = attributes.floats("value_floats")? {
        Tensor::vector(v.to_vec())
    } else if let Some(v) = attributes.int("value_int")? {
        Tensor::scalar(v)
    } else if let Some(v) = attributes.ints("value_ints")? {
        Tensor::vector(v.to_vec())
    } else if attributes.has("value_string") || attributes.has("value_strings") {
        return Err(cx.unsupported("strings"));
    } else {
        return Err(cx.invalid("no value; expected one of value, sparse_value, value_float(s), value_int(s)"));
    };
    if attributes.tensor("value")?.is_some_and(|t| data_type::is_narrow(t.data_type)) {
        cx.mark_narrow()?;
    }
    cx.push_constant(tensor)
}
