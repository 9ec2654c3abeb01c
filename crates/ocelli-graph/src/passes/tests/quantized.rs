//! Quantised patterns: the float nodes between dequantised and quantised values against the one node that they become.

use super::*;
use crate::ops::dequantize_linear::DequantizeLinear;
use crate::ops::matmul::MatMul;
use crate::ops::matmul_integer::cases::bytes;
use crate::ops::quantize_linear::QuantizeLinear;
use crate::ops::util::case_tensor;

/// `x` quantised and dequantised.
fn between(b: &mut Build, x: ValueId, scale: f32, zero: Tensor) -> ValueId {
    let (scale, zero) = (b.constant(Tensor::scalar(scale)), b.constant(zero));
    let q = b.node(QuantizeLinear::default(), &[x, scale, zero]);
    b.node(DequantizeLinear::default(), &[q, scale, zero])
}

/// A bias of integers at the scale of the sums, dequantised.
fn bias(b: &mut Build, x_scale: f32, n: usize) -> ValueId {
    let values: Vec<f64> = (0..n).map(|i| 371.0 * i as f64 - 800.0).collect();
    let scales: Vec<f32> = weight_scales(n).iter().map(|&w| x_scale * w as f32).collect();
    let parts = [case_tensor(DType::I32, &[n], &values), Tensor::vector(scales)].map(|t| b.constant(t));
    b.node(DequantizeLinear { axis: 0, ..DequantizeLinear::default() }, &parts)
}

fn weight_scales(n: usize) -> Vec<f64> {
    (0..n).map(|i| 0.003 + 0.001 * i as f64).collect()
}

/// Constant weights with a scale for each index of `axis`, dequantised.
fn weights(b: &mut Build, shape: &[usize], axis: usize) -> ValueId {
    let n = shape[axis];
    let scales = weight_scales(n);
    let parts = [
        bytes(DType::I8, shape, 3),
        case_tensor(DType::F32, &[n], &scales),
        case_tensor(DType::I8, &[n], &vec![0.0; n]),
    ];
    let parts = parts.map(|t| b.constant(t));
    b.node(DequantizeLinear { axis: axis as i64, ..DequantizeLinear::default() }, &parts)
}

#[test]
fn a_convolution_with_its_activation_becomes_one_node() {
    for (low, high) in [(0.0f32, f32::MAX), (-0.3, 1.7)] {
        let mut b = Build::default();
        let x = b.input(&[1, 4, 6, 7]);
        let x = between(&mut b, x, 0.008, Tensor::scalar(128u8));
        let w = weights(&mut b, &[6, 2, 3, 2], 0);
        let bias = bias(&mut b, 0.008, 6);
        let window = Window { pads: vec![1, 0, 1, 1], strides: vec![2, 1], ..Window::default() };
        let c = b.node(Conv { group: 2, window }, &[x, w, bias]);
        let bounds = [low, high].map(|v| b.constant(Tensor::scalar(v)));
        let r = b.node(Clip, &[c, bounds[0], bounds[1]]);
        let y = between(&mut b, r, 0.021, Tensor::scalar(-11i8));
        assert_eq!(b.check(Some("fuse_quantized"), &[y]), ["QuantizeLinear", "QLinearConv", "DequantizeLinear"]);
    }
}

#[test]
fn products_become_one_node() {
    for (op, shape, axis) in [
        (Op::from(Gemm { trans_b: true, ..Gemm::default() }), [5, 9], 0),
        (Gemm::default().into(), [9, 5], 1),
        (MatMul.into(), [9, 5], 1),
    ] {
        let mut b = Build::default();
        let x = b.input(&[3, 9]);
        let x = between(&mut b, x, 0.009, Tensor::scalar(4i8));
        let w = weights(&mut b, &shape, axis);
        let bias = bias(&mut b, 0.009, 5);
        let inputs = if op == MatMul.into() { vec![x, w] } else { vec![x, w, bias] };
        let c = b.node(op, &inputs);
        let r = b.node(unary(UnaryKind::Relu), &[c]);
        let y = between(&mut b, r, 0.017, Tensor::scalar(3u8));
        assert_eq!(b.check(Some("fuse_quantized"), &[y]), ["QuantizeLinear", "QLinearMatMul", "DequantizeLinear"]);
    }
}

#[test]
fn what_is_read_elsewhere_or_scaled_along_inputs_stays() {
    let mut b = Build::default();
    let x = b.input(&[1, 4, 6, 7]);
    let x = between(&mut b, x, 0.008, Tensor::scalar(128u8));
    let w = weights(&mut b, &[4, 4, 3, 3], 0);
    let along_inputs = weights(&mut b, &[4, 4, 3, 3], 1);
    let c = b.node(conv(), &[x, w]);
    let y = between(&mut b, c, 0.1, Tensor::scalar(3u8));
    let d = b.node(conv(), &[x, along_inputs]);
    let z = between(&mut b, d, 0.1, Tensor::scalar(3u8));
    let left = b.check(Some("fuse_quantized"), &[c, y, z]);
    assert_eq!(left.iter().filter(|n| **n == "Conv").count(), 2, "{left:?}");
}
