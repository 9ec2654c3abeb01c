// The peak of reading: each workgroup adds up a block of 64 * VECTORS vectors, neighbours reading neighbours.
// One invocation: one element of dst. Grid: linear_grid(invocations, 64).
// src: [workgroups, VECTORS, 64] vec4.
struct Params { invocations: u32, pad0: u32, pad1: u32, pad2: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;
#import shared::grid

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.invocations { return; }
    let first = (i - local) * VECTORS + local;
    var sum = vec4<f32>();
    for (var v = 0u; v < VECTORS; v++) {
        sum += src[first + v * 64u];
    }
    dst[i] = dot(sum, vec4<f32>(1.0));
}
