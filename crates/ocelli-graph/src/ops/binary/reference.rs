use ocelli_tensor::Tensor;

use super::{Binary, BinaryKind};
use crate::operator::Outputs;
use crate::ops::numbers::{broadcast_all, from_ints, ints, offsets};
use crate::ops::util::required;

pub(super) fn evaluate(op: &Binary, inputs: &[Option<Tensor>]) -> Outputs {
    let (a, b) = (required(inputs, 0)?, required(inputs, 1)?);
    let shape = broadcast_all([a.shape(), b.shape()].into_iter())?;
    let pairs: Vec<(usize, usize)> = offsets(&shape, a.shape()).into_iter().zip(offsets(&shape, b.shape())).collect();
    let float = a.dtype().is_float() || b.dtype().is_float();
    if op.kind.is_comparison() {
        let values: Vec<bool> = if float {
            let (a, b) = (a.to_f64s(), b.to_f64s());
            pairs.iter().map(|&(i, j)| compared(op.kind, &a[i], &b[j])).collect()
        } else {
            let (a, b) = (ints(a), ints(b));
            pairs.iter().map(|&(i, j)| match op.kind {
                BinaryKind::And => a[i] != 0 && b[j] != 0,
                BinaryKind::Or => a[i] != 0 || b[j] != 0,
                BinaryKind::Xor => (a[i] != 0) != (b[j] != 0),
                kind => compared(kind, &a[i], &b[j]),
            }).collect()
        };
        return Ok(vec![Tensor::from_bools(&shape, &values)?]);
    }
    if float {
        let (x, y) = (a.to_f64s(), b.to_f64s());
        let values: Vec<f64> = pairs.iter().map(|&(i, j)| of_float(op.kind, x[i], y[j])).collect();
        return Ok(vec![Tensor::from_f64s(a.dtype(), &shape, &values)?]);
    }
    let bits = a.dtype().size_bytes() as u32 * 8;
    let (x, y) = (ints(a), ints(b));
    let values: Vec<i128> = pairs.iter().map(|&(i, j)| of_int(op.kind, x[i], y[j], bits)).collect();
    Ok(vec![from_ints(a.dtype(), &shape, &values)?])
}

fn compared<T: PartialOrd>(kind: BinaryKind, a: &T, b: &T) -> bool {
    match kind {
        BinaryKind::Greater => a > b,
        BinaryKind::GreaterOrEqual => a >= b,
        BinaryKind::Less => a < b,
        BinaryKind::LessOrEqual => a <= b,
        _ => a == b,
    }
}

fn of_float(kind: BinaryKind, a: f64, b: f64) -> f64 {
    match kind {
        BinaryKind::Add => a + b,
        BinaryKind::Sub => a - b,
        BinaryKind::Mul => a * b,
        BinaryKind::Div => a / b,
        BinaryKind::Pow => a.powf(b),
        BinaryKind::Mod { fmod: true } => a % b,
        BinaryKind::Mod { fmod: false } => {
            let r = a % b;
            if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r }
        }
        BinaryKind::PRelu => if a >= 0.0 { a } else { b * a },
        // `infer` leaves only the functions above for floats.
        _ => f64::NAN,
    }
}

fn of_int(kind: BinaryKind, a: i128, b: i128, bits: u32) -> i128 {
    match kind {
        BinaryKind::Add => a + b,
        BinaryKind::Sub => a - b,
        BinaryKind::Mul => a.wrapping_mul(b),
        BinaryKind::Div => a.checked_div(b).unwrap_or(0),
        BinaryKind::Mod { fmod: true } => a.checked_rem(b).unwrap_or(0),
        BinaryKind::Mod { fmod: false } => {
            let r = a.checked_rem(b).unwrap_or(0);
            if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
        }
        BinaryKind::Pow => power(a, b),
        BinaryKind::PRelu => if a >= 0 { a } else { a.wrapping_mul(b) },
        BinaryKind::BitwiseAnd => a & b,
        BinaryKind::BitwiseOr => a | b,
        BinaryKind::BitwiseXor => a ^ b,
        BinaryKind::BitShift { .. } if b < 0 || b >= i128::from(bits) => 0,
        BinaryKind::BitShift { right: true } => a >> b,
        BinaryKind::BitShift { right: false } => a << b,
        // `infer` leaves only the functions above for integers.
        _ => 0,
    }
}

/// Wrapping power; a negative exponent truncates the fraction.
fn power(base: i128, exponent: i128) -> i128 {
    if exponent < 0 {
        return match base {
            1 => 1,
            -1 => if exponent % 2 == 0 { 1 } else { -1 },
            _ => 0,
        };
    }
    let (mut result, mut square, mut rest) = (1i128, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        rest >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(kind: BinaryKind, a: Tensor, b: Tensor) -> Tensor {
        evaluate(&Binary { kind }, &[Some(a), Some(b)]).unwrap().remove(0)
    }

    #[test]
    fn examples_of_the_standard() {
        // Mod with mixed signs (int), and fmod.
        let a = || Tensor::vector(vec![-4i64, 7, 5, 4, -7, 8]);
        let b = || Tensor::vector(vec![2i64, -3, 8, -2, 3, 5]);
        assert_eq!(apply(BinaryKind::Mod { fmod: false }, a(), b()).to_i64s(), [0, -2, 5, 0, 2, 3]);
        assert_eq!(apply(BinaryKind::Mod { fmod: true }, a(), b()).to_i64s(), [0, 1, 5, 0, -1, 3]);
        let pow = apply(BinaryKind::Pow, Tensor::vector(vec![1i64, 2, 3]), Tensor::vector(vec![4.0f32, 5.0, 6.0]));
        assert_eq!(pow, Tensor::vector(vec![1i64, 32, 729]));
        let shift = apply(BinaryKind::BitShift { right: true }, Tensor::vector(vec![16u8, 4, 1]), Tensor::vector(vec![1u8, 2, 3]));
        assert_eq!(shift, Tensor::vector(vec![8u8, 1, 0]));
    }

    #[test]
    fn integers_wrap_and_never_panic() {
        assert_eq!(apply(BinaryKind::Add, Tensor::vector(vec![250u8]), Tensor::vector(vec![10u8])), Tensor::vector(vec![4u8]));
        assert_eq!(apply(BinaryKind::Mul, Tensor::vector(vec![u64::MAX]), Tensor::vector(vec![u64::MAX])), Tensor::vector(vec![1u64]));
        let div = apply(BinaryKind::Div, Tensor::vector(vec![i64::MIN, -7, 3]), Tensor::vector(vec![-1i64, 2, 0]));
        assert_eq!(div, Tensor::vector(vec![i64::MIN, -3, 0]));
        assert_eq!(apply(BinaryKind::BitShift { right: false }, Tensor::vector(vec![3u64]), Tensor::vector(vec![64u64])), Tensor::vector(vec![0u64]));
        assert_eq!(apply(BinaryKind::Pow, Tensor::vector(vec![i64::MAX, 2, -1]), Tensor::vector(vec![i64::MAX, -1, -3])), Tensor::vector(vec![i64::MAX, 0, -1]));
    }

    #[test]
    fn broadcasts_both_ways() {
        let a = Tensor::from_vec(&[2, 1], vec![10.0f32, 20.0]).unwrap();
        let sum = apply(BinaryKind::Sub, a, Tensor::vector(vec![1.0f32, 2.0, 3.0]));
        assert_eq!(sum, Tensor::from_vec(&[2, 3], vec![9.0f32, 8.0, 7.0, 19.0, 18.0, 17.0]).unwrap());
    }
}
