// Matrix product in blocks: dst[b, i, j] = epilogue(sum over k of A[b, i, k] * B[b, k, j]).
// One workgroup: a block of rows and columns, see `tiles`. Grid: x = blocks of n, y = blocks of m, z = batch (or fewer, then
// each takes several).
// a, b: f32 with any forward strides, so that transposes cost nothing, or vectors of four along one of their dimensions;
// dst: [batch, m, n] f32, rows without gaps (flag VECTORS: as vectors; n, offset and strides are multiples of four).
// The epilogue sees the coordinates (batch, 0, row, column). Batch is up to three dimensions, the last fastest.
#import slot::enable
#import slot::dimensions
#import slot::elements
struct Params {
    m: u32, n: u32, k: u32, batch: u32,
    batch_d1: u32, batch_d2: u32, a_offset: u32, a_row: u32,
    a_col: u32, a_s0: u32, a_s1: u32, a_s2: u32,
    b_offset: u32, b_row: u32, b_col: u32, b_s0: u32,
    b_s1: u32, b_s2: u32, dst_offset: u32, dst_row: u32,
    dst_s0: u32, dst_s1: u32, dst_s2: u32, unused: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<ElementA>;
@group(0) @binding(2) var<storage, read> b: array<ElementB>;
@group(0) @binding(3) var<storage, read_write> dst: array<Result>;
#import slot::epilogue
#import slot::memory
var<private> batch: u32;
var<private> a_first: u32;
var<private> b_first: u32;
var<private> dst_first: u32;
#import slot::fetch

fn put_row(row: u32, column: u32, v: vec4<f32>) {
    if row >= p.m || column >= p.n { return; }
    let to = dst_first + row * p.dst_row + column;
#if VECTORS
    dst[to / 4u] = vec4<f32>(
        epilogue(v.x, batch, 0u, row, column), epilogue(v.y, batch, 0u, row, column + 1u),
        epilogue(v.z, batch, 0u, row, column + 2u), epilogue(v.w, batch, 0u, row, column + 3u));
#else
    for (var i = 0u; i < min(p.n - column, 4u); i++) { dst[to + i] = epilogue(v[i], batch, 0u, row, column + i); }
#endif
}

fn put(row: u32, column: u32, v0: vec4<f32>, v1: vec4<f32>, v2: vec4<f32>, v3: vec4<f32>) {
    put_row(row, column, v0);
    put_row(row + 1u, column, v1);
    put_row(row + 2u, column, v2);
    put_row(row + 3u, column, v3);
}

@compute @workgroup_size(INVOCATIONS)
fn main(
    @builtin(workgroup_id) wg: vec3<u32>,
    @builtin(num_workgroups) wgs: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
#import slot::builtins
) {
    let row0 = wg.y * BLOCK_M;
    let col0 = wg.x * BLOCK_N;
    let depth = p.k;
    for (batch = wg.z; batch < p.batch; batch += wgs.z) {
        let c2 = batch % p.batch_d2;
        let c1 = (batch / p.batch_d2) % p.batch_d1;
        let c0 = batch / p.batch_d2 / p.batch_d1;
        a_first = p.a_offset + c0 * p.a_s0 + c1 * p.a_s1 + c2 * p.a_s2;
        b_first = p.b_offset + c0 * p.b_s0 + c1 * p.b_s1 + c2 * p.b_s2;
        dst_first = p.dst_offset + c0 * p.dst_s0 + c1 * p.dst_s1 + c2 * p.dst_s2;
#import slot::product
    }
}
