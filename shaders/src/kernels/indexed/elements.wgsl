// Gather or scatter of single elements: along one dimension the index decides, along the others the position.
// One invocation: one element of indices. Grid: linear_grid(count, 64).
// indices: [shape.x, shape.y, shape.z, shape.w] i32, dense, negative ones counted from the back.
// GATHER: src is the data, dst the values, shaped as indices and dense; out of range indices are clamped.
// Otherwise src holds the values and dst the data; out of range indices write nothing.
// Data: stride per dimension, 0 for the indexed one, which has dim elements at axis_stride.
struct Params {
    count: u32, axis_stride: u32, dim: u32, data_offset: u32,
    values_offset: u32, index_offset: u32, pad0: u32, pad1: u32,
    shape: vec4<u32>,
    stride: vec4<u32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<T>;
@group(0) @binding(2) var<storage, read> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> dst: array<T>;
#import shared::grid

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    var rest = i;
    var at = p.data_offset;
    at += rest % p.shape.w * p.stride.w; rest = rest / p.shape.w;
    at += rest % p.shape.z * p.stride.z; rest = rest / p.shape.z;
    at += rest % p.shape.y * p.stride.y;
    at += rest / p.shape.y * p.stride.x;
    var index = indices[p.index_offset + i];
    if index < 0 { index += i32(p.dim); }
#if GATHER
    index = clamp(index, 0, i32(p.dim) - 1);
    dst[p.values_offset + i] = src[at + u32(index) * p.axis_stride];
#else
    if index < 0 || index >= i32(p.dim) { return; }
    dst[at + u32(index) * p.axis_stride] = src[p.values_offset + i];
#endif
}
