use ocelli_tensor::{DType, Tensor};

use super::QuantizeLinear;
use crate::operator::Outputs;
use crate::ops::quantization::{Granularity, quantized, range, zeros_or};
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &QuantizeLinear, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, scale, zero) = (required(inputs, 0)?, required(inputs, 1)?, optional(inputs, 2));
    let to = zero.map(Tensor::dtype).or(op.output_dtype).unwrap_or(DType::U8);
    let granularity = Granularity::new(x.shape(), scale.shape(), op.axis, op.block_size)?;
    let at = granularity.offsets(x.shape(), scale.shape());
    let (scales, zeros) = (scale.to_f64s(), zeros_or(zero, scale.len()));
    let (division, range) = (op.division(scale.dtype()), range(to)?);
    let values: Vec<f64> =
        x.to_f64s().iter().zip(at).map(|(&x, i)| quantized(x, scales[i], zeros[i], division, range)).collect();
    Ok(vec![Tensor::from_f64s(to, x.shape(), &values)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard.
    #[test]
    fn example() {
        let x = Tensor::vector(vec![0.0f32, 2.0, 3.0, 1000.0, -254.0, -1000.0]);
        let y = evaluate(&QuantizeLinear::default(), &[Some(x), Some(Tensor::scalar(2.0f32)), Some(Tensor::scalar(128u8))]);
        assert_eq!(y.unwrap()[0], Tensor::vector(vec![128u8, 129, 130, 255, 1, 0]));
    }
}
