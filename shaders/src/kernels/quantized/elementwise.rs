//! `quantized.elementwise`: a generated kernel of elementwise work that reads or writes packed bytes.
//!
//! Tensors are seen as `[outer, C, inner]`. Packed ones hold four signed bytes of neighbouring channels a word, as
//! `[outer, ceil(C / 4), inner]` without gaps; unsigned bytes less 128. One invocation computes four channels. The grid is
//! `linear_grid(words, 64)`, or a quarter of the words where four neighbours of inner are computed together.

use std::fmt::Write as _;

use crate::compose::Source;
use crate::pointwise::Program;
use crate::{Access, Binding, Elem, Kernel};

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

/// Where an operand lies, as the kernel reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Packed bytes.
    Packed,
    /// A word for each element.
    Words,
    /// A word for each element, which repeats along inner.
    Repeated,
}

/// The kernel for `program`; `forms` tells where each of its inputs lies, `pack` whether the result is packed. With
/// `vectors`, one invocation computes four neighbours of inner: inner is a multiple of four, and so are the offsets and
/// strides of all that is [`Form::Words`], the result included, which step by one along inner.
///
/// `Params`, all 4 bytes: `count` (words), `c4`, `inner`, `channels`; then the offset of the output and its strides of
/// outer, channel and inner; then the same four for each input (those of packed ones are not read); then the scalars of
/// the program (f32).
pub fn elementwise(program: &Program, forms: &[Form], pack: bool, vectors: bool) -> Kernel {
    let inputs = program.inputs.len();
    let is_packed = |i: usize| forms.get(i) == Some(&Form::Packed);
    let is_vector = |i: usize| vectors && forms.get(i) != Some(&Form::Repeated);
    let mut text = String::from("struct Params {\n    count: u32, c4: u32, inner: u32, channels: u32,\n");
    let mut fields = |name: &str| {
        let _ = writeln!(text, "    {name}_at: u32, {name}_o: u32, {name}_c: u32, {name}_i: u32,");
    };
    fields("out");
    (0..inputs).for_each(|i| fields(&format!("in{i}")));
    for i in 0..program.scalars() {
        let _ = writeln!(text, "    k{i}: f32,");
    }
    text.push_str("}\n@group(0) @binding(0) var<uniform> p: Params;\n");
    let mut bindings = Vec::new();
    for (i, &elem) in program.inputs.iter().enumerate() {
        let elem = if is_packed(i) { Elem::U32 } else { elem };
        bindings.push(Binding { name: format!("in{i}"), elem, access: Access::Read });
    }
    let out = if pack { Elem::U32 } else { program.output() };
    bindings.push(Binding { name: "out0".to_owned(), elem: out, access: Access::ReadWrite });
    for (i, b) in bindings.iter().enumerate() {
        let access = if b.access == Access::Read { "read" } else { "read_write" };
        let _ = writeln!(
            text,
            "@group(0) @binding({}) var<storage, {access}> {}: array<{}>;",
            i + 1,
            b.name,
            if is_vector(i) { format!("vec4<{}>", b.elem.wgsl()) } else { b.elem.wgsl().to_owned() }
        );
    }
    let (body, result) = program.body(|i| format!("i{i}"));
    let arguments: Vec<String> =
        program.inputs.iter().enumerate().map(|(i, e)| format!("i{i}: {}", e.wgsl())).collect();
    let _ = writeln!(
        text,
        "#import shared::math\nvar<private> zero_bits: u32 = 0u;\nfn compute({}) -> {} {{\n{body}    return {result};\n}}",
        arguments.join(", "),
        program.output().wgsl()
    );
    let lanes: u32 = if vectors { 4 } else { 1 };
    let _ = write!(
        text,
        "#import shared::grid\n\
         @compute @workgroup_size(64)\n\
         fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {{\n    \
         let at = grid_index(wg, wgs, local, 64u);\n    \
         if at >= p.count / {lanes}u {{ return; }}\n    \
         let inner = at * {lanes}u % p.inner;\n    \
         let word = at * {lanes}u / p.inner % p.c4;\n    \
         let outer = at * {lanes}u / p.inner / p.c4;\n"
    );
    for i in 0..inputs {
        if is_packed(i) {
            let _ = writeln!(text, "    let w{i} = in{i}[at];");
        } else {
            let _ = writeln!(text, "    let b{i} = p.in{i}_at + outer * p.in{i}_o + inner * p.in{i}_i;");
        }
    }
    let lane = |j: u32| if vectors { format!("[{j}]") } else { String::new() };
    for k in 0..4 {
        let _ = writeln!(text, "    let c{k} = min(word * 4u + {k}u, p.channels - 1u);");
        for i in (0..inputs).filter(|&i| !is_packed(i)) {
            let quarter = if is_vector(i) { " / 4u" } else { "" };
            let _ = writeln!(text, "    let v{i}_{k} = in{i}[(b{i} + c{k} * p.in{i}_c){quarter}];");
        }
        for j in 0..lanes {
            let values: Vec<String> = (0..inputs)
                .map(|i| match (is_packed(i), program.inputs[i]) {
                    (false, _) if is_vector(i) => format!("v{i}_{k}[{j}]"),
                    (false, _) => format!("v{i}_{k}"),
                    (true, Elem::U32) => format!("((w{i}{} ^ 0x80808080u) >> {}u & 255u)", lane(j), k * 8),
                    (true, elem) => {
                        format!("{}((bitcast<i32>(w{i}{}) << {}u) >> 24u)", elem.wgsl(), lane(j), 24 - k * 8)
                    }
                })
                .collect();
            let _ = writeln!(text, "    let r{k}_{j} = compute({});", values.join(", "));
        }
    }
    let together =
        |ty: &str, all: Vec<String>| if vectors { format!("vec4<{ty}>({})", all.join(", ")) } else { all.concat() };
    if pack {
        let shift = if program.output() == Elem::U32 { "0x80808080u" } else { "0u" };
        let word = |j: u32| {
            let bytes: Vec<String> = (0..4).map(|k| format!("(u32(r{k}_{j}) & 255u) << {}u", k * 8)).collect();
            format!("({}) ^ {shift}", bytes.join(" | "))
        };
        let _ = writeln!(text, "    out0[at] = {};", together("u32", (0..lanes).map(word).collect()));
    } else {
        text.push_str("    let to = p.out_at + outer * p.out_o + inner * p.out_i;\n");
        let quarter = if vectors { " / 4u" } else { "" };
        for k in 0..4 {
            let value = together(program.output().wgsl(), (0..lanes).map(|j| format!("r{k}_{j}")).collect());
            let _ = writeln!(
                text,
                "    if word * 4u + {k}u < p.channels {{ out0[(to + (word * 4u + {k}u) * p.out_c){quarter}] = {value}; }}"
            );
        }
    }
    text.push_str("}\n");
    let kind = |f: &Form| match f {
        Form::Packed => 'p',
        Form::Words => 's',
        Form::Repeated => 'r',
    };
    // Without vectors, what repeats is read as everything else.
    let kinds: String = forms.iter().map(|f| if *f == Form::Repeated && !vectors { 's' } else { kind(f) }).collect();
    let params = 8 + inputs * 4 + program.scalars();
    Kernel {
        name: format!(
            "quantized.elementwise[{kinds}->{}{},{}]",
            if pack { 'p' } else { 's' },
            if vectors { ",vec" } else { "" },
            program.name()
        ),
        source: Source::new("quantized/elementwise", &text).text(),
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: (params as u32 * 4).next_multiple_of(16),
        features: Vec::new(),
        indexed_by_data: false,
    }
}
