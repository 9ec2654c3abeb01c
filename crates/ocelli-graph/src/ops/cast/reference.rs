use ocelli_tensor::Tensor;

use super::Cast;
use crate::operator::Outputs;
use crate::ops::numbers::{from_ints, ints};
use crate::ops::util::required;

pub(super) fn evaluate(op: &Cast, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let to = match op.to {
        Some(to) => to,
        None => required(inputs, 1)?.dtype(),
    };
    if x.dtype() == to {
        return Ok(vec![x.clone()]);
    }
    if x.dtype().is_float() {
        return Ok(vec![Tensor::from_f64s(to, x.shape(), &x.to_f64s())?]);
    }
    // 64-bit integers round once on their way to f32.
    if to == ocelli_tensor::DType::F32 {
        let values: Vec<f32> = ints(x).into_iter().map(|x| x as f32).collect();
        return Ok(vec![Tensor::from_vec(x.shape(), values)?]);
    }
    Ok(vec![from_ints(to, x.shape(), &ints(x))?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocelli_tensor::DType;

    #[test]
    fn converts_by_the_rules() {
        let cast = |x: Tensor, to| evaluate(&Cast { to: Some(to) }, &[Some(x)]).unwrap().remove(0);
        let floats = || Tensor::vector(vec![-1.9f32, 2.9, 300.0, f32::NAN, f32::NEG_INFINITY]);
        assert_eq!(cast(floats(), DType::I8).to_i64s(), [-1, 2, 127, 0, -128]);
        assert_eq!(cast(floats(), DType::Bool).bools().unwrap(), [true; 5]);
        assert_eq!(cast(Tensor::vector(vec![-1i64, 300]), DType::U8).to_i64s(), [255, 44]);
        assert_eq!(cast(Tensor::vector(vec![u64::MAX]), DType::F64).to_f64s(), [18446744073709551615.0]);
        let huge = i64::from(u32::MAX) << 30 | 1;
        assert_eq!(cast(Tensor::vector(vec![huge]), DType::F32).to_f32s(), [huge as f32]);
        let like = evaluate(&Cast { to: None }, &[Some(floats()), Some(Tensor::scalar(1u64))]).unwrap();
        assert_eq!(like[0].dtype(), DType::U64);
    }
}
