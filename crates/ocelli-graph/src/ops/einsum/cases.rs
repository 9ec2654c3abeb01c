use super::Einsum;
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of Einsum: matrix products in several orders, diagonals, sums, dots, three operands.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, equation: &str, shapes: &[&[usize]]| {
        let inputs = shapes.iter().zip(1..).map(|(s, seed)| random_f32(s, seed)).collect();
        Case::new(name, Einsum { equation: equation.to_owned() }, inputs)
    };
    vec![
        case("matrix_product", "ij,jk->ik", &[&[5, 7], &[7, 3]]),
        case("batched_transposed", "bhqd,bhkd->bhqk", &[&[2, 3, 5, 8], &[2, 3, 7, 8]]),
        case("channels", "bchw,oc->bohw", &[&[2, 6, 3, 5], &[4, 6]]),
        case("outer", "i,j->ji", &[&[5], &[7]]),
        case("elementwise", "bij,bij->bij", &[&[2, 3, 5], &[2, 3, 5]]),
        case("transpose", "ijk->kji", &[&[2, 3, 5]]),
        case("sum", "ij->j", &[&[4, 7]]),
        case("diagonal", "bii->bi", &[&[2, 5, 5]]),
        case("dots", "...ij,...jk->...ik", &[&[2, 1, 5, 3], &[4, 3, 6]]),
        case("inner_sums", "abc,bd->ad", &[&[3, 4, 5], &[4, 6]]),
        case("three", "ij,jk,kl->il", &[&[3, 4], &[4, 5], &[5, 2]]),
    ]
}
