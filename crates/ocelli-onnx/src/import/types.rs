//! Types that the file declares for its values.

use ocelli_tensor::{DType, Dim};

use crate::limits::MAX_RANK;
use crate::proto::{TypeProto, data_type, dimension, type_proto};

/// Why a declared type cannot be taken.
pub(super) enum TypeProblem {
    /// There is none, or it has no element type.
    Missing,
    /// It is one that the engine has no values of: its name.
    Unsupported(String),
    /// It breaks a limit: what is wrong.
    Invalid(String),
}

/// Element type and dimensions of a tensor type.
pub(super) fn input_type(ty: &TypeProto) -> Result<(DType, Option<Vec<Dim>>), TypeProblem> {
    let tensor = match &ty.value {
        None => return Err(TypeProblem::Missing),
        Some(type_proto::Value::Tensor(tensor)) => tensor,
        Some(type_proto::Value::Sequence(_)) => {
            return Err(TypeProblem::Unsupported("type sequence".to_owned()));
        }
        Some(type_proto::Value::Optional(_)) => {
            return Err(TypeProblem::Unsupported("type optional".to_owned()));
        }
        Some(type_proto::Value::Map(_)) => {
            return Err(TypeProblem::Unsupported("type map".to_owned()));
        }
        Some(type_proto::Value::SparseTensor(_)) => {
            return Err(TypeProblem::Unsupported("type sparse tensor".to_owned()));
        }
        Some(type_proto::Value::Opaque(_)) => {
            return Err(TypeProblem::Unsupported("an opaque type".to_owned()));
        }
    };
    let kind = i64::from(tensor.elem_type);
    if kind == 0 {
        return Err(TypeProblem::Missing);
    }
    let Some(dtype) = data_type::dtype(kind) else {
        return Err(TypeProblem::Unsupported(format!("type {}", data_type::name(kind))));
    };
    let Some(shape) = &tensor.shape else {
        return Ok((dtype, None));
    };
    if shape.dim.len() > MAX_RANK {
        return Err(TypeProblem::Invalid(format!("{} dimensions, at most {MAX_RANK} are allowed", shape.dim.len())));
    }
    let dims = shape.dim.iter().map(|d| match &d.value {
        // Exporters write -1 and placeholder texts for a dimension that is merely not known.
        Some(dimension::Value::DimValue(n)) => usize::try_from(*n).map_or(Dim::Unknown, Dim::Fixed),
        Some(dimension::Value::DimParam(s)) if matches!(s.trim(), "" | "?" | "-1" | "None") => Dim::Unknown,
        Some(dimension::Value::DimParam(s)) => Dim::Symbol(s.clone()),
        None => Dim::Unknown,
    });
    Ok((dtype, Some(dims.collect())))
}
