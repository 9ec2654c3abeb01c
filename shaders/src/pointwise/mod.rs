//! Scalar programs: chains of elementwise functions that are compiled into one kernel or into a kernel's epilogue.

mod epilogue;
mod fun;

pub use epilogue::Epilogue;
#[cfg(test)]
pub(crate) use epilogue::samples;
pub use fun::Fun;

use crate::Elem;

/// A literal operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// The bits of an `f32`, so that programs can be compared and hashed.
    F32(u32),
    /// Signed.
    I32(i32),
    /// Unsigned, or bool.
    U32(u32),
}

impl Literal {
    /// A float literal.
    pub fn f32(x: f32) -> Literal {
        Literal::F32(x.to_bits())
    }

    fn wgsl(self) -> String {
        match self {
            Literal::F32(bits) if f32::from_bits(bits).is_finite() => {
                format!("f32({:?})", f32::from_bits(bits))
            }
            Literal::F32(bits) => format!("bitcast<f32>({bits}u | zero_bits)"),
            Literal::I32(x) if x == i32::MIN => "(-2147483647i - 1i)".to_owned(),
            Literal::I32(x) => format!("i32({x})"),
            Literal::U32(x) => format!("{x}u"),
        }
    }
}

/// An operand of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arg {
    /// An input of the program.
    Input(usize),
    /// The result of an earlier step.
    Step(usize),
    /// A constant, part of the kernel's text.
    Literal(Literal),
    /// A float that the kernel reads from its parameters, see [`Program::with_scalars`].
    Scalar(usize),
}

/// One function application.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What is computed.
    pub fun: Fun,
    /// Its operands.
    pub args: Vec<Arg>,
    /// Type of the result.
    pub ty: Elem,
}

/// A straight-line scalar program; the last step is its result (with no step: input 0).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Program {
    /// Type of each input.
    pub inputs: Vec<Elem>,
    /// The steps in order.
    pub steps: Vec<Step>,
}

impl Program {
    /// Type of the result.
    pub fn output(&self) -> Elem {
        self.steps.last().map_or_else(|| self.inputs.first().copied().unwrap_or(Elem::F32), |s| s.ty)
    }

    /// A readable name: the functions in order with the literals, such as `Mul(2.0)+Relu`.
    pub fn name(&self) -> String {
        if self.steps.is_empty() {
            return format!("copy:{}", self.output());
        }
        let step = |s: &Step| {
            let args: Vec<String> = s
                .args
                .iter()
                .map(|a| match *a {
                    Arg::Input(i) => format!("i{i}"),
                    Arg::Step(i) => format!("s{i}"),
                    Arg::Scalar(i) => format!("k{i}"),
                    Arg::Literal(Literal::F32(bits)) => format!("{:?}", f32::from_bits(bits)),
                    Arg::Literal(Literal::I32(x)) => format!("{x}i"),
                    Arg::Literal(Literal::U32(x)) => format!("{x}u"),
                })
                .collect();
            format!("{:?}({}):{}", s.fun, args.join(","), s.ty)
        };
        let types: Vec<&str> = self.inputs.iter().map(|t| t.wgsl()).collect();
        format!("{}->{}", types.join(","), self.steps.iter().map(step).collect::<Vec<_>>().join("+"))
    }

    /// The program with its float literals read from parameters, and their values in order: programs that differ in
    /// numbers alone then share one pipeline.
    #[must_use]
    pub fn with_scalars(&self) -> (Program, Vec<f32>) {
        let mut program = self.clone();
        let mut values = Vec::new();
        for arg in program.steps.iter_mut().flat_map(|s| &mut s.args) {
            if let Arg::Literal(Literal::F32(bits)) = *arg {
                *arg = Arg::Scalar(values.len());
                values.push(f32::from_bits(bits));
            }
        }
        (program, values)
    }

    /// Number of floats that the kernel reads from its parameters.
    pub fn scalars(&self) -> usize {
        self.steps.iter().flat_map(|s| &s.args).filter(|a| matches!(a, Arg::Scalar(_))).count()
    }

    /// Statements that compute the program from variables named by `input`, and the expression of the result.
    pub(crate) fn body(&self, input: impl Fn(usize) -> String) -> (String, String) {
        let mut text = String::new();
        let name = |a: &Arg| match *a {
            Arg::Input(i) => input(i),
            Arg::Step(i) => format!("s{i}"),
            Arg::Literal(l) => l.wgsl(),
            Arg::Scalar(i) => format!("p.k{i}"),
        };
        for (i, step) in self.steps.iter().enumerate() {
            let args: Vec<String> = step.args.iter().map(name).collect();
            text.push_str(&format!("    let s{i}: {} = {};\n", step.ty.wgsl(), step.fun.wgsl(&args, step.ty)));
        }
        let result = match self.steps.len() {
            0 => input(0),
            n => format!("s{}", n - 1),
        };
        (text, result)
    }
}
