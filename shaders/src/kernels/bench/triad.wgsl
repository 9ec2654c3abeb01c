// The peak of memory traffic: dst = a + scale * b.
// One invocation: one vector. Grid: linear_grid(vectors, 64).
struct Params { vectors: u32, scale: f32, pad0: u32, pad1: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dst: array<vec4<f32>>;
#import shared::grid

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.vectors { return; }
    dst[i] = a[i] + p.scale * b[i];
}
