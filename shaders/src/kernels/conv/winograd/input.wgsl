// Tiles of inputs, two more than OUTPUTS along each dimension, at the Winograd points.
// One invocation: one tile of four channels. Grid: x = columns / 64, y = k4; tiles past the last one repeat it.
// src: [N, C, H, W] f32 with strides (flag ALIGNED: as vec4, rows of a multiple of four elements that start at one,
// and one column of padding on the left); dst: [points, columns / granule, k4, granule] vec4 (four channels).
#import shared::quad
struct Params {
    columns: u32, first_tile: u32, tiles: u32, tiles_y: u32,
    tiles_x: u32, in_h: u32, in_w: u32, channels: u32,
    pad_top: i32, pad_left: i32, k4: u32, src_offset: u32,
    src_n: u32, src_c: u32, src_y: u32, src_x: u32,
    granule: u32, unused0: u32, unused1: u32, unused2: u32,
}
@group(0) @binding(0) var<uniform> p: Params;
#if ALIGNED
@group(0) @binding(1) var<storage, read> src: array<Quad>;
#else
@group(0) @binding(1) var<storage, read> src: array<f32>;
#endif
@group(0) @binding(2) var<storage, read_write> dst: array<Quad>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let column = min(wg.x * 64u + local, p.columns - 1u);
    let tile = min(p.first_tile + column, p.tiles - 1u);
    let tx = tile % p.tiles_x;
    let ty = tile / p.tiles_x % p.tiles_y;
    let n = tile / (p.tiles_x * p.tiles_y);
    let y0 = i32(ty * OUTPUTS) - p.pad_top;
    let x0 = i32(tx * OUTPUTS) - p.pad_left;
    let c0 = wg.y * 4u;
    let last = p.channels - 1u;
    let plane = p.src_offset + n * p.src_n;
    // Channels past the last one are zero, as are their filters.
    let has = vec4<u32>(c0, c0 + 1u, c0 + 2u, c0 + 3u) <= vec4<u32>(last);
    let at = vec4<u32>(plane) + min(vec4<u32>(c0, c0 + 1u, c0 + 2u, c0 + 3u), vec4<u32>(last)) * p.src_c;
    let to = (column / p.granule * p.k4 + wg.y) * p.granule + column % p.granule;
    let point = p.k4 * p.columns;
#import slot::columns
#import slot::body
}
