use super::If;
use crate::ops::matmul::MatMul;
use crate::ops::unary::{Unary, UnaryKind};
use crate::ops::util::random_f32;
use crate::{Case, Graph, Op};
use ocelli_tensor::{DType, Tensor};

/// Cases of If: both conditions, constant and computed, branches of different shapes.
pub fn cases() -> Vec<Case> {
    let mut relu = Graph::default();
    let x = relu.add_input("x", DType::F32, None);
    relu.outputs = relu.add_node("relu", Op::from(Unary { kind: UnaryKind::Relu }), &[Some(x)], 1);
    let mut product = Graph::default();
    let a = product.add_input("a", DType::F32, None);
    let b = product.add_input("b", DType::F32, None);
    product.outputs = product.add_node("product", Op::from(MatMul), &[Some(a), Some(b)], 1);
    let case = |name: &str, condition: bool, square: usize| {
        let condition = Tensor::from_bools(&[], &[condition]).unwrap_or_else(|_| Tensor::scalar(0u8));
        let inputs = vec![
            condition,
            random_f32(&[5, square], 1),
            random_f32(&[5, 3], 2),
            random_f32(&[3, square], 3),
        ];
        Case::new(name, If { then_branch: relu.clone(), else_branch: product.clone() }, inputs)
    };
    let mut constant = case("constant_condition", false, 7);
    constant.constant[0] = true;
    vec![case("then", true, 7), case("else", false, 7), constant]
}
