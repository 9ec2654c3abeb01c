// MaxRoiPool. One invocation: one bin of one region and channel. Grid: `linear_grid(count, 64)`, bins in row-major order
// of dst. src: [N, C, H, W] f32 dense from src_offset; rois: [R, 5] f32 (image, x1, y1, x2, y2); dst: [R, C, OH, OW] f32
// dense from dst_offset. A region of an image that does not exist, and an empty bin, give zero.
struct Params {
    count: u32, batch: u32, channels: u32, in_h: u32, in_w: u32, out_h: u32, out_w: u32,
    src_offset: u32, rois_offset: u32, dst_offset: u32, scale: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> rois: array<f32>;
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;
#import shared::grid

// Whole pixel of a coordinate, halves away from zero.
fn pixel(v: f32) -> f32 {
    let s = v * p.scale;
    return sign(s) * floor(abs(s) + 0.5);
}

// First pixel of a bin and the one behind its last, within 0..size.
fn range(first: f32, last: f32, bins: u32, bin: u32, size: u32) -> vec2<u32> {
    let step = max(last - first + 1.0, 1.0) / f32(bins);
    let ends = vec2<f32>(floor(f32(bin) * step), ceil(f32(bin + 1u) * step)) + vec2<f32>(first);
    return vec2<u32>(clamp(ends, vec2<f32>(0.0), vec2<f32>(f32(size))));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    let bx = i % p.out_w;
    let by = i / p.out_w % p.out_h;
    let c = i / (p.out_w * p.out_h) % p.channels;
    let at = p.rois_offset + i / (p.out_w * p.out_h * p.channels) * 5u;
    let image = i32(rois[at]);
    var best = 0.0;
    var first = true;
    if image >= 0 && image < i32(p.batch) {
        let xs = range(pixel(rois[at + 1u]), pixel(rois[at + 3u]), p.out_w, bx, p.in_w);
        let ys = range(pixel(rois[at + 2u]), pixel(rois[at + 4u]), p.out_h, by, p.in_h);
        let plane = p.src_offset + (u32(image) * p.channels + c) * p.in_h * p.in_w;
        for (var y = ys.x; y < ys.y; y++) {
            for (var x = xs.x; x < xs.y; x++) {
                let v = src[plane + y * p.in_w + x];
                best = select(max(best, v), v, first);
                first = false;
            }
        }
    }
    dst[p.dst_offset + i] = best;
}
