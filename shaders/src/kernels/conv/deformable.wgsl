// Deformable convolution over two spatial dimensions.
// One invocation: one output pixel for TILE_OC output channels of one group; samples are interpolated once per kernel tap
// and group of offsets, and shared by its input channels.
// Grid: batch * groups * oc_blocks times ceil(out_h * out_w / 64) workgroups of 64, folded (`linear_grid`), pixels fastest.
// src: [N, G * ICG, H, W] f32 with strides; weight: [G, oc_blocks, KH, KW, ICG, TILE_OC] f32; bias: [G * OCG] f32;
// offsets: [N, offset_groups, KH * KW, 2 (y, x), OH, OW] f32 dense; mask (flag MASK): the same without the 2;
// dst: [N, G * OCG, OH, OW] f32 with strides.
struct Params {
    in_h: u32, in_w: u32, out_h: u32, out_w: u32,
    ic_group: u32, oc_group: u32, groups: u32, oc_blocks: u32,
    kernel_h: u32, kernel_w: u32, stride_h: u32, stride_w: u32,
    dilation_h: u32, dilation_w: u32, pad_top: i32, pad_left: i32,
    src_offset: u32, src_n: u32, src_c: u32, src_y: u32, src_x: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_y: u32, dst_x: u32,
    batch: u32, offset_groups: u32, offset_channels: u32, offsets_offset: u32, mask_offset: u32, unused: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<Lane>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> offsets: array<f32>;
#if MASK
@group(0) @binding(5) var<storage, read> mask: array<f32>;
@group(0) @binding(6) var<storage, read_write> dst: array<f32>;
#else
@group(0) @binding(5) var<storage, read_write> dst: array<f32>;
#endif
#import slot::epilogue
#import shared::grid
#import slot::put

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let group_index = grid_index(wg, wgs, 0u, 1u);
    let plane_size = p.out_h * p.out_w;
    let per_block = (plane_size + 63u) / 64u;
    let pixel = group_index % per_block * 64u + local;
    let z = group_index / per_block;
    if pixel >= plane_size || z >= p.batch * p.groups * p.oc_blocks { return; }
    let block = z % p.oc_blocks;
    let g = z / p.oc_blocks % p.groups;
    let n = z / (p.oc_blocks * p.groups);
    let oc0 = block * TILE_OC;
    let x = pixel % p.out_w;
    let y0 = pixel / p.out_w;

#import slot::init
    let plane = p.src_offset + n * p.src_n + g * p.ic_group * p.src_c;
    let taps = p.kernel_h * p.kernel_w;
    let w_first = (g * p.oc_blocks + block) * taps * p.ic_group * LANES;
    let last = vec2<i32>(i32(p.in_h) - 1, i32(p.in_w) - 1);
    for (var tap = 0u; tap < taps; tap++) {
        let k = vec2<u32>(tap / p.kernel_w, tap % p.kernel_w);
        let place = vec2<f32>(vec2<i32>(vec2<u32>(y0 * p.stride_h, x * p.stride_w) + k * vec2<u32>(p.dilation_h, p.dilation_w))
            - vec2<i32>(p.pad_top, p.pad_left));
        var w_at = w_first + tap * p.ic_group * LANES;
        var ic = 0u;
        while ic < p.ic_group {
            let og = (g * p.ic_group + ic) / p.offset_channels;
            let end = min((og + 1u) * p.offset_channels - g * p.ic_group, p.ic_group);
            let t = (n * p.offset_groups + og) * taps + tap;
            let shift = p.offsets_offset + t * 2u * plane_size + pixel;
            // Far outside everything is zero; the clamp keeps the conversion to integers defined.
            let at = clamp(place + vec2<f32>(offsets[shift], offsets[shift + plane_size]), vec2<f32>(-2.0), vec2<f32>(last) + vec2<f32>(2.0));
            let low_f = floor(at);
            let f = at - low_f;
            let low = vec2<i32>(low_f);
            let high = low + vec2<i32>(1);
            let low_in = low >= vec2<i32>(0) & low <= last;
            let high_in = high >= vec2<i32>(0) & high <= last;
            var weights = vec4<f32>((1.0 - f.x) * (1.0 - f.y), (1.0 - f.x) * f.y, f.x * (1.0 - f.y), f.x * f.y);
#if MASK
            weights *= mask[p.mask_offset + t * plane_size + pixel];
#endif
            let inside = vec4<bool>(low_in.x && low_in.y, low_in.x && high_in.y, high_in.x && low_in.y, high_in.x && high_in.y);
            let a = vec2<u32>(clamp(low, vec2<i32>(0), last)) * vec2<u32>(p.src_y, p.src_x);
            let b = vec2<u32>(clamp(high, vec2<i32>(0), last)) * vec2<u32>(p.src_y, p.src_x);
            for (; ic < end; ic++) {
                let c = plane + ic * p.src_c;
                let corners = vec4<f32>(src[c + a.x + a.y], src[c + a.x + b.y], src[c + b.x + a.y], src[c + b.x + b.y]);
                let v0 = dot(select(vec4<f32>(0.0), corners, inside), weights);
#import slot::step
                w_at += LANES;
            }
        }
    }
    let to = p.dst_offset + n * p.dst_n + y0 * p.dst_y + x * p.dst_x;
#import slot::store
}
