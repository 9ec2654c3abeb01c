use crate::Elem;

/// A scalar function. Attributes of an ONNX operator are literal operands.
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
    /// x / y
    Div,
    /// min(x, y)
    Min,
    /// max(x, y)
    Max,
    /// x to the power y
    Pow,
    /// -x
    Neg,
    /// |x|
    Abs,
    /// 1 / x
    Reciprocal,
    /// Square root.
    Sqrt,
    /// e^x
    Exp,
    /// Natural logarithm.
    Log,
    /// max(x, 0)
    Relu,
    /// x where x >= 0, else alpha * x. Operands: x, alpha.
    LeakyRelu,
    /// x where x >= 0, else slope * x. Operands: x, slope.
    PRelu,
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// min(max(x, lo), hi). Operands: x, lo, hi.
    Clip,
    /// max(0, min(1, alpha * x + beta)). Operands: x, alpha, beta.
    HardSigmoid,
    /// x * max(0, min(1, x / 6 + 0.5))
    HardSwish,
    /// Gauss error function.
    Erf,
    /// Conversion to the type of the step.
    Cast,
    /// y where the condition holds, else z. Operands: condition, y, z.
    Where,
}

impl Fun {
    /// The WGSL expression over operand expressions `a`, for a result of type `ty`. Uses `shared::math`.
    pub(crate) fn wgsl(self, a: &[String], ty: Elem) -> String {
        let arg = |i: usize| a.get(i).map_or("0.0", String::as_str);
        let (x, y, z) = (arg(0), arg(1), arg(2));
        match self {
            Fun::Identity => x.to_owned(),
            Fun::Add => format!("{x} + {y}"),
            Fun::Sub => format!("{x} - {y}"),
            Fun::Mul => format!("{x} * {y}"),
            Fun::Div => format!("{x} / {y}"),
            Fun::Min => format!("min({x}, {y})"),
            Fun::Max => format!("max({x}, {y})"),
            Fun::Pow => format!("pow_signed({x}, {y})"),
            Fun::Neg => format!("-({x})"),
            Fun::Abs => format!("abs({x})"),
            Fun::Reciprocal => format!("1.0 / {x}"),
            Fun::Sqrt => format!("sqrt({x})"),
            Fun::Exp => format!("exp({x})"),
            Fun::Log => format!("log({x})"),
            Fun::Relu => format!("max({x}, {}(0))", ty.wgsl()),
            Fun::LeakyRelu | Fun::PRelu => format!("select({y} * {x}, {x}, {x} >= 0)"),
            Fun::Sigmoid => format!("sigmoid({x})"),
            Fun::Tanh => format!("tanh_safe({x})"),
            Fun::Clip => format!("min(max({x}, {y}), {z})"),
            Fun::HardSigmoid => format!("clamp({y} * {x} + {z}, 0.0, 1.0)"),
            Fun::HardSwish => format!("{x} * clamp({x} / 6.0 + 0.5, 0.0, 1.0)"),
            Fun::Erf => format!("erf({x})"),
            Fun::Cast => format!("{}({x})", ty.wgsl()),
            Fun::Where => format!("select({z}, {y}, {x} != 0u)"),
        }
    }
}
