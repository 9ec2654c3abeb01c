use ocelli_tensor::Tensor;

use super::Det;
use crate::operator::Outputs;
use crate::ops::numeric::result;
use crate::ops::util::required;

pub(super) fn evaluate(_op: &Det, inputs: &[Option<Tensor>]) -> Outputs {
    let x = required(inputs, 0)?;
    let (batch, n) = (&x.shape()[..x.rank() - 2], x.shape()[x.rank() - 1]);
    let count: usize = batch.iter().product();
    let mut matrices = x.to_f64s();
    let mut y: Vec<f64> = matrices.chunks_mut((n * n).max(1)).map(|m| determinant(m, n)).collect();
    // The determinant of an empty matrix is 1.
    y.resize(count, 1.0);
    result(x.dtype(), batch, &y)
}

/// Elimination with partial pivoting.
fn determinant(m: &mut [f64], n: usize) -> f64 {
    let mut det = 1.0;
    for c in 0..n {
        let pivot = (c..n).max_by(|&a, &b| m[a * n + c].abs().total_cmp(&m[b * n + c].abs())).unwrap_or(c);
        if m[pivot * n + c] == 0.0 {
            return 0.0;
        }
        if pivot != c {
            det = -det;
            for j in 0..n {
                m.swap(pivot * n + j, c * n + j);
            }
        }
        det *= m[c * n + c];
        for r in c + 1..n {
            let factor = m[r * n + c] / m[c * n + c];
            for j in c..n {
                m[r * n + j] -= factor * m[c * n + j];
            }
        }
    }
    det
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_determinants() {
        assert_eq!(super::determinant(&mut [0.0, 2.0, 3.0, 4.0], 2), -6.0);
        assert_eq!(super::determinant(&mut [1.0, 2.0, 2.0, 4.0], 2), 0.0);
        let d = super::determinant(&mut [2.0, 0.0, 1.0, 1.0, 3.0, 2.0, 1.0, 1.0, 4.0], 3);
        assert!((d - 18.0).abs() < 1e-12, "{d}");
    }
}
