// Convolution whose rows are read as vectors: a kernel row at a time, with weights passed around the subgroup.
// One invocation: TILE_M output channels of a group at four neighbouring pixels of a row.
// Grid: x = ceil(positions / LANES), y = groups * blocks of TILE_M channels, z = batch; `positions` = rows * ceil(OW / 4).
// src: [N, G * ICG, H, W] as vec4, every row a multiple of four elements that starts at one; bias: [G * OCG] f32;
// weight: [G, blocks, KH, ICG, quads, PADDED_M] vec4 (four taps of a row), with one tap [G, blocks, KH, k4, PADDED_M] vec4
// (four channels); dst: [N, G * OCG, OH, OW] f32 with strides (flag ALIGNED: as vec4, like src).
#import shared::quad
#import slot::params
@group(0) @binding(1) var<storage, read> src: array<Quad>;
@group(0) @binding(2) var<storage, read> weight: array<Quad>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
#if ALIGNED
@group(0) @binding(4) var<storage, read_write> dst: array<Quad>;
#else
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;
#endif
#import slot::epilogue

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32, @builtin(subgroup_invocation_id) lane: u32) {
    let g = wg.y / p.blocks;
    let oc0 = wg.y % p.blocks * TILE_M;
    let q = wg.x * LANES + local;
    let i = min(q, p.positions - 1u);
    let columns = (p.out_w + 3u) / 4u;
    let y = i / columns;
    let x = i % columns * 4u;
    let steps = (p.ic_group + CHANNELS - 1u) / CHANNELS;
    let step_c = CHANNELS * p.src_c / 4u;
    let quads = i32(p.in_w / 4u);
    let middle = i32(x * STRIDE / 4u);
#import slot::groups
    let plane = (p.src_offset + wg.z * p.src_n + g * p.ic_group * p.src_c) / 4u;
#import slot::init
    // All invocations stay together to the end: what lies outside is multiplied by zero.
    var w_at = wg.y * p.kernel_h * steps * ROW_WEIGHTS + lane % WIDTH;
    for (var ky = 0u; ky < p.kernel_h; ky++) {
        let iy = i32(y * p.stride_h + ky * p.dilation_h) - p.pad_top;
        let row_in = iy >= 0 && iy < i32(p.in_h);
        var at = plane + select(0u, u32(iy) * p.src_y / 4u, row_in);
        for (var k = 0u; k < steps; k++) {
#import slot::step
            at += step_c;
            w_at += ROW_WEIGHTS;
        }
    }
    if q >= p.positions { return; }
#import slot::store
}
