// Gather or scatter of runs of `inner` elements, each addressed by a tuple of `k` indices.
// One invocation: one element. Grid: linear_grid(count, 64), count = batches * rows * inner.
// indices: [batches, rows, k] i32, negative ones counted from the back; a batch stride of 0 shares them.
// GATHER: src is the data, dst [batches, rows, inner] the values; out of range indices are clamped.
// Otherwise src holds the values and dst the data; out of range indices write nothing.
// Data: batch stride data_batch, stride[j] for index j over a dimension of dim[j], stride 1 for the run.
struct Params {
    count: u32, inner: u32, rows: u32, k: u32,
    data_offset: u32, data_batch: u32, values_offset: u32, index_offset: u32,
    index_batch: u32, pad0: u32, pad1: u32, pad2: u32,
    stride: array<vec4<u32>, 2>,
    dim: array<vec4<u32>, 2>,
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
    let run = i / p.inner;
    let row = run % p.rows;
    let batch = run / p.rows;
    var at = p.data_offset + batch * p.data_batch + i % p.inner;
    let tuple = p.index_offset + batch * p.index_batch + row * p.k;
    for (var j = 0u; j < p.k; j++) {
        let dim = i32(p.dim[j / 4u][j % 4u]);
        var index = indices[tuple + j];
        if index < 0 { index += dim; }
#if GATHER
        index = clamp(index, 0, dim - 1);
#else
        if index < 0 || index >= dim { return; }
#endif
        at += u32(index) * p.stride[j / 4u][j % 4u];
    }
#if GATHER
    dst[p.values_offset + i] = src[at];
#else
    dst[at] = src[p.values_offset + i];
#endif
}
