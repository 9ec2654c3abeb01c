// Convolution as a product in blocks, of filters [channels, k] with inputs [k, positions], which are gathered while they are
// brought into workgroup memory: dst[n, c, y, x] = epilogue(bias[c] + sum over k).
// One workgroup: a block of BLOCK_M channels of a group and BLOCK_N positions (y, x in row-major order), see `tiles`.
// Grid: blocks of channels, blocks of positions, groups, batch, folded (`linear_grid`), the first fastest.
// src: [N, G * ICG, H, W] f32 with strides; weight: [G, depth, m4] vec4 (four channels; zeros past the last k and channel);
// table: [depth] (offset, dy, dx, 0): where the input of k lies, relative to that of the first k of a group; past the last k,
// dy is beyond any plane; bias: [G * OCG] f32; dst: [N, G * OCG, OH, OW] f32 with strides.
// Flag POINTWISE: one tap at stride 1 without pads: src as vectors along the positions, no table.
// Flag VECTORS: dst as vectors along the positions.
#import slot::enable
#import slot::dimensions
#import slot::elements
struct Params {
    in_h: u32, in_w: u32, out_w: u32, positions: u32,
    ic_group: u32, oc_group: u32, groups: u32, batch: u32,
    stride_h: u32, stride_w: u32, pad_top: i32, pad_left: i32,
    src_offset: u32, src_n: u32, src_c: u32, src_y: u32, src_x: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_y: u32, dst_x: u32,
    depth: u32, m4: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<Input>;
@group(0) @binding(2) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dst: array<Result>;
#import slot::epilogue
#if !POINTWISE
#import slot::table
#endif
#import shared::grid
#import slot::memory
var<private> n: u32;
var<private> first_channel: u32;
var<private> weight_first: u32;
var<private> src_first: u32;
var<private> near_y: vec4<i32>;
var<private> near_x: vec4<i32>;
var<private> near: vec4<i32>;

fn fetch_a(k: u32, row: u32) -> vec4<f32> {
    return weight[weight_first + k * p.m4 + row / 4u];
}

#if POINTWISE
fn fetch_b(k: u32, column: u32) -> vec4<f32> {
    if k >= p.ic_group || column >= p.positions { return vec4<f32>(0.0); }
    return src[(src_first + k * p.src_c + column) / 4u];
}
#else
// An invocation always takes the same four columns, which `near` tells.
fn fetch_b(k: u32, column: u32) -> vec4<f32> {
    let tap = table[k];
    let y = near_y + vec4<i32>(tap.y);
    let x = near_x + vec4<i32>(tap.z);
    let inside = (y >= vec4<i32>(0)) & (y < vec4<i32>(i32(p.in_h))) & (x >= vec4<i32>(0)) & (x < vec4<i32>(i32(p.in_w)));
    let at = vec4<u32>(select(vec4<i32>(0), near + vec4<i32>(tap.x), inside));
    return select(vec4<f32>(0.0), vec4<f32>(src[at.x], src[at.y], src[at.z], src[at.w]), inside);
}
#endif

fn put_row(row: u32, column: u32, v: vec4<f32>) {
    if row >= p.oc_group || column >= p.positions { return; }
    let c = first_channel + row;
    let b = bias[c];
    let channel = epilogue_channel(n, c);
    let to = p.dst_offset + n * p.dst_n + dst_channel(c);
    let at = vec4<u32>(column, column + 1u, column + 2u, column + 3u);
    let y = at / p.out_w;
    let x = at % p.out_w;
#if VECTORS
    dst[(to + column) / 4u] = vec4<f32>(
        epilogue_at(v.x + b, channel, n, c, y.x, x.x), epilogue_at(v.y + b, channel, n, c, y.y, x.y),
        epilogue_at(v.z + b, channel, n, c, y.z, x.z), epilogue_at(v.w + b, channel, n, c, y.w, x.w));
#else
    for (var i = 0u; i < min(p.positions - column, 4u); i++) {
        dst[to + y[i] * p.dst_y + x[i] * p.dst_x] = epilogue_at(v[i] + b, channel, n, c, y[i], x[i]);
    }
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
    let index = grid_index(wg, wgs, 0u, 1u);
    let blocks_m = (p.oc_group + BLOCK_M - 1u) / BLOCK_M;
    let blocks_n = (p.positions + BLOCK_N - 1u) / BLOCK_N;
    let z_any = index / blocks_m / blocks_n;
    let z = min(z_any, p.groups * p.batch - 1u);
    let row0 = index % blocks_m * BLOCK_M;
    // Workgroups past the last one stay with the others and have columns that do not exist.
    let col0 = select(blocks_n, index / blocks_m % blocks_n, z == z_any) * BLOCK_N;
    let g = z % p.groups;
    n = z / p.groups;
    let depth = p.depth;
    first_channel = g * p.oc_group;
    weight_first = g * p.depth * p.m4;
    src_first = p.src_offset + n * p.src_n + g * p.ic_group * p.src_c;
#if !POINTWISE
    let column = col0 + local % (BLOCK_N / 4u) * 4u;
    let at = vec4<u32>(column, column + 1u, column + 2u, column + 3u);
    // Past the last position: beyond any plane, whatever a tap adds.
    let here = at < vec4<u32>(p.positions);
    near_y = select(vec4<i32>(536870912), vec4<i32>(at / p.out_w * p.stride_h) - vec4<i32>(p.pad_top), here);
    near_x = vec4<i32>(at % p.out_w * p.stride_w) - vec4<i32>(p.pad_left);
    near = vec4<i32>(i32(src_first)) + near_y * i32(p.src_y) + near_x * i32(p.src_x);
#endif
#import slot::product
}
