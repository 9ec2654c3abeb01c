// Col2Im over up to three spatial dimensions, as a gather: no two invocations write one element.
// One invocation: one element of the image. Grid: `linear_grid(count, 64)`, elements in row-major order.
// src: [N * C, taps, blocks] f32 dense from src_offset; dst: [N * C, D, H, W] f32 dense from dst_offset.
struct Params {
    count: u32, src_offset: u32, dst_offset: u32,
    size_d: u32, size_h: u32, size_w: u32, blocks_d: i32, blocks_h: i32, blocks_w: i32,
    kernel_d: u32, kernel_h: u32, kernel_w: u32, stride_d: i32, stride_h: i32, stride_w: i32,
    dilation_d: i32, dilation_h: i32, dilation_w: i32, pad_d: i32, pad_h: i32, pad_w: i32,
    unused0: u32, unused1: u32, unused2: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;
#import shared::grid

// Block that puts its tap k at o, or -1.
fn block(o: u32, k: u32, stride: i32, dilation: i32, pad: i32, blocks: i32) -> i32 {
    let at = i32(o) + pad - i32(k) * dilation;
    let b = at / stride;
    return select(-1, b, b * stride == at && b < blocks);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    let w = i % p.size_w;
    let h = i / p.size_w % p.size_h;
    let d = i / (p.size_w * p.size_h) % p.size_d;
    let plane = i / (p.size_w * p.size_h * p.size_d);
    let blocks = u32(p.blocks_d * p.blocks_h * p.blocks_w);
    var at = p.src_offset + plane * p.kernel_d * p.kernel_h * p.kernel_w * blocks;
    var sum = 0.0;
    for (var kd = 0u; kd < p.kernel_d; kd++) {
        let bd = block(d, kd, p.stride_d, p.dilation_d, p.pad_d, p.blocks_d);
        for (var kh = 0u; kh < p.kernel_h; kh++) {
            let bh = block(h, kh, p.stride_h, p.dilation_h, p.pad_h, p.blocks_h);
            for (var kw = 0u; kw < p.kernel_w; kw++) {
                let bw = block(w, kw, p.stride_w, p.dilation_w, p.pad_w, p.blocks_w);
                if bd >= 0 && bh >= 0 && bw >= 0 {
                    sum += src[at + u32((bd * p.blocks_h + bh) * p.blocks_w + bw)];
                }
                at += blocks;
            }
        }
    }
    dst[p.dst_offset + i] = sum;
}
