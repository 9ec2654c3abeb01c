// Scalar functions that WGSL lacks or that drivers get wrong at the ends of their range. NaN is told by its bits, because
// compilers may assume that there is none; a comparison with NaN is false.

fn is_nan(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn is_inf(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}

// The constants that WGSL cannot write, made from a value so that nothing folds them.
fn nan_of(x: f32) -> f32 {
    return bitcast<f32>(0x7fc00000u | (bitcast<u32>(x) & 0u));
}

fn inf_of(x: f32) -> f32 {
    return bitcast<f32>(0x7f800000u | (bitcast<u32>(x) & 0u));
}

// The exponential; some drivers forget NaN.
fn exp_nan(x: f32) -> f32 {
    return select(exp(x), x, is_nan(x));
}

// The larger one; NaN when either is.
fn max_nan(x: f32, y: f32) -> f32 {
    return select(select(x, y, x < y), y, is_nan(y));
}

// The smaller one; NaN when either is.
fn min_nan(x: f32, y: f32) -> f32 {
    return select(select(x, y, x > y), y, is_nan(y));
}

// x within lo..hi, which are not NaN; hi where lo > hi.
fn clip(x: f32, lo: f32, hi: f32) -> f32 {
    let low = select(x, lo, x < lo);
    return select(low, hi, low > hi);
}

// tanh whose exponential cannot overflow.
fn tanh_safe(x: f32) -> f32 {
    return select(tanh(clamp(x, -15.0, 15.0)), x, is_nan(x));
}

fn sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + exp_nan(-x));
}

// e^x - 1 without cancellation near 0.
fn expm1(x: f32) -> f32 {
    let series = x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * 0.008333334))));
    return select(exp_nan(x) - 1.0, series, abs(x) < 0.15);
}

// log(1 + x) without cancellation near 0, for x > -1.
fn log1p(x: f32) -> f32 {
    let series = x * (1.0 - x * (0.5 - x * (0.33333334 - x * (0.25 - x * 0.2))));
    return select(log(1.0 + x), series, abs(x) < 0.03);
}

// log(1 + exp(x)) without overflow.
fn softplus(x: f32) -> f32 {
    return select(0.0, x, !(x < 0.0)) + log1p(exp(-abs(x)));
}

// Arc sine within -0.5..0.5: a least-squares fit of (asin(x) - x) / x^3 in x^2, good to 1e-9.
fn asin_near(x: f32) -> f32 {
    let z = x * x;
    return x + x * z * (0.16666666 + z * (0.07500099 + z * (0.04459803 + z * (0.03111617 + z * (0.01707781 + z * 0.03380582)))));
}

// Arc sine and cosine; drivers' own are good to 1e-4 alone.
fn asin_exact(x: f32) -> f32 {
    let far = 1.57079633 - 2.0 * asin_near(sqrt(0.5 * (1.0 - abs(x))));
    return select(asin_near(x), select(far, -far, x < 0.0), abs(x) > 0.5);
}

fn acos_exact(x: f32) -> f32 {
    let far = 2.0 * asin_near(sqrt(0.5 * (1.0 - abs(x))));
    return select(1.57079633 - asin_near(x), select(far, 3.14159265 - far, x < 0.0), abs(x) > 0.5);
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

fn gelu(x: f32) -> f32 {
    return 0.5 * x * (1.0 + erf(x * 0.70710678));
}

fn gelu_tanh(x: f32) -> f32 {
    return 0.5 * x * (1.0 + tanh_safe(0.7978845608 * (x + 0.044715 * x * x * x)));
}

fn sign_nan(x: f32) -> f32 {
    return select(select(select(x, -1.0, x < 0.0), 1.0, x > 0.0), x, is_nan(x));
}

// Shrinks towards 0 by `bias`, and to 0 within -lambda..lambda.
fn shrink(x: f32, lambda: f32, bias: f32) -> f32 {
    let inner = select(0.0, x, is_nan(x));
    return select(select(inner, x - bias, x > lambda), x + bias, x < -lambda);
}

// Power for every sign of x when y is whole, as C's powf does; NaN for a negative x and a fractional y.
fn pow_signed(x: f32, y: f32) -> f32 {
    if y == 0.0 { return 1.0; }
    if y == 1.0 { return x; }
    if y == 2.0 { return x * x; }
    if y == 3.0 { return x * x * x; }
    if y == -1.0 { return 1.0 / x; }
    if y == 0.5 { return sqrt(x); }
    if x > 0.0 { return pow(x, y); }
    if x == 0.0 { return select(inf_of(y), 0.0, y > 0.0); }
    if y != floor(y) || is_nan(x) { return nan_of(y); }
    let m = pow(-x, y);
    return select(m, -m, y - 2.0 * floor(0.5 * y) == 1.0);
}

// Power of whole numbers, wrapping; a negative exponent truncates the fraction.
fn pow_i32(x: i32, y: i32) -> i32 {
    if y < 0 {
        if x == 1 { return 1; }
        if x == -1 { return select(-1, 1, (y & 1) == 0); }
        return 0;
    }
    return bitcast<i32>(pow_u32(bitcast<u32>(x), bitcast<u32>(y)));
}

fn pow_u32(x: u32, y: u32) -> u32 {
    var result = 1u;
    var square = x;
    var rest = y;
    while rest != 0u {
        if (rest & 1u) != 0u { result = result * square; }
        square = square * square;
        rest = rest >> 1u;
    }
    return result;
}

// Exact remainder of x / y with the sign of x: long division by powers of two, every subtraction of which is exact.
fn fmod(x: f32, y: f32) -> f32 {
    if is_nan(x) || is_nan(y) || is_inf(x) || y == 0.0 { return nan_of(x); }
    if is_inf(y) { return x; }
    let d = abs(y);
    var rest = abs(x);
    var part = d;
    for (var i = 0; i < 280 && part + part <= rest; i++) { part = part + part; }
    for (var i = 0; i < 281 && part >= d; i++) {
        if rest >= part { rest = rest - part; }
        part = 0.5 * part;
    }
    return select(rest, -rest, x < 0.0);
}

// Remainder with the sign of y.
fn mod_floor(x: f32, y: f32) -> f32 {
    let r = fmod(x, y);
    return select(r, r + y, r != 0.0 && (r < 0.0) != (y < 0.0));
}

// Division and remainders of whole numbers; 0 where y is 0.
fn div_i32(x: i32, y: i32) -> i32 {
    // A division by -1 would overflow for the least number; the negation wraps.
    return select(select(x / select(y, 1, y == 0 || y == -1), -x, y == -1), 0, y == 0);
}

fn div_u32(x: u32, y: u32) -> u32 {
    return select(x / select(y, 1u, y == 0u), 0u, y == 0u);
}

fn rem_i32(x: i32, y: i32) -> i32 {
    // The remainder of a division by -1 would overflow for the least number.
    return select(x % select(y, 1, y == 0 || y == -1), 0, y == 0);
}

fn rem_u32(x: u32, y: u32) -> u32 {
    return select(x % select(y, 1u, y == 0u), 0u, y == 0u);
}

fn mod_i32(x: i32, y: i32) -> i32 {
    let r = rem_i32(x, y);
    return select(r, r + y, r != 0 && (r < 0) != (y < 0));
}

// Quotient whose last bit is corrected, because a device may round divisions loosely.
fn div_precise(x: f32, y: f32) -> f32 {
    let q = x / y;
    let r = fma(-q, y, x);
    return select(q, q + r / y, abs(q) < 1e30 && abs(r) < 1e30);
}

// Whole numbers from floats: towards zero, saturating, 0 for NaN.
fn to_i32(x: f32) -> i32 {
    let inside = select(0.0, x, x > -2147483648.0 && x < 2147483648.0);
    let low = select(i32(inside), -2147483647 - 1, x <= -2147483648.0);
    return select(low, 2147483647, x >= 2147483648.0);
}

fn to_u32(x: f32) -> u32 {
    let inside = select(0.0, x, x > 0.0 && x < 4294967296.0);
    return select(u32(inside), 4294967295u, x >= 4294967296.0);
}

// x rounded to the nearest f16, halves to even; infinity from 65520 on.
fn round_f16(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let normal = bitcast<f32>((bits + 0xfffu + ((bits >> 13u) & 1u)) & 0xffffe000u);
    // Below 2^-14 the steps are 2^-24 wide.
    let near = select(normal, round(x * 16777216.0) * 5.9604645e-8, abs(x) < 6.1035156e-5);
    let over = select(inf_of(x), -inf_of(x), x < 0.0);
    return select(select(near, over, abs(x) >= 65520.0), x, is_nan(x));
}

// x rounded to the nearest bfloat16, halves to even.
fn round_bf16(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let near = bitcast<f32>((bits + 0x7fffu + ((bits >> 16u) & 1u)) & 0xffff0000u);
    return select(near, x, is_nan(x));
}

// Sine (x) and cosine (y) to about one unit in the last place up to 8192: Vulkan lets drivers err by 2^-11, which shows
// when coordinates are made of them. Reduction in three steps and the minimax polynomials of Cephes (sinf.c); the
// driver's own beyond.
fn sin_cos(x: f32) -> vec2<f32> {
    let k = round(clamp(x, -8192.0, 8192.0) * 0.63661977);
    let r = fma(k, -7.5497899e-8, fma(k, -4.8375130e-4, fma(k, -1.5703125, x)));
    let r2 = r * r;
    let s = fma(r * r2, fma(r2, fma(r2, -1.9515296e-4, 8.3321609e-3), -1.6666655e-1), r);
    let c = fma(r2 * r2, fma(r2, fma(r2, 2.4433157e-5, -1.3887316e-3), 4.1666646e-2), fma(r2, -0.5, 1.0));
    let quadrant = i32(k) & 3;
    let odd = (quadrant & 1) == 1;
    let sine = select(s, c, odd) * select(1.0, -1.0, quadrant >= 2);
    let cosine = select(c, s, odd) * select(1.0, -1.0, quadrant == 1 || quadrant == 2);
    return select(vec2<f32>(sin(x), cos(x)), vec2<f32>(sine, cosine), abs(x) <= 8192.0);
}

// Arc tangent to about two units in the last place (Cephes, atanf.c): one driver in use errs by more than 3.
fn atan_exact(x: f32) -> f32 {
    let a = abs(x);
    let large = a > 2.4142135;
    let middle = a > 0.41421357;
    let t = select(select(a, (a - 1.0) / (a + 1.0), middle), -1.0 / a, large);
    let offset = select(select(0.0, 0.78539816, middle), 1.5707963, large);
    let z = t * t;
    let p = fma(z, fma(z, fma(z, 8.0537450e-2, -1.3877686e-1), 1.9977711e-1), -3.3332950e-1);
    let y = offset + fma(p * z, t, t);
    return select(select(y, -y, x < 0.0), x, is_nan(x) || x == 0.0);
}
