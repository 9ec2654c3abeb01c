// General direct convolution, planar (NCHW) in and out, any stride, dilation, padding and groups.
// One invocation: TILE_X neighbouring outputs of a row for TILE_OC output channels of one group.
// Grid: x = ceil(out_w / TILE_X) / 8, y = out_h / 8, z = batch * groups * ceil(oc_per_group / TILE_OC); workgroup 8x8.
// src: [N, IC, H, W] f32 with strides; weight: [groups, ceil(OCG / TILE_OC), ICG, KH, KW, TILE_OC] f32;
// bias: [groups, OCG] f32; dst: [N, OC, OH, OW] f32 with strides.
struct Params {
    in_h: u32, in_w: u32, out_h: u32, out_w: u32,
    ic_group: u32, oc_group: u32, groups: u32, oc_blocks: u32,
    kernel_h: u32, kernel_w: u32, stride_h: u32, stride_w: u32,
    dilation_h: u32, dilation_w: u32, pad_top: i32, pad_left: i32,
    src_offset: u32, src_n: u32, src_c: u32, src_y: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_y: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;
#import slot::epilogue

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let x0 = id.x * TILE_X;
    let y = id.y;
    if x0 >= p.out_w || y >= p.out_h { return; }
    let block = id.z % p.oc_blocks;
    let ng = id.z / p.oc_blocks;
    let g = ng % p.groups;
    let n = ng / p.groups;
    let oc0 = block * TILE_OC;

    var acc: array<array<f32, TILE_X>, TILE_OC>;
    for (var o = 0u; o < TILE_OC; o++) {
        let b = bias[g * p.oc_group + min(oc0 + o, p.oc_group - 1u)];
        for (var t = 0u; t < TILE_X; t++) { acc[o][t] = b; }
    }
    let iy0 = i32(y * p.stride_h) - p.pad_top;
    let ix0 = i32(x0 * p.stride_w) - p.pad_left;
    var w_at = (g * p.oc_blocks + block) * p.ic_group * p.kernel_h * p.kernel_w * TILE_OC;
    var plane = p.src_offset + n * p.src_n + g * p.ic_group * p.src_c;
    for (var ic = 0u; ic < p.ic_group; ic++) {
        for (var ky = 0u; ky < p.kernel_h; ky++) {
            let iy = iy0 + i32(ky * p.dilation_h);
            if iy < 0 || iy >= i32(p.in_h) {
                w_at += p.kernel_w * TILE_OC;
                continue;
            }
            let row = plane + u32(iy) * p.src_y;
            for (var kx = 0u; kx < p.kernel_w; kx++) {
                var v: array<f32, TILE_X>;
                for (var t = 0u; t < TILE_X; t++) {
                    let ix = ix0 + i32(t * p.stride_w + kx * p.dilation_w);
                    let inside = ix >= 0 && ix < i32(p.in_w);
                    v[t] = select(0.0, src[row + u32(clamp(ix, 0, i32(p.in_w) - 1))], inside);
                }
                for (var o = 0u; o < TILE_OC; o++) {
                    let w = weight[w_at + o];
                    for (var t = 0u; t < TILE_X; t++) { acc[o][t] = fma(v[t], w, acc[o][t]); }
                }
                w_at += TILE_OC;
            }
        }
        plane += p.src_c;
    }
    for (var o = 0u; o < TILE_OC; o++) {
        if oc0 + o >= p.oc_group { break; }
        let oc = g * p.oc_group + oc0 + o;
        let at = p.dst_offset + n * p.dst_n + oc * p.dst_c + y * p.dst_y + x0;
        for (var t = 0u; t < TILE_X; t++) {
            if x0 + t < p.out_w { dst[at + t] = epilogue(acc[o][t], n, oc, y, x0 + t); }
        }
    }
}
