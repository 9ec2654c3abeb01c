// Depthwise convolution of signed bytes, four channels a word, requantised into the same form. Sums of floats, which are
// exact: no window reaches 2^24 / 2^14 taps.
// One invocation: four channels at four neighbouring pixels of a row.
// Grid: x = ceil(positions / 64), y = words of channels, z = batch; `positions` = rows * ceil(OW / 4).
// src: [N, c4, H, W] words with strides; weight: [c4, KH, KW] vec4 of floats; bias and scales: [padded C] f32 as vectors of
// four; dst: [N, c4, OH, OW] words with strides.
#import slot::params
@group(0) @binding(1) var<storage, read> src: array<u32>;
@group(0) @binding(2) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> scales: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let q = wg.x * 64u + local;
    if q >= p.positions { return; }
    let columns = (p.out_w + 3u) / 4u;
    let y = q / columns;
    let x = q % columns * 4u;
    let plane = wg.z * p.src_n + wg.y * p.src_c;
    let width = i32(p.in_w);
#import slot::init
    var w_at = wg.y * p.kernel_h * KERNEL_W;
    for (var ky = 0u; ky < p.kernel_h; ky++) {
        let iy = i32(y * p.stride_h + ky * p.dilation_h) - p.pad_top;
        let row_in = iy >= 0 && iy < i32(p.in_h);
        let row = plane + select(0u, u32(iy) * p.src_y, row_in);
#import slot::step
        w_at += KERNEL_W;
    }
    let b = bias[wg.y];
    let s = scales[wg.y];
    let to = wg.z * p.dst_n + wg.y * p.dst_c + y * p.dst_y + x * p.dst_x;
#import slot::store
}
