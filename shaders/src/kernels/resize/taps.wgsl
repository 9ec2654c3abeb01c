// Resizing along y, x or both, by tables of input indices and weights.
// One invocation: output elements (y, x) of a plane, striding over the grid in all three dimensions.
// Grid: x = out_w / 8, y = out_h / 8, z = planes, each at most 65535; workgroup 8x8.
// src: [planes / channels, channels, H, W] T with strides; dst: [planes / channels, channels, out_h, out_w] T with strides.
// table: u32; for y from table_y on [out_h, taps_y, 2], for x from table_x on [out_w, taps_x, 2]: an index and the bits of
// its f32 weight. No taps mean that the index is kept. An index of NONE makes the output the extrapolation value.
// Without WEIGHTED the first tap is copied as it is.
struct Params {
    out_w: u32, out_h: u32, planes: u32, channels: u32,
    taps_x: u32, taps_y: u32, table_x: u32, table_y: u32,
    src_offset: u32, src_n: u32, src_c: u32, src_y: u32, src_x: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_y: u32, dst_x: u32,
    extrapolation: f32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<T>;
@group(0) @binding(2) var<storage, read> table: array<u32>;
@group(0) @binding(3) var<storage, read_write> dst: array<T>;

const NONE: u32 = 0xffffffffu;

#if WEIGHTED
// What has no weight has no say, even when it is infinite.
fn weighed(value: f32, weight: f32) -> f32 {
    return select(value, 0.0, weight == 0.0);
}
#endif

fn resized(plane: u32, y: u32, x: u32) -> T {
    let row_at = p.table_y + y * p.taps_y * 2u;
    let column_at = p.table_x + x * p.taps_x * 2u;
    var first_y = y;
    var first_x = x;
    if p.taps_y > 0u { first_y = table[row_at]; }
    if p.taps_x > 0u { first_x = table[column_at]; }
    if first_y == NONE || first_x == NONE { return T(p.extrapolation); }
#if WEIGHTED
    var sum = 0.0;
    for (var ty = 0u; ty < max(p.taps_y, 1u); ty++) {
        var iy = y;
        var wy = 1.0;
        if p.taps_y > 0u {
            iy = table[row_at + 2u * ty];
            wy = bitcast<f32>(table[row_at + 2u * ty + 1u]);
        }
        let row = plane + iy * p.src_y;
        var line = 0.0;
        if p.taps_x == 0u {
            line = src[row + x * p.src_x];
        }
        for (var tx = 0u; tx < p.taps_x; tx++) {
            let at = column_at + 2u * tx;
            let w = bitcast<f32>(table[at + 1u]);
            line = fma(w, weighed(src[row + table[at] * p.src_x], w), line);
        }
        sum = fma(wy, weighed(line, wy), sum);
    }
    return sum;
#else
    return src[plane + first_y * p.src_y + first_x * p.src_x];
#endif
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>) {
    for (var z = id.z; z < p.planes; z += wgs.z) {
        let n = z / p.channels;
        let c = z % p.channels;
        let source = p.src_offset + n * p.src_n + c * p.src_c;
        let to = p.dst_offset + n * p.dst_n + c * p.dst_c;
        for (var y = id.y; y < p.out_h; y += wgs.y * 8u) {
            for (var x = id.x; x < p.out_w; x += wgs.x * 8u) {
                dst[to + y * p.dst_y + x * p.dst_x] = resized(source, y, x);
            }
        }
    }
}
