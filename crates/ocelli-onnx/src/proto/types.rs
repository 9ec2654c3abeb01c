//! Types and shapes of values.

use prost::Message;

/// Name and type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct ValueInfoProto {
    /// Name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Type.
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<TypeProto>,
}

/// Type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct TypeProto {
    /// What kind of value it is.
    #[prost(oneof = "type_proto::Value", tags = "1, 4, 5, 7, 8, 9")]
    pub value: Option<type_proto::Value>,
}

/// Parts of [`TypeProto`].
pub mod type_proto {
    use super::{Message, TensorShapeProto, TypeProto};

    /// The kinds of value.
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Value {
        /// A tensor.
        #[prost(message, tag = "1")]
        Tensor(Tensor),
        /// A list of values of one type.
        #[prost(message, tag = "4")]
        Sequence(Box<Element>),
        /// A map.
        #[prost(message, tag = "5")]
        Map(Opaque),
        /// A type of some runtime's own.
        #[prost(message, tag = "7")]
        Opaque(Opaque),
        /// A sparse tensor.
        #[prost(message, tag = "8")]
        SparseTensor(Tensor),
        /// A value or nothing.
        #[prost(message, tag = "9")]
        Optional(Box<Element>),
    }

    /// Element type and shape of a tensor.
    #[derive(Clone, PartialEq, Message)]
    pub struct Tensor {
        /// Element type (see [`data_type`](crate::proto::data_type)).
        #[prost(int32, tag = "1")]
        pub elem_type: i32,
        /// Shape; absent when not even the rank is known.
        #[prost(message, optional, tag = "2")]
        pub shape: Option<TensorShapeProto>,
    }

    /// Type of the elements of a sequence or of an optional.
    #[derive(Clone, PartialEq, Message)]
    pub struct Element {
        /// The type.
        #[prost(message, optional, boxed, tag = "1")]
        pub elem_type: Option<Box<TypeProto>>,
    }

    /// A type that is only named in errors.
    #[derive(Clone, PartialEq, Message)]
    pub struct Opaque {}
}

/// A shape of which some dimensions may be symbolic.
#[derive(Clone, PartialEq, Message)]
pub struct TensorShapeProto {
    /// Dimensions, outermost first.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// One dimension: a number, a name, or neither.
#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    /// The number or the name.
    #[prost(oneof = "dimension::Value", tags = "1, 2")]
    pub value: Option<dimension::Value>,
}

/// Parts of [`Dimension`].
pub mod dimension {
    /// A number or a name.
    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Value {
        /// A number.
        #[prost(int64, tag = "1")]
        DimValue(i64),
        /// A name, such as `batch`.
        #[prost(string, tag = "2")]
        DimParam(String),
    }
}
