// Convolution over three spatial dimensions, of floats or of integers (Acc = i32, exact modulo 2^32); flag TRANSPOSED
// gathers a transposed convolution.
// One invocation: one output for TILE_OC output channels of one group.
// Grid: batch * groups * oc_blocks times ceil(outputs of a channel / 64) workgroups of 64, folded (`linear_grid`).
// src: [N, G * ICG, D, H, W] Src with strides; weight: [G, oc_blocks, KD, KH, KW, ICG, TILE_OC] Acc; bias: [G * OCG] Acc;
// dst: [N, G * OCG, OD, OH, OW] Dst with strides. Integers: src_zero is subtracted from each element inside.
// Flag QUANTIZED: scales: [G * OCG] f32; a sum is scaled, rounded to even, shifted by dst_zero and clamped.
struct Params {
    ic_group: u32, oc_group: u32, groups: u32, oc_blocks: u32,
    in_d: u32, in_h: u32, in_w: u32, out_d: u32, out_h: u32, out_w: u32,
    kernel_d: u32, kernel_h: u32, kernel_w: u32, stride_d: i32, stride_h: i32, stride_w: i32,
    dilation_d: i32, dilation_h: i32, dilation_w: i32, pad_d: i32, pad_h: i32, pad_w: i32,
    src_offset: u32, src_n: u32, src_c: u32, src_d: u32, src_h: u32, src_w: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_d: u32, dst_h: u32, dst_w: u32,
    batch: u32, src_zero: i32, dst_zero: i32, low: i32, high: i32, unused: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<Src>;
@group(0) @binding(2) var<storage, read> weight: array<Lane>;
@group(0) @binding(3) var<storage, read> bias: array<Acc>;
#if QUANTIZED
@group(0) @binding(4) var<storage, read> scales: array<f32>;
@group(0) @binding(5) var<storage, read_write> dst: array<Dst>;
#else
@group(0) @binding(4) var<storage, read_write> dst: array<Dst>;
#endif
#import slot::epilogue
#import shared::grid

// Input position that tap k meets for output o, or -1.
fn meet(o: u32, k: u32, stride: i32, dilation: i32, pad: i32, size: u32) -> i32 {
#if TRANSPOSED
    let at = i32(o) + pad - i32(k) * dilation;
    let i = at / stride;
    return select(-1, i, i * stride == at && i < i32(size));
#else
    let i = i32(o) * stride + i32(k) * dilation - pad;
    return select(-1, i, i < i32(size));
#endif
}

fn put(sum: Acc, n: u32, c: u32, od: u32, oh: u32, ow: u32) {
    let at = p.dst_offset + n * p.dst_n + c * p.dst_c + od * p.dst_d + oh * p.dst_h + ow * p.dst_w;
#if QUANTIZED
    // Clamped as floats first: the conversion of what does not fit is undefined.
    let scaled = clamp(round(f32(sum) * scales[c]), -65536.0, 65536.0);
    dst[at] = Dst(clamp(i32(scaled) + p.dst_zero, p.low, p.high));
#else
#if FLOAT
    dst[at] = epilogue(sum, n, c, od * p.out_h + oh, ow);
#else
    dst[at] = sum;
#endif
#endif
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let group_index = grid_index(wg, wgs, 0u, 1u);
    let outputs = p.out_d * p.out_h * p.out_w;
    let per_block = (outputs + 63u) / 64u;
    let i = group_index % per_block * 64u + local;
    let z = group_index / per_block;
    if i >= outputs || z >= p.batch * p.groups * p.oc_blocks { return; }
    let block = z % p.oc_blocks;
    let g = z / p.oc_blocks % p.groups;
    let n = z / (p.oc_blocks * p.groups);
    let ow = i % p.out_w;
    let oh = i / p.out_w % p.out_h;
    let od = i / (p.out_w * p.out_h);
    let oc0 = block * TILE_OC;
    let first = g * p.oc_group;
    let last = p.oc_group - 1u;
    var acc = Lane(bias[first + min(oc0, last)], bias[first + min(oc0 + 1u, last)], bias[first + min(oc0 + 2u, last)], bias[first + min(oc0 + 3u, last)]);
    let base = p.src_offset + n * p.src_n + g * p.ic_group * p.src_c;
    var w_at = z % (p.oc_blocks * p.groups) * p.kernel_d * p.kernel_h * p.kernel_w * p.ic_group;
    for (var kd = 0u; kd < p.kernel_d; kd++) {
        let d = meet(od, kd, p.stride_d, p.dilation_d, p.pad_d, p.in_d);
        for (var kh = 0u; kh < p.kernel_h; kh++) {
            let h = meet(oh, kh, p.stride_h, p.dilation_h, p.pad_h, p.in_h);
            for (var kw = 0u; kw < p.kernel_w; kw++) {
                let w = meet(ow, kw, p.stride_w, p.dilation_w, p.pad_w, p.in_w);
                if d < 0 || h < 0 || w < 0 {
                    w_at += p.ic_group;
                    continue;
                }
                var at = base + u32(d) * p.src_d + u32(h) * p.src_h + u32(w) * p.src_w;
                for (var ic = 0u; ic < p.ic_group; ic++) {
#if FLOAT
                    acc = fma(Lane(src[at]), weight[w_at], acc);
#else
                    acc += Lane(i32(src[at]) - p.src_zero) * weight[w_at];
#endif
                    at += p.src_c;
                    w_at += 1u;
                }
            }
        }
    }
    for (var o = 0u; o < min(TILE_OC, p.oc_group - oc0); o++) {
        put(acc[o], n, first + oc0 + o, od, oh, ow);
    }
}
