// Two-dimensional sampling at the positions of a grid.
// One invocation: one output pixel of all channels. Grid: linear_grid(batch * out_h * out_w, 64).
// src: [N, C, H, W] f32 with strides; positions: [N, out_h, out_w, 2] f32 with strides, (x, y) from -1 to 1;
// dst: [N, C, out_h, out_w] f32 with strides.
// mode: 0 nearest (halves to even), 1 linear, 2 cubic (-0.75); padding: 0 zeros, 1 border, 2 reflection.
struct Params {
    count: u32, channels: u32, in_h: u32, in_w: u32,
    out_h: u32, out_w: u32, mode: u32, padding: u32,
    aligned: u32, src_offset: u32, src_n: u32, src_c: u32,
    src_y: u32, src_x: u32, grid_offset: u32, grid_n: u32,
    grid_y: u32, grid_x: u32, grid_i: u32, dst_offset: u32,
    dst_n: u32, dst_c: u32, dst_y: u32, dst_x: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> positions: array<f32>;
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;
#import shared::grid

// Neighbours along one axis: index (-1 is a zero) and weight of each.
struct Taps { index: vec4<i32>, weight: vec4<f32> }

fn mirror(x: f32, low: f32, high: f32) -> f32 {
    let range = high - low;
    if range <= 0.0 { return low; }
    if x >= low && x <= high { return x; }
    let d = x - low;
    let m = d - floor(d / (2.0 * range)) * (2.0 * range);
    return low + min(m, 2.0 * range - m);
}

fn place(i: f32, n: f32, low: f32, high: f32) -> i32 {
    if p.padding == 0u { return select(-1, i32(i), i >= 0.0 && i < n); }
    if p.padding == 1u { return i32(clamp(i, 0.0, n - 1.0)); }
    return i32(clamp(mirror(i, low, high), 0.0, n - 1.0));
}

fn taps(position: f32, size: u32) -> Taps {
    let n = f32(size);
    let low = select(-0.5, 0.0, p.aligned != 0u);
    let high = n - 1.0 - low;
    var at = ((position + 1.0) * n - 1.0) / 2.0;
    if p.aligned != 0u { at = (position + 1.0) / 2.0 * (n - 1.0); }
    if p.mode == 0u { at = round(at); }
    if at < low || at > high {
        if p.padding == 1u { at = clamp(at, 0.0, n - 1.0); }
        if p.padding == 2u { at = mirror(at, low, high); }
    }
    let below = floor(at);
    let t = at - below;
    var result: Taps;
    if p.mode == 0u {
        result.index.x = place(at, n, low, high);
        result.weight.x = 1.0;
        return result;
    }
    if p.mode == 1u {
        result.index = vec4<i32>(place(below, n, low, high), place(below + 1.0, n, low, high), 0, 0);
        result.weight = vec4<f32>(1.0 - t, t, 0.0, 0.0);
        return result;
    }
    let a = -0.75;
    let s = 1.0 - t;
    let t1 = t + 1.0;
    let s1 = s + 1.0;
    result.index = vec4<i32>(place(below - 1.0, n, low, high), place(below, n, low, high),
        place(below + 1.0, n, low, high), place(below + 2.0, n, low, high));
    result.weight = vec4<f32>(((a * t1 - 5.0 * a) * t1 + 8.0 * a) * t1 - 4.0 * a, ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0,
        ((a + 2.0) * s - (a + 3.0)) * s * s + 1.0, ((a * s1 - 5.0 * a) * s1 + 8.0 * a) * s1 - 4.0 * a);
    return result;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    let x = i % p.out_w;
    let y = i / p.out_w % p.out_h;
    let n = i / p.out_w / p.out_h;
    let point = p.grid_offset + n * p.grid_n + y * p.grid_y + x * p.grid_x;
    var columns = taps(positions[point], p.in_w);
    var rows = taps(positions[point + p.grid_i], p.in_h);
    let used = min(1u << p.mode, 4u);
    for (var c = 0u; c < p.channels; c++) {
        let plane = p.src_offset + n * p.src_n + c * p.src_c;
        var sum = 0.0;
        for (var ty = 0u; ty < used; ty++) {
            if rows.index[ty] < 0 { continue; }
            let row = plane + u32(rows.index[ty]) * p.src_y;
            var line = 0.0;
            for (var tx = 0u; tx < used; tx++) {
                if columns.index[tx] < 0 { continue; }
                line = fma(columns.weight[tx], src[row + u32(columns.index[tx]) * p.src_x], line);
            }
            sum = fma(rows.weight[ty], line, sum);
        }
        dst[p.dst_offset + n * p.dst_n + c * p.dst_c + y * p.dst_y + x * p.dst_x] = sum;
    }
}
