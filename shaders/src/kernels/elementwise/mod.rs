//! Elementwise kernels generated from a [`Program`]: `out[i] = program(in0[i], in1[i], ...)` over strided views.
//!
//! One invocation computes one output element. The grid is `linear_grid(count, 64)`. Views of every tensor are given as
//! an offset and one stride per collapsed output dimension, so broadcasting, transposes, slices and writing into a part
//! of a larger buffer are all the same kernel.

use crate::compose::Source;
use crate::pointwise::Program;
use crate::{Access, Binding, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Most inputs of one kernel: eight storage buffers are the portable limit, one is the output and one may be a range
/// report.
pub const MAX_INPUTS: usize = 6;

/// The kernel for `program` over `rank` (1 or more) collapsed dimensions.
///
/// `Params`, all 4 bytes: `count`; then the output `offset`; `rank` dims; `rank` output strides (i32); then for each
/// input its offset and `rank` strides (i32); then the scalars of the program (f32).
pub fn kernel(program: &Program, rank: usize) -> Kernel {
    generate(program, rank, None)
}

/// [`kernel`] with four neighbouring elements of the last dimension per invocation. `steps` tells for each input whether
/// it steps by one along that dimension (read as a vector) or repeats. The last dimension and the offset and other strides
/// of all that steps, the output included, are multiples of four; the grid is `linear_grid(count / 4, 64)`.
pub fn vectors(program: &Program, rank: usize, steps: &[bool]) -> Kernel {
    generate(program, rank, Some(steps))
}

fn generate(program: &Program, rank: usize, steps: Option<&[bool]>) -> Kernel {
    let is_vector = |i: usize| steps.is_some_and(|s| s.get(i).copied().unwrap_or(true));
    let inputs = program.inputs.len();
    let mut text = String::from("struct Params {\n    count: u32, out_offset: u32,\n");
    let fields = |prefix: &str, ty: &str| (0..rank).map(|r| format!(" {prefix}{r}: {ty},")).collect::<String>();
    text.push_str(&format!("   {}\n   {}\n", fields("dim", "u32"), fields("out_s", "i32")));
    for i in 0..inputs {
        text.push_str(&format!("    in{i}_offset: u32,{}\n", fields(&format!("in{i}_s"), "i32")));
    }
    for i in 0..program.scalars() {
        text.push_str(&format!("    k{i}: f32,\n"));
    }
    text.push_str("}\n@group(0) @binding(0) var<uniform> p: Params;\n");
    let mut bindings = Vec::new();
    for (i, elem) in program.inputs.iter().enumerate() {
        bindings.push(Binding { name: format!("in{i}"), elem: *elem, access: Access::Read });
    }
    bindings.push(Binding { name: "out0".to_owned(), elem: program.output(), access: Access::ReadWrite });
    for (i, b) in bindings.iter().enumerate() {
        let access = if b.access == Access::Read { "read" } else { "read_write" };
        text.push_str(&format!(
            "@group(0) @binding({}) var<storage, {access}> {}: array<{}>;\n",
            i + 1,
            b.name,
            if is_vector(i) { format!("vec4<{}>", b.elem.wgsl()) } else { b.elem.wgsl().to_owned() }
        ));
    }
    let (body, result) = program.body(|i| format!("i{i}"));
    let arguments: Vec<String> =
        program.inputs.iter().enumerate().map(|(i, e)| format!("i{i}: {}", e.wgsl())).collect();
    text.push_str(&format!(
        "#import shared::math\nvar<private> zero_bits: u32 = 0u;\nfn compute({}) -> {} {{\n{body}    return {result};\n}}\n",
        arguments.join(", "),
        program.output().wgsl()
    ));
    text.push_str(
        "#import shared::grid\n\
         @compute @workgroup_size(64)\n\
         fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {\n    \
         let i = grid_index(wg, wgs, local, 64u);\n",
    );
    text.push_str(match steps {
        None => "    if i >= p.count { return; }\n    var rest = i;\n",
        Some(_) => "    if i >= p.count / 4u { return; }\n    var rest = i * 4u;\n",
    });
    for r in (0..rank).rev() {
        if r == 0 {
            text.push_str("    let c0 = i32(rest);\n");
        } else {
            text.push_str(&format!("    let c{r} = i32(rest % p.dim{r}); rest = rest / p.dim{r};\n"));
        }
    }
    let index = |prefix: &str| {
        let terms: String = (0..rank).map(|r| format!(" + c{r} * p.{prefix}_s{r}")).collect();
        format!("u32(i32(p.{prefix}_offset){terms})")
    };
    let place = |i: usize, prefix: &str| {
        if is_vector(i) { format!("{} / 4u", index(prefix)) } else { index(prefix) }
    };
    for i in 0..inputs {
        text.push_str(&format!("    let i{i} = in{i}[{}];\n", place(i, &format!("in{i}"))));
    }
    let call = |component: &str| {
        let all: Vec<String> =
            (0..inputs).map(|i| if is_vector(i) { format!("i{i}{component}") } else { format!("i{i}") }).collect();
        format!("compute({})", all.join(", "))
    };
    let value = match steps {
        None => call(""),
        Some(_) => {
            let all: Vec<String> = [".x", ".y", ".z", ".w"].map(call).to_vec();
            format!("vec4<{}>({})", program.output().wgsl(), all.join(", "))
        }
    };
    text.push_str(&format!("    out0[{}] = {value};\n}}\n", place(inputs, "out")));
    let kind: String = steps.map_or_else(String::new, |s| {
        format!(",vec{}", s.iter().map(|&v| if v { 'v' } else { 's' }).collect::<String>())
    });
    let name = format!("elementwise[r{rank}{kind},{}]", program.name());
    // The text is generated above from known pieces; composing it cannot fail on data.
    let source = Source::new("elementwise", &text).text();
    let params = 2 + 2 * rank + inputs * (1 + rank) + program.scalars();
    Kernel {
        name,
        source,
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: (params as u32 * 4).next_multiple_of(16),
        features: Vec::new(),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Elem;
    use crate::pointwise::{Arg, Fun, Literal, Step};

    #[test]
    fn variants_validate_and_reach_every_back_end() {
        let relu = Program {
            inputs: vec![Elem::F32, Elem::F32],
            steps: vec![
                Step { fun: Fun::Add, args: vec![Arg::Input(0), Arg::Input(1)], ty: Elem::F32 },
                Step {
                    fun: Fun::Max,
                    args: vec![Arg::Step(0), Arg::Literal(Literal::f32(f32::NEG_INFINITY))],
                    ty: Elem::F32,
                },
            ],
        };
        let copy = |elem| Program { inputs: vec![elem], steps: Vec::new() };
        let (scalars, values) = relu.with_scalars();
        assert_eq!((scalars.scalars(), values.len()), (1, 1));
        for program in [relu, scalars, copy(Elem::F32), copy(Elem::I32), copy(Elem::U32)] {
            for rank in [1, 3, 8] {
                crate::validate::kernel(&kernel(&program, rank)).unwrap();
                for steps in [[true, true], [true, false], [false, false]] {
                    let steps = &steps[..program.inputs.len()];
                    crate::validate::kernel(&vectors(&program, rank, steps)).unwrap();
                }
            }
        }
    }

    /// Every function at every type that it takes.
    #[test]
    fn every_function_validates() {
        use Elem::{F32, I32, U32};
        use Fun::*;
        let check = |fun: Fun, inputs: &[Elem], ty: Elem| {
            let args = (0..inputs.len()).map(Arg::Input).collect();
            let program = Program { inputs: inputs.to_vec(), steps: vec![Step { fun, args, ty }] };
            crate::validate::kernel(&kernel(&program, 2)).unwrap();
        };
        for t in [F32, I32, U32] {
            for fun in [Add, Sub, Mul, Div, Min, Max, Pow, Rem, Mod, PRelu] {
                check(fun, &[t, t], t);
            }
            for fun in [Identity, Neg, Sign, Relu] {
                check(fun, &[t], t);
            }
            for fun in [Equal, Less, LessOrEqual, Greater, GreaterOrEqual] {
                check(fun, &[t, t], U32);
            }
            check(Where, &[U32, t, t], t);
            check(Clip, &[t, t, t], t);
            check(ToBool, &[t], U32);
            for to in [F32, I32, U32] {
                check(Bitcast, &[t], to);
            }
        }
        for (from, to) in [(I32, U32), (U32, I32), (I32, F32), (U32, F32)] {
            check(Cast, &[from], to);
        }
        for t in [I32, U32] {
            for fun in [And, Or, Xor] {
                check(fun, &[t, t], t);
            }
            for fun in [BitwiseNot, Wrap8, Wrap16] {
                check(fun, &[t], t);
            }
            check(ToInt, &[F32], t);
        }
        check(Abs, &[I32], I32);
        check(FloatToBool, &[F32], U32);
        check(Not, &[U32], U32);
        for fun in [ShiftLeft, ShiftRight] {
            check(fun, &[U32, U32, U32], U32);
        }
        for fun in [IsNan, IsPosInf, IsNegInf] {
            check(fun, &[F32], U32);
        }
        for fun in [
            Abs, Reciprocal, Sqrt, Exp, Log, Floor, Ceil, Round, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh,
            Asinh, Acosh, Atanh, Sigmoid, HardSwish, Softplus, Softsign, Gelu, GeluTanh, Mish, Erf, RoundF16,
            RoundBF16,
        ] {
            check(fun, &[F32], F32);
        }
        for fun in [LeakyRelu, Elu, Celu, ThresholdedRelu, Swish, DivPrecise] {
            check(fun, &[F32, F32], F32);
        }
        for fun in [Selu, HardSigmoid, Shrink] {
            check(fun, &[F32, F32, F32], F32);
        }
    }
}
