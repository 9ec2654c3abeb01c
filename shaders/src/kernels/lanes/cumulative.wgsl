// Running sum or product along one axis of a dense tensor [outer, len, inner].
// One invocation: one lane, from its first element to its last (or back). Grid: linear_grid over outer * inner lanes.
// src, dst: dense [outer, len, inner].
struct Params {
    lanes: u32, len: u32, inner: u32, src_offset: u32,
    product: u32, exclusive: u32, reversed: u32, unused: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<Value>;
@group(0) @binding(2) var<storage, read_write> dst: array<Value>;
#import shared::grid

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let lane = grid_index(wg, wgs, local, 64u);
    if lane >= p.lanes { return; }
    let base = lane / p.inner * p.len * p.inner + lane % p.inner;
    var total = select(Value(0), Value(1), p.product != 0u);
    for (var step = 0u; step < p.len; step++) {
        let l = select(step, p.len - 1u - step, p.reversed != 0u);
        let at = base + l * p.inner;
        let before = total;
        let x = src[p.src_offset + at];
        total = select(total + x, total * x, p.product != 0u);
        dst[at] = select(total, before, p.exclusive != 0u);
    }
}
