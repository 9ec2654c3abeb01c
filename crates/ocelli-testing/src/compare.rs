use ocelli_tensor::{DType, Tensor};

/// How far a result may be from the oracle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Bound of `|got - want|_2 / |want|_2` over the whole tensor.
    pub relative_l2: f64,
    /// Bound of `|got - want|` at every element, relative to the largest `|want|`.
    pub relative_max: f64,
}

impl Tolerance {
    /// For sums in `f32` against `f64`.
    pub const F32: Tolerance = Tolerance { relative_l2: 1e-5, relative_max: 1e-4 };
    /// For whole models in `f32`, as the project promises it.
    pub const MODEL: Tolerance = Tolerance { relative_l2: 1e-4, relative_max: 1e-2 };
    /// For results that are rounded to `f16`.
    pub const F16: Tolerance = Tolerance { relative_l2: 1e-3, relative_max: 4e-3 };
    /// For sums in `f32` of products whose factors are rounded to `f16`. A factor is off by 2^-11 at most and 2e-4 in the
    /// mean square, a product of two by 2.9e-4, and so is a sum of many products with independent errors, relative to its
    /// own size (L2); the bound is three times that, for sums whose terms cancel.
    pub const F16_OPERANDS: Tolerance = Tolerance { relative_l2: 1e-3, relative_max: 4e-3 };
    /// The same for Winograd's tiles of 4x4, whose transforms amplify rounding errors: 1.4e-3 to 1.6e-3 were measured, and the
    /// bound is twice that.
    pub const F16_TRANSFORMED: Tolerance = Tolerance { relative_l2: 3e-3, relative_max: 1.2e-2 };
    /// The same with sums of up to 16 products in `f16`: each of 16 roundings is off by 2e-4 in the mean square, relative to a
    /// partial sum that is 0.7 of the whole on average; with the factors 6.4e-4, and the bound is three times that.
    pub const F16_SUMS: Tolerance = Tolerance { relative_l2: 2e-3, relative_max: 8e-3 };
    /// For results that are rounded to `bf16`.
    pub const BF16: Tolerance = Tolerance { relative_l2: 8e-3, relative_max: 3e-2 };
    /// Bit for bit (up to the sign of zero).
    pub const EXACT: Tolerance = Tolerance { relative_l2: 0.0, relative_max: 0.0 };

    /// The tolerance of a dtype: sums for floats, exact for the rest.
    pub fn of(dtype: DType) -> Tolerance {
        match dtype {
            DType::F32 | DType::F64 => Tolerance::F32,
            DType::F16 => Tolerance::F16,
            DType::BF16 => Tolerance::BF16,
            _ => Tolerance::EXACT,
        }
    }
}

/// Errors unless `got` is `want` within `tolerance`: same dtype, same shape, NaN and infinities at the same places, and
/// both error metrics within bounds.
pub fn compare(got: &Tensor, want: &Tensor, tolerance: Tolerance) -> Result<(), String> {
    if got.dtype() != want.dtype() || got.shape() != want.shape() {
        return Err(format!("got {got:?}, expected {want:?}"));
    }
    if want.dtype().is_integer() {
        let (g, w) = (got.to_i64s(), want.to_i64s());
        return match g.iter().zip(&w).position(|(g, w)| g != w) {
            Some(i) if tolerance == Tolerance::EXACT => Err(format!("element {i}: got {}, expected {}", g[i], w[i])),
            _ => metrics(&got.to_f64s(), &want.to_f64s(), tolerance),
        };
    }
    metrics(&got.to_f64s(), &want.to_f64s(), tolerance)
}

fn metrics(got: &[f64], want: &[f64], tolerance: Tolerance) -> Result<(), String> {
    let (mut error2, mut norm2, mut largest, mut worst) = (0.0f64, 0.0f64, 0.0f64, (0.0f64, 0usize));
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        if g.is_nan() != w.is_nan() || (!w.is_finite() && !w.is_nan() && g != w) || (w.is_finite() && !g.is_finite()) {
            return Err(format!("element {i}: got {g}, expected {w}"));
        }
        if !w.is_finite() {
            continue;
        }
        let error = (g - w).abs();
        error2 += error * error;
        norm2 += w * w;
        largest = largest.max(w.abs());
        if error > worst.0 {
            worst = (error, i);
        }
    }
    // A tensor of zeros has no scale of its own.
    let (l2, max) = (error2.sqrt() / norm2.sqrt().max(1e-30), worst.0 / largest.max(1e-30));
    let zero = norm2 == 0.0 && error2.sqrt() <= tolerance.relative_l2 * 1e-2;
    if !zero && (l2 > tolerance.relative_l2 || max > tolerance.relative_max) {
        let i = worst.1;
        return Err(format!(
            "relative L2 {l2:.2e}, largest error {max:.2e} at element {i}: got {}, expected {}",
            got[i], want[i]
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(values: &[f32]) -> Tensor {
        Tensor::vector(values.to_vec())
    }

    #[test]
    fn accepts_what_is_equal() {
        let want = t(&[1.0, f32::NAN, f32::INFINITY, -3.0]);
        assert_eq!(compare(&want, &want, Tolerance::EXACT), Ok(()));
        assert!(compare(&t(&[0.0; 3]), &t(&[0.0; 3]), Tolerance::F32).is_ok());
    }

    #[test]
    fn rejects_every_kind_of_perturbation() {
        let values: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.37).sin()).collect();
        let want = t(&values);
        let with = |i: usize, x: f32| {
            let mut v = values.clone();
            v[i] = x;
            t(&v)
        };
        for wrong in [with(7, values[7] + 1e-2), with(500, f32::NAN), with(0, f32::INFINITY)] {
            assert!(compare(&wrong, &want, Tolerance::F32).is_err());
            assert!(compare(&want, &wrong, Tolerance::F32).is_err());
        }
        let scaled: Vec<f32> = values.iter().map(|x| x * 1.0002).collect();
        assert!(compare(&t(&scaled), &want, Tolerance::F32).is_err());
        assert!(compare(&t(&scaled), &want, Tolerance::MODEL).is_err());
        assert!(compare(&t(&values[1..]), &want, Tolerance::F32).is_err());
        assert!(compare(&t(&[0.0, 1e-3]), &t(&[0.0, 0.0]), Tolerance::F32).is_err());
        assert!(compare(&Tensor::vector(vec![1i64, 2]), &Tensor::vector(vec![1i64, 3]), Tolerance::EXACT).is_err());
        assert!(compare(&Tensor::vector(vec![1i32]), &Tensor::vector(vec![1i64]), Tolerance::EXACT).is_err());
    }
}
