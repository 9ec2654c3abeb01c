// RoiAlign. One invocation: one bin of one region and channel. Grid: `linear_grid(count, 64)`, bins in row-major order of
// dst. src: [N, C, H, W] f32 dense from src_offset; rois: [R, 4] f32 (x1, y1, x2, y2); images: [R] i32; dst:
// [R, C, OH, OW] f32 dense from dst_offset. A region of an image that does not exist gives zeros.
struct Params {
    count: u32, batch: u32, channels: u32, in_h: u32, in_w: u32, out_h: u32, out_w: u32, ratio: u32,
    src_offset: u32, rois_offset: u32, images_offset: u32, dst_offset: u32,
    scale: f32, shift: f32, least: f32, max_samples: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> rois: array<f32>;
@group(0) @binding(3) var<storage, read> images: array<i32>;
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;
#import shared::grid

// First coordinate of the region, size of a bin and number of samples along one dimension.
struct Bins { start: f32, size: f32, samples: u32 }

fn bins(from_: f32, to: f32, count: u32) -> Bins {
    let start = from_ * p.scale - p.shift;
    let size = max(to * p.scale - p.shift - start, p.least) / f32(count);
    let adaptive = min(u32(max(ceil(size), 0.0)), p.max_samples);
    return Bins(start, size, select(p.ratio, adaptive, p.ratio == 0u));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    let bx = i % p.out_w;
    let by = i / p.out_w % p.out_h;
    let c = i / (p.out_w * p.out_h) % p.channels;
    let r = i / (p.out_w * p.out_h * p.channels);
    let image = images[p.images_offset + r];
    if image < 0 || image >= i32(p.batch) {
        dst[p.dst_offset + i] = 0.0;
        return;
    }
    let at = p.rois_offset + r * 4u;
    let across = bins(rois[at], rois[at + 2u], p.out_w);
    let down = bins(rois[at + 1u], rois[at + 3u], p.out_h);
    let plane = p.src_offset + (u32(image) * p.channels + c) * p.in_h * p.in_w;
    let size = vec2<f32>(f32(p.in_w), f32(p.in_h));
    var sum = 0.0;
    var best = 0.0;
    var first = true;
    for (var iy = 0u; iy < down.samples; iy++) {
        let y = down.start + f32(by) * down.size + (f32(iy) + 0.5) * down.size / f32(down.samples);
        for (var ix = 0u; ix < across.samples; ix++) {
            let x = across.start + f32(bx) * across.size + (f32(ix) + 0.5) * across.size / f32(across.samples);
            var largest = 0.0;
            if x >= -1.0 && x <= size.x && y >= -1.0 && y <= size.y {
                let at_xy = max(vec2<f32>(x, y), vec2<f32>(0.0));
                let last = vec2<u32>(p.in_w - 1u, p.in_h - 1u);
                let low = min(vec2<u32>(at_xy), last);
                let high = min(low + vec2<u32>(1u), last);
                let t = select(at_xy - vec2<f32>(low), vec2<f32>(0.0), low == last);
                let top = plane + low.y * p.in_w;
                let bottom = plane + high.y * p.in_w;
                let v = vec4<f32>(src[top + low.x], src[top + high.x], src[bottom + low.x], src[bottom + high.x])
                    * vec4<f32>((1.0 - t.y) * (1.0 - t.x), (1.0 - t.y) * t.x, t.y * (1.0 - t.x), t.y * t.x);
                sum += v.x + v.y + v.z + v.w;
                largest = max(max(v.x, v.y), max(v.z, v.w));
            }
            best = select(max(best, largest), largest, first);
            first = false;
        }
    }
#if MAX
    dst[p.dst_offset + i] = best;
#else
    dst[p.dst_offset + i] = sum / f32(max(down.samples * across.samples, 1u));
#endif
}
