// Reduction over any axes of a strided view: dst[o * parts + part] = finish(fold(load(src[o, r]))) for r in the part.
// With WORKGROUP one workgroup of 64 computes one result (a tree in workgroup memory), else one invocation does.
// Grid: linear_grid over outer * parts results (times 64 with WORKGROUP).
// src: up to 4 outer and 4 reduced dimensions, the last fastest; dst: dense [outer, parts].
// slot::reduce defines T, State and the functions identity, load, combine, finish, which may read bindings from 3 on.
struct Params {
    outer: u32, reduced: u32, chunk: u32, parts: u32,
    outer_d1: u32, outer_d2: u32, outer_d3: u32, reduced_d1: u32,
    reduced_d2: u32, reduced_d3: u32, src_offset: u32, flat: u32,
    outer_s0: i32, outer_s1: i32, outer_s2: i32, outer_s3: i32,
    reduced_s0: i32, reduced_s1: i32, reduced_s2: i32, reduced_s3: i32,
    finish: u32, scale: f32, shift_offset: u32, last: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
#import shared::math
var<private> zero_bits: u32 = 0u;
#import slot::reduce

fn outer_at(o: u32) -> i32 {
    let c3 = o % p.outer_d3;
    var rest = o / p.outer_d3;
    let c2 = rest % p.outer_d2;
    rest = rest / p.outer_d2;
    let c1 = rest % p.outer_d1;
    let c0 = rest / p.outer_d1;
    return i32(p.src_offset) + i32(c0) * p.outer_s0 + i32(c1) * p.outer_s1 + i32(c2) * p.outer_s2 + i32(c3) * p.outer_s3;
}

fn reduced_at(r: u32) -> i32 {
    // Most reductions collapse to one dimension.
    if p.flat != 0u { return i32(r) * p.reduced_s3; }
    let c3 = r % p.reduced_d3;
    var rest = r / p.reduced_d3;
    let c2 = rest % p.reduced_d2;
    rest = rest / p.reduced_d2;
    let c1 = rest % p.reduced_d1;
    let c0 = rest / p.reduced_d1;
    return i32(c0) * p.reduced_s0 + i32(c1) * p.reduced_s1 + i32(c2) * p.reduced_s2 + i32(c3) * p.reduced_s3;
}

#if WORKGROUP
var<workgroup> states: array<State, 64>;
#endif

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
#if WORKGROUP
    let at = wg.y * wgs.x + wg.x;
    let lane = local;
    let lanes = 64u;
#else
    let at = (wg.y * wgs.x + wg.x) * 64u + local;
    let lane = 0u;
    let lanes = 1u;
#endif
    if at >= p.outer * p.parts { return; }
    let o = at / p.parts;
    let first = (at % p.parts) * p.chunk;
    let end = min(first + p.chunk, p.reduced);
    let base = outer_at(o);
    var state = identity();
    for (var r = first + lane; r < end; r += lanes) {
        state = combine(state, load(src[u32(base + reduced_at(r))], r, o));
    }
#if WORKGROUP
    states[local] = state;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half = half / 2u) {
        if local < half { states[local] = combine(states[local], states[local + half]); }
        workgroupBarrier();
    }
    if local == 0u { dst[at] = finish(states[0]); }
#else
    dst[at] = finish(state);
#endif
}
