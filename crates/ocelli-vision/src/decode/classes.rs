use ocelli_tensor::Tensor;

use super::label;
use crate::error::{self, Result};
use crate::package::{Activation, ClassifySpec};

/// A class and how likely it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassScore {
    /// Index of the class.
    pub class: usize,
    /// Name of the class.
    pub label: String,
    /// Probability, 0..1.
    pub score: f32,
}

/// The most likely classes, the best first, from an output of as many values as classes (`1xC`, `1xCx1x1`).
///
/// Errors: the output is empty or for more than one picture, or nothing in it is a number.
pub fn classes(spec: &ClassifySpec, output: &Tensor) -> Result<Vec<ClassScore>> {
    let values = output.to_f32s();
    let batch = if output.rank() > 1 { output.shape()[0] } else { 1 };
    if values.is_empty() || batch != 1 {
        return Err(error::shape("class scores", "1xC", output.shape()));
    }
    let top = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let scores: Vec<f32> = match spec.activation {
        Activation::None => values,
        Activation::Sigmoid => values.into_iter().map(super::sigmoid).collect(),
        Activation::Exp => values.into_iter().map(f32::exp).collect(),
        Activation::Softmax => {
            let e: Vec<f32> = values.into_iter().map(|v| (v - top).exp()).collect();
            let sum: f32 = e.iter().sum();
            e.into_iter().map(|v| v / sum).collect()
        }
    };
    let mut order: Vec<usize> = (0..scores.len()).filter(|&i| !scores[i].is_nan()).collect();
    if order.is_empty() {
        return Err(error::argument("class scores: none of them is a number"));
    }
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    Ok(order
        .into_iter()
        .take(spec.top)
        .map(|class| ClassScore { class, label: label(&spec.labels, class), score: scores[class] })
        .collect())
}
