use ocelli_tensor::Tensor;

use super::DequantizeLinear;
use crate::operator::Outputs;
use crate::ops::quantization::{Granularity, zeros_or};
use crate::ops::util::{optional, required};

pub(super) fn evaluate(op: &DequantizeLinear, inputs: &[Option<Tensor>]) -> Outputs {
    let (x, scale, zero) = (required(inputs, 0)?, required(inputs, 1)?, optional(inputs, 2));
    let granularity = Granularity::new(x.shape(), scale.shape(), op.axis, op.block_size)?;
    let at = granularity.offsets(x.shape(), scale.shape());
    let (scales, zeros) = (scale.to_f64s(), zeros_or(zero, scale.len()));
    let values: Vec<f64> = x.to_f64s().iter().zip(at).map(|(&x, i)| (x - zeros[i]) * scales[i]).collect();
    Ok(vec![Tensor::from_f64s(op.output_dtype.unwrap_or(scale.dtype()), x.shape(), &values)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard.
    #[test]
    fn example() {
        let x = Tensor::vector(vec![0u8, 3, 128, 255]);
        let y = evaluate(&DequantizeLinear::default(), &[Some(x), Some(Tensor::scalar(2.0f32)), Some(Tensor::scalar(128u8))]);
        assert_eq!(y.unwrap()[0], Tensor::vector(vec![-256.0f32, -250.0, 0.0, 254.0]));
    }
}
