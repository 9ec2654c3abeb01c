// Pooling of whole channels. One workgroup: one channel; 64 invocations stride over its elements and reduce in workgroup
// memory (256 bytes). Grid: `linear_grid(channels of all images, 1)`.
// src: [N, C, plane] f32 dense from src_offset; dst: [N, C] f32 dense from dst_offset.
// Mean: sum * scale. Norm: (sum of |x|^power)^(1 / power).
struct Params { count: u32, plane: u32, src_offset: u32, dst_offset: u32, scale: f32, power: f32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;
#import shared::grid
var<workgroup> partial: array<f32, 64>;

fn combine(a: f32, b: f32) -> f32 {
#if MAX
    return max(a, b);
#else
    return a + b;
#endif
}

fn term(x: f32) -> f32 {
#if LP
    if p.power == 1.0 { return abs(x); }
    if p.power == 2.0 { return x * x; }
    return select(pow(abs(x), p.power), 0.0, x == 0.0);
#else
    return x;
#endif
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let channel = grid_index(wg, wgs, 0u, 1u);
    let base = p.src_offset + min(channel, p.count - 1u) * p.plane;
    var acc = term(src[base + min(local, p.plane - 1u)]);
#if !MAX
    acc = select(0.0, acc, local < p.plane);
#endif
    for (var i = local + 64u; i < p.plane; i += 64u) { acc = combine(acc, term(src[base + i])); }
    partial[local] = acc;
    for (var half = 32u; half > 0u; half = half / 2u) {
        workgroupBarrier();
        if local < half { partial[local] = combine(partial[local], partial[local + half]); }
    }
    if local != 0u || channel >= p.count { return; }
    let total = partial[0];
#if MAX
    dst[p.dst_offset + channel] = total;
#else
#if LP
    if p.power == 1.0 {
        dst[p.dst_offset + channel] = total;
    } else if p.power == 2.0 {
        dst[p.dst_offset + channel] = sqrt(total);
    } else {
        dst[p.dst_offset + channel] = select(pow(total, 1.0 / p.power), 0.0, total == 0.0);
    }
#else
    dst[p.dst_offset + channel] = total * p.scale;
#endif
#endif
}
