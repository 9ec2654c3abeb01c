// Maximum or average over small windows of planes.
// One invocation: ROWS outputs of a column of one channel, or (flag ALIGNED) of four neighbouring columns.
// Grid: x = ceil(positions / 64), y = channels, z = batch; `positions` = ceil(OH / ROWS) * columns or quads.
// src: [N, C, H, W] f32 with strides (flag ALIGNED: as vec4, every row a multiple of four elements that starts at one);
// dst: [N, C, OH, OW] f32 with strides (flag ALIGNED_STORE: as vec4, like src).
#import shared::quad
struct Params {
    in_h: u32, in_w: u32, out_h: u32, out_w: u32,
    stride_h: u32, positions: u32, pad_top: i32, pad_left: i32,
    // Input sizes plus the pads at the ends: what is beyond is no element even when pads count.
    padded_h: i32, padded_w: i32, count_pads: u32, src_offset: u32,
    src_n: u32, src_c: u32, src_y: u32, src_x: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_y: u32,
    dst_x: u32, unused0: u32, unused1: u32, unused2: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
#if ALIGNED
@group(0) @binding(1) var<storage, read> src: array<Quad>;
#else
@group(0) @binding(1) var<storage, read> src: array<f32>;
#endif
#if ALIGNED_STORE
@group(0) @binding(2) var<storage, read_write> dst: array<Quad>;
#else
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;
#endif
#if MAX
var<private> lowest_bits: u32 = 0xff800000u;
#else
// Whether a tap at coordinate `at` counts in an average.
fn counts(at: i32, size: u32, padded: i32) -> f32 {
    return select(0.0, 1.0, select(at >= 0 && at < i32(size), at < padded, p.count_pads != 0u));
}
#endif

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = wg.x * 64u + local;
    if i >= p.positions { return; }
#if ALIGNED
    let columns = (p.out_w + 3u) / 4u;
    let x = i % columns * 4u;
    let quads = i32(p.in_w / 4u);
    let middle = i32(x * STRIDE / 4u);
    let plane = (p.src_offset + wg.z * p.src_n + wg.y * p.src_c) / 4u;
    let row_step = p.src_y / 4u;
#else
    let columns = p.out_w;
    let x = i % columns;
    let width = i32(p.in_w);
    let step = p.src_x;
    let plane = p.src_offset + wg.z * p.src_n + wg.y * p.src_c;
    let row_step = p.src_y;
#endif
    let x0 = i32(x * STRIDE) - p.pad_left;
    let y = i / columns * ROWS;
    let iy = i32(y * p.stride_h) - p.pad_top;
#if MAX
    let fill = bitcast<f32>(lowest_bits);
#else
    let fill = 0.0;
#endif
#import slot::columns
#import slot::body
    let to = p.dst_offset + wg.z * p.dst_n + wg.y * p.dst_c + y * p.dst_y + x * p.dst_x;
#import slot::store
}
