// Convolution of any window, four channels of a tap at a time, with weights passed around the subgroup.
// One invocation: TILE_M output channels of a group at TILE_N pixels that lie LANES apart in row-major order.
// Grid: x = ceil(pixels / (LANES * TILE_N)), y = groups * blocks of TILE_M channels, z = batch.
// src: [N, G * ICG, H, W] f32 with strides; weight: [G, blocks, KH, KW, k4, PADDED_M] vec4 (four channels);
// bias: [G * OCG] f32; dst: [N, G * OCG, OH, OW] f32 with strides. `positions` = pixels of a plane of dst.
// Flag TAIL: ICG is no multiple of four.
#import shared::quad
#import slot::params
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<Quad>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;
#import slot::epilogue

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32, @builtin(subgroup_invocation_id) lane: u32) {
    let g = wg.y / p.blocks;
    let oc0 = wg.y % p.blocks * TILE_M;
    let k4 = (p.ic_group + 3u) / 4u;
    let plane = p.src_offset + wg.z * p.src_n + g * p.ic_group * p.src_c;
    let first = wg.x * LANES * TILE_N + local;
#import slot::init
    // All invocations stay together to the end: what lies outside is multiplied by zero.
    var w_at = wg.y * p.kernel_h * p.kernel_w * k4 * PADDED_M + lane % WIDTH;
    for (var ky = 0u; ky < p.kernel_h; ky++) {
        for (var kx = 0u; kx < p.kernel_w; kx++) {
#import slot::tap
            for (var k = 0u; k < k4; k++) {
#import slot::step
                w_at += PADDED_M;
            }
        }
    }
#import slot::store
}
