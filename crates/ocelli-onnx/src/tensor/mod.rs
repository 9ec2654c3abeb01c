//! `TensorProto` to [`Tensor`].
//!
//! Elements come as `raw_data`, as one of the typed fields, or from another file. Raw and external elements are shared
//! with the file, never copied. 4- and 2-bit integers are unpacked to 8 bits.

mod external;
mod packed;
mod sparse;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ocelli_tensor::{DType, Data, Tensor, element_count};

pub use external::External;
pub(crate) use sparse::densify;

use crate::ImportError;
use crate::error::Unsupported;
use crate::limits::{MAX_RANK, MAX_TENSOR_BYTES};
use crate::proto::{TensorProto, data_type};

/// Reads the tensors of one model: knows the folder of external data and keeps its files mapped once.
#[derive(Debug, Default)]
pub struct TensorReader {
    base_dir: Option<PathBuf>,
    files: BTreeMap<PathBuf, Bytes>,
}

impl TensorReader {
    /// A reader that finds external data in `base_dir`.
    pub fn new(base_dir: Option<&Path>) -> TensorReader {
        TensorReader { base_dir: base_dir.map(Path::to_path_buf), files: BTreeMap::new() }
    }

    /// Reads one tensor; `label` names it in errors where it has no name.
    pub fn read(&mut self, proto: &TensorProto, label: &str) -> Result<Tensor, ImportError> {
        let name = if proto.name.is_empty() { label } else { &proto.name };
        let bad = |problem: String| ImportError::Tensor { name: name.to_owned(), problem };
        let shape = shape_of(&proto.dims).map_err(bad)?;
        let kind = proto.data_type;
        let Some(dtype) = data_type::dtype(i64::from(kind)) else {
            if kind <= 0 || data_type::name(i64::from(kind)).starts_with("number") {
                return Err(bad(format!("unknown data type {kind}")));
            }
            return Err(ImportError::Unsupported(vec![Unsupported {
                domain: String::new(),
                op: String::new(),
                detail: format!("a tensor of {}", data_type::name(i64::from(kind))),
                nodes: vec![name.to_owned()],
            }]));
        };
        if proto.segment.is_some() {
            return Err(bad("a tensor in segments".to_owned()));
        }
        let elems = element_count(&shape).ok_or_else(|| bad(format!("{shape:?} has too many elements")))?;
        let too_large = |bytes: u64| ImportError::Limit {
            what: format!("the size of tensor '{name}' in bytes"),
            limit: MAX_TENSOR_BYTES,
            got: bytes,
        };
        let bytes = elems.checked_mul(dtype.size_bytes()).ok_or_else(|| too_large(u64::MAX))?;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        if bytes > MAX_TENSOR_BYTES {
            return Err(too_large(bytes));
        }
        let raw = match proto.data_location {
            0 => proto.raw_data.clone(),
            1 => Some(self.external(proto, name)?),
            other => return Err(bad(format!("unknown data location {other}"))),
        };
        match raw {
            Some(raw) if !raw.is_empty() || !has_typed(proto) => from_raw(raw, kind, dtype, &shape, elems).map_err(bad),
            _ => from_typed(proto, dtype, &shape, elems).map_err(bad),
        }
    }

    fn external(&mut self, proto: &TensorProto, name: &str) -> Result<Bytes, ImportError> {
        let bad = |problem: String| ImportError::Tensor { name: name.to_owned(), problem };
        let place = External::parse(&proto.external_data).map_err(bad)?;
        let base = self
            .base_dir
            .as_deref()
            .ok_or_else(|| bad(format!("its data is in the file '{}', but the model has no folder", place.location)))?;
        let path = place.resolve(base).map_err(bad)?;
        if !self.files.contains_key(&path) {
            let bytes = crate::read::file_bytes(&path, MAX_TENSOR_BYTES)?;
            self.files.insert(path.clone(), bytes);
        }
        let Some(file) = self.files.get(&path) else {
            return Err(bad("its file is gone".to_owned()));
        };
        place.slice(file).map_err(bad)
    }
}

/// Checked dimensions.
pub(crate) fn shape_of(dims: &[i64]) -> Result<Vec<usize>, String> {
    if dims.len() > MAX_RANK {
        return Err(format!("{} dimensions, at most {MAX_RANK} are allowed", dims.len()));
    }
    dims.iter().map(|&d| usize::try_from(d).map_err(|_| format!("dimension {d} in shape {dims:?}"))).collect()
}

fn has_typed(p: &TensorProto) -> bool {
    !(p.float_data.is_empty()
        && p.int32_data.is_empty()
        && p.int64_data.is_empty()
        && p.double_data.is_empty()
        && p.uint64_data.is_empty())
}

fn from_raw(raw: Bytes, kind: i32, dtype: DType, shape: &[usize], elems: usize) -> Result<Tensor, String> {
    if let Some(packing) = packed::Packing::of(kind) {
        return Tensor::new(dtype, shape, Data::new(packing.unpack(&raw, elems)?)).map_err(|e| e.to_string());
    }
    if dtype == DType::Bool && raw.iter().any(|&b| b > 1) {
        let bytes: Vec<u8> = raw.iter().map(|&b| u8::from(b != 0)).collect();
        return Tensor::new(dtype, shape, Data::new(bytes)).map_err(|e| e.to_string());
    }
    Tensor::new(dtype, shape, Data::new(raw)).map_err(|e| e.to_string())
}

fn from_typed(p: &TensorProto, dtype: DType, shape: &[usize], elems: usize) -> Result<Tensor, String> {
    if let Some(packing) = packed::Packing::of(p.data_type) {
        let bytes = p.int32_data.iter().map(|&v| low_byte(v)).collect::<Result<Vec<u8>, String>>()?;
        return Tensor::new(dtype, shape, Data::new(packing.unpack(&bytes, elems)?)).map_err(|e| e.to_string());
    }
    let bytes = match dtype {
        DType::F32 => le_bytes(&p.float_data, elems, |v| Ok(v.to_le_bytes())),
        DType::F64 => le_bytes(&p.double_data, elems, |v| Ok(v.to_le_bytes())),
        DType::I32 => le_bytes(&p.int32_data, elems, |v| Ok(v.to_le_bytes())),
        DType::I64 => le_bytes(&p.int64_data, elems, |v| Ok(v.to_le_bytes())),
        DType::U64 => le_bytes(&p.uint64_data, elems, |v| Ok(v.to_le_bytes())),
        DType::U32 => le_bytes(&p.uint64_data, elems, |v| {
            u32::try_from(v).map(u32::to_le_bytes).map_err(|_| out_of_range(v, dtype))
        }),
        DType::I16 => le_bytes(&p.int32_data, elems, |v| {
            i16::try_from(v).map(i16::to_le_bytes).map_err(|_| out_of_range(v, dtype))
        }),
        DType::U16 => le_bytes(&p.int32_data, elems, |v| {
            u16::try_from(v).map(u16::to_le_bytes).map_err(|_| out_of_range(v, dtype))
        }),
        DType::I8 => {
            le_bytes(&p.int32_data, elems, |v| i8::try_from(v).map(i8::to_le_bytes).map_err(|_| out_of_range(v, dtype)))
        }
        DType::U8 => {
            le_bytes(&p.int32_data, elems, |v| u8::try_from(v).map(u8::to_le_bytes).map_err(|_| out_of_range(v, dtype)))
        }
        DType::Bool => le_bytes(&p.int32_data, elems, |v| Ok([u8::from(v != 0)])),
        // The bits of the float, as an unsigned or (from some writers) as a signed number.
        DType::F16 | DType::BF16 => le_bytes(&p.int32_data, elems, |v| match u16::try_from(v) {
            Ok(bits) => Ok(bits.to_le_bytes()),
            Err(_) => i16::try_from(v).map(i16::to_le_bytes).map_err(|_| out_of_range(v, dtype)),
        }),
    }?;
    Tensor::new(dtype, shape, Data::new(bytes)).map_err(|e| e.to_string())
}

fn out_of_range(value: impl std::fmt::Display, dtype: DType) -> String {
    format!("element {value} does not fit {dtype}")
}

fn low_byte(value: i32) -> Result<u8, String> {
    u8::try_from(value)
        .or_else(|_| i8::try_from(value).map(|v| v.to_le_bytes()[0]))
        .map_err(|_| format!("packed element {value} does not fit a byte"))
}

fn le_bytes<T: Copy, const N: usize>(
    values: &[T],
    elems: usize,
    convert: impl Fn(T) -> Result<[u8; N], String>,
) -> Result<Vec<u8>, String> {
    if values.len() != elems {
        return Err(format!("{elems} elements needed, got {}", values.len()));
    }
    let mut out = Vec::with_capacity(values.len().saturating_mul(N));
    for &v in values {
        out.extend_from_slice(&convert(v)?);
    }
    Ok(out)
}
