//! What four neighbouring outputs of a row read of one input row, whose elements lie in whole vectors of four: text for
//! kernels that are generated per window.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A window along the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowWindow {
    /// Taps of a row.
    pub kernel: u32,
    /// Stride.
    pub stride: u32,
    /// Dilation.
    pub dilation: u32,
    /// Columns of padding on the left; negative crops.
    pub pad: i32,
}

/// A window along the height, over which one invocation computes several outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnWindow {
    /// Taps of a column.
    pub kernel: u32,
    /// Stride.
    pub stride: u32,
    /// Dilation.
    pub dilation: u32,
    /// Outputs of an invocation.
    pub rows: u32,
}

impl ColumnWindow {
    /// Input rows that the outputs meet, counted from the first, each with the pairs of output and tap that meet it.
    pub(crate) fn meetings(self) -> BTreeMap<u32, Vec<(u32, u32)>> {
        let mut all: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
        for (row, tap) in (0..self.rows).flat_map(|r| (0..self.kernel).map(move |k| (r, k))) {
            all.entry(row * self.stride + tap * self.dilation).or_default().push((row, tap));
        }
        all
    }

    /// Part of a kernel's name.
    pub(crate) fn name(self) -> String {
        let ColumnWindow { kernel, stride, dilation, rows } = self;
        format!("k{kernel},s{stride},d{dilation},rows{rows}")
    }
}

/// Element `c` of the `Quad` that an expression loads, without loading the others.
pub(crate) fn element(quad: &str, c: usize, wide: bool) -> String {
    match (wide, c % 2) {
        (false, _) => format!("{quad}[{c}]"),
        (true, 0) => format!("low({quad}[{}])", c / 2),
        (true, _) => format!("high({quad}[{}])", c / 2),
    }
}

/// Name of vector `v`, counted from the one at four times the stride.
fn vector(v: i32) -> String {
    if v < 0 { format!("m{}", -v) } else { format!("p{v}") }
}

impl RowWindow {
    /// Vector and component of what output `n` meets at tap `t`.
    fn place(self, n: u32, t: u32) -> (i32, u32) {
        let element = (n * self.stride + t * self.dilation) as i32 - self.pad;
        (element.div_euclid(4), element.rem_euclid(4) as u32)
    }

    /// Which components of which vectors are read.
    fn needed(self) -> BTreeMap<i32, [bool; 4]> {
        let mut needed: BTreeMap<i32, [bool; 4]> = BTreeMap::new();
        for (n, t) in (0..4).flat_map(|n| (0..self.kernel).map(move |t| (n, t))) {
            let (v, c) = self.place(n, t);
            needed.entry(v).or_default()[c as usize] = true;
        }
        needed
    }

    /// Declares where the vectors lie and whether they are inside, given `middle: i32` (the vector at four times the
    /// stride) and `quads: i32` (vectors of a row).
    pub(crate) fn columns(self) -> String {
        let mut text = String::new();
        for &v in self.needed().keys() {
            let name = vector(v);
            let _ = writeln!(
                text,
                "    let g_{name} = middle + {v};\n    let in_{name} = g_{name} >= 0 && g_{name} < quads;"
            );
            let _ = writeln!(text, "    let at_{name} = select(0u, u32(g_{name}), in_{name});");
        }
        text
    }

    /// Loads what is read of the row that begins at vector `base`, under names with `prefix`; `fill` where `inside` (an
    /// expression) is false or the row ends.
    pub(crate) fn load(self, prefix: &str, base: &str, inside: &str, fill: &str, wide: bool) -> String {
        let mut text = String::new();
        for (v, components) in self.needed() {
            let name = vector(v);
            let used = components.iter().filter(|c| **c).count();
            // Up to two elements are cheaper by themselves.
            if used > 2 {
                let _ = writeln!(
                    text,
                    "    let {prefix}_{name} = select(vec4<f32>({fill}), floats(src[{base} + at_{name}]), vec4<bool>({inside} && in_{name}));"
                );
            }
            for c in (0..4).filter(|&c| components[c]) {
                let _ = if used > 2 {
                    writeln!(text, "    let {prefix}_{name}_{c} = {prefix}_{name}[{c}];")
                } else {
                    writeln!(
                        text,
                        "    let {prefix}_{name}_{c} = select({fill}, {}, {inside} && in_{name});",
                        element(&format!("src[{base} + at_{name}]"), c, wide)
                    )
                };
            }
        }
        text
    }

    /// [`RowWindow::columns`] for a single output, at `x: i32` in a row of `width: i32` elements that lie `step` apart.
    pub(crate) fn single_columns(self) -> String {
        let mut text = String::new();
        for t in 0..self.kernel {
            let _ = writeln!(text, "    let x_{t} = x0 + {};", t * self.dilation);
            let _ = writeln!(text, "    let in_{t} = x_{t} >= 0 && x_{t} < width;");
            let _ = writeln!(text, "    let at_{t} = select(0u, u32(x_{t}) * step, in_{t});");
        }
        text
    }

    /// [`RowWindow::load`] for a single output: the taps are called `PREFIX_TAP`.
    pub(crate) fn single_load(self, prefix: &str, base: &str, inside: &str, fill: &str) -> String {
        let mut text = String::new();
        for t in 0..self.kernel {
            let _ = writeln!(text, "    let {prefix}_{t} = select({fill}, src[{base} + at_{t}], {inside} && in_{t});");
        }
        text
    }

    /// Name of what output `n` meets at tap `t` in the row loaded with `prefix`.
    pub(crate) fn value(self, prefix: &str, n: u32, t: u32) -> String {
        let (v, c) = self.place(n, t);
        format!("{prefix}_{}_{c}", vector(v))
    }

    /// Part of a kernel's name.
    pub(crate) fn name(self) -> String {
        let RowWindow { kernel, stride, dilation, pad } = self;
        format!("k{kernel},s{stride},d{dilation},p{pad}")
    }
}
