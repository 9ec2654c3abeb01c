use super::{GlobalPool, GlobalPoolKind};
use crate::Case;
use crate::ops::util::random_f32;

/// Cases of the global pools.
pub fn cases() -> Vec<Case> {
    let kinds = [
        ("average", GlobalPoolKind::Average),
        ("max", GlobalPoolKind::Max),
        ("l1", GlobalPoolKind::Lp { p: 1.0 }),
        ("l2", GlobalPoolKind::Lp { p: 2.0 }),
        ("l3", GlobalPoolKind::Lp { p: 3.0 }),
    ];
    let shapes: [(&str, &[usize]); 4] =
        [("plane", &[2, 5, 7, 9]), ("large", &[1, 3, 45, 61]), ("volume", &[2, 3, 3, 4, 5]), ("row", &[3, 2, 11])];
    let mut cases = Vec::new();
    for (kind_name, kind) in kinds {
        for (name, shape) in shapes {
            cases.push(Case::new(&format!("{kind_name}_{name}"), GlobalPool { kind }, vec![random_f32(shape, 3)]));
        }
    }
    cases
}
