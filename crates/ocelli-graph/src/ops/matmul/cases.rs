use super::MatMul;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of MatMul: odd sizes, batches that broadcast, vectors.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, a: &[usize], b: &[usize]| {
        Case::new(name, MatMul, vec![random_f32(a, 1), random_f32(b, 2)])
    };
    vec![
        case("odd_sizes", &[5, 7], &[7, 3]),
        case("batched", &[2, 3, 9, 17], &[2, 3, 17, 11]),
        case("broadcast_both", &[2, 1, 5, 6], &[3, 6, 7]),
        case("shared_right", &[3, 4, 65, 33], &[33, 70]),
        case("vector_left", &[13], &[2, 13, 5]),
        case("vector_right", &[2, 4, 13], &[13]),
        case("dot", &[19], &[19]),
        case("empty_sum", &[2, 0], &[0, 3]),
        case("vectors", &[2, 3, 10, 24], &[2, 3, 24, 36]),
        case("vectors_shared", &[3, 35, 16], &[16, 20]).constants_from(1),
        case("vectors_one_row", &[1, 64], &[64, 44]),
        case("large", &[70, 130], &[130, 95]).constants_from(1),
    ]
}
