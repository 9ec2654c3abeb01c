// Pooling over sliding windows of up to three spatial dimensions (missing ones have size 1 in front).
// One invocation: one output. Grid: `linear_grid(count, 64)`, workgroup 64, outputs in row-major order.
// src: [N, C, D, H, W] with strides; dst: [N, C, OD, OH, OW], each of the N dense; indices (flag INDICES): as dst, i32
// positions in the flattened [N, C, D, H, W] without regard to strides.
struct Params {
    count: u32, channels: u32,
    in_d: u32, in_h: u32, in_w: u32, out_d: u32, out_h: u32, out_w: u32,
    kernel_d: u32, kernel_h: u32, kernel_w: u32, stride_d: u32, stride_h: u32, stride_w: u32,
    dilation_d: u32, dilation_h: u32, dilation_w: u32, pad_d: i32, pad_h: i32, pad_w: i32,
    // Input sizes plus the pads at the ends: what is beyond is no element even when pads count.
    padded_d: i32, padded_h: i32, padded_w: i32,
    src_offset: u32, src_n: u32, src_c: u32, src_d: u32, src_h: u32, src_w: u32, dst_offset: u32, dst_n: u32,
    count_pads: u32, by_column: u32, power: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<Store>;
@group(0) @binding(2) var<storage, read_write> dst: array<Store>;
#if INDICES
@group(0) @binding(3) var<storage, read_write> indices: array<i32>;
#endif
#import shared::grid
#if MAX
var<private> lowest_bits: u32 = LOWEST_BITS;
#endif

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    let ow = i % p.out_w;
    let oh = i / p.out_w % p.out_h;
    let od = i / (p.out_w * p.out_h) % p.out_d;
    let plane = i / (p.out_w * p.out_h * p.out_d);
    let base = p.src_offset + plane / p.channels * p.src_n + plane % p.channels * p.src_c;
    let to = p.dst_offset + plane / p.channels * p.dst_n + i % (p.channels * p.out_d * p.out_h * p.out_w);
    let d0 = i32(od * p.stride_d) - p.pad_d;
    let h0 = i32(oh * p.stride_h) - p.pad_h;
    let w0 = i32(ow * p.stride_w) - p.pad_w;
#if MAX
    var best = bitcast<Store>(lowest_bits);
    var at = -1;
#else
    var sum = 0.0;
    var inside = 0u;
    var padded = 0u;
#endif
    for (var kd = 0u; kd < p.kernel_d; kd++) {
        let d = d0 + i32(kd * p.dilation_d);
        for (var kh = 0u; kh < p.kernel_h; kh++) {
            let h = h0 + i32(kh * p.dilation_h);
            for (var kw = 0u; kw < p.kernel_w; kw++) {
                let w = w0 + i32(kw * p.dilation_w);
#if !MAX
                padded += select(0u, 1u, d < p.padded_d && h < p.padded_h && w < p.padded_w);
#endif
                if d < 0 || h < 0 || w < 0 || d >= i32(p.in_d) || h >= i32(p.in_h) || w >= i32(p.in_w) { continue; }
                let value = src[base + u32(d) * p.src_d + u32(h) * p.src_h + u32(w) * p.src_w];
#if MAX
                if at < 0 || value > best {
                    best = value;
                    at = select((d * i32(p.in_h) + h) * i32(p.in_w) + w, (w * i32(p.in_h) + h) * i32(p.in_d) + d, p.by_column != 0u);
                }
#else
                inside += 1u;
#if LP
                sum += pow_abs(value);
#else
                sum += value;
#endif
#endif
            }
        }
    }
#if MAX
    dst[to] = best;
#if INDICES
    indices[i] = select(-1, i32(plane * p.in_d * p.in_h * p.in_w) + at, at >= 0);
#endif
#else
#if LP
    dst[to] = root(sum);
#else
    dst[to] = sum / f32(max(select(inside, padded, p.count_pads != 0u), 1u));
#endif
#endif
}
#if LP

fn pow_abs(x: f32) -> f32 {
    if p.power == 1.0 { return abs(x); }
    if p.power == 2.0 { return x * x; }
    return select(pow(abs(x), p.power), 0.0, x == 0.0);
}

fn root(x: f32) -> f32 {
    if p.power == 1.0 { return x; }
    if p.power == 2.0 { return sqrt(x); }
    return select(pow(x, 1.0 / p.power), 0.0, x == 0.0);
}
#endif
