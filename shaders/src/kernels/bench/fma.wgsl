// The peak of arithmetic: eight independent chains of vector multiply-adds, which no compiler can shorten because
// scale and shift are parameters.
// One invocation: one element of dst. Grid: linear_grid(elements, 64), every invocation has an element.
struct Params { rounds: u32, scale: f32, shift: f32, pad0: u32 }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> dst: array<f32>;
#import shared::grid

fn step(x: vec4<f32>, scale: vec4<f32>, shift: vec4<f32>) -> vec4<f32> {
#if FUSED
    return fma(x, scale, shift);
#else
    return x * scale + shift;
#endif
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = grid_index(wg, wgs, local, 64u);
    if i >= arrayLength(&dst) { return; }
    let scale = vec4<f32>(p.scale);
    let shift = vec4<f32>(p.shift);
    var a = vec4<f32>(f32(local), 1.0, 2.0, 3.0);
    var b = a + 1.0; var c = a + 2.0; var d = a + 3.0;
    var e = a + 4.0; var f = a + 5.0; var g = a + 6.0; var h = a + 7.0;
    for (var round = 0u; round < p.rounds; round++) {
        a = step(a, scale, shift); b = step(b, scale, shift); c = step(c, scale, shift); d = step(d, scale, shift);
        e = step(e, scale, shift); f = step(f, scale, shift); g = step(g, scale, shift); h = step(h, scale, shift);
        a = step(a, scale, shift); b = step(b, scale, shift); c = step(c, scale, shift); d = step(d, scale, shift);
        e = step(e, scale, shift); f = step(f, scale, shift); g = step(g, scale, shift); h = step(h, scale, shift);
        a = step(a, scale, shift); b = step(b, scale, shift); c = step(c, scale, shift); d = step(d, scale, shift);
        e = step(e, scale, shift); f = step(f, scale, shift); g = step(g, scale, shift); h = step(h, scale, shift);
        a = step(a, scale, shift); b = step(b, scale, shift); c = step(c, scale, shift); d = step(d, scale, shift);
        e = step(e, scale, shift); f = step(f, scale, shift); g = step(g, scale, shift); h = step(h, scale, shift);
    }
    dst[i] = dot((a + b) + (c + d), vec4<f32>(1.0)) + dot((e + f) + (g + h), vec4<f32>(1.0));
}
