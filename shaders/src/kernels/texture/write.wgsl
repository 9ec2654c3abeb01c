// A planar tensor into a storage texture, clamped to 0..1, alpha 1. One invocation: one pixel.
// Grid: width / 8 x height / 8, workgroup 8x8. src: [C, H, W] f32 with C = 1 (grey) or 3.
struct Params {
    width: u32, height: u32, channels: u32, bgr: u32,
    scale: vec4<f32>,
    bias: vec4<f32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var dst: texture_storage_2d<FORMAT, write>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= p.width || id.y >= p.height { return; }
    let at = id.y * p.width + id.x;
    let plane = select(p.width * p.height, 0u, p.channels == 1u);
    var c = vec3<f32>(src[at], src[at + plane], src[at + 2u * plane]) * p.scale.xyz + p.bias.xyz;
    if p.bgr != 0u { c = c.bgr; }
    textureStore(dst, vec2<i32>(id.xy), vec4<f32>(clamp(c, vec3<f32>(0.0), vec3<f32>(1.0)), 1.0));
}
