//! Tensors, dense and sparse, and the numbers of their element types.

use bytes::Bytes;
use prost::Message;

use super::StringStringEntryProto;

/// A tensor in one of several encodings.
#[derive(Clone, PartialEq, Message)]
pub struct TensorProto {
    /// Shape.
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    /// Element type (see [`data_type`]).
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    /// Which part of a bigger tensor this is; not supported by any reader.
    #[prost(message, optional, tag = "3")]
    pub segment: Option<SegmentProto>,
    /// Elements of float and complex64 tensors.
    #[prost(float, repeated, tag = "4")]
    pub float_data: Vec<f32>,
    /// Elements of int32 tensors and of everything of 16 bits or fewer.
    #[prost(int32, repeated, tag = "5")]
    pub int32_data: Vec<i32>,
    /// Elements of string tensors.
    #[prost(bytes = "bytes", repeated, tag = "6")]
    pub string_data: Vec<Bytes>,
    /// Elements of int64 tensors.
    #[prost(int64, repeated, tag = "7")]
    pub int64_data: Vec<i64>,
    /// Name of the value.
    #[prost(string, tag = "8")]
    pub name: String,
    /// Elements as little-endian bytes; shares the bytes of the file.
    #[prost(bytes = "bytes", optional, tag = "9")]
    pub raw_data: Option<Bytes>,
    /// Elements of double and complex128 tensors.
    #[prost(double, repeated, tag = "10")]
    pub double_data: Vec<f64>,
    /// Elements of uint32 and uint64 tensors.
    #[prost(uint64, repeated, tag = "11")]
    pub uint64_data: Vec<u64>,
    /// `location`, `offset`, `length` of external data.
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<StringStringEntryProto>,
    /// 0 when the elements are here, 1 when they are in another file.
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

/// A part of a tensor.
#[derive(Clone, PartialEq, Message)]
pub struct SegmentProto {
    /// First element.
    #[prost(int64, tag = "1")]
    pub begin: i64,
    /// One past the last element.
    #[prost(int64, tag = "2")]
    pub end: i64,
}

/// Values of `TensorProto::data_type` and `TypeProto.Tensor.elem_type`.
pub mod data_type {
    use ocelli_tensor::DType;

    /// 8-bit strings.
    pub const STRING: i32 = 8;
    /// Unsigned nibbles.
    pub const UINT4: i32 = 21;
    /// Signed nibbles.
    pub const INT4: i32 = 22;
    /// Unsigned pairs of bits.
    pub const UINT2: i32 = 25;
    /// Signed pairs of bits.
    pub const INT2: i32 = 26;

    /// Whether elements are integers of 4 or 2 bits.
    pub fn is_narrow(value: i32) -> bool {
        matches!(value, UINT4 | INT4 | UINT2 | INT2)
    }

    const NAMES: [&str; 27] = [
        "undefined",
        "float",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "double",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
        "float8e4m3fn",
        "float8e4m3fnuz",
        "float8e5m2",
        "float8e5m2fnuz",
        "uint4",
        "int4",
        "float4e2m1",
        "float8e8m0",
        "uint2",
        "int2",
    ];

    /// Name of a data type for messages.
    pub fn name(value: i64) -> String {
        match usize::try_from(value).ok().and_then(|i| NAMES.get(i)) {
            Some(name) => (*name).to_owned(),
            None => format!("number {value}"),
        }
    }

    /// The number of a data type's name, in any case.
    pub fn from_name(name: &str) -> Option<i64> {
        NAMES.iter().position(|n| n.eq_ignore_ascii_case(name)).and_then(|i| i64::try_from(i).ok())
    }

    /// The dtype that holds a data type; 4- and 2-bit integers are held as 8-bit ones. `None` when there is none.
    pub fn dtype(value: i64) -> Option<DType> {
        Some(match value {
            1 => DType::F32,
            2 | 21 | 25 => DType::U8,
            3 | 22 | 26 => DType::I8,
            4 => DType::U16,
            5 => DType::I16,
            6 => DType::I32,
            7 => DType::I64,
            9 => DType::Bool,
            10 => DType::F16,
            11 => DType::F64,
            12 => DType::U32,
            13 => DType::U64,
            16 => DType::BF16,
            _ => return None,
        })
    }
}

/// A tensor of which only the non-zero elements are stored.
#[derive(Clone, PartialEq, Message)]
pub struct SparseTensorProto {
    /// The elements, a vector of NNZ; its name is the name of the value.
    #[prost(message, optional, tag = "1")]
    pub values: Option<TensorProto>,
    /// Linear indices (NNZ) or coordinates (NNZ × rank), in order.
    #[prost(message, optional, tag = "2")]
    pub indices: Option<TensorProto>,
    /// Shape of the dense tensor.
    #[prost(int64, repeated, tag = "3")]
    pub dims: Vec<i64>,
}
