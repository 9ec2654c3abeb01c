// Products at the Winograd points back to tiles of OUTPUTS x OUTPUTS outputs, with bias and epilogue.
// One invocation: one tile of four channels. Grid: x = columns / 64, y = rows4.
// src: [points, columns / granule, rows4, granule] vec4 (four channels); bias: [channels] f32; dst: [N, channels, H, W] f32 with strides
// (flag ALIGNED: as vec4, rows of a multiple of four elements that start at one).
#import shared::quad
struct Params {
    columns: u32, first_tile: u32, tiles: u32, tiles_y: u32,
    tiles_x: u32, out_h: u32, out_w: u32, channels: u32,
    rows4: u32, dst_offset: u32, dst_n: u32, dst_c: u32,
    dst_y: u32, dst_x: u32, granule: u32, unused: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<Quad>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
#if ALIGNED
@group(0) @binding(3) var<storage, read_write> dst: array<Quad>;
#else
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;
#endif
#import slot::epilogue

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let column = wg.x * 64u + local;
    let tile = p.first_tile + column;
    if column >= p.columns || tile >= p.tiles { return; }
    let tx = tile % p.tiles_x;
    let ty = tile / p.tiles_x % p.tiles_y;
    let n = tile / (p.tiles_x * p.tiles_y);
    let y0 = ty * OUTPUTS;
    let x0 = tx * OUTPUTS;
    let c0 = wg.y * 4u;
    let start = (column / p.granule * p.rows4 + wg.y) * p.granule + column % p.granule;
    let point = p.rows4 * p.columns;
#import slot::body
    let to = p.dst_offset + n * p.dst_n + y0 * p.dst_y + x0 * p.dst_x;
    // A loop, because compilers take as long as the text of the stores.
    for (var i = 0u; i < 4u; i++) {
        let c = c0 + i;
        if c < p.channels {
            let b = bias[c];
            let channel = epilogue_channel(n, c);
            let channel_at = to + dst_channel(c);
#import slot::store
        }
    }
}
