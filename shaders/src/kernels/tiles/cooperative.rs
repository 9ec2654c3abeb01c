//! Blocks that subgroups multiply together.
//!
//! The number of invocations of a subgroup is the driver's choice. A workgroup has as many invocations as its parts need at
//! the smallest size; with larger subgroups there are fewer, and the block is computed in several passes. All barriers and
//! all operations on matrices are reached by all invocations: a subgroup past the last part repeats the last one and stores
//! nothing.

use std::fmt::Write as _;

use super::{Block, Operand};

/// Halves from one k to the next: some more than there are, so that neighbouring k lie in different banks. Rows of a matrix
/// begin at multiples of 16 bytes, which drivers ask for.
pub(super) fn pitch(extent: u32) -> u32 {
    extent + 8
}

pub(super) fn memory(block: &Block, size: u32, m: u32, n: u32) -> String {
    let tile =
        |name: &str, extent: u32| format!("var<workgroup> {name}_tile: array<f16, {}>;\n", block.k * pitch(extent));
    let stage = (block.m / m) * (block.n / n) * size * size;
    format!(
        "{}{}var<workgroup> stage: array<f32, {stage}>;\n\
         fn staged_row(at: u32) -> vec4<f32> {{\n    \
         return vec4<f32>(stage[at], stage[at + 1u], stage[at + 2u], stage[at + 3u]);\n}}\n",
        tile("a", block.m),
        tile("b", block.n)
    )
}

pub(super) fn product(block: &Block, a: &Operand, b: &Operand, size: u32, m: u32, n: u32) -> String {
    let (across, parts) = (block.n / n, (block.m / m) * (block.n / n));
    let matrix = |ty: &str, role: &str| format!("coop_mat{size}x{size}<{ty}, {role}>");
    let area = size * size;
    let mut text = format!(
        "    let staged = subgroup * {area}u;\n    for (var pass0 = 0u; pass0 < {parts}u; pass0 += subgroups) {{\n    \
         let part = min(pass0 + subgroup, {last}u);\n    let part_row = part / {across}u * {m}u;\n    \
         let part_col = part % {across}u * {n}u;\n    workgroupBarrier();\n    \
         for (var i = local; i < {all}u; i += {invocations}u) {{ stage[i] = 0.0; }}\n    workgroupBarrier();\n",
        last = parts - 1,
        all = parts * area,
        invocations = block.invocations(),
    );
    for i in 0..m / size {
        for j in 0..n / size {
            let ty = matrix("f32", "C");
            let _ = writeln!(text, "    var s{i}_{j} = coopLoadT<{ty}>(&stage[staged], {size}u);");
        }
    }
    let mut multiply = format!("    for (var k = 0u; k < {}u; k += {size}u) {{\n", block.k);
    let (pa, pb) = (pitch(block.m), pitch(block.n));
    for i in 0..m / size {
        let at = format!("k * {pa}u + part_row + {}u", i * size);
        let _ = writeln!(multiply, "        let x{i} = coopLoad<{}>(&a_tile[{at}], {pa}u);", matrix("f16", "A"));
    }
    for j in 0..n / size {
        let at = format!("k * {pb}u + part_col + {}u", j * size);
        let _ = writeln!(multiply, "        let y{j} = coopLoadT<{}>(&b_tile[{at}], {pb}u);", matrix("f16", "B"));
    }
    for i in 0..m / size {
        for j in 0..n / size {
            let _ = writeln!(multiply, "        s{i}_{j} = coopMultiplyAdd(x{i}, y{j}, s{i}_{j});");
        }
    }
    multiply.push_str("    }\n");
    let keep = |o: &Operand, k: &str, four: &str, value: &str| {
        let mut text = format!(
            "        {{ let h = vec4<f16>({value});\n        let to = {k} * {}u + {four} * 4u;\n",
            pitch(o.extent)
        );
        for c in 0..4 {
            let _ = writeln!(text, "        {}_tile[to + {c}u] = h[{c}];", o.name);
        }
        text + "        }\n"
    };
    text.push_str(&block.slices([a, b], keep, &multiply));
    // Elements of a matrix are not to be had but through memory. `put` stands once in the text: with a long epilogue, or
    // stores to halves, compilers take minutes over a copy for each matrix.
    let (fours, columns) = (size / 4, n / size);
    let matrices = (m / size) * columns;
    let _ = writeln!(text, "    for (var q = 0u; q < {matrices}u; q++) {{\n    workgroupBarrier();\n    switch q {{");
    for q in 0..matrices {
        let label = if q + 1 == matrices { "default".to_owned() } else { format!("case {q}u") };
        let (i, j) = (q / columns, q % columns);
        let _ = writeln!(text, "        {label}: {{ coopStoreT(s{i}_{j}, &stage[staged], {size}u); }}");
    }
    let _ = writeln!(
        text,
        "    }}\n    workgroupBarrier();\n    let q_row = row0 + part_row + q / {columns}u * {size}u;\n    \
         let q_col = col0 + part_col + q % {columns}u * {size}u;\n    \
         for (var i = lane; i < {}u && pass0 + subgroup < {parts}u; i += lanes) {{\n        \
         let r = i / {fours}u * 4u;\n        let c = i % {fours}u * 4u;\n        \
         put(q_row + r, q_col + c, staged_row(staged + r * {size}u + c), staged_row(staged + (r + 1u) * {size}u + c), \
         staged_row(staged + (r + 2u) * {size}u + c), staged_row(staged + (r + 3u) * {size}u + c));\n    }}\n    }}",
        fours * fours,
    );
    text + "    }\n"
}
