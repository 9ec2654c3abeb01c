//! Values of 8-bit integers as packed bytes: four neighbouring indices of one axis in a word.
//!
//! A packed value lies as `[outer, ceil(C / 4), inner]` words without gaps, where C is the size of the packed axis, outer
//! and inner are the dimensions around it. Bytes are signed; unsigned values are held less 128. What lies past C is
//! anything. A value may lie both so and in words of its own; whoever asks for the form that is missing makes it.

use ocelli_shaders::kernels::quantized::{self, Form};
use ocelli_shaders::pointwise::Program;
use ocelli_shaders::{Elem, Params, linear_grid};
use ocelli_tensor::DType;

use super::{Dispatch, LowerCx, View, collapse, storage};
use crate::{Graph, Op, OpError, ValueId};

/// A value as packed bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bytes {
    /// The words, `[outer, ceil(C / 4), inner]`.
    pub words: View,
    /// The packed axis.
    pub axis: usize,
}

/// An operand of an elementwise program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A word for each element.
    Words(View),
    /// This value, packed, of the shape of the result.
    Bytes(ValueId, Bytes),
}

impl Source {
    /// Element type of an operand of `dtype` in the program.
    pub(crate) fn elem(&self, dtype: DType) -> Result<Elem, OpError> {
        match self {
            Source::Words(view) => Ok(view.elem),
            Source::Bytes(..) => storage(dtype).ok_or_else(|| OpError::invalid(format!("{dtype} is no byte"))),
        }
    }
}

/// Sizes of the dimensions in front of `axis`, of the axis, and behind it.
fn thirds(shape: &[usize], axis: usize) -> [usize; 3] {
    [shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product()]
}

/// Offset of `view` and its strides over the three parts of its shape; `None` when a part does not step evenly or runs
/// backwards.
fn strides(view: &View, axis: usize) -> Option<[usize; 4]> {
    let part = |range: std::ops::Range<usize>| {
        let (shape, strides) = (view.shape[range.clone()].to_vec(), view.strides[range].to_vec());
        let part = View { shape, strides, ..view.clone() };
        let (_, strides) = collapse(&part.shape, std::slice::from_ref(&part));
        match strides.first()?[..] {
            [stride] => usize::try_from(stride).ok(),
            _ => None,
        }
    };
    let rank = view.shape.len();
    Some([view.offset, part(0..axis)?, part(axis..axis + 1)?, part(axis + 1..rank)?])
}

/// The axis along which the readers of `value` want it packed, if any does.
fn wanted_axis(graph: &Graph, value: ValueId) -> Option<usize> {
    let ty = graph.ty(value).filter(|ty| is_byte(ty.dtype) && ty.rank() > 1 && ty.elems() > 0)?;
    graph.nodes.iter().find_map(|node| {
        let reads = node.inputs.first() == Some(&Some(value));
        match &node.op {
            Op::QLinearConv(_) if reads => Some(1),
            Op::QLinearMatMul(_) if reads => Some(ty.rank() - 1),
            _ => None,
        }
    })
}

/// Whether values of `dtype` can be packed.
fn is_byte(dtype: DType) -> bool {
    matches!(dtype, DType::I8 | DType::U8)
}

impl LowerCx<'_> {
    /// The axis along which the readers of output 0 want it packed, if any does.
    pub(crate) fn wanted_axis(&self) -> Option<usize> {
        wanted_axis(self.graph, self.node.outputs.first().copied().flatten()?)
    }

    /// Where input `i` of an elementwise program lies: packed if it is, and has the shape of output 0.
    pub(crate) fn source(&mut self, i: usize) -> Result<Source, OpError> {
        let id = self.node.inputs.get(i).copied().flatten();
        let same = self.input_type(i)?.shape == self.output_type(0)?.shape;
        match id.and_then(|id| Some((id, self.builder.bytes.get(&id)?))).filter(|_| same) {
            Some((id, bytes)) => Ok(Source::Bytes(id, bytes.clone())),
            None => Ok(Source::Words(self.input(i)?)),
        }
    }

    /// Input `i` packed along `axis`; packs it unless it is.
    pub(crate) fn input_bytes(&mut self, i: usize, axis: usize) -> Result<View, OpError> {
        let id = self.node.inputs.get(i).copied().flatten();
        if let Some(bytes) = id.and_then(|id| self.builder.bytes.get(&id)).filter(|b| b.axis == axis) {
            return Ok(bytes.words.clone());
        }
        let view = self.input(i)?;
        let words = self.new_bytes(&view.shape, axis);
        let program = Program { inputs: vec![view.elem], steps: Vec::new() };
        let shape = view.shape.clone();
        self.packed_program(&program, &[Source::Words(view)], &shape, axis, Some(&words), None)?;
        if let Some(id) = id {
            self.builder.bytes.insert(id, Bytes { words: words.clone(), axis });
        }
        Ok(words)
    }

    /// A place for output `i` packed along `axis`.
    pub(crate) fn output_bytes(&mut self, i: usize, axis: usize) -> Result<View, OpError> {
        let shape = self.output_type(i)?.shape.clone();
        let words = self.new_bytes(&shape, axis);
        if let Some(id) = self.node.outputs.get(i).copied().flatten() {
            self.builder.bytes.insert(id, Bytes { words: words.clone(), axis });
        }
        Ok(words)
    }

    fn new_bytes(&mut self, shape: &[usize], axis: usize) -> View {
        let [outer, channels, inner] = thirds(shape, axis);
        self.scratch(Elem::U32, &[outer, channels.div_ceil(4), inner])
    }

    /// A word for each element of `value`; unpacks it where it lies packed alone.
    pub(super) fn words(&mut self, value: ValueId) -> Result<View, OpError> {
        let bytes = self.builder.bytes.get(&value).filter(|_| !self.builder.views.contains_key(&value)).cloned();
        if let (Some(bytes), Some(ty)) = (bytes, self.graph.ty(value)) {
            let elem = storage(ty.dtype).ok_or_else(|| OpError::invalid(format!("{} is no byte", ty.dtype)))?;
            let wish = self.builder.destinations.get(&value).filter(|d| d.elem == elem && d.shape == ty.shape);
            let out = match wish.filter(|d| strides(d, bytes.axis).is_some()) {
                Some(view) => view.clone(),
                None => self.scratch(elem, &ty.shape),
            };
            let program = Program { inputs: vec![elem], steps: Vec::new() };
            let axis = bytes.axis;
            self.packed_program(&program, &[Source::Bytes(value, bytes)], &ty.shape, axis, None, Some(&out))?;
            self.builder.views.insert(value, out);
        }
        self.builder.view(self.graph, value)
    }

    /// `source`, in words of its own where it is packed along another axis.
    fn along(&mut self, source: &Source, axis: usize) -> Result<Source, OpError> {
        match source {
            Source::Bytes(id, bytes) if bytes.axis != axis => Ok(Source::Words(self.words(*id)?)),
            other => Ok(other.clone()),
        }
    }

    /// Computes output 0 as `program` in groups of four along `axis`, packed where `pack`.
    pub(crate) fn finish_packed(
        &mut self,
        program: &Program,
        sources: &[Source],
        axis: usize,
        pack: bool,
    ) -> Result<(), OpError> {
        let ty = self.output_type(0)?.clone();
        let sources = sources.iter().map(|s| self.along(s, axis)).collect::<Result<Vec<_>, _>>()?;
        let sources = &sources[..];
        if pack {
            let words = self.output_bytes(0, axis)?;
            return self.packed_program(program, sources, &ty.shape, axis, Some(&words), None);
        }
        let reads: Vec<&View> = sources
            .iter()
            .map(|s| match s {
                Source::Words(view) => view,
                Source::Bytes(_, bytes) => &bytes.words,
            })
            .collect();
        let out = self.output(0, super::Accepts::Strided, &reads)?;
        if strides(&out, axis).is_some() {
            return self.packed_program(program, sources, &ty.shape, axis, None, Some(&out));
        }
        let dense = self.scratch(out.elem, &ty.shape);
        self.packed_program(program, sources, &ty.shape, axis, None, Some(&dense))?;
        self.copy(&dense, &out)
    }

    /// Writes `program` of `sources`, which broadcast to `shape`, packed along `axis` into `packed` or else into `out`.
    fn packed_program(
        &mut self,
        program: &Program,
        sources: &[Source],
        shape: &[usize],
        axis: usize,
        packed: Option<&View>,
        out: Option<&View>,
    ) -> Result<(), OpError> {
        let [outer, channels, inner] = thirds(shape, axis);
        let c4 = channels.div_ceil(4);
        let count = outer * c4 * inner;
        let dst = packed.or(out).ok_or_else(|| OpError::invalid("no result"))?.clone();
        let mut params = [count, c4, inner, channels].into_iter().fold(Params::new(), Params::u32);
        let uneven = || OpError::invalid("a result that does not step evenly");
        let to = if packed.is_some() { [0; 4] } else { strides(&dst, axis).ok_or_else(uneven)? };
        params = to.into_iter().fold(params, Params::u32);
        // Four neighbours at once where all that steps along inner lies in whole vectors.
        let aligned =
            |[at, outer, channel, inner]: [usize; 4]| inner == 1 && [at, outer, channel].iter().all(|n| n % 4 == 0);
        let mut vectors = inner % 4 == 0 && (packed.is_some() || aligned(to));
        let (mut views, mut forms) = (Vec::with_capacity(sources.len() + 1), Vec::with_capacity(sources.len()));
        for source in sources {
            let (view, steps) = match source {
                Source::Bytes(_, bytes) => (bytes.words.clone(), [0; 4]),
                Source::Words(view) => {
                    let wide = view.broadcast(shape);
                    match strides(&wide, axis) {
                        Some(steps) => (view.clone(), steps),
                        None => {
                            let dense = self.dense_copy(&wide)?;
                            let steps = strides(&dense, axis).ok_or_else(uneven)?;
                            (dense, steps)
                        }
                    }
                }
            };
            params = steps.into_iter().fold(params, Params::u32);
            views.push(view);
            forms.push(match source {
                Source::Bytes(..) => Form::Packed,
                Source::Words(_) if steps[3] == 0 && inner > 1 => Form::Repeated,
                Source::Words(_) => Form::Words,
            });
            vectors &= forms.last() != Some(&Form::Words) || aligned(steps);
        }
        let (program, scalars) = program.with_scalars();
        params = scalars.into_iter().fold(params, Params::f32);
        views.push(dst);
        self.dispatch(Dispatch {
            kernel: quantized::elementwise(&program, &forms, packed.is_some(), vectors),
            params,
            views: &views.iter().collect::<Vec<_>>(),
            workgroups: linear_grid(if vectors { count / 4 } else { count }, quantized::WORKGROUP),
            flops: (count * 4 * program.steps.len()) as u64,
        })
    }

    /// A dense copy of `view`, whatever its strides.
    fn dense_copy(&mut self, view: &View) -> Result<View, OpError> {
        let out = self.scratch(view.elem, &view.shape);
        self.copy(view, &out)?;
        Ok(out)
    }
}
