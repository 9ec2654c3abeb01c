//! Checked access to the attributes of a node.

use bytes::Bytes;

use crate::proto::{AttributeProto, GraphProto, NodeProto, SparseTensorProto, TensorProto, attribute_type as kind};
use crate::{ImportError, NodeRef};

/// The attributes of one node; every getter's error names the node, the operator and the attribute, with what was
/// expected and what was found.
#[derive(Clone, Copy)]
pub struct Attributes<'a> {
    node: &'a NodeProto,
    at: &'a NodeRef,
}

impl<'a> Attributes<'a> {
    /// The attributes of `node`, called `at` in errors.
    pub fn new(node: &'a NodeProto, at: &'a NodeRef) -> Attributes<'a> {
        Attributes { node, at }
    }

    fn find(&self, name: &str) -> Option<&'a AttributeProto> {
        self.node.attribute.iter().find(|a| a.name == name)
    }

    /// Whether the attribute is given.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// An error about an attribute.
    pub fn error(&self, name: &str, problem: impl std::fmt::Display) -> ImportError {
        ImportError::Node { node: self.at.clone(), problem: format!("attribute '{name}': {problem}") }
    }

    fn missing(&self, name: &str) -> ImportError {
        ImportError::Node { node: self.at.clone(), problem: format!("attribute '{name}' is missing") }
    }

    /// The attribute, if it is given and has the type `expected`.
    fn typed(&self, name: &str, expected: i32) -> Result<Option<&'a AttributeProto>, ImportError> {
        let Some(a) = self.find(name) else {
            return Ok(None);
        };
        let got = type_of(a);
        // Some writers give an empty list no type that a reader could tell.
        let empty_list = got == kind::UNDEFINED
            && matches!(expected, kind::INTS | kind::FLOATS | kind::STRINGS | kind::TENSORS | kind::GRAPHS);
        if got == expected || empty_list {
            return Ok(Some(a));
        }
        Err(self.error(name, format!("expected {}, got {}", kind::name(expected), kind::name(got))))
    }

    /// An integer.
    pub fn int(&self, name: &str) -> Result<Option<i64>, ImportError> {
        Ok(self.typed(name, kind::INT)?.map(|a| a.i.unwrap_or(0)))
    }

    /// An integer with a default.
    pub fn int_or(&self, name: &str, default: i64) -> Result<i64, ImportError> {
        Ok(self.int(name)?.unwrap_or(default))
    }

    /// An integer that must be given.
    pub fn required_int(&self, name: &str) -> Result<i64, ImportError> {
        self.int(name)?.ok_or_else(|| self.missing(name))
    }

    /// A non-negative integer that must be given.
    pub fn required_size(&self, name: &str) -> Result<usize, ImportError> {
        self.size(name)?.ok_or_else(|| self.missing(name))
    }

    /// A non-negative integer.
    pub fn size(&self, name: &str) -> Result<Option<usize>, ImportError> {
        self.int(name)?
            .map(|v| usize::try_from(v).map_err(|_| self.error(name, format!("expected zero or more, got {v}"))))
            .transpose()
    }

    /// An integer that means true unless it is 0.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, ImportError> {
        Ok(self.int(name)?.map_or(default, |v| v != 0))
    }

    /// A float.
    pub fn float(&self, name: &str) -> Result<Option<f32>, ImportError> {
        Ok(self.typed(name, kind::FLOAT)?.map(|a| a.f.unwrap_or(0.0)))
    }

    /// A float with a default.
    pub fn float_or(&self, name: &str, default: f32) -> Result<f32, ImportError> {
        Ok(self.float(name)?.unwrap_or(default))
    }

    /// A list of integers.
    pub fn ints(&self, name: &str) -> Result<Option<&'a [i64]>, ImportError> {
        Ok(self.typed(name, kind::INTS)?.map(|a| a.ints.as_slice()))
    }

    /// A list of integers that must be given.
    pub fn required_ints(&self, name: &str) -> Result<&'a [i64], ImportError> {
        self.ints(name)?.ok_or_else(|| self.missing(name))
    }

    /// A list of non-negative integers; empty when not given.
    pub fn sizes(&self, name: &str) -> Result<Vec<usize>, ImportError> {
        self.ints(name)?
            .unwrap_or_default()
            .iter()
            .map(|&v| usize::try_from(v).map_err(|_| self.error(name, format!("expected zero or more, got {v}"))))
            .collect()
    }

    /// A list of floats.
    pub fn floats(&self, name: &str) -> Result<Option<&'a [f32]>, ImportError> {
        Ok(self.typed(name, kind::FLOATS)?.map(|a| a.floats.as_slice()))
    }

    /// A text.
    pub fn string(&self, name: &str) -> Result<Option<&'a str>, ImportError> {
        let Some(a) = self.typed(name, kind::STRING)? else {
            return Ok(None);
        };
        self.text(name, a.s.as_ref()).map(Some)
    }

    /// A list of texts; empty when not given.
    pub fn strings(&self, name: &str) -> Result<Vec<&'a str>, ImportError> {
        let Some(a) = self.typed(name, kind::STRINGS)? else {
            return Ok(Vec::new());
        };
        a.strings.iter().map(|s| self.text(name, Some(s))).collect()
    }

    fn text(&self, name: &str, bytes: Option<&'a Bytes>) -> Result<&'a str, ImportError> {
        std::str::from_utf8(bytes.map_or(&[][..], |b| b)).map_err(|_| self.error(name, "the text is not UTF-8"))
    }

    /// One of several named choices; the first is the default.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<T, ImportError> {
        let default = choices.first().ok_or_else(|| self.error(name, "nothing to choose from"))?;
        let Some(got) = self.string(name)? else {
            return Ok(default.1);
        };
        choices.iter().find(|(text, _)| *text == got).map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(text, _)| *text).collect();
            self.error(name, format!("expected one of {}, got '{got}'", names.join(", ")))
        })
    }

    /// A tensor.
    pub fn tensor(&self, name: &str) -> Result<Option<&'a TensorProto>, ImportError> {
        Ok(self.typed(name, kind::TENSOR)?.and_then(|a| a.t.as_ref()))
    }

    /// A sparse tensor.
    pub fn sparse_tensor(&self, name: &str) -> Result<Option<&'a SparseTensorProto>, ImportError> {
        Ok(self.typed(name, kind::SPARSE_TENSOR)?.and_then(|a| a.sparse_tensor.as_ref()))
    }

    /// A graph that must be given.
    pub fn required_graph(&self, name: &str) -> Result<&'a GraphProto, ImportError> {
        self.typed(name, kind::GRAPH)?.and_then(|a| a.g.as_ref()).ok_or_else(|| self.missing(name))
    }

    /// The attribute itself, for values of which only one operator knows the type.
    pub fn raw(&self, name: &str) -> Option<&'a AttributeProto> {
        self.find(name)
    }
}

/// The declared type of an attribute, or in files older than the field, the type of what is set.
pub fn type_of(a: &AttributeProto) -> i32 {
    if a.r#type != kind::UNDEFINED {
        return a.r#type;
    }
    let found = [
        (a.f.is_some(), kind::FLOAT),
        (a.i.is_some(), kind::INT),
        (a.s.is_some(), kind::STRING),
        (a.t.is_some(), kind::TENSOR),
        (a.g.is_some(), kind::GRAPH),
        (!a.floats.is_empty(), kind::FLOATS),
        (!a.ints.is_empty(), kind::INTS),
        (!a.strings.is_empty(), kind::STRINGS),
        (!a.tensors.is_empty(), kind::TENSORS),
        (!a.graphs.is_empty(), kind::GRAPHS),
        (a.sparse_tensor.is_some(), kind::SPARSE_TENSOR),
        (!a.sparse_tensors.is_empty(), kind::SPARSE_TENSORS),
        (a.tp.is_some(), kind::TYPE_PROTO),
        (!a.type_protos.is_empty(), kind::TYPE_PROTOS),
    ];
    found.iter().find(|(set, _)| *set).map_or(kind::UNDEFINED, |(_, t)| *t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(attribute: Vec<AttributeProto>) -> (NodeProto, NodeRef) {
        let node = NodeProto { op_type: "Conv".to_owned(), name: "c1".to_owned(), attribute, ..Default::default() };
        (node, NodeRef { op: "Conv".to_owned(), name: "c1".to_owned() })
    }

    #[test]
    fn a_wrong_type_is_named_in_full() {
        let (node, at) = node(vec![AttributeProto {
            name: "group".to_owned(),
            f: Some(1.0),
            r#type: kind::FLOAT,
            ..Default::default()
        }]);
        let error = Attributes::new(&node, &at).int("group").unwrap_err().to_string();
        assert_eq!(error, "node 'c1' (Conv): attribute 'group': expected int, got float");
    }

    #[test]
    fn files_without_attribute_types() {
        let (node, at) = node(vec![
            AttributeProto { name: "a".to_owned(), ints: vec![1, 2], ..Default::default() },
            AttributeProto { name: "b".to_owned(), s: Some(Bytes::from_static(b"x")), ..Default::default() },
            AttributeProto { name: "c".to_owned(), ..Default::default() },
        ]);
        let attrs = Attributes::new(&node, &at);
        assert_eq!(attrs.ints("a").unwrap(), Some(&[1, 2][..]));
        assert_eq!(attrs.string("b").unwrap(), Some("x"));
        assert_eq!(attrs.ints("c").unwrap(), Some(&[][..]));
        assert!(attrs.int("c").is_err());
    }

    #[test]
    fn choices_list_what_is_allowed() {
        let (node, at) = node(vec![AttributeProto {
            name: "mode".to_owned(),
            s: Some(Bytes::from_static(b"bicubic")),
            r#type: kind::STRING,
            ..Default::default()
        }]);
        let error = Attributes::new(&node, &at).choice("mode", &[("nearest", 0), ("linear", 1)]).unwrap_err();
        assert!(error.to_string().contains("expected one of nearest, linear, got 'bicubic'"));
    }
}
