//! Numbers of any dtype for the elementwise references: floats as `f64`, integers and bool as `i128`, so that nothing
//! rounds or overflows before the result is stored in its dtype.

use ocelli_tensor::{DType, Tensor, broadcast_shapes, element_count, format_shape};

use super::util::for_each_index;
use crate::OpError;

/// The shape that all `shapes` broadcast to.
pub fn broadcast_all<'a>(shapes: impl Iterator<Item = &'a [usize]>) -> Result<Vec<usize>, OpError> {
    let mut all: Vec<usize> = Vec::new();
    for shape in shapes {
        all = broadcast_shapes(&all, shape).ok_or_else(|| {
            OpError::invalid(format!("shapes {} and {} do not broadcast", format_shape(&all), format_shape(shape)))
        })?;
    }
    Ok(all)
}

/// For every element of `shape` in row-major order, the offset in a tensor of shape `from`, which broadcasts to it.
pub fn offsets(shape: &[usize], from: &[usize]) -> Vec<usize> {
    let n = element_count(shape).unwrap_or(0);
    if shape == from {
        return (0..n).collect();
    }
    let mut all = Vec::with_capacity(n);
    for_each_index(shape, |index| all.push(super::util::broadcast_offset(index, from)));
    all
}

/// The elements of an integer or bool tensor; floats truncate.
pub fn ints(t: &Tensor) -> Vec<i128> {
    match t.view::<u64>() {
        Ok(v) => v.iter().map(|&x| i128::from(x)).collect(),
        Err(_) => t.to_i64s().into_iter().map(i128::from).collect(),
    }
}

/// Integers stored in `dtype`: they wrap in narrower integers, and anything but 0 is `true`.
pub fn from_ints(dtype: DType, shape: &[usize], values: &[i128]) -> Result<Tensor, OpError> {
    Ok(if dtype.is_integer() {
        Tensor::from_i64s(dtype, shape, &values.iter().map(|&x| x as i64).collect::<Vec<_>>())?
    } else {
        Tensor::from_f64s(dtype, shape, &values.iter().map(|&x| x as f64).collect::<Vec<_>>())?
    })
}

/// The larger one; NaN when either is.
pub fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// The smaller one; NaN when either is.
pub fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// Gauss error function to about 1e-15: `2 / sqrt(pi) * e^(-x^2) * sum of 2^n x^(2n + 1) / (2n + 1)!!`.
pub fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > sum.abs() * 1e-17 {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// `x` rounded to what `dtype` can hold.
pub fn rounded(x: f64, dtype: DType) -> f64 {
    match dtype {
        DType::F32 => f64::from(x as f32),
        DType::F16 => ocelli_tensor::f16::from_f64(x).to_f64(),
        DType::BF16 => ocelli_tensor::bf16::from_f64(x).to_f64(),
        _ => x,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erf_matches_published_values() {
        // Abramowitz and Stegun, table 7.1.
        for (x, want) in [
            (0.0, 0.0),
            (0.5, 0.5204998778),
            (1.0, 0.8427007929),
            (2.0, 0.9953222650),
            (-1.5, -0.9661051465),
            (9.0, 1.0),
        ] {
            assert!((erf(x) - want).abs() < 1e-10, "{x}: {}", erf(x));
        }
        assert!(erf(f64::NAN).is_nan());
    }

    #[test]
    fn integers_wrap_and_broadcast_offsets_repeat() {
        assert_eq!(from_ints(DType::U8, &[2], &[-1, 257]).unwrap().to_i64s(), [255, 1]);
        assert_eq!(ints(&Tensor::vector(vec![u64::MAX])), [i128::from(u64::MAX)]);
        assert_eq!(offsets(&[2, 3], &[2, 1]), [0, 0, 0, 1, 1, 1]);
        assert_eq!(offsets(&[2, 2], &[]), [0; 4]);
    }
}
