struct Params {
    in_h: u32, in_w: u32, out_h: u32, out_w: u32,
    c4: u32, k4: u32, ic_group: u32, oc_group: u32,
    channels: u32, kernel_h: u32, kernel_w: u32, stride_h: u32,
    stride_w: u32, dilation_h: u32, dilation_w: u32, pad_top: i32,
    pad_left: i32, src_n: u32, src_c: u32, src_y: u32,
    src_x: u32, dst_n: u32, dst_c: u32, dst_y: u32,
    dst_x: u32, positions: u32, pad_word: u32, zero: f32,
    low: f32, high: f32, unused0: u32, unused1: u32,
}
@group(0) @binding(0) var<uniform> p: Params;

// Four sums, scaled, rounded to even, shifted by the zero point and saturated, as four signed bytes.
fn requantized(sums: vec4<f32>, scales: vec4<f32>) -> u32 {
    let y = clamp(round(sums * scales) + p.zero, vec4<f32>(p.low), vec4<f32>(p.high));
    return pack4xI8(vec4<i32>(y));
}

// Four signed bytes as floats.
fn floats_of(word: u32) -> vec4<f32> {
    let w = bitcast<i32>(word);
    return vec4<f32>(vec4<i32>(w << 24u, w << 16u, w << 8u, w) >> vec4<u32>(24u));
}
