use super::CenterCropPad;
use crate::Case;
use crate::ops::util::{i64s, random_f32};

/// Cases of CenterCropPad.
pub fn cases() -> Vec<Case> {
    let case = |name: &str, axes: Option<&[i64]>, shape: &[i64]| {
        let op = CenterCropPad { axes: axes.map(<[i64]>::to_vec) };
        Case::new(name, op, vec![random_f32(&[3, 10, 7], 1), i64s(shape)]).constants_from(1)
    };
    vec![
        case("crop", None, &[2, 7, 4]),
        case("pad", None, &[6, 13, 7]),
        case("both", Some(&[-1, 1]), &[10, 3]),
    ]
}
