//! Blocks whose accumulators lie in registers.

use std::fmt::Write as _;

use super::{Block, Operand};

/// Vectors from one k to the next: one more than there are, so that neighbouring k lie in different banks.
pub(super) fn pitch(extent: u32) -> u32 {
    extent / 4 + 1
}

/// Slices of vectors of `element`.
pub(super) fn memory(block: &Block, element: &str) -> String {
    let tile = |name: &str, extent: u32| {
        format!("var<workgroup> {name}_tile: array<vec4<{element}>, {}>;\n", block.k * pitch(extent))
    };
    tile("a", block.m) + &tile("b", block.n)
}

/// An invocation's rows are `m / 4` groups of four, `4 * block.m / m` apart, so that neighbouring invocations read
/// neighbouring vectors; columns alike. With `element` other than `f32`, a slice is multiplied and added up in that type.
pub(super) fn product(block: &Block, a: &Operand, b: &Operand, m: u32, n: u32, element: &str) -> String {
    let sum = if element == "f32" { "s" } else { "h" };
    let (across, down) = (block.n / n, block.m / m);
    let mut text = format!("    let tx = local % {across}u;\n    let ty = local / {across}u;\n");
    for i in 0..m {
        for q in 0..n / 4 {
            let _ = writeln!(text, "    var s{i}_{q} = vec4<f32>(0.0);");
        }
    }
    let mut multiply = String::new();
    let each = |text: &mut String, line: &dyn Fn(u32, u32) -> String| {
        for (i, q) in (0..m).flat_map(|i| (0..n / 4).map(move |q| (i, q))) {
            if element != "f32" {
                let _ = writeln!(text, "    {}", line(i, q));
            }
        }
    };
    each(&mut multiply, &|i, q| format!("var h{i}_{q} = vec4<{element}>();"));
    let _ = writeln!(multiply, "    for (var k = 0u; k < {}u; k++) {{", block.k);
    for g in 0..m / 4 {
        let _ = writeln!(multiply, "        let x{g} = a_tile[k * {}u + ty + {}u];", pitch(block.m), g * down);
    }
    for q in 0..n / 4 {
        let _ = writeln!(multiply, "        let y{q} = b_tile[k * {}u + tx + {}u];", pitch(block.n), q * across);
    }
    for i in 0..m {
        for q in 0..n / 4 {
            let _ = writeln!(
                multiply,
                "        {sum}{i}_{q} = fma(vec4<{element}>(x{}[{}]), y{q}, {sum}{i}_{q});",
                i / 4,
                i % 4
            );
        }
    }
    multiply.push_str("    }\n");
    each(&mut multiply, &|i, q| format!("s{i}_{q} += vec4<f32>(h{i}_{q});"));
    let keep = |o: &Operand, k: &str, four: &str, value: &str| {
        format!("        {}_tile[{k} * {}u + {four}] = vec4<{element}>({value});\n", o.name, pitch(o.extent))
    };
    text.push_str(&block.slices([a, b], keep, &multiply));
    for g in 0..m / 4 {
        for q in 0..n / 4 {
            let rows: Vec<String> = (0..4).map(|i| format!("s{}_{q}", g * 4 + i)).collect();
            let row = format!("row0 + (ty + {}u) * 4u", g * down);
            let column = format!("col0 + (tx + {}u) * 4u", q * across);
            let _ = writeln!(text, "    put({row}, {column}, {});", rows.join(", "));
        }
    }
    text
}
