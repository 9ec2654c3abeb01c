//! The `.npy` format of NumPy (NEP 1), versions 1 to 3: little-endian, C or Fortran order on reading, C on writing.
//!
//! bf16 has no NumPy name: it is written as `<u2` and read back as `u16`.

use std::io::Read;
use std::path::Path;

use crate::{DType, Data, Tensor, TensorError, element_count};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
const MAX_HEADER_BYTES: usize = 1 << 16;

fn bad(text: impl Into<String>) -> TensorError {
    TensorError::Npy(text.into())
}

/// Reads a tensor from a file.
pub fn read(path: &Path) -> Result<Tensor, TensorError> {
    let mut file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    decode(bytes)
}

/// Writes a tensor to a file: all of it or, on an error, nothing under that name.
pub fn write(path: &Path, tensor: &Tensor) -> Result<(), TensorError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let result = std::fs::write(partial, encode(tensor)).and_then(|()| std::fs::rename(partial, path));
    if result.is_err() {
        // The name of the partial file is ours; when it was never made there is nothing to remove.
        let _ = std::fs::remove_file(partial);
    }
    Ok(result?)
}

/// Reads a tensor from the bytes of a file.
pub fn decode(bytes: Vec<u8>) -> Result<Tensor, TensorError> {
    if bytes.get(..6) != Some(MAGIC) {
        return Err(bad("the magic string is missing"));
    }
    let (header_len, start) = match bytes.get(6) {
        Some(1) => {
            let b = bytes.get(8..10).ok_or_else(|| bad("truncated header"))?;
            (usize::from(u16::from_le_bytes([b[0], b[1]])), 10)
        }
        Some(2 | 3) => {
            let b = bytes.get(8..12).ok_or_else(|| bad("truncated header"))?;
            (u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize, 12)
        }
        _ => return Err(bad("unknown version")),
    };
    if header_len > MAX_HEADER_BYTES {
        return Err(bad(format!("a header of {header_len} bytes")));
    }
    let header = bytes.get(start..start + header_len).ok_or_else(|| bad("truncated header"))?;
    let header = std::str::from_utf8(header).map_err(|_| bad("the header is not text"))?;
    let descr = field(header, "descr").ok_or_else(|| bad("no 'descr'"))?;
    let descr = descr.strip_prefix(['\'', '"']).and_then(|s| s.split(['\'', '"']).next()).unwrap_or("");
    let dtype = dtype_of(descr).ok_or_else(|| bad(format!("dtype '{descr}' is not supported")))?;
    let fortran = field(header, "fortran_order").is_some_and(|s| s.starts_with("True"));
    let shape = field(header, "shape").and_then(parse_shape).ok_or_else(|| bad("no readable 'shape'"))?;
    let expected = element_count(&shape)
        .and_then(|n| n.checked_mul(dtype.size_bytes()))
        .ok_or_else(|| TensorError::TooLarge(shape.clone()))?;
    let begin = start + header_len;
    if bytes.len() - begin < expected {
        return Err(TensorError::Length { dtype, shape, expected, got: bytes.len() - begin });
    }
    let data = Data::new(bytes).slice(begin..begin + expected).ok_or_else(|| bad("truncated data"))?;
    if fortran && shape.len() > 1 {
        return Tensor::new(dtype, &shape, Data::new(from_fortran(&data, &shape, dtype.size_bytes())));
    }
    Tensor::new(dtype, &shape, data)
}

/// The bytes of a version 1 file.
pub fn encode(tensor: &Tensor) -> Vec<u8> {
    let dims: String = tensor.shape().iter().map(|d| format!("{d}, ")).collect();
    let dims = if tensor.rank() > 1 { dims.trim_end_matches(", ") } else { dims.trim_end() };
    let mut header =
        format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({dims}), }}", descr_of(tensor.dtype()));
    let padded = (10 + header.len() + 1).next_multiple_of(64);
    header.push_str(&" ".repeat(padded - 10 - header.len() - 1));
    header.push('\n');
    let mut out = Vec::with_capacity(padded + tensor.bytes().len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&(header.len() as u16).to_le_bytes());
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(tensor.bytes());
    out
}

/// The text after `'name':` in the header dictionary.
fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let at = header.find(&format!("'{name}'")).or_else(|| header.find(&format!("\"{name}\"")))?;
    Some(header[at + name.len() + 2..].trim_start().strip_prefix(':')?.trim_start())
}

fn parse_shape(text: &str) -> Option<Vec<usize>> {
    let inner = text.strip_prefix('(')?.split(')').next()?;
    inner.split(',').map(str::trim).filter(|s| !s.is_empty()).map(|s| s.parse().ok()).collect()
}

fn descr_of(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 => "<f4",
        DType::F16 => "<f2",
        DType::F64 => "<f8",
        DType::I8 => "|i1",
        DType::U8 => "|u1",
        DType::I16 => "<i2",
        DType::U16 | DType::BF16 => "<u2",
        DType::I32 => "<i4",
        DType::U32 => "<u4",
        DType::I64 => "<i8",
        DType::U64 => "<u8",
        DType::Bool => "|b1",
    }
}

fn dtype_of(descr: &str) -> Option<DType> {
    Some(match descr.trim_start_matches(['<', '|', '=']) {
        "f4" => DType::F32,
        "f2" => DType::F16,
        "f8" => DType::F64,
        "i1" => DType::I8,
        "u1" => DType::U8,
        "i2" => DType::I16,
        "u2" => DType::U16,
        "i4" => DType::I32,
        "u4" => DType::U32,
        "i8" => DType::I64,
        "u8" => DType::U64,
        "b1" => DType::Bool,
        _ => return None,
    })
}

fn from_fortran(data: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut strides = vec![1usize; shape.len()];
    for i in 1..shape.len() {
        strides[i] = strides[i - 1] * shape[i - 1];
    }
    let mut index = vec![0usize; shape.len()];
    for _ in 0..data.len() / size {
        let at: usize = index.iter().zip(&strides).map(|(i, s)| i * s).sum();
        out.extend_from_slice(&data[at * size..(at + 1) * size]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(data);
        bytes
    }

    #[test]
    fn reads_what_numpy_writes() {
        let bytes = fixture(
            "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }\n",
            &[1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0],
        );
        let t = decode(bytes).unwrap();
        assert_eq!(t.shape(), [2, 3]);
        assert_eq!(&*t.view::<i16>().unwrap(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn round_trips_every_dtype_and_rank() {
        for dtype in DType::ALL {
            for shape in [&[][..], &[3], &[2, 0], &[1, 2, 3]] {
                let n = element_count(shape).unwrap();
                let values: Vec<f64> = (0..n).map(|i| (i % 2) as f64).collect();
                let t = Tensor::from_f64s(dtype, shape, &values).unwrap();
                let back = decode(encode(&t)).unwrap();
                assert_eq!((back.shape(), back.bytes()), (t.shape(), t.bytes()), "{dtype} {shape:?}");
            }
        }
    }

    #[test]
    fn refuses_broken_files() {
        let ok = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
        for bytes in [
            b"PK".to_vec(),
            b"\x93NUMPY\x01\x00\xff\xff".to_vec(),
            fixture(ok, &[0; 7]),
            fixture(&ok.replace("<f4", "<c8"), &[0; 16]),
            fixture(&ok.replace("(2,)", "(99999999999, 99999999999)"), &[0; 8]),
            fixture(&ok.replace("(2,)", "(-1,)"), &[0; 8]),
        ] {
            assert!(decode(bytes).is_err());
        }
    }
}
