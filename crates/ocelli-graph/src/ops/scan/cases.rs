use super::Scan;
use crate::ops::matmul::MatMul;
use crate::ops::unary::{Unary, UnaryKind};
use crate::ops::util::random_f32;
use crate::{Case, Graph, Op};
use ocelli_tensor::DType;

/// Cases of Scan: forward, from the back, along other axes.
pub fn cases() -> Vec<Case> {
    let mut body = Graph::default();
    let state = body.add_input("state", DType::F32, None);
    let slice = body.add_input("slice", DType::F32, None);
    let next = body.add_node("next", Op::from(MatMul), &[Some(state), Some(slice)], 1);
    let kept = body.add_node("kept", Op::from(Unary { kind: UnaryKind::Tanh }), &[Some(next[0])], 1);
    body.outputs = vec![kept[0], next[0]];
    let case = |name: &str, axis: i64, reversed: bool, out_axis: i64, shape: &[usize]| {
        let op = Scan {
            body: body.clone(),
            states: 1,
            scan_inputs: 1,
            scan_input_axes: vec![axis],
            scan_input_reversed: vec![reversed],
            scan_output_axes: vec![out_axis],
            scan_output_reversed: vec![reversed],
        };
        Case::new(name, op, vec![random_f32(&[2, 3], 1), random_f32(shape, 2)]).outputs(2)
    };
    vec![
        case("forward", 0, false, 0, &[4, 3, 3]),
        case("backward", 0, true, 0, &[5, 3, 3]),
        case("other_axes", 1, false, -1, &[3, 4, 3]),
    ]
}
