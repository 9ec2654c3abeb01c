//! Winograd convolution F(4x4, 3x3): three kernel rows and columns at stride and dilation 1, computed on tiles of 4x4
//! outputs with 36 instead of 144 multiplications (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks").
//!
//! [`input`] transforms tiles of the input, [`product`] multiplies them with the transformed filters ([`filter`]) at each
//! of the 36 points, and [`output`] transforms back, adds the bias and runs the epilogue.
//!
//! The polynomial points are 0, ±√½, ±√2 and infinity, whose rounding errors are smaller than those of 0, ±1, ±2.

mod input;
mod output;
mod product;
mod tiled;

pub use input::input;
pub use output::output;
pub use product::product;
pub use tiled::tiled;

pub use super::broadcast::Tile;

/// Outputs of a tile along each dimension.
pub const OUTPUTS: usize = 4;
/// Inputs of a tile along each dimension.
pub const INPUTS: usize = 6;
/// Points at which a tile is evaluated.
pub const POINTS: usize = INPUTS * INPUTS;

/// The finite points.
const FINITE: [f64; 5] = [
    0.0,
    std::f64::consts::FRAC_1_SQRT_2,
    -std::f64::consts::FRAC_1_SQRT_2,
    std::f64::consts::SQRT_2,
    -std::f64::consts::SQRT_2,
];

/// The 3x3 filter `g`, row by row, at the 36 points, row by row.
pub fn filter(g: &[f32; 9]) -> [f32; POINTS] {
    // Row j evaluates the filter's polynomial at point j, divided by the product of the distances to the other points.
    let row = |j: usize, k: usize| match FINITE.get(j) {
        None => f64::from(u8::from(k == 2)),
        Some(&p) => {
            let others = FINITE.iter().enumerate().filter(|(l, _)| *l != j);
            p.powi(k as i32) / others.map(|(_, q)| p - q).product::<f64>()
        }
    };
    std::array::from_fn(|i| {
        let (y, x) = (i / INPUTS, i % INPUTS);
        let sum: f64 = (0..9).map(|k| row(y, k / 3) * row(x, k % 3) * f64::from(g[k])).sum();
        sum as f32
    })
}

/// Statements that set `out0..out5` to the transform of the six values that `d` names.
fn forward(d: impl Fn(usize) -> String, out: impl Fn(usize) -> String) -> String {
    let d: Vec<String> = (0..INPUTS).map(d).collect();
    let e = [format!("({} - 2.0 * {})", d[4], d[2]), format!("({} - 0.5 * {})", d[4], d[2])];
    let o = [format!("({} - 2.0 * {}) * 0.70710678", d[3], d[1]), format!("({} - 0.5 * {}) * 1.41421356", d[3], d[1])];
    format!(
        "    let {} = {} - 2.5 * {} + {};\n    let {} = {} + {};\n    let {} = {} - {};\n    let {} = {} + {};\n    \
         let {} = {} - {};\n    let {} = {} - 2.5 * {} + {};\n",
        out(0),
        d[0],
        d[2],
        d[4],
        out(1),
        e[0],
        o[0],
        out(2),
        e[0],
        o[0],
        out(3),
        e[1],
        o[1],
        out(4),
        e[1],
        o[1],
        out(5),
        d[1],
        d[3],
        d[5],
    )
}

/// Statements that set four outputs to the inverse transform of the six values that `m` names.
fn inverse(m: impl Fn(usize) -> String, out: impl Fn(usize) -> String) -> String {
    let m: Vec<String> = (0..INPUTS).map(m).collect();
    let (s1, d1) = (format!("({} + {})", m[1], m[2]), format!("({} - {})", m[1], m[2]));
    let (s2, d2) = (format!("({} + {})", m[3], m[4]), format!("({} - {})", m[3], m[4]));
    format!(
        "    let {} = {} + {s1} + {s2};\n    let {} = {d1} * 0.70710678 + {d2} * 1.41421356;\n    \
         let {} = {s1} * 0.5 + {s2} * 2.0;\n    let {} = {d1} * 0.35355339 + {d2} * 2.82842712 + {};\n",
        out(0),
        m[0],
        out(1),
        out(2),
        out(3),
        m[5],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for (aligned, wide) in [(false, false), (true, false), (true, true), (false, true)] {
            crate::validate::kernel(&input(aligned, wide)).unwrap();
            for epilogue in crate::pointwise::samples() {
                crate::validate::kernel(&output(aligned, wide, &epilogue)).unwrap();
            }
        }
        for (m, n, width) in [(64, 4, 8), (48, 4, 8), (16, 4, 8), (8, 2, 8), (12, 4, 8), (4, 1, 4), (8, 4, 4)] {
            crate::validate::kernel(&product(Tile { m, n, width }, 8, n == 4)).unwrap();
        }
    }

    /// A filter and a tile are multiplied at the points and transformed back by the definition of the points; the plain
    /// correlation is the oracle.
    #[test]
    fn points_interpolate_a_correlation() {
        let g: [f32; 3] = [0.3, -1.2, 0.7];
        let d: [f64; 6] = [0.9, -0.1, 0.5, 1.3, -0.8, 0.2];
        // The 2-D filter with g in its middle row and column 1 of the points: row 0 picks k = 0 alone.
        let mut g2 = [0.0; 9];
        g2[..3].copy_from_slice(&g);
        let at = filter(&g2);
        // Row 5 (infinity) sees k = 2 only and row 0 (p = 0) sees k = 0 divided by the distances, which is 1.
        let u: Vec<f64> = (0..6).map(|x| f64::from(at[x])).collect();
        let a: f64 = std::f64::consts::FRAC_1_SQRT_2;
        let b: f64 = std::f64::consts::SQRT_2;
        let v = [
            d[0] - 2.5 * d[2] + d[4],
            d[4] - 2.0 * d[2] + a * (d[3] - 2.0 * d[1]),
            d[4] - 2.0 * d[2] - a * (d[3] - 2.0 * d[1]),
            d[4] - 0.5 * d[2] + b * (d[3] - 0.5 * d[1]),
            d[4] - 0.5 * d[2] - b * (d[3] - 0.5 * d[1]),
            d[1] - 2.5 * d[3] + d[5],
        ];
        let m: Vec<f64> = u.iter().zip(v).map(|(u, v)| u * v).collect();
        let y = [
            m[0] + m[1] + m[2] + m[3] + m[4],
            a * (m[1] - m[2]) + b * (m[3] - m[4]),
            0.5 * (m[1] + m[2]) + 2.0 * (m[3] + m[4]),
            a.powi(3) * (m[1] - m[2]) + b.powi(3) * (m[3] - m[4]) + m[5],
        ];
        for (i, y) in y.iter().enumerate() {
            let want: f64 = (0..3).map(|k| f64::from(g[k]) * d[i + k]).sum();
            assert!((y - want).abs() < 1e-6, "output {i}: {y} instead of {want}");
        }
    }
}
