// Products at the Winograd points: dst[point, m, t] = sum over k of weight[point, m, k] * src[point, k, t].
// One invocation: TILE_M channels at TILE_N tiles that lie LANES apart.
// Grid: x = columns / (LANES * TILE_N), y = blocks of TILE_M channels, z = points.
// weight: [points, blocks, k4, PADDED_M] vec4 (four k); src: [points, columns / GRANULE, k4, GRANULE] vec4 (four k), so that
// a workgroup reads a stretch of memory; dst: [points, columns / GRANULE, rows4, GRANULE] vec4 (four channels).
const GRANULE: u32 = LANES * TILE_N;
#import shared::quad
struct Params { k4: u32, columns: u32, rows4: u32, blocks: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weight: array<Quad>;
@group(0) @binding(2) var<storage, read> src: array<Quad>;
@group(0) @binding(3) var<storage, read_write> dst: array<Quad>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_index) local: u32, @builtin(subgroup_invocation_id) lane: u32) {
    var at = wg.z * p.k4 * p.columns + wg.x * p.k4 * GRANULE + local;
    var w_at = (wg.z * p.blocks + wg.y) * p.k4 * PADDED_M + lane % WIDTH;
#import slot::init
    for (var k = 0u; k < p.k4; k++) {
#import slot::step
        at += GRANULE;
        w_at += PADDED_M;
    }
#import slot::store
}
