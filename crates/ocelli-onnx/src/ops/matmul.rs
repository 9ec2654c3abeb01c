//! Matrix products and determinants.

use ocelli_graph::ops::det::Det;
use ocelli_graph::ops::gemm::Gemm;
use ocelli_graph::ops::matmul::MatMul;
use ocelli_graph::ops::matmul_integer::MatMulInteger;
use ocelli_graph::ops::qlinear_matmul::QLinearMatMul;

use super::Convert;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("Det", |cx| cx.push(Det)),
    ("Gemm", gemm),
    ("MatMul", |cx| cx.push(MatMul)),
    ("MatMulInteger", |cx| cx.push(MatMulInteger)),
    ("QLinearMatMul", |cx| cx.push(QLinearMatMul::default())),
];

/// The attribute `broadcast` of versions before 7 allows what is now the rule.
fn gemm(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(Gemm {
        alpha: attributes.float_or("alpha", 1.0)?,
        beta: attributes.float_or("beta", 1.0)?,
        trans_a: attributes.flag("transA", false)?,
        trans_b: attributes.flag("transB", false)?,
    })
}
