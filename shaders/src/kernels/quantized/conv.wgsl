// Convolution of signed bytes, four channels a word, requantised into the same form. Groups need not meet the words:
// each block of output channels reads the k4 words that its groups touch, and weights outside of a group are zero.
// One invocation: TILE_M output channels at TILE_N pixels that lie LANES apart in row-major order.
// Grid: x = ceil(pixels / (LANES * TILE_N)), y = blocks of TILE_M channels, z = batch.
// src: [N, c4, H, W] words with strides; bias: [padded C] Acc and scales: [padded C] f32, as vectors of four;
// weight: flag DOT [blocks, KH, KW, k4, TILE_M] words of four signed bytes; else [blocks, KH, KW, k4, PADDED_M] vec4 of
// floats, passed around the subgroup, where all sums are below 2^24 and therefore exact;
// dst: [N, ceil(C / 4), OH, OW] words with strides. `positions` = pixels of a plane of dst.
#if DOT
#else
#import shared::quad
#endif
#import slot::params
@group(0) @binding(1) var<storage, read> src: array<u32>;
#if DOT
@group(0) @binding(2) var<storage, read> weight: array<vec4<u32>>;
#else
@group(0) @binding(2) var<storage, read> weight: array<Quad>;
#endif
@group(0) @binding(3) var<storage, read> bias: array<vec4<Acc>>;
@group(0) @binding(4) var<storage, read> scales: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(LANES)
fn main(
    @builtin(workgroup_id) wg: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
#if DOT
#else
    @builtin(subgroup_invocation_id) lane: u32,
#endif
) {
    let oc0 = wg.y * TILE_M;
    let start = min(oc0 / p.oc_group * p.ic_group / 4u, p.c4 - p.k4);
    let plane = wg.z * p.src_n + start * p.src_c;
    let first = wg.x * LANES * TILE_N + local;
#import slot::init
    // All invocations stay together to the end, since those of a subgroup pass weights around.
    var w_at = wg.y * p.kernel_h * p.kernel_w * p.k4 * STEP;
#if DOT
#else
    w_at += lane % WIDTH;
#endif
    for (var ky = 0u; ky < p.kernel_h; ky++) {
        for (var kx = 0u; kx < p.kernel_w; kx++) {
#import slot::tap
            for (var k = 0u; k < p.k4; k++) {
#import slot::step
                w_at += STEP;
            }
        }
    }
#import slot::store
}
