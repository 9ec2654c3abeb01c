// A texture into a planar tensor. One invocation: one pixel. Grid: width / 8 x height / 8, workgroup 8x8.
// source: any float texture; dst: [C, H, W] f32 with C = 1 (luma of BT.601) or 3.
struct Params {
    width: u32, height: u32, channels: u32, bgr: u32,
    scale: vec4<f32>,
    bias: vec4<f32>,
}
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var source: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= p.width || id.y >= p.height { return; }
    var c = textureLoad(source, vec2<i32>(id.xy), 0).rgb;
    let at = id.y * p.width + id.x;
    let plane = p.width * p.height;
    if p.channels == 1u {
        dst[at] = dot(c, vec3<f32>(0.299, 0.587, 0.114)) * p.scale.x + p.bias.x;
        return;
    }
    if p.bgr != 0u { c = c.bgr; }
    c = c * p.scale.xyz + p.bias.xyz;
    dst[at] = c.x;
    dst[at + plane] = c.y;
    dst[at + 2u * plane] = c.z;
}
