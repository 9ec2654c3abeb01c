use ocelli_tensor::DType;

use super::{DepthSpaceKind, DepthToSpace};
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::random_f32;

/// Cases of DepthToSpace and SpaceToDepth.
pub fn cases() -> Vec<Case> {
    let op = |kind, blocksize| DepthToSpace { kind, blocksize };
    vec![
        Case::new("dcr", op(DepthSpaceKind::Dcr, 2), vec![random_f32(&[2, 12, 3, 5], 1)]),
        Case::new("crd", op(DepthSpaceKind::Crd, 3), vec![random_f32(&[1, 18, 4, 3], 1)]),
        Case::new("space_to_depth", op(DepthSpaceKind::SpaceToDepth, 2), vec![random_f32(&[2, 3, 4, 10], 1)]),
        Case::new("int32", op(DepthSpaceKind::Crd, 2), vec![iota(DType::I32, &[1, 4, 2, 3])]),
    ]
}
