use crate::Elem;

/// A scalar function. Attributes of an ONNX operator are further operands. NaN stays NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fun {
    /// x
    Identity,
    /// x + y
    Add,
    /// x - y
    Sub,
    /// x * y
    Mul,
    /// x / y; 0 for integers when y is 0.
    Div,
    /// x / y for floats with the last bit corrected, where rounding decides (quantization).
    DivPrecise,
    /// The smaller one; NaN when either is.
    Min,
    /// The larger one; NaN when either is.
    Max,
    /// x to the power y
    Pow,
    /// Remainder with the sign of x.
    Rem,
    /// Remainder with the sign of y.
    Mod,
    /// -x
    Neg,
    /// |x|
    Abs,
    /// -1, 0 or 1.
    Sign,
    /// 1 / x
    Reciprocal,
    /// Square root.
    Sqrt,
    /// e^x
    Exp,
    /// Natural logarithm.
    Log,
    /// Largest whole number not above x.
    Floor,
    /// Least whole number not below x.
    Ceil,
    /// Nearest whole number, halves to even.
    Round,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Arc sine.
    Asin,
    /// Arc cosine.
    Acos,
    /// Arc tangent.
    Atan,
    /// Hyperbolic sine.
    Sinh,
    /// Hyperbolic cosine.
    Cosh,
    /// Hyperbolic tangent.
    Tanh,
    /// Inverse hyperbolic sine.
    Asinh,
    /// Inverse hyperbolic cosine.
    Acosh,
    /// Inverse hyperbolic tangent.
    Atanh,
    /// max(x, 0)
    Relu,
    /// x where x >= 0, else alpha * x. Operands: x, alpha.
    LeakyRelu,
    /// x where x >= 0, else slope * x. Operands: x, slope.
    PRelu,
    /// x where x > 0, else alpha * (e^x - 1). Operands: x, alpha.
    Elu,
    /// gamma * Elu. Operands: x, alpha, gamma.
    Selu,
    /// max(0, x) + min(0, alpha * (e^(x / alpha) - 1)). Operands: x, alpha.
    Celu,
    /// x where x > alpha, else 0. Operands: x, alpha.
    ThresholdedRelu,
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// min(max(x, lo), hi). Operands: x, lo, hi, the bounds not NaN.
    Clip,
    /// max(0, min(1, alpha * x + beta)). Operands: x, alpha, beta.
    HardSigmoid,
    /// x * max(0, min(1, x / 6 + 0.5))
    HardSwish,
    /// log(1 + e^x)
    Softplus,
    /// x / (1 + |x|)
    Softsign,
    /// x / 2 * (1 + erf(x / sqrt 2))
    Gelu,
    /// Gelu with the tanh approximation.
    GeluTanh,
    /// x * tanh(softplus(x))
    Mish,
    /// x * sigmoid(alpha * x). Operands: x, alpha.
    Swish,
    /// 0 within -lambda..lambda, else bias nearer to 0. Operands: x, lambda, bias.
    Shrink,
    /// Gauss error function.
    Erf,
    /// Integers: the type of the step with the same bits; integers to floats.
    Cast,
    /// Float to integer: towards zero, saturating, 0 for NaN.
    ToInt,
    /// Whether an integer is not 0, as 0 or 1.
    ToBool,
    /// Whether a float is not 0, as 0 or 1.
    FloatToBool,
    /// The bits of x under the type of the step.
    Bitcast,
    /// Float rounded to what f16 holds.
    RoundF16,
    /// Float rounded to what bfloat16 holds.
    RoundBF16,
    /// The low 8 bits of an integer, sign-extended for `i32`.
    Wrap8,
    /// The low 16 bits of an integer, sign-extended for `i32`.
    Wrap16,
    /// y where the condition holds, else z. Operands: condition, y, z.
    Where,
    /// x = y, as 0 or 1, like all comparisons.
    Equal,
    /// x < y
    Less,
    /// x <= y
    LessOrEqual,
    /// x > y
    Greater,
    /// x >= y
    GreaterOrEqual,
    /// Bitwise and; of bools the logical one.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
    /// Every bit flipped.
    BitwiseNot,
    /// 1 where x is 0, else 0.
    Not,
    /// x shifted left by y; 0 from z bits on. Operands: x, y, z.
    ShiftLeft,
    /// x shifted right by y; 0 from z bits on. Operands: x, y, z.
    ShiftRight,
    /// Whether x is a NaN.
    IsNan,
    /// Whether x is +inf.
    IsPosInf,
    /// Whether x is -inf.
    IsNegInf,
}

impl Fun {
    /// The WGSL expression over operand expressions `a`, for a result of type `ty`. Uses `shared::math`.
    pub(crate) fn wgsl(self, a: &[String], ty: Elem) -> String {
        let arg = |i: usize| a.get(i).map_or("0.0", String::as_str);
        let (x, y, z) = (arg(0), arg(1), arg(2));
        let float = ty == Elem::F32;
        let bool_of = |condition: String| format!("select(0u, 1u, {condition})");
        match self {
            Fun::Identity => x.to_owned(),
            Fun::Add => format!("{x} + {y}"),
            Fun::Sub => format!("{x} - {y}"),
            Fun::Mul => format!("{x} * {y}"),
            Fun::Div if float => format!("{x} / {y}"),
            Fun::Div => format!("div_{ty}({x}, {y})"),
            Fun::DivPrecise => format!("div_precise({x}, {y})"),
            Fun::Min if float => format!("min_nan({x}, {y})"),
            Fun::Max if float => format!("max_nan({x}, {y})"),
            Fun::Min => format!("min({x}, {y})"),
            Fun::Max => format!("max({x}, {y})"),
            Fun::Pow if float => format!("pow_signed({x}, {y})"),
            Fun::Pow => format!("pow_{ty}({x}, {y})"),
            Fun::Rem if float => format!("fmod({x}, {y})"),
            Fun::Rem => format!("rem_{ty}({x}, {y})"),
            Fun::Mod if float => format!("mod_floor({x}, {y})"),
            Fun::Mod if ty == Elem::I32 => format!("mod_i32({x}, {y})"),
            Fun::Mod => format!("rem_u32({x}, {y})"),
            Fun::Neg if ty == Elem::U32 => format!("0u - {x}"),
            Fun::Neg => format!("-({x})"),
            Fun::Abs => format!("abs({x})"),
            Fun::Sign if float => format!("sign_nan({x})"),
            Fun::Sign if ty == Elem::U32 => format!("min({x}, 1u)"),
            Fun::Sign => format!("sign({x})"),
            Fun::Reciprocal => format!("1.0 / {x}"),
            Fun::Sqrt => format!("sqrt({x})"),
            Fun::Exp => format!("exp_nan({x})"),
            Fun::Log => format!("log({x})"),
            Fun::Floor => format!("floor({x})"),
            Fun::Ceil => format!("ceil({x})"),
            Fun::Round => format!("round({x})"),
            Fun::Sin => format!("sin_cos({x}).x"),
            Fun::Cos => format!("sin_cos({x}).y"),
            Fun::Tan => format!("(sin_cos({x}).x / sin_cos({x}).y)"),
            Fun::Asin => format!("asin_exact({x})"),
            Fun::Acos => format!("acos_exact({x})"),
            Fun::Atan => format!("atan_exact({x})"),
            Fun::Sinh => format!("sinh({x})"),
            Fun::Cosh => format!("cosh({x})"),
            Fun::Tanh => format!("tanh_safe({x})"),
            Fun::Asinh => format!("asinh({x})"),
            Fun::Acosh => format!("acosh({x})"),
            Fun::Atanh => format!("atanh({x})"),
            Fun::Relu if float => format!("select({x}, 0.0, {x} < 0.0)"),
            Fun::Relu => format!("max({x}, {ty}(0))"),
            Fun::LeakyRelu | Fun::PRelu => format!("select({y} * {x}, {x}, {x} >= 0)"),
            Fun::Elu => format!("select({y} * expm1({x}), {x}, {x} > 0.0)"),
            Fun::Selu => format!("{z} * select({y} * expm1({x}), {x}, {x} > 0.0)"),
            Fun::Celu => format!("select({y} * expm1({x} / {y}), {x}, {x} > 0.0)"),
            Fun::ThresholdedRelu => format!("select({x}, 0.0, {x} <= {y})"),
            Fun::Sigmoid => format!("sigmoid({x})"),
            Fun::Clip if float => format!("clip({x}, {y}, {z})"),
            Fun::Clip => format!("min(max({x}, {y}), {z})"),
            Fun::HardSigmoid => format!("clip({y} * {x} + {z}, 0.0, 1.0)"),
            Fun::HardSwish => format!("{x} * clip({x} / 6.0 + 0.5, 0.0, 1.0)"),
            Fun::Softplus => format!("softplus({x})"),
            Fun::Softsign => format!("{x} / (1.0 + abs({x}))"),
            Fun::Gelu => format!("gelu({x})"),
            Fun::GeluTanh => format!("gelu_tanh({x})"),
            Fun::Mish => format!("{x} * tanh_safe(softplus({x}))"),
            Fun::Swish => format!("{x} * sigmoid({y} * {x})"),
            Fun::Shrink => format!("shrink({x}, {y}, {z})"),
            Fun::Erf => format!("erf({x})"),
            Fun::Cast => format!("{ty}({x})"),
            Fun::ToInt => format!("to_{ty}({x})"),
            Fun::ToBool => bool_of(format!("{x} != 0")),
            Fun::FloatToBool => bool_of(format!("(bitcast<u32>({x}) & 0x7fffffffu) != 0u")),
            Fun::Bitcast => format!("bitcast<{ty}>({x})"),
            Fun::RoundF16 => format!("round_f16({x})"),
            Fun::RoundBF16 => format!("round_bf16({x})"),
            Fun::Wrap8 => wrap(x, ty, 8),
            Fun::Wrap16 => wrap(x, ty, 16),
            Fun::Where => format!("select({z}, {y}, {x} != 0u)"),
            Fun::Equal => bool_of(format!("{x} == {y}")),
            Fun::Less => bool_of(format!("{x} < {y}")),
            Fun::LessOrEqual => bool_of(format!("{x} <= {y}")),
            Fun::Greater => bool_of(format!("{x} > {y}")),
            Fun::GreaterOrEqual => bool_of(format!("{x} >= {y}")),
            Fun::And => format!("{x} & {y}"),
            Fun::Or => format!("{x} | {y}"),
            Fun::Xor => format!("{x} ^ {y}"),
            Fun::BitwiseNot => format!("~({x})"),
            Fun::Not => bool_of(format!("{x} == 0u")),
            Fun::ShiftLeft => format!("select({x} << ({y} & 31u), 0u, {y} >= {z})"),
            Fun::ShiftRight => format!("select({x} >> ({y} & 31u), 0u, {y} >= {z})"),
            Fun::IsNan => bool_of(format!("is_nan({x})")),
            Fun::IsPosInf => bool_of(format!("bitcast<u32>({x}) == 0x7f800000u")),
            Fun::IsNegInf => bool_of(format!("bitcast<u32>({x}) == 0xff800000u")),
        }
    }
}

/// The low `bits` of an integer, sign-extended when it is signed.
fn wrap(x: &str, ty: Elem, bits: u32) -> String {
    match ty {
        Elem::I32 => format!("(({x}) << {0}u) >> {0}u", 32 - bits),
        _ => format!("({x}) & {}u", (1u32 << bits) - 1),
    }
}
