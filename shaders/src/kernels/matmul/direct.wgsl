// Matrix product without workgroup memory: dst[b, i, j] = epilogue(sum over k of A[b, i, k] * B[b, k, j]).
// One invocation: TILE_M rows of TILE_N neighbouring columns. For products with few rows or little work, and for software adapters.
// Grid: x = ceil(n / TILE_N) / 8, y = ceil(m / TILE_M) / 8, z = batch (or fewer, then each takes several); workgroup 8x8.
// a, b: f32 with any forward strides; dst: [batch, m, n] f32, rows without gaps.
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

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>) {
    let row0 = id.y * TILE_M;
    let col0 = id.x * TILE_N;
    if row0 >= p.m || col0 >= p.n { return; }
    for (var batch = id.z; batch < p.batch; batch += wgs.z) {
        let c2 = batch % p.batch_d2;
        let c1 = (batch / p.batch_d2) % p.batch_d1;
        let c0 = batch / p.batch_d2 / p.batch_d1;
        let a0 = p.a_offset + c0 * p.a_s0 + c1 * p.a_s1 + c2 * p.a_s2;
        let b0 = p.b_offset + c0 * p.b_s0 + c1 * p.b_s1 + c2 * p.b_s2;
        var acc: array<array<f32, TILE_N>, TILE_M>;
        var a_at: array<u32, TILE_M>;
        var b_at: array<u32, TILE_N>;
        for (var i = 0u; i < TILE_M; i++) {
            a_at[i] = a0 + min(row0 + i, p.m - 1u) * p.a_row;
            for (var j = 0u; j < TILE_N; j++) { acc[i][j] = 0.0; }
        }
        for (var j = 0u; j < TILE_N; j++) { b_at[j] = b0 + min(col0 + j, p.n - 1u) * p.b_col; }
        for (var k = 0u; k < p.k; k++) {
            var row: array<f32, TILE_N>;
            for (var j = 0u; j < TILE_N; j++) { row[j] = b[b_at[j] + k * p.b_row]; }
            for (var i = 0u; i < TILE_M; i++) {
                let x = a[a_at[i] + k * p.a_col];
                for (var j = 0u; j < TILE_N; j++) { acc[i][j] = fma(x, row[j], acc[i][j]); }
            }
        }
        let dst0 = p.dst_offset + c0 * p.dst_s0 + c1 * p.dst_s1 + c2 * p.dst_s2;
        for (var i = 0u; i < TILE_M; i++) {
            for (var j = 0u; j < TILE_N; j++) {
                let r = row0 + i;
                let c = col0 + j;
                if r < p.m && c < p.n { dst[dst0 + r * p.dst_row + c] = epilogue(acc[i][j], batch, 0u, r, c); }
            }
        }
    }
}
