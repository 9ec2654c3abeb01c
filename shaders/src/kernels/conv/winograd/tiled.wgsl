// Products at the Winograd points in blocks: dst[point, m, t] = sum over k of weight[point, m, k] * src[point, k, t].
// One workgroup: a block of BLOCK_M channels and BLOCK_N tiles, see `tiles`.
// Grid: x = blocks of tiles, y = blocks of channels, z = points.
// weight: [points, depth, m4] vec4 (four channels; zeros past the last k and channel);
// src: [points, columns / granule, k4, granule] vec4 (four k); dst: [points, columns / granule, rows4, granule] vec4 (four
// channels).
#import slot::enable
#import slot::dimensions
struct Params { k4: u32, columns: u32, rows4: u32, granule: u32, depth: u32, m4: u32, unused0: u32, unused1: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> src: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dst: array<vec4<f32>>;
#import slot::memory
var<private> point: u32;

fn fetch_a(k: u32, row: u32) -> vec4<f32> {
    return weight[(point * p.depth + k) * p.m4 + row / 4u];
}

fn fetch_b(k: u32, column: u32) -> vec4<f32> {
    if k / 4u >= p.k4 || column >= p.columns { return vec4<f32>(0.0); }
    let row = (column / p.granule * p.k4 + k / 4u) * p.granule;
    return src[point * p.k4 * p.columns + row + column % p.granule];
}

fn put(row: u32, column: u32, v0: vec4<f32>, v1: vec4<f32>, v2: vec4<f32>, v3: vec4<f32>) {
    if row / 4u >= p.rows4 || column >= p.columns { return; }
    let four = transpose(mat4x4<f32>(v0, v1, v2, v3));
    for (var i = 0u; i < min(p.columns - column, 4u); i++) {
        let c = column + i;
        let line = (c / p.granule * p.rows4 + row / 4u) * p.granule;
        dst[point * p.rows4 * p.columns + line + c % p.granule] = four[i];
    }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
    @builtin(workgroup_id) wg: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
#import slot::builtins
) {
    let row0 = wg.y * BLOCK_M;
    let col0 = wg.x * BLOCK_N;
    let depth = p.depth;
    point = wg.z;
#import slot::product
}
