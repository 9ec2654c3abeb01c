// Direct convolution with a register tile, planar (NCHW), any stride, dilation, padding, groups and strides in memory;
// also transposed convolution, which gathers: an output row meets only the kernel rows that its residue modulo the
// stride allows, so rows and columns are enumerated by residue class and neighbouring invocations take the same taps.
// Flag COLUMN: three kernel rows at stride and dilation 1, where neighbouring outputs share the input rows in registers.
// One invocation: ROWS outputs of one column and one residue class for TILE_OC output channels of one group.
// Grid: batch * groups * oc_blocks times ceil(tiles / 64) workgroups of 64, folded (`linear_grid`), tiles fastest.
// src: [N, G * ICG, H, W] f32 with strides; weight: [G, oc_blocks, KH, KW, ICG, TILE_OC] f32; bias: [G * OCG] f32;
// dst: [N, G * OCG, OH, OW] f32 with strides. `tiles` = column count * row tiles over all residue classes; a direct
// convolution has one class.
struct Params {
    in_h: u32, in_w: u32, out_h: u32, out_w: u32,
    ic_group: u32, oc_group: u32, groups: u32, oc_blocks: u32,
    kernel_h: u32, kernel_w: u32, stride_h: u32, stride_w: u32,
    dilation_h: u32, dilation_w: u32, pad_top: i32, pad_left: i32,
    src_offset: u32, src_n: u32, src_c: u32, src_y: u32, src_x: u32,
    dst_offset: u32, dst_n: u32, dst_c: u32, dst_y: u32, dst_x: u32,
    batch: u32, tiles: u32, class_h: u32, class_w: u32, class_rows: u32, class_cols: u32,
#import slot::epilogue_params
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<Lane>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;
#import slot::epilogue
#import shared::grid
#import slot::put

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let group_index = grid_index(wg, wgs, 0u, 1u);
    let per_block = (p.tiles + 63u) / 64u;
    let tile = group_index % per_block * 64u + local;
    let z = group_index / per_block;
    if tile >= p.tiles || z >= p.batch * p.groups * p.oc_blocks { return; }
    let block = z % p.oc_blocks;
    let g = z / p.oc_blocks % p.groups;
    let n = z / (p.oc_blocks * p.groups);
    let oc0 = block * TILE_OC;
    let columns = p.class_w * p.class_cols;
    let column = tile % columns;
    let row = tile / columns;
    let x = column % p.class_cols * p.class_w + column / p.class_cols;
    let y0 = row % p.class_rows * ROWS * p.class_h + row / p.class_rows;
    if x >= p.out_w { return; }

#import slot::init
    let plane = p.src_offset + n * p.src_n + g * p.ic_group * p.src_c;
    // Indices of weights depend on nothing but the workgroup and the loops, so that drivers load them once.
    let w_first = (g * p.oc_blocks + block) * p.kernel_h * p.kernel_w * p.ic_group * LANES;
    let w_row = p.kernel_w * p.ic_group * LANES;
#if COLUMN
    let iy = i32(y0) - p.pad_top;
    let row_step = 1;
#import slot::rows
    for (var kx = 0u; kx < p.kernel_w; kx++) {
        let w_tap = w_first + kx * p.ic_group * LANES;
        let ix = i32(x * p.stride_w + kx * p.dilation_w) - p.pad_left;
        if ix >= 0 && ix < i32(p.in_w) {
            let column_at = plane + u32(ix) * p.src_x;
            for (var ic = 0u; ic < p.ic_group; ic++) {
                let at = column_at + ic * p.src_c;
                let w_at = w_tap + ic * LANES;
#import slot::step
            }
        }
    }
#else
    for (var ky = 0u; ky < p.kernel_h; ky++) {
#if TRANSPOSED
        let from_y = i32(y0) + p.pad_top - i32(ky * p.dilation_h);
        let iy = from_y / i32(p.stride_h);
        let row_step = 1;
        let meets_y = iy * i32(p.stride_h) == from_y;
#else
        let iy = i32(y0 * p.stride_h + ky * p.dilation_h) - p.pad_top;
        let row_step = i32(p.stride_h);
        let meets_y = true;
#endif
#import slot::rows
        for (var kx = 0u; kx < p.kernel_w; kx++) {
            let w_tap = w_first + ky * w_row + kx * p.ic_group * LANES;
#if TRANSPOSED
            let from_x = i32(x) + p.pad_left - i32(kx * p.dilation_w);
            let ix = from_x / i32(p.stride_w);
            let meets = meets_y && ix * i32(p.stride_w) == from_x && ix >= 0 && ix < i32(p.in_w);
#else
            let ix = i32(x * p.stride_w + kx * p.dilation_w) - p.pad_left;
            let meets = meets_y && ix >= 0 && ix < i32(p.in_w);
#endif
            if meets {
                let column_at = plane + u32(ix) * p.src_x;
                for (var ic = 0u; ic < p.ic_group; ic++) {
                    let at = column_at + ic * p.src_c;
                    let w_at = w_tap + ic * LANES;
#import slot::step
                }
            }
        }
    }
#endif
    let to = p.dst_offset + n * p.dst_n + x * p.dst_x;
#import slot::store
}
