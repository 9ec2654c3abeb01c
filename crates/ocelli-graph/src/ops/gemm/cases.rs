use super::Gemm;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of Gemm: every transposition, every way in which C broadcasts.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, op: Gemm, a: &[usize], b: &[usize], c: Option<&[usize]>| {
        let mut inputs = vec![random_f32(a, 1), random_f32(b, 2)];
        inputs.extend(c.map(|c| random_f32(c, 3)));
        Case::new(name, op, inputs)
    };
    let op = Gemm::default();
    vec![
        case("plain", op, &[5, 7], &[7, 3], None),
        case("bias_row", Gemm { trans_b: true, ..op }, &[3, 70], &[10, 70], Some(&[10])).constants_from(1),
        case("bias_column", Gemm { trans_a: true, ..op }, &[7, 5], &[7, 9], Some(&[5, 1])),
        case(
            "scaled",
            Gemm { alpha: 0.5, beta: -2.0, trans_a: true, trans_b: true },
            &[17, 6],
            &[66, 17],
            Some(&[6, 66]),
        ),
        case("vectors_transposed", Gemm { trans_b: true, ..op }, &[1, 64], &[37, 64], Some(&[37])).constants_from(1),
        case("vectors_transposed_rows", Gemm { trans_b: true, alpha: 2.0, ..op }, &[19, 12], &[50, 12], Some(&[50])),
        case("scalar_bias", Gemm { beta: 3.0, ..op }, &[4, 5], &[5, 6], Some(&[])),
    ]
}
