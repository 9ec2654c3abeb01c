use std::f64::consts::PI;

use ocelli_tensor::Tensor;

use super::{WindowFunction, WindowKind, size_of};
use crate::operator::Outputs;
use crate::ops::bounds::bounded;
use crate::ops::numeric::result;
use crate::ops::util::required;

pub(super) fn evaluate(op: &WindowFunction, inputs: &[Option<Tensor>]) -> Outputs {
    let size = size_of(required(inputs, 0)?)?;
    bounded(op.output_datatype, [size])?;
    let period = if op.periodic { size } else { size.saturating_sub(1) } as f64;
    let value = |n: usize| {
        let turn = PI * n as f64 / period;
        match op.kind {
            WindowKind::Hann => turn.sin().powi(2),
            WindowKind::Hamming => 25.0 / 46.0 - 21.0 / 46.0 * (2.0 * turn).cos(),
            WindowKind::Blackman => 0.42 - 0.5 * (2.0 * turn).cos() + 0.08 * (4.0 * turn).cos(),
        }
    };
    // A symmetric window of one element is 1.
    let y: Vec<f64> = if size == 1 && !op.periodic { vec![1.0] } else { (0..size).map(value).collect() };
    result(op.output_datatype, &[size], &y)
}
