//! Pooling kernels: sliding windows, whole channels, regions.

mod global;
mod max_unpool;
mod roi;
mod rows;
mod window;

pub use global::global;
pub use max_unpool::max_unpool;
pub use roi::{max_roi_pool, roi_align};
pub use rows::{PoolRows, rows};
pub use window::window;

use crate::{Access, Binding, Elem};

/// What elements are reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// The largest.
    Max,
    /// The mean.
    Average,
    /// The norm of order `power`.
    Lp,
}

impl Reduction {
    fn name(self) -> &'static str {
        match self {
            Reduction::Max => "max",
            Reduction::Average => "average",
            Reduction::Lp => "lp",
        }
    }
}

/// Invocations of a workgroup.
pub const WORKGROUP: u32 = 64;

fn binding(name: &str, elem: Elem, access: Access) -> Binding {
    Binding { name: name.to_owned(), elem, access }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        for elem in [Elem::F32, Elem::I32, Elem::U32] {
            for indices in [false, true] {
                crate::validate::kernel(&window(Reduction::Max, elem, indices)).unwrap();
            }
        }
        for reduction in [Reduction::Max, Reduction::Average, Reduction::Lp] {
            crate::validate::kernel(&window(reduction, Elem::F32, false)).unwrap();
            crate::validate::kernel(&global(reduction)).unwrap();
        }
        for max in [false, true] {
            crate::validate::kernel(&roi_align(max)).unwrap();
        }
        crate::validate::kernel(&max_roi_pool()).unwrap();
        crate::validate::kernel(&max_unpool()).unwrap();
    }
}
