use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::{Arg, Fun, Literal, Program, Step};
use ocelli_tensor::{DType, Tensor};

use crate::OpError;
use crate::plan::storage;

/// A value of the program, with the dtype that it stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operand {
    /// The value.
    pub arg: Arg,
    /// Its dtype in the graph.
    pub dtype: DType,
}

impl Operand {
    /// A float literal.
    pub fn float(x: f32) -> Operand {
        Operand { arg: Arg::Literal(Literal::f32(x)), dtype: DType::F32 }
    }
}

/// A literal of a constant with one element, when it fits in 32 bits.
pub fn literal(t: &Tensor) -> Option<Arg> {
    if t.len() != 1 {
        return None;
    }
    let whole = t.to_i64s().first().copied()?;
    Some(Arg::Literal(match storage(t.dtype())? {
        Elem::F32 => Literal::f32(t.to_f32s().first().copied()?),
        Elem::I32 => Literal::I32(i32::try_from(whole).ok()?),
        Elem::U32 => Literal::U32(u32::try_from(whole).ok()?),
    }))
}

/// A program under construction.
#[derive(Debug, Default)]
pub struct Builder {
    program: Program,
}

impl Builder {
    /// A new input.
    pub fn input(&mut self, elem: Elem, dtype: DType) -> Operand {
        self.program.inputs.push(elem);
        Operand { arg: Arg::Input(self.program.inputs.len() - 1), dtype }
    }

    /// Appends `fun` of `operands` with a result of `dtype`.
    pub fn step(&mut self, fun: Fun, operands: &[Operand], dtype: DType) -> Operand {
        let args = operands.iter().map(|o| o.arg).collect();
        self.program.steps.push(Step { fun, args, ty: storage(dtype).unwrap_or(Elem::F32) });
        Operand { arg: Arg::Step(self.program.steps.len() - 1), dtype }
    }

    /// `x` brought back into the range of its dtype after integer arithmetic. 64-bit integers cannot wrap in 32 bits.
    pub fn wrapped(&mut self, x: Operand) -> Result<Operand, OpError> {
        Ok(match x.dtype {
            DType::I8 | DType::U8 => self.step(Fun::Wrap8, &[x], x.dtype),
            DType::I16 | DType::U16 => self.step(Fun::Wrap16, &[x], x.dtype),
            DType::I64 | DType::U64 => return Err(OpError::host_only("64-bit arithmetic")),
            _ => x,
        })
    }

    /// The program with this result.
    pub fn finish(mut self, result: Operand) -> Program {
        let last = self.program.steps.len().checked_sub(1).map(Arg::Step);
        if Some(result.arg) != last && !(self.program.steps.is_empty() && result.arg == Arg::Input(0)) {
            self.step(Fun::Identity, &[result], result.dtype);
        }
        self.program
    }
}
