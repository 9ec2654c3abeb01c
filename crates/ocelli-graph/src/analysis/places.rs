//! What each operator does to places. The match over [`Op`] has no catch-all: a new operator must be put somewhere.

use ocelli_tensor::Tensor;

use super::field::{Dim, Factor, Field, Simple};
use super::{moving, windows};
use crate::ops::einsum::Contraction;
use crate::ops::gather::GatherKind;
use crate::ops::matmul::Dims;
use crate::ops::numeric::axes;
use crate::{Graph, InferCx, Node, Op};

/// A node in a bound graph, with what its operands depend on; `None` for constants and omitted ones.
pub(super) struct Place<'a> {
    pub graph: &'a Graph,
    pub node: &'a Node,
    pub fields: &'a [Option<Field>],
}

/// What the results of a node depend on.
pub(super) struct Found {
    pub outputs: Vec<Field>,
    /// Why what the outputs say is not all.
    pub global: Option<String>,
}

/// An error is the reason why a result may depend on anything.
pub(super) type Result<T> = std::result::Result<T, String>;

impl From<Field> for Found {
    fn from(field: Field) -> Found {
        Found { outputs: vec![field], global: None }
    }
}

impl Place<'_> {
    /// Shape of input `i`.
    pub fn shape(&self, i: usize) -> Result<&[usize]> {
        let ty = self.node.inputs.get(i).copied().flatten().and_then(|id| self.graph.ty(id));
        ty.map(|t| &t.shape[..]).ok_or_else(|| format!("input {i} has no type"))
    }

    /// Shape of output `i`.
    pub fn output(&self, i: usize) -> Result<&[usize]> {
        let ty = self.node.outputs.get(i).copied().flatten().and_then(|id| self.graph.ty(id));
        ty.map(|t| &t.shape[..]).ok_or_else(|| format!("output {i} has no type"))
    }

    /// Value of input `i`, if it is a constant.
    pub fn constant(&self, i: usize) -> Option<&Tensor> {
        self.node.inputs.get(i).copied().flatten().and_then(|id| self.graph.constant(id))
    }

    pub fn ints(&self, i: usize) -> Option<Vec<i64>> {
        self.constant(i).map(Tensor::to_i64s)
    }

    /// What input `i` depends on.
    pub fn field(&self, i: usize) -> Result<Field> {
        if let Some(field) = self.fields.get(i).and_then(Option::as_ref) {
            return Ok(field.clone());
        }
        self.constant(i).map(Field::constant).ok_or_else(|| format!("input {i} is missing"))
    }

    /// Inputs that are given.
    fn given(&self) -> impl Iterator<Item = usize> {
        self.node.inputs.iter().enumerate().filter(|(_, id)| id.is_some()).map(|(i, _)| i)
    }

    /// Errors unless all operands but the first `n` are the same everywhere.
    pub fn only(&self, n: usize) -> Result<()> {
        if self.fields.iter().skip(n).flatten().all(Field::is_free) {
            Ok(())
        } else {
            Err("weights or parameters that depend on the picture".to_owned())
        }
    }
}

/// What node `p` makes of places.
pub(super) fn transfer(p: &Place<'_>) -> Result<Found> {
    let whole = |what: &str| Err(what.to_owned());
    match &p.node.op {
        // Element by element.
        Op::Pointwise(_) | Op::Binary(_) | Op::Variadic(_) | Op::Where(_) => pointwise(p, 0).map(Found::from),
        Op::BitCast(_)
        | Op::Cast(_)
        | Op::Clip(_)
        | Op::Unary(_)
        | Op::DequantizeLinear(_)
        | Op::QuantizeLinear(_)
        | Op::LRN(_) => Ok(p.field(0)?.into()),
        Op::Dropout(_) => {
            let x = p.field(0)?;
            Ok(Found { outputs: vec![x; p.node.outputs.len()], global: None })
        }
        Op::BatchNormalization(op) if !op.training_mode => Ok(p.field(0)?.into()),
        Op::Expand(_) => pointwise(p, 1).map(Found::from),
        // Windows.
        Op::Conv(_) | Op::ConvTranspose(_) | Op::Pool(_) => windows::transfer(p, &p.node.op).map(Found::from),
        Op::ConvInteger(_) | Op::QLinearConv(_) => windows::transfer(p, &p.node.op).map(Found::from),
        Op::Fused(op) if op.shuffle.is_none() => {
            let main = windows::transfer(p, &op.op)?;
            let rest = crate::ops::fused::MAIN_INPUTS;
            let more: Vec<Field> = p.given().filter(|&i| i >= rest).map(|i| p.field(i)).collect::<Result<_>>()?;
            Ok(broadcast(std::iter::once(main).chain(more), p.output(0)?)?.into())
        }
        Op::Fused(_) => whole("a convolution shuffles its pixels, which only planned graphs have"),
        // Data movement.
        Op::Concat(op) => moving::concat(p, op.axis).map(Found::from),
        Op::DepthToSpace(op) => moving::depth_to_space(p, op).map(Found::from),
        Op::Pad(op) => moving::pad(p, op).map(Found::from),
        Op::CenterCropPad(op) => moving::center_crop_pad(p, op).map(Found::from),
        Op::Reshape(_) => moving::reshape(&p.field(0)?, p.output(0)?).map(Found::from),
        Op::Resize(op) => moving::resize(p, op).map(Found::from),
        Op::Slice(_) => moving::slice(p).map(Found::from),
        Op::Split(op) => moving::split(p, op.axis),
        Op::Transpose(op) => moving::transpose(p, op).map(Found::from),
        Op::Tile(_) => moving::tile(p).map(Found::from),
        Op::Gather(op) => match op.kind {
            GatherKind::Gather { axis } => moving::gather(p, axis).map(Found::from),
            GatherKind::Elements { .. } | GatherKind::Nd { .. } => whole("it picks elements by computed places"),
        },
        // Along axes.
        Op::Softmax(op) => along(p, &[op.axis], None),
        Op::LpNormalization(op) => along(p, &[op.axis], None),
        Op::LayerNormalization(op) => from_axis(p, op.axis),
        Op::RMSNormalization(op) => from_axis(p, op.axis),
        Op::MeanVarianceNormalization(op) => along(p, &op.axes, None),
        Op::Cumulative(_) => {
            let axis = p.ints(1).ok_or("an axis that is computed")?;
            along(p, &axis, None)
        }
        Op::Reduce(op) => {
            let rank = p.shape(0)?.len();
            let given = p.ints(1);
            let reduced = op.reduced(given.as_deref(), rank).map_err(|e| e.to_string())?;
            along(p, &reduced.iter().map(|&a| a as i64).collect::<Vec<_>>(), Some(op.keepdims))
        }
        Op::ArgReduce(op) => along(p, &[op.axis], Some(op.keepdims)),
        Op::GlobalPool(_) => {
            let spatial: Vec<i64> = (2..p.shape(0)?.len() as i64).collect();
            along(p, &spatial, Some(true))
        }
        Op::InstanceNormalization(_) | Op::GroupNormalization(_) => {
            Ok(Found { outputs: vec![p.field(0)?], global: Some("statistics of the whole picture".to_owned()) })
        }
        Op::DynamicQuantizeLinear(_) => {
            let outputs = vec![p.field(0)?, Field::same(&[]), Field::same(&[])];
            Ok(Found { outputs, global: Some("a range that is found over the whole picture".to_owned()) })
        }
        // Products.
        Op::MatMul(_) | Op::MatMulInteger(_) => product(p, 0, 1),
        Op::QLinearMatMul(_) => product(p, 0, 3),
        Op::Gemm(op) => {
            let turned = |mut f: Field, turn: bool| {
                if turn {
                    f.0.reverse();
                }
                f
            };
            let (a, b) = (turned(p.field(0)?, op.trans_a), turned(p.field(1)?, op.trans_b));
            let field = contracted(&a, &b, p.output(0)?)?;
            let c = p.given().filter(|&i| i == 2).map(|i| p.field(i)).collect::<Result<Vec<_>>>()?;
            Ok(broadcast(std::iter::once(field).chain(c), p.output(0)?)?.into())
        }
        Op::Einsum(op) => einsum(p, &op.equation),
        // What looks anywhere.
        Op::Attention(_) => whole("attention over the whole picture"),
        Op::BatchNormalization(_) => whole("statistics of the whole picture"),
        Op::DeformConv(_) | Op::GridSample(_) | Op::RoiAlign(_) | Op::MaxRoiPool(_) | Op::AffineGrid(_) => {
            whole("it looks at places that are computed")
        }
        Op::MaxUnpool(_) | Op::Scatter(_) | Op::Col2Im(_) | Op::OneHot(_) | Op::NonZero(_) | Op::Compress(_) => {
            whole("it writes to places that are computed")
        }
        Op::TopK(_) | Op::Unique(_) | Op::NonMaxSuppression(_) | Op::Loss(_) | Op::Det(_) => {
            whole("it compares all elements")
        }
        Op::Recurrent(_) | Op::RotaryEmbedding(_) | Op::Spectral(_) | Op::ReverseSequence(_) | Op::Trilu(_) => {
            whole("it runs along the whole picture")
        }
        Op::If(_) | Op::Loop(_) | Op::Scan(_) => whole("what its body does is not followed"),
        Op::Random(_) => whole("random numbers"),
        Op::ConstantOfShape(_) | Op::ShapeOf(_) | Op::EyeLike(_) | Op::Range(_) | Op::WindowFunction(_) => {
            whole("numbers that depend on the size of the picture")
        }
    }
}

/// Fields side by side, broadcast to `shape`.
fn broadcast(fields: impl Iterator<Item = Field>, shape: &[usize]) -> Result<Field> {
    let mut out = Field::same(shape);
    for field in fields {
        for (i, dim) in out.0.iter_mut().enumerate() {
            if let Some(other) = field.aligned(i, shape.len()).filter(|d| !d.0.is_empty()) {
                *dim = dim.merged(other)?;
            }
        }
    }
    Ok(out)
}

/// Operands side by side, element by element; all of them, or the first `only`.
fn pointwise(p: &Place<'_>, only: usize) -> Result<Field> {
    let n = if only == 0 { usize::MAX } else { only };
    let fields = p.given().filter(|&i| i < n).map(|i| p.field(i)).collect::<Result<Vec<_>>>()?;
    broadcast(fields.into_iter(), p.output(0)?)
}

/// A function of whole rows along `axes` of input 0; they become one element or vanish where `keep` says so.
fn along(p: &Place<'_>, given: &[i64], keep: Option<bool>) -> Result<Found> {
    let x = p.field(0)?;
    let along = axes(given, x.0.len()).map_err(|e| e.to_string())?;
    let spatial = along.iter().any(|&a| !x.0[a].is_free());
    let global = spatial.then(|| "it combines all rows or columns of the picture".to_owned());
    let dims = x.0.into_iter().enumerate().filter_map(|(i, d)| match keep {
        Some(keep) if along.contains(&i) => keep.then(Dim::default),
        _ => Some(d),
    });
    let field = Field(dims.collect());
    Ok(Found { outputs: vec![field; p.node.outputs.len().max(1)], global })
}

/// [`along`] all axes from the given one on.
fn from_axis(p: &Place<'_>, axis: i64) -> Result<Found> {
    let rank = p.shape(0)?.len();
    let first = InferCx::axis(axis, rank).map_err(|e| e.to_string())?;
    along(p, &(first as i64..rank as i64).collect::<Vec<_>>(), None)
}

fn product(p: &Place<'_>, a: usize, b: usize) -> Result<Found> {
    let dims = Dims::new(p.shape(a)?, p.shape(b)?).map_err(|e| e.to_string())?;
    if p.shape(a)?.len() < 2 || p.shape(b)?.len() < 2 {
        return Err("a product with a vector".to_owned());
    }
    Ok(contracted(&p.field(a)?, &p.field(b)?, &dims.y)?.into())
}

const CONTRACTED: &str = "a product sums over rows or columns of the picture";

/// The product of matrices.
fn contracted(a: &Field, b: &Field, shape: &[usize]) -> Result<Field> {
    let (Some((ka, rest_a)), Some((n, rest_b))) = (a.0.split_last(), b.0.split_last()) else {
        return Err("a product of scalars".to_owned());
    };
    let (Some((m, batch_a)), Some((kb, batch_b))) = (rest_a.split_last(), rest_b.split_last()) else {
        return Err("a product with a vector".to_owned());
    };
    if !ka.is_free() || !kb.is_free() {
        return Err(CONTRACTED.to_owned());
    }
    let batch = shape.len().saturating_sub(2);
    let batches = [batch_a, batch_b].map(|dims| Field(dims.to_vec()));
    let mut out = broadcast(batches.into_iter(), &shape[..batch])?;
    out.0.extend([m.clone(), n.clone()]);
    Ok(out)
}

fn einsum(p: &Place<'_>, equation: &str) -> Result<Found> {
    let n = p.node.inputs.len();
    let shapes = (0..n).map(|i| p.shape(i)).collect::<Result<Vec<_>>>()?;
    let c = Contraction::new(equation, &shapes).map_err(|e| e.to_string())?;
    let mut by_label: std::collections::BTreeMap<_, Dim> = std::collections::BTreeMap::new();
    for (i, labels) in c.operands.iter().enumerate() {
        for (label, dim) in labels.iter().zip(p.field(i)?.0) {
            if dim.0.is_empty() {
                continue;
            }
            let both = match by_label.get(label) {
                Some(before) => before.merged(&dim)?,
                None => dim,
            };
            by_label.insert(*label, both);
        }
    }
    if by_label.iter().any(|(label, dim)| !c.output.contains(label) && !dim.is_free()) {
        return Err(CONTRACTED.to_owned());
    }
    let dims = c.output.iter().map(|label| by_label.remove(label).unwrap_or_default());
    Ok(Field(dims.collect()).into())
}

/// The dimension as one factor, which must be free.
pub(super) fn expect_free(dim: &Dim, what: &str) -> Result<usize> {
    match dim.simple()? {
        Simple::Same(n) | Simple::Free(n) => Ok(n),
        Simple::Along(_) => Err(format!("it treats rows or columns of the picture as {what}")),
    }
}

/// Factors of a dimension of `n` elements of the same kind as those of `dim`, whose every element it may use.
pub(super) fn resized_free(dim: &Dim, n: usize) -> Dim {
    let same = dim.0.iter().all(|f| matches!(f, Factor::Same(_)));
    if same { Dim::same(n) } else { Dim::free(n) }
}
