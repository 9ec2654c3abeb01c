// Depthwise convolution: every output channel reads one input channel.
// One invocation: ROWS outputs of a column of one channel, or (flag ALIGNED) of four neighbouring columns.
// Grid: x = ceil(positions / 64), y = output channels, z = batch; `positions` = ceil(OH / ROWS) * columns or quads.
// src: [N, C, H, W] f32 with strides (flag ALIGNED: as vec4, every row a multiple of four elements that starts at one);
// weight: [C * multiplier, padded taps] f32; bias: [C * multiplier] f32; dst: [N, C * multiplier, OH, OW] f32 with strides
// (flag ALIGNED_STORE: as vec4, like src). `blocks` = multiplier.
#import shared::quad
#import slot::params
#if ALIGNED
@group(0) @binding(1) var<storage, read> src: array<Quad>;
#else
@group(0) @binding(1) var<storage, read> src: array<f32>;
#endif
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
#if ALIGNED_STORE
@group(0) @binding(4) var<storage, read_write> dst: array<Quad>;
#else
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;
#endif
#import slot::epilogue

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) wg: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
#if BROADCAST
    @builtin(subgroup_invocation_id) lane: u32,
#endif
) {
    let c = wg.y;
    let q = wg.x * 64u + local;
    let i = min(q, p.positions - 1u);
#if ALIGNED
    let columns = (p.out_w + 3u) / 4u;
    let x = i % columns * 4u;
    let quads = i32(p.in_w / 4u);
    let middle = i32(x * STRIDE / 4u);
    let plane = (p.src_offset + wg.z * p.src_n + c / p.blocks * p.src_c) / 4u;
    let row_step = p.src_y / 4u;
#else
    let columns = p.out_w;
    let x = i % columns;
    let x0 = i32(x * STRIDE) - p.pad_left;
    let width = i32(p.in_w);
    let step = p.src_x;
    let plane = p.src_offset + wg.z * p.src_n + c / p.blocks * p.src_c;
    let row_step = p.src_y;
#endif
    let y = i / columns * ROWS;
    let iy = i32(y * p.stride_h) - p.pad_top;
#import slot::columns
#import slot::weights
#import slot::body
    if q >= p.positions { return; }
    let b = bias[c];
    let channel = epilogue_channel(wg.z, c);
    let to = p.dst_offset + wg.z * p.dst_n + dst_channel(c) + y * p.dst_y + x * p.dst_x;
#import slot::store
}
