/// An activation of a recurrent cell, with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "parameters named as in the standard")]
pub enum Activation {
    Relu,
    Tanh,
    Sigmoid,
    Softsign,
    Softplus,
    Affine { alpha: f32, beta: f32 },
    LeakyRelu { alpha: f32 },
    ThresholdedRelu { alpha: f32 },
    ScaledTanh { alpha: f32, beta: f32 },
    HardSigmoid { alpha: f32, beta: f32 },
    Elu { alpha: f32 },
}

impl Activation {
    /// The activation of this name (in any case), with the defaults of the standard; `None` when it is unknown.
    pub fn from_name(name: &str, alpha: Option<f32>, beta: Option<f32>) -> Option<Activation> {
        let (a, b) = (|default: f32| alpha.unwrap_or(default), |default: f32| beta.unwrap_or(default));
        Some(match name.to_ascii_lowercase().as_str() {
            "relu" => Activation::Relu,
            "tanh" => Activation::Tanh,
            "sigmoid" => Activation::Sigmoid,
            "softsign" => Activation::Softsign,
            "softplus" => Activation::Softplus,
            "affine" => Activation::Affine { alpha: a(1.0), beta: b(0.0) },
            "leakyrelu" => Activation::LeakyRelu { alpha: a(0.01) },
            "thresholdedrelu" => Activation::ThresholdedRelu { alpha: a(1.0) },
            "scaledtanh" => Activation::ScaledTanh { alpha: a(1.0), beta: b(1.0) },
            "hardsigmoid" => Activation::HardSigmoid { alpha: a(0.2), beta: b(0.5) },
            "elu" => Activation::Elu { alpha: a(1.0) },
            _ => return None,
        })
    }

    /// How many of `alpha` and `beta` the activation of this name takes.
    pub fn parameters(name: &str) -> (bool, bool) {
        match name.to_ascii_lowercase().as_str() {
            "affine" | "scaledtanh" | "hardsigmoid" => (true, true),
            "leakyrelu" | "thresholdedrelu" | "elu" => (true, false),
            _ => (false, false),
        }
    }

    pub(crate) fn apply(self, x: f64) -> f64 {
        let f = f64::from;
        match self {
            Activation::Relu => x.max(0.0),
            Activation::Tanh => x.tanh(),
            Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Activation::Softsign => x / (1.0 + x.abs()),
            Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Activation::Affine { alpha, beta } => f(alpha) * x + f(beta),
            Activation::LeakyRelu { alpha } => if x >= 0.0 { x } else { f(alpha) * x },
            Activation::ThresholdedRelu { alpha } => if x >= f(alpha) { x } else { 0.0 },
            Activation::ScaledTanh { alpha, beta } => f(alpha) * (f(beta) * x).tanh(),
            Activation::HardSigmoid { alpha, beta } => (f(alpha) * x + f(beta)).clamp(0.0, 1.0),
            Activation::Elu { alpha } => if x >= 0.0 { x } else { f(alpha) * x.exp_m1() },
        }
    }
}
