// Matrix product with rows of A passed around the subgroup: dst[b, i, j] = epilogue(sum over k of A[b, i, k] * B[b, k, j]).
// One invocation: TILE_M rows at four neighbouring columns, or (flag TRANSPOSED) at TILE_N columns that lie LANES apart.
// Grid: x = ceil(columns / LANES) where columns = n / 4, or n / TILE_N; y = ceil(m / TILE_M), z = batch (or fewer, then each
// takes several). a: vectors along k; b: vectors along n (TRANSPOSED: along k); dst: [batch, m, n], rows without gaps, as
// vectors (TRANSPOSED: f32). Vectors are of four elements: offsets and strides are multiples of four, as is k.
// The epilogue sees the coordinates (batch, 0, row, column). Batch is up to three dimensions, the last fastest.
#import shared::quad
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
@group(0) @binding(1) var<storage, read> a: array<Quad>;
@group(0) @binding(2) var<storage, read> b: array<Quad>;
#if TRANSPOSED
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;
#else
@group(0) @binding(3) var<storage, read_write> dst: array<Quad>;
#endif
#import slot::epilogue

@compute @workgroup_size(LANES)
fn main(
    @builtin(workgroup_id) wg: vec3<u32>,
    @builtin(num_workgroups) wgs: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    let row0 = wg.y * TILE_M;
    let k4 = p.k / 4u;
    for (var batch = wg.z; batch < p.batch; batch += wgs.z) {
        let c2 = batch % p.batch_d2;
        let c1 = (batch / p.batch_d2) % p.batch_d1;
        let c0 = batch / p.batch_d2 / p.batch_d1;
        let a0 = p.a_offset + c0 * p.a_s0 + c1 * p.a_s1 + c2 * p.a_s2;
        let b0 = p.b_offset + c0 * p.b_s0 + c1 * p.b_s1 + c2 * p.b_s2;
#import slot::places
#import slot::init
        // All invocations stay together: those past the end repeat the last row and column.
        for (var k = 0u; k < k4; k++) {
#import slot::step
        }
        let dst0 = p.dst_offset + c0 * p.dst_s0 + c1 * p.dst_s1 + c2 * p.dst_s2;
#import slot::store
    }
}
