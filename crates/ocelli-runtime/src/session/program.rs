use std::sync::Arc;

use ocelli_graph::plan::OutputForm;
use ocelli_graph::{TensorType, ValueId};
use ocelli_shaders::Store;
use ocelli_tensor::Tensor;

use super::{PlannedStep, Session};
use crate::executable::Instance;
use crate::ranges::Misfits;
use crate::{RuntimeError, transfer};

/// What comes when the device is done and somebody polls it.
pub type Pending<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, RuntimeError>> + Send>>;

/// A session prepared for one combination of input shapes, with activations of its own, to be recorded into the
/// caller's encoder.
pub struct Program {
    engine: crate::Engine,
    instance: Instance,
    inputs: Vec<(String, TensorType, ValueId)>,
    outputs: Vec<(String, TensorType, ValueId)>,
}

impl Session {
    /// Prepares the graph for these input shapes. Errors when a part of it runs on the host or has shapes that depend
    /// on data: such a graph cannot be one piece of device work.
    pub fn prepare(&self, types: &[TensorType]) -> Result<Program, RuntimeError> {
        let planned = self.planned(types, OutputForm::Float)?;
        let [PlannedStep::Device { prepared, .. }] = &planned.steps[..] else {
            return Err(RuntimeError::NotEncodable("some nodes run on the host; `ocelli check` lists them".to_owned()));
        };
        if planned.rest.is_some() {
            return Err(RuntimeError::NotEncodable("a shape depends on data".to_owned()));
        }
        let bound = &planned.plan.graph;
        let instance = Arc::clone(prepared).instance()?;
        let described = |original: ValueId, bound_id: ValueId| {
            let ty =
                bound.ty(bound_id).cloned().ok_or_else(|| RuntimeError::NotEncodable("an untyped value".to_owned()))?;
            Ok((self.graph().value(original).name.clone(), ty, bound_id))
        };
        let inputs =
            self.graph().inputs.iter().map(|i| described(i.value, i.value)).collect::<Result<_, RuntimeError>>()?;
        let outputs = planned
            .delivers
            .iter()
            .zip(&bound.outputs)
            .map(|(original, bound_id)| described(*original, *bound_id))
            .collect::<Result<_, RuntimeError>>()?;
        Ok(Program { engine: self.engine().clone(), instance, inputs, outputs })
    }
}

impl Program {
    /// Name and type of each input.
    pub fn inputs(&self) -> impl Iterator<Item = (&str, &TensorType)> {
        self.inputs.iter().map(|(name, ty, _)| (name.as_str(), ty))
    }

    /// Name and type of each output.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &TensorType)> {
        self.outputs.iter().map(|(name, ty, _)| (name.as_str(), ty))
    }

    /// The buffer of an input: row-major, one 4-byte word per element. Write it before the encoded work runs.
    pub fn input_buffer(&self, name: &str) -> Option<&wgpu::Buffer> {
        let (_, _, id) = self.inputs.iter().find(|(n, _, _)| n == name)?;
        self.instance.input(*id)
    }

    /// The buffer of an output: row-major, one 4-byte word per element. Valid after the encoded work ran.
    pub fn output_buffer(&self, name: &str) -> Option<&wgpu::Buffer> {
        let (_, _, id) = self.outputs.iter().find(|(n, _, _)| n == name)?;
        self.instance.output(*id)
    }

    /// Queues the upload of a host tensor into an input.
    pub fn write_input(&self, name: &str, tensor: &Tensor) -> Result<(), RuntimeError> {
        let found = self.inputs.iter().find(|(n, _, _)| n == name);
        let Some((_, ty, id)) = found else {
            return Err(RuntimeError::Input(format!("unknown input `{name}`")));
        };
        if ty.dtype != tensor.dtype() || ty.shape != tensor.shape() {
            return Err(RuntimeError::Input(format!("input `{name}`: expected {ty}, got {tensor:?}")));
        }
        match self.instance.input(*id) {
            Some(buffer) => transfer::upload(&self.engine, buffer, tensor),
            // The graph does not read this input.
            None => Ok(()),
        }
    }

    /// Appends the work to `encoder`. Does not submit, poll or block.
    pub fn encode(&self, encoder: &mut wgpu::CommandEncoder) {
        self.instance.encode(encoder);
    }

    /// Appends the copy of the range reports to `encoder` and returns what resolves to the nodes whose results did not fit
    /// 16 bits in that run, for [`Session::learn`]. Call the returned function after the submit, like that of
    /// [`Program::read_output`]. `None` when nothing is kept in 16 bits.
    pub fn read_misfits(
        &self,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Option<impl FnOnce() -> Pending<Misfits> + use<>> {
        let (buffer, reports) = self.instance.ranges()?;
        let readback = transfer::download(&self.engine, encoder, buffer, buffer.size());
        let reports = reports.clone();
        Some(move || -> Pending<Misfits> {
            let mapped = readback.map();
            Box::pin(async move {
                mapped.await?;
                let mut misfits = Misfits::default();
                readback.finish(|bytes| reports.read(bytes, &mut misfits))?;
                Ok(misfits)
            })
        })
    }

    /// Appends the copy of an output to `encoder` and returns what resolves to the tensor. Call the returned function
    /// after the submit; its future resolves when somebody polls the device.
    pub fn read_output(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        name: &str,
    ) -> Result<impl FnOnce() -> Pending<Tensor> + use<>, RuntimeError> {
        let found = self.outputs.iter().find(|(n, _, _)| n == name);
        let (buffer, ty) = found
            .and_then(|(_, ty, id)| Some((self.instance.output(*id)?, ty)))
            .ok_or_else(|| RuntimeError::Input(format!("unknown output `{name}`")))?;
        let readback = transfer::download(&self.engine, encoder, buffer, transfer::bytes_of(ty, Store::Full));
        let ty = ty.clone();
        Ok(move || -> Pending<Tensor> {
            let mapped = readback.map();
            Box::pin(async move {
                mapped.await?;
                readback.tensor(&ty, Store::Full)
            })
        })
    }
}
