// Padding of up to four dimensions.
// One invocation: one output element. Grid: linear_grid(count, 64).
// src, dst: [out.x, out.y, out.z, out.w] T with strides; src has len elements along each dimension, the first of which
// lands at begin. mode: 0 constant (the bits of value), 1 reflect, 2 edge, 3 wrap.
struct Params {
    count: u32, src_offset: u32, dst_offset: u32, mode: u32,
    value: u32, pad0: u32, pad1: u32, pad2: u32,
    out: vec4<u32>,
    begin: vec4<i32>,
    len: vec4<i32>,
    src_stride: vec4<i32>,
    dst_stride: vec4<i32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<T>;
@group(0) @binding(2) var<storage, read_write> dst: array<T>;
#import shared::grid

fn mirrored(at: i32, n: i32) -> i32 {
    let period = max(2 * (n - 1), 1);
    let m = (at % period + period) % period;
    return min(m, period - m) * select(1, 0, n == 1);
}

fn dot4(a: vec4<i32>, b: vec4<i32>) -> i32 {
    return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= p.count { return; }
    var rest = i;
    var c: vec4<i32>;
    c.w = i32(rest % p.out.w); rest = rest / p.out.w;
    c.z = i32(rest % p.out.z); rest = rest / p.out.z;
    c.y = i32(rest % p.out.y);
    c.x = i32(rest / p.out.y);
    let to = u32(i32(p.dst_offset) + dot4(c, p.dst_stride));
    var at = c - p.begin;
    if any(at < vec4<i32>(0)) || any(at >= p.len) {
        switch p.mode {
            case 1u: {
                at = vec4<i32>(mirrored(at.x, p.len.x), mirrored(at.y, p.len.y), mirrored(at.z, p.len.z), mirrored(at.w, p.len.w));
            }
            case 2u: { at = clamp(at, vec4<i32>(0), p.len - 1); }
            case 3u: { at = (at % p.len + p.len) % p.len; }
            default: {
                dst[to] = bitcast<T>(p.value);
                return;
            }
        }
    }
    dst[to] = src[u32(i32(p.src_offset) + dot4(at, p.src_stride))];
}
