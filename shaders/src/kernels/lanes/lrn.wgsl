// Local response normalization across channels: dst = x / (bias + scale * sum of squares over the window)^beta.
// One invocation: one element. Grid: linear_grid over count elements.
// src, dst: dense [batch, channels, plane] f32; the window of channel c is c - before ..= c + after, cut to the channels.
struct Params {
    count: u32, channels: u32, plane: u32, src_offset: u32,
    before: u32, after: u32, scale: f32, bias: f32,
    beta: f32, unused0: u32, unused1: u32, unused2: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;
#import shared::grid

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    let c = i / p.plane % p.channels;
    let zero = i - c * p.plane;
    let first = c - min(c, p.before);
    let last = min(c + p.after, p.channels - 1u);
    var sum = 0.0;
    for (var k = first; k <= last; k++) {
        let x = src[p.src_offset + zero + k * p.plane];
        sum = fma(x, x, sum);
    }
    dst[i] = src[p.src_offset + i] / pow(p.bias + p.scale * sum, p.beta);
}
