use ocelli_tensor::{DType, Tensor};

use crate::operator::Outputs;
use crate::ops::util::required;

/// In `f32`, as the standard's formula is: the zero point and ties depend on it.
pub(super) fn evaluate(inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let values = x.to_f32s();
    let max = values.iter().copied().fold(0.0f32, f32::max);
    let min = values.iter().copied().fold(0.0f32, f32::min);
    let range = if max == min { 1.0 } else { max - min };
    let scale = range / 255.0;
    let zero = (0.0 - min / scale).clamp(0.0, 255.0).round_ties_even();
    let y: Vec<f64> = values.iter().map(|x| f64::from(((x / scale).round_ties_even() + zero).clamp(0.0, 255.0))).collect();
    Ok(vec![
        Tensor::from_f64s(DType::U8, x.shape(), &y)?,
        Tensor::scalar(scale),
        Tensor::from_f64s(DType::U8, &[], &[f64::from(zero)])?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard: scale 0.0196078438, zero point 153.
    #[test]
    fn example() {
        let y = evaluate(&[Some(Tensor::vector(vec![0.0f32, 2.0, -3.0, -2.5, 1.34, 0.5]))]).unwrap();
        assert_eq!(y[0], Tensor::vector(vec![153u8, 255, 0, 26, 221, 179]));
        assert!((y[1].to_f64s()[0] - 0.0196078438).abs() < 1e-8);
        assert_eq!(y[2], Tensor::scalar(153u8));
    }
}
