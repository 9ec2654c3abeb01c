// Matrix product through tiles in workgroup memory: dst[b, i, j] = epilogue(sum over k of A[b, i, k] * B[b, k, j]).
// One workgroup of 8x8: a tile of 8 * TILE_M rows and 8 * TILE_N columns; one invocation TILE_M x TILE_N of them, strided by 8.
// Grid: x = ceil(n / (8 * TILE_N)), y = ceil(m / (8 * TILE_M)), z = batch (or fewer, then each takes several).
// a, b: f32 with any forward strides, so that transposes cost nothing; dst: [batch, m, n] f32, rows without gaps.
// The epilogue sees the coordinates (batch, 0, row, column). Batch is up to three dimensions, the last fastest.
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
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;
#import slot::epilogue

const TILE_K: u32 = 16u;
const ROWS: u32 = 8u * TILE_M;
const COLUMNS: u32 = 8u * TILE_N;
var<workgroup> a_tile: array<f32, ROWS * TILE_K>;
var<workgroup> b_tile: array<f32, TILE_K * COLUMNS>;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let lane = local.y * 8u + local.x;
    let row0 = wg.y * ROWS;
    let col0 = wg.x * COLUMNS;
    for (var batch = wg.z; batch < p.batch; batch += wgs.z) {
        let c2 = batch % p.batch_d2;
        let c1 = (batch / p.batch_d2) % p.batch_d1;
        let c0 = batch / p.batch_d2 / p.batch_d1;
        let a0 = p.a_offset + c0 * p.a_s0 + c1 * p.a_s1 + c2 * p.a_s2;
        let b0 = p.b_offset + c0 * p.b_s0 + c1 * p.b_s1 + c2 * p.b_s2;
        var acc: array<array<f32, TILE_N>, TILE_M>;
        for (var i = 0u; i < TILE_M; i++) {
            for (var j = 0u; j < TILE_N; j++) { acc[i][j] = 0.0; }
        }
        for (var k0 = 0u; k0 < p.k; k0 += TILE_K) {
            for (var t = lane; t < ROWS * TILE_K; t += 64u) {
                // Neighbouring invocations read along the dimension without gaps.
                var i = t / TILE_K;
                var k = t % TILE_K;
                if p.a_row == 1u { i = t % ROWS; k = t / ROWS; }
                let inside = row0 + i < p.m && k0 + k < p.k;
                let at = a0 + min(row0 + i, p.m - 1u) * p.a_row + min(k0 + k, p.k - 1u) * p.a_col;
                a_tile[k * ROWS + i] = select(0.0, a[at], inside);
            }
            for (var t = lane; t < TILE_K * COLUMNS; t += 64u) {
                var k = t / COLUMNS;
                var j = t % COLUMNS;
                if p.b_row == 1u { k = t % TILE_K; j = t / TILE_K; }
                let inside = k0 + k < p.k && col0 + j < p.n;
                let at = b0 + min(k0 + k, p.k - 1u) * p.b_row + min(col0 + j, p.n - 1u) * p.b_col;
                b_tile[k * COLUMNS + j] = select(0.0, b[at], inside);
            }
            workgroupBarrier();
            for (var k = 0u; k < TILE_K; k++) {
                var row: array<f32, TILE_N>;
                for (var j = 0u; j < TILE_N; j++) { row[j] = b_tile[k * COLUMNS + j * 8u + local.x]; }
                for (var i = 0u; i < TILE_M; i++) {
                    let x = a_tile[k * ROWS + i * 8u + local.y];
                    for (var j = 0u; j < TILE_N; j++) { acc[i][j] = fma(x, row[j], acc[i][j]); }
                }
            }
            workgroupBarrier();
        }
        let dst0 = p.dst_offset + c0 * p.dst_s0 + c1 * p.dst_s1 + c2 * p.dst_s2;
        for (var i = 0u; i < TILE_M; i++) {
            let r = row0 + i * 8u + local.y;
            for (var j = 0u; j < TILE_N; j++) {
                let c = col0 + j * 8u + local.x;
                if r < p.m && c < p.n { dst[dst0 + r * p.dst_row + c] = epilogue(acc[i][j], batch, 0u, r, c); }
            }
        }
    }
}
