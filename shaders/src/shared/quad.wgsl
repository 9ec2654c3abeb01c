// Four floats in memory. With WIDE they move as two 64-bit words: software adapters load and store element by element, and
// fewer elements are faster.
#if WIDE
alias Quad = vec2<u64>;

fn low(pair: u64) -> f32 {
    return bitcast<f32>(u32(pair));
}

fn high(pair: u64) -> f32 {
    return bitcast<f32>(u32(pair >> 32u));
}

fn floats(q: Quad) -> vec4<f32> {
    return vec4<f32>(low(q.x), high(q.x), low(q.y), high(q.y));
}

fn quad(v: vec4<f32>) -> Quad {
    let b = bitcast<vec4<u32>>(v);
    return Quad(u64(b.x) | (u64(b.y) << 32u), u64(b.z) | (u64(b.w) << 32u));
}
#else
alias Quad = vec4<f32>;

fn floats(q: Quad) -> vec4<f32> {
    return q;
}

fn quad(v: vec4<f32>) -> Quad {
    return v;
}
#endif
