//! Reductions over any axes of a strided view: see `reduce.wgsl`.

use crate::compose::Source;
use crate::{Access, Binding, Elem, Kernel};

/// What is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    /// Sum of x.
    Sum,
    /// Sum of |x|.
    Abs,
    /// Sum of x^2.
    Square,
    /// Product of x.
    Prod,
    /// Largest x; a NaN stays.
    Max,
    /// Smallest x; a NaN stays.
    Min,
    /// Sum of (x - shift)^2, where shift is a second input with one element per outer index.
    ShiftedSquare,
    /// Sum of e^(x - shift); an infinite shift counts as 0.
    ShiftedExp,
    /// Index of the largest x, as i32; NaN counts as larger than every number.
    ArgMax,
    /// Index of the smallest x, as i32.
    ArgMin,
}

/// What is done with a folded `f32`, as the `finish` parameter of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finish {
    /// x * scale
    Scale = 0,
    /// sqrt(x * scale)
    Sqrt = 1,
    /// log(x * scale)
    Log = 2,
    /// 1 / sqrt(x * scale + epsilon); epsilon is the bits of the `last` parameter.
    InverseRoot = 3,
}

impl Fold {
    /// All of them.
    pub const ALL: [Fold; 10] = [
        Fold::Sum,
        Fold::Abs,
        Fold::Square,
        Fold::Prod,
        Fold::Max,
        Fold::Min,
        Fold::ShiftedSquare,
        Fold::ShiftedExp,
        Fold::ArgMax,
        Fold::ArgMin,
    ];

    /// Whether the kernel has a second input.
    pub const fn shifted(self) -> bool {
        matches!(self, Fold::ShiftedSquare | Fold::ShiftedExp)
    }

    const fn is_arg(self) -> bool {
        matches!(self, Fold::ArgMax | Fold::ArgMin)
    }

    /// Whether there is a variant for this element type.
    pub const fn takes(self, elem: Elem) -> bool {
        matches!(elem, Elem::F32) || !self.shifted()
    }

    /// The fold that puts partial results together.
    pub const fn merge(self) -> Fold {
        match self {
            Fold::Prod | Fold::Max | Fold::Min | Fold::ArgMax | Fold::ArgMin => self,
            _ => Fold::Sum,
        }
    }

    fn functions(self, elem: Elem) -> String {
        let t = elem.wgsl();
        let out = if self.is_arg() { "i32" } else { t };
        let shift = if self.shifted() {
            format!("@group(0) @binding(3) var<storage, read> shift: array<{t}>;\n")
        } else {
            String::new()
        };
        let bindings = format!(
            "@group(0) @binding(1) var<storage, read> src: array<{t}>;\n\
             @group(0) @binding(2) var<storage, read_write> dst: array<{out}>;\n{shift}"
        );
        let nan = |x: &str| {
            if elem == Elem::F32 { format!("is_nan({x})") } else { "false".to_owned() }
        };
        if self.is_arg() {
            let (better, nan_wins) = match self {
                Fold::ArgMax => ("a.v > b.v", nan("a.v")),
                _ => ("a.v < b.v", nan("b.v")),
            };
            let nan_loses = if self == Fold::ArgMax { nan("b.v") } else { nan("a.v") };
            return format!(
                "{bindings}struct State {{ v: {t}, i: i32 }}\n\
                 fn identity() -> State {{ return State({t}(0), -1); }}\n\
                 fn load(x: {t}, r: u32, o: u32) -> State {{ return State(x, i32(r)); }}\n\
                 fn combine(a: State, b: State) -> State {{\n    \
                     if a.i < 0 {{ return b; }}\n    if b.i < 0 {{ return a; }}\n    \
                     let a_nan = {nan_wins};\n    let b_nan = {nan_loses};\n    \
                     if a_nan != b_nan {{ if a_nan {{ return a; }} return b; }}\n    \
                     if !a_nan && a.v != b.v {{ if {better} {{ return a; }} return b; }}\n    \
                     if (a.i < b.i) == (p.last == 0u) {{ return a; }}\n    return b;\n}}\n\
                 fn finish(s: State) -> i32 {{ return s.i; }}\n"
            );
        }
        let infinity = |sign: &str| match (elem, sign) {
            (Elem::F32, "-") => "bitcast<f32>(0xff800000u | zero_bits)",
            (Elem::F32, _) => "bitcast<f32>(0x7f800000u | zero_bits)",
            (Elem::I32, "-") => "(-2147483647i - 1i)",
            (Elem::I32, _) => "2147483647i",
            (Elem::U32, "-") => "0u",
            (Elem::U32, _) => "4294967295u",
        };
        let zero = format!("{t}(0)");
        let (identity, combine) = match self {
            Fold::Prod => (format!("{t}(1)"), "return a * b;".to_owned()),
            Fold::Max => (infinity("-").to_owned(), format!("if {} || a > b {{ return a; }} return b;", nan("a"))),
            Fold::Min => (infinity("+").to_owned(), format!("if {} || a < b {{ return a; }} return b;", nan("a"))),
            _ => (zero, "return a + b;".to_owned()),
        };
        let load = match self {
            Fold::Abs if elem == Elem::U32 => "return x;",
            Fold::Abs => "return abs(x);",
            Fold::Square => "return x * x;",
            Fold::ShiftedSquare => "let d = x - shift[p.shift_offset + o]; return d * d;",
            Fold::ShiftedExp => "let s = shift[p.shift_offset + o]; return exp(x - select(s, 0.0, is_inf(s)));",
            _ => "return x;",
        };
        let finish = if elem == Elem::F32 {
            "switch p.finish {\n        case 1u: { return sqrt(s * p.scale); }\n        case 2u: { return log(s * p.scale); }\n        \
             case 3u: { return 1.0 / sqrt(s * p.scale + bitcast<f32>(p.last)); }\n        default: { return s * p.scale; }\n    }"
        } else {
            "return s;"
        };
        format!(
            "{bindings}alias State = {t};\n\
             fn identity() -> State {{ return {identity}; }}\n\
             fn load(x: {t}, r: u32, o: u32) -> State {{ {load} }}\n\
             fn combine(a: State, b: State) -> State {{ {combine} }}\n\
             fn finish(s: State) -> {t} {{ {finish} }}\n"
        )
    }
}

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// The kernel for this fold of elements of type `elem`; with `workgroup` a whole workgroup makes each result.
pub fn kernel(fold: Fold, elem: Elem, workgroup: bool) -> Kernel {
    let binding = |name: &str, elem: Elem, access: Access| Binding { name: name.to_owned(), elem, access };
    let out = if fold.is_arg() { Elem::I32 } else { elem };
    let mut bindings = vec![binding("src", elem, Access::Read), binding("dst", out, Access::ReadWrite)];
    if fold.shifted() {
        bindings.push(binding("shift", elem, Access::Read));
    }
    let source = Source::new("reduce/reduce.wgsl", include_str!("reduce.wgsl"))
        .flag("WORKGROUP", workgroup)
        .slot("reduce", fold.functions(elem))
        .text();
    let mode = if workgroup { "workgroup" } else { "single" };
    Kernel {
        name: format!("reduce[{fold:?},{elem},{mode}]").to_lowercase(),
        source,
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 24 * 4,
        features: Vec::new(),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for fold in Fold::ALL {
            for elem in [Elem::F32, Elem::I32, Elem::U32] {
                for workgroup in [false, true] {
                    if fold.takes(elem) {
                        crate::validate::kernel(&kernel(fold, elem, workgroup)).unwrap();
                    }
                }
            }
        }
    }
}
