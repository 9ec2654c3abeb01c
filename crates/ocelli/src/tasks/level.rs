use ocelli_graph::{Graph, TensorType};
use ocelli_tensor::{DType, Dim, Tensor};
use ocelli_vision::Package;
use ocelli_vision::package::NoiseSpec;

use crate::Error;

/// The input beside the picture that takes a noise level.
pub(super) struct Level {
    /// Its place among the model's inputs: 0 or 1.
    place: usize,
    /// Dimensions whose product is one.
    shape: Vec<usize>,
}

impl Level {
    /// The input that `[input.noise]` of the package names; `None` for a package without one.
    ///
    /// Errors: the model has no such input, it holds other than one `f32`, or there are not two inputs.
    pub(super) fn of(package: &Package, graph: &Graph) -> Result<Option<Level>, Error> {
        let Some(noise) = &package.input.noise else { return Ok(None) };
        let names: Vec<&str> = graph.inputs.iter().map(|i| graph.value(i.value).name.as_str()).collect();
        let wrong = |text: String| Error::Usage(format!("package `{}`: {text}", package.name));
        let place = match names.iter().position(|n| *n == noise.name) {
            Some(place) if names.len() == 2 => place,
            _ => {
                return Err(wrong(format!(
                    "input.noise.name = {:?}: expected the picture and that input, the model has [{}]",
                    noise.name,
                    names.join(", ")
                )));
            }
        };
        let input = &graph.inputs[place];
        let shape: Vec<usize> =
            input.dims.iter().flatten().map(|d| if let Dim::Fixed(n) = d { *n } else { 1 }).collect();
        if input.dtype != DType::F32 || shape.iter().product::<usize>() != 1 {
            return Err(wrong(format!(
                "input `{}`: expected one f32, the model has {} {}",
                noise.name,
                input.dtype,
                ocelli_tensor::format_shape(&shape)
            )));
        }
        Ok(Some(Level { place, shape }))
    }

    /// The place of the picture among the model's inputs.
    pub(super) fn picture(&self) -> usize {
        1 - self.place
    }

    /// The types of both inputs in the model's order.
    pub(super) fn types(&self, picture: TensorType) -> Vec<TensorType> {
        self.ordered(picture, TensorType::new(DType::F32, self.shape.clone()))
    }

    /// Both inputs in the model's order, the level as `noise` says.
    pub(super) fn inputs(&self, picture: Tensor, noise: &NoiseSpec, level: Option<f32>) -> Result<Vec<Tensor>, Error> {
        Ok(self.ordered(picture, Tensor::from_vec(&self.shape, vec![noise.value(level)?])?))
    }

    fn ordered<T>(&self, picture: T, level: T) -> Vec<T> {
        if self.place == 0 { vec![level, picture] } else { vec![picture, level] }
    }
}
