// Scalar functions that WGSL lacks or that drivers get wrong at the ends of their range.

// tanh whose exponential cannot overflow.
fn tanh_safe(x: f32) -> f32 {
    return tanh(clamp(x, -15.0, 15.0));
}

fn sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + exp(-x));
}

// log(1 + exp(x)) without overflow.
fn softplus(x: f32) -> f32 {
    return max(x, 0.0) + log(1.0 + exp(-abs(x)));
}

// Error function to about 1.2e-7: a Chebyshev fit of erfc (Numerical Recipes, 2nd edition, section 6.2).
fn erf(x: f32) -> f32 {
    let z = abs(x);
    let t = 1.0 / (1.0 + 0.5 * z);
    let q = -z * z - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807
        + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
    let r = 1.0 - t * exp(q);
    // Near zero the difference above cancels; the series does not.
    let series = 1.1283791671 * x * (1.0 - x * x * (0.3333333333 - x * x * (0.1 - x * x * 0.0238095238)));
    return select(select(-r, r, x >= 0.0), series, z < 0.3);
}

// Whether x is a NaN, by its bits: compilers may assume that there is none.
fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn is_inf(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}

// Power for every sign of x when y is whole, as C's powf does; NaN for a negative x and a fractional y.
fn pow_signed(x: f32, y: f32) -> f32 {
    if y == 0.0 { return 1.0; }
    if y == 1.0 { return x; }
    if y == 2.0 { return x * x; }
    if y == 3.0 { return x * x * x; }
    if y == 0.5 { return sqrt(x); }
    if x > 0.0 { return pow(x, y); }
    if x == 0.0 { return select(bitcast<f32>(0x7f800000u | (bitcast<u32>(y) & 0u)), 0.0, y > 0.0); }
    if y != floor(y) { return bitcast<f32>(0x7fc00000u | (bitcast<u32>(y) & 0u)); }
    let m = pow(-x, y);
    return select(m, -m, (i32(y) & 1) != 0);
}
