//! Operators applied by name, in the form of the newest operator set: what expansions are written with.

use bytes::Bytes;
use ocelli_graph::ValueId;
use ocelli_tensor::Tensor;

use crate::node::{Converted, NodeCx};
use crate::opset::MAX_OPSET;
use crate::proto::{AttributeProto, NodeProto, attribute_type as kind};
use crate::{ImportError, NodeRef, ops};

/// A standard operator and its attributes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    proto: NodeProto,
}

/// An operator without attributes.
pub(crate) fn call(op: &str) -> Call {
    Call { proto: NodeProto { op_type: op.to_owned(), ..NodeProto::default() } }
}

impl Call {
    fn attribute(mut self, name: &str, r#type: i32, value: AttributeProto) -> Call {
        self.proto.attribute.push(AttributeProto { name: name.to_owned(), r#type, ..value });
        self
    }

    /// Adds an integer.
    pub(crate) fn int(self, name: &str, i: i64) -> Call {
        self.attribute(name, kind::INT, AttributeProto { i: Some(i), ..Default::default() })
    }

    /// Adds a list of integers.
    pub(crate) fn ints(self, name: &str, ints: &[i64]) -> Call {
        self.attribute(name, kind::INTS, AttributeProto { ints: ints.to_vec(), ..Default::default() })
    }

    /// Adds a float.
    pub(crate) fn float(self, name: &str, f: f32) -> Call {
        self.attribute(name, kind::FLOAT, AttributeProto { f: Some(f), ..Default::default() })
    }

    /// Adds a text.
    pub(crate) fn string(self, name: &str, s: &str) -> Call {
        let s = Some(Bytes::copy_from_slice(s.as_bytes()));
        self.attribute(name, kind::STRING, AttributeProto { s, ..Default::default() })
    }

    /// Copies an attribute of another node, if that has it.
    pub(crate) fn copied(mut self, from: &NodeCx<'_>, name: &str) -> Call {
        if let Some(a) = from.attributes().raw(name) {
            self.proto.attribute.push(a.clone());
        }
        self
    }
}

impl NodeCx<'_> {
    /// Converts `call` as an intermediate step with `outputs` results.
    pub(crate) fn apply_many(
        &mut self,
        call: Call,
        inputs: &[Option<ValueId>],
        outputs: usize,
    ) -> Result<Vec<ValueId>, ImportError> {
        let name = self.part_name();
        let mut ids = Vec::with_capacity(outputs);
        for i in 0..outputs {
            let label = if i == 0 { name.clone() } else { format!("{name}:{i}") };
            ids.push(self.importer.level()?.graph.add_value(label));
        }
        self.convert(call, name, inputs.to_vec(), ids.iter().map(|&id| Some(id)).collect())?;
        Ok(ids)
    }

    /// Converts `call` as an intermediate step with one result.
    pub(crate) fn apply(&mut self, call: Call, inputs: &[ValueId]) -> Result<ValueId, ImportError> {
        let inputs: Vec<Option<ValueId>> = inputs.iter().map(|&id| Some(id)).collect();
        let ids = self.apply_many(call, &inputs, 1)?;
        ids.first().copied().ok_or_else(|| self.invalid("no result"))
    }

    /// Converts `call` as the last step, for all outputs of the node.
    pub(crate) fn finish(&mut self, call: Call, inputs: &[Option<ValueId>]) -> Converted {
        let outputs = std::mem::take(&mut self.outputs);
        let name = self.at.name.clone();
        self.convert(call, name, inputs.to_vec(), outputs)
    }

    /// Converts `call` as the last step of output `i`, if that is asked for.
    pub(crate) fn finish_output(&mut self, i: usize, call: Call, inputs: &[ValueId]) -> Converted {
        let Some(output) = self.outputs.get(i).copied().flatten() else {
            return Ok(());
        };
        let name = if i == 0 { self.at.name.clone() } else { self.part_name() };
        self.convert(call, name, inputs.iter().map(|&id| Some(id)).collect(), vec![Some(output)])
    }

    fn convert(
        &mut self,
        call: Call,
        name: String,
        mut inputs: Vec<Option<ValueId>>,
        outputs: Vec<Option<ValueId>>,
    ) -> Converted {
        while inputs.last() == Some(&None) {
            inputs.pop();
        }
        let op = call.proto.op_type.clone();
        let Some(convert) = ops::find("", &op) else {
            return Err(self.unsupported(format!("the operator {op}, which it is made of")));
        };
        let at = NodeRef { op, name };
        let mut inner = NodeCx {
            opsets: std::sync::Arc::clone(&self.opsets),
            importer: self.importer,
            proto: &call.proto,
            at: &at,
            version: MAX_OPSET,
            inputs,
            outputs,
            parts: 0,
        };
        convert(&mut inner)
    }

    /// A scalar of the float type that `like` has.
    pub(crate) fn float_like(&mut self, value: f32, like: ValueId) -> Result<ValueId, ImportError> {
        let scalar = self.constant(Tensor::scalar(value))?;
        if self.importer.only_f32 { Ok(scalar) } else { self.apply(call("CastLike"), &[scalar, like]) }
    }

    /// `x` as `f32`.
    pub(crate) fn widened(&mut self, x: ValueId) -> Result<ValueId, ImportError> {
        if self.importer.only_f32 { Ok(x) } else { self.apply(call("Cast").int("to", 1), &[x]) }
    }

    /// Ends with `x` in the float type of `like`.
    pub(crate) fn finish_like(&mut self, i: usize, x: ValueId, like: ValueId) -> Converted {
        if self.importer.only_f32 {
            self.finish_output(i, call("Identity"), &[x])
        } else {
            self.finish_output(i, call("CastLike"), &[x, like])
        }
    }

    /// The shape of `x`, a vector of `i64`.
    pub(crate) fn shape_of(&mut self, x: ValueId) -> Result<ValueId, ImportError> {
        self.apply(call("Shape"), &[x])
    }

    /// The rank of `x`, a scalar of `i64`.
    pub(crate) fn rank_of(&mut self, x: ValueId) -> Result<ValueId, ImportError> {
        let shape = self.shape_of(x)?;
        self.apply(call("Size"), &[shape])
    }

    /// A vector of `count` (a scalar) ones.
    pub(crate) fn ones(&mut self, count: ValueId) -> Result<ValueId, ImportError> {
        let length = self.i64s(&[-1])?;
        let count = self.apply(call("Reshape"), &[count, length])?;
        let one = self.i64s(&[1])?;
        self.apply(call("Expand"), &[one, count])
    }
}
