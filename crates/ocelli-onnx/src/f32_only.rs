//! Whether every float in a model is an `f32`.
//!
//! Conversions of old forms turn a float attribute into a constant input, which must have the dtype of the data. Most
//! models hold one float type only; then the constant needs no cast.

use crate::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, TypeProto, type_proto};

/// Numbers of the float types other than `float`.
const OTHERS: [i32; 3] = [10, 11, 16];

/// Whether no tensor, input or attribute of the model names a float type other than `f32`.
pub(crate) fn check(model: &ModelProto) -> bool {
    model.graph.as_ref().is_none_or(graph)
        && model.functions.iter().all(|f| nodes(&f.node) && f.attribute_proto.iter().all(attribute))
}

fn graph(g: &GraphProto) -> bool {
    g.initializer.iter().all(tensor)
        && g.sparse_initializer.iter().all(|s| s.values.as_ref().is_none_or(tensor))
        && g.input.iter().all(|v| v.r#type.as_ref().is_none_or(ty))
        && nodes(&g.node)
}

fn nodes(nodes: &[NodeProto]) -> bool {
    nodes.iter().all(|n| n.attribute.iter().all(attribute))
}

fn attribute(a: &AttributeProto) -> bool {
    // `to`, `dtype`, `output_dtype`, `output_datatype` and `stash_type` hold type numbers; old files write names.
    let names_type = a.name == "to" || a.name.contains("type") || a.name == "precision";
    let number = a.i.is_none_or(|i| !OTHERS.iter().any(|&o| i64::from(o) == i));
    let text =
        a.s.as_ref().is_none_or(|s| !matches!(&s.to_ascii_uppercase()[..], b"FLOAT16" | b"DOUBLE" | b"BFLOAT16"));
    (!names_type || (number && text))
        && a.t.iter().chain(&a.tensors).all(tensor)
        && a.g.iter().chain(&a.graphs).all(graph)
}

fn tensor(t: &TensorProto) -> bool {
    !OTHERS.contains(&t.data_type)
}

fn ty(t: &TypeProto) -> bool {
    match &t.value {
        Some(type_proto::Value::Tensor(t) | type_proto::Value::SparseTensor(t)) => !OTHERS.contains(&t.elem_type),
        _ => true,
    }
}
