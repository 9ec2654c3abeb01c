// Weighted resizing of planes along x (and y): four neighbouring outputs share one window of inputs.
// One invocation: four neighbouring outputs of a row in CHUNK planes. Grid: x = ceil(positions / 64), y = chunks of planes;
// `positions` = out_h * ceil(out_w / 4).
// src: [N, C, H, W] f32 with strides; dst: [N, C, out_h, out_w] f32 with strides (flag ALIGNED: as vec4, every row a multiple
// of four elements that starts at one). columns: [ceil(out_w / 4), 1 + 4 * WINDOW] u32: where the window begins, then the
// bits of the weight that each output gives each of its elements. rows: [out_h, TAPS_Y, 2] u32: an index and the bits of
// its weight.
struct Params {
    out_w: u32, out_h: u32, planes: u32, channels: u32,
    positions: u32, src_offset: u32, src_n: u32, src_c: u32,
    src_y: u32, src_x: u32, dst_offset: u32, dst_n: u32,
    dst_c: u32, dst_y: u32, dst_x: u32, unused: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> rows: array<u32>;
#if ALIGNED
@group(0) @binding(4) var<storage, read_write> dst: array<vec4<f32>>;
#else
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;
#endif

fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

// An output whose weights begin at `weights`, from the elements that have a weight alone.
fn careful(weights: u32, y: u32, plane: u32) -> f32 {
    var sum = 0.0;
    for (var t = y * TAPS_Y; t < (y + 1u) * TAPS_Y; t++) {
        let wy = bitcast<f32>(rows[t * 2u + 1u]);
        if wy == 0.0 { continue; }
        var line = 0.0;
        for (var j = 0u; j < WINDOW; j++) {
            let w = bitcast<f32>(columns[weights + j]);
            if w != 0.0 { line = fma(w, src[plane + rows[t * 2u] * p.src_y + j * p.src_x], line); }
        }
        sum = fma(wy, line, sum);
    }
    return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = wg.x * 64u + local;
    if i >= p.positions { return; }
    let quads = (p.out_w + 3u) / 4u;
    let quad = i % quads;
    let x = quad * 4u;
    let y = i / quads;
    let column = quad * (1u + 4u * WINDOW);
    let first = columns[column] * p.src_x;
#import slot::tables
    let last = min((wg.y + 1u) * CHUNK, p.planes);
    for (var z = wg.y * CHUNK; z < last; z++) {
        let plane = p.src_offset + z / p.channels * p.src_n + z % p.channels * p.src_c + first;
#import slot::body
        let to = p.dst_offset + z / p.channels * p.dst_n + z % p.channels * p.dst_c + y * p.dst_y + x * p.dst_x;
#import slot::store
    }
}
