// MaxUnpool, after dst was filled with zeros. One invocation: one element of src.
// Grid: `linear_grid(count, 64)`. src: f32 dense from src_offset; indices: [count] i32, positions in the flattened tensor
// of the inferred size [N, C, D, H, W]; dst: that tensor, or one that extends it at the ends, dense from 0.
// Indices outside of the inferred size are skipped.
struct Params {
    count: u32, src_offset: u32, indices_offset: u32,
    size_c: u32, size_d: u32, size_h: u32, size_w: u32,
    dst_n: u32, dst_c: u32, dst_d: u32, dst_h: u32, limit: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;
#import shared::grid

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    let to = u32(indices[p.indices_offset + i]);
    if to >= p.limit { return; }
    let w = to % p.size_w;
    let h = to / p.size_w % p.size_h;
    let d = to / (p.size_w * p.size_h) % p.size_d;
    let plane = to / (p.size_w * p.size_h * p.size_d);
    let at = plane / p.size_c * p.dst_n + plane % p.size_c * p.dst_c + d * p.dst_d + h * p.dst_h + w;
    dst[at] = src[p.src_offset + i];
}
