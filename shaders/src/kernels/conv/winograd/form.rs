//! Sizes, points and transforms of the two algorithms.

/// An algorithm F(m x m, 3 x 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Tiles of 2x2 outputs at the points 0, 1, -1 and infinity: exact but for roundings of sums.
    F23,
    /// Tiles of 4x4 outputs at the points 0, ±√½, ±√2 and infinity, whose rounding errors are smaller than those of 0, ±1,
    /// ±2.
    F43,
}

impl Form {
    /// Name in kernels and among candidates.
    pub const fn name(self) -> &'static str {
        match self {
            Form::F23 => "winograd23",
            Form::F43 => "winograd43",
        }
    }

    /// Outputs of a tile along each dimension.
    pub const fn outputs(self) -> usize {
        match self {
            Form::F23 => 2,
            Form::F43 => 4,
        }
    }

    /// Inputs of a tile along each dimension.
    pub const fn inputs(self) -> usize {
        self.outputs() + 2
    }

    /// Points at which a tile is evaluated.
    pub const fn points(self) -> usize {
        self.inputs() * self.inputs()
    }

    /// The finite points along one dimension.
    const fn finite(self) -> &'static [f64] {
        use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
        match self {
            Form::F23 => &[0.0, 1.0, -1.0],
            Form::F43 => &[0.0, FRAC_1_SQRT_2, -FRAC_1_SQRT_2, SQRT_2, -SQRT_2],
        }
    }

    /// Calls `put(point, value)` for the 3x3 filter `g`, row by row, at the points, row by row.
    pub fn filter(self, g: &[f32; 9], mut put: impl FnMut(usize, f32)) {
        let (finite, inputs) = (self.finite(), self.inputs());
        // Row j evaluates the filter's polynomial at point j, divided by the product of the distances to the other points.
        let mut rows = [[0.0, 0.0, 1.0]; 6];
        for (j, &p) in finite.iter().enumerate() {
            let others = finite.iter().enumerate().filter(|(l, _)| *l != j);
            let distances: f64 = others.map(|(_, q)| p - q).product();
            rows[j] = [1.0 / distances, p / distances, p * p / distances];
        }
        for (y, row_y) in rows[..inputs].iter().enumerate() {
            for (x, row_x) in rows[..inputs].iter().enumerate() {
                let sum: f64 = (0..9).map(|k| row_y[k / 3] * row_x[k % 3] * f64::from(g[k])).sum();
                put(y * inputs + x, sum as f32);
            }
        }
    }

    /// Statements that set `out(0)` and on to the transform of the values that `d` names.
    pub(super) fn forward(self, d: impl Fn(usize) -> String, out: impl Fn(usize) -> String) -> String {
        match self {
            Form::F23 => format!(
                "    let {} = {d2} - {};\n    let {} = {d1} + {d2};\n    let {} = {d2} - {d1};\n    let {} = {} - {d1};\n",
                out(0),
                d(0),
                out(1),
                out(2),
                out(3),
                d(3),
                d1 = d(1),
                d2 = d(2),
            ),
            Form::F43 => forward43(d, out),
        }
    }

    /// Statements that set the outputs to the inverse transform of the values that `m` names.
    pub(super) fn inverse(self, m: impl Fn(usize) -> String, out: impl Fn(usize) -> String) -> String {
        match self {
            Form::F23 => format!(
                "    let {} = {} + {m1} + {m2};\n    let {} = {m1} - {m2} + {};\n",
                out(0),
                m(0),
                out(1),
                m(3),
                m1 = m(1),
                m2 = m(2),
            ),
            Form::F43 => inverse43(m, out),
        }
    }
}

/// Statements that set `out0..out5` to the transform of the six values that `d` names.
fn forward43(d: impl Fn(usize) -> String, out: impl Fn(usize) -> String) -> String {
    let d: Vec<String> = (0..6).map(d).collect();
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
fn inverse43(m: impl Fn(usize) -> String, out: impl Fn(usize) -> String) -> String {
    let m: Vec<String> = (0..6).map(m).collect();
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

    /// A filter and a tile are multiplied at the points and transformed back by the definition of the points; the plain
    /// correlation is the oracle.
    #[test]
    fn points_of_large_tiles_interpolate_a_correlation() {
        let g: [f32; 3] = [0.3, -1.2, 0.7];
        let d: [f64; 6] = [0.9, -0.1, 0.5, 1.3, -0.8, 0.2];
        // The 2-D filter with g in its middle row and column 1 of the points: row 0 picks k = 0 alone.
        let mut g2 = [0.0; 9];
        g2[..3].copy_from_slice(&g);
        let mut at = [0.0; 36];
        Form::F43.filter(&g2, |point, value| at[point] = value);
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

    #[test]
    fn points_of_small_tiles_interpolate_a_correlation() {
        let (g, d) = ([0.3f32, -1.2, 0.7], [0.9f64, -0.1, 0.5, 1.3]);
        let mut g2 = [0.0; 9];
        g2[..3].copy_from_slice(&g);
        let mut u = [0.0; 16];
        // Point 0 divides by -1, and so does the row of the filter that it picks.
        Form::F23.filter(&g2, |point, value| u[point] = -f64::from(value));
        let v = [d[2] - d[0], d[1] + d[2], d[2] - d[1], d[3] - d[1]];
        let m: Vec<f64> = u.iter().zip(v).map(|(u, v)| u * v).collect();
        for (i, y) in [m[0] + m[1] + m[2], m[1] - m[2] + m[3]].into_iter().enumerate() {
            let want: f64 = (0..3).map(|k| f64::from(g[k]) * d[i + k]).sum();
            assert!((y - want).abs() < 1e-6, "output {i}: {y} instead of {want}");
        }
    }
}
