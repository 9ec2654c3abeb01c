use super::Loop;
use crate::ops::matmul::MatMul;
use crate::ops::unary::{Unary, UnaryKind};
use crate::ops::util::random_f32;
use crate::{Case, Graph, Op};
use ocelli_tensor::{DType, Tensor};

/// Cases of Loop: a matrix applied several times with each state collected, no iteration, a condition.
pub fn cases() -> Vec<Case> {
    let mut body = Graph::default();
    body.add_input("i", DType::I64, None);
    let condition = body.add_input("condition", DType::Bool, None);
    let state = body.add_input("state", DType::F32, None);
    let matrix = body.add_input("matrix", DType::F32, None);
    let next = body.add_node("next", Op::from(MatMul), &[Some(state), Some(matrix)], 1);
    let kept = body.add_node("kept", Op::from(Unary { kind: UnaryKind::Tanh }), &[Some(next[0])], 1);
    body.outputs = vec![condition, kept[0], next[0]];
    let case = |name: &str, count: i64, begin: bool| {
        let begin = Tensor::from_bools(&[], &[begin]).unwrap_or_else(|_| Tensor::scalar(0u8));
        let inputs = vec![Tensor::scalar(count), begin, random_f32(&[2, 3], 1), random_f32(&[3, 3], 2)];
        let mut case = Case::new(name, Loop { body: body.clone(), carried: 1 }, inputs).outputs(2);
        (case.constant[0], case.constant[1]) = (true, true);
        case
    };
    vec![case("three_times", 3, true), case("never", 4, false), case("once", 1, true)]
}
