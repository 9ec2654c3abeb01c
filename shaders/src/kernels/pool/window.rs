use super::{Reduction, WORKGROUP, binding};
use crate::compose::Source;
use crate::{Access, Elem, Kernel};

/// `pool.window`: see `window.wgsl`. Elements other than `f32`, and indices, go with the maximum only.
pub fn window(reduction: Reduction, elem: Elem, indices: bool) -> Kernel {
    let max = reduction == Reduction::Max;
    let mut bindings = vec![binding("src", elem, Access::Read), binding("dst", elem, Access::ReadWrite)];
    if indices {
        bindings.push(binding("indices", Elem::I32, Access::ReadWrite));
    }
    let mut source = Source::new("pool/window.wgsl", include_str!("window.wgsl"))
        .alias("Store", elem.wgsl())
        .flag("MAX", max)
        .flag("LP", reduction == Reduction::Lp);
    if max {
        source = source.flag("INDICES", indices).constant(
            "LOWEST_BITS",
            "u32",
            match elem {
                Elem::F32 => "0xff800000u",
                Elem::I32 => "0x80000000u",
                Elem::U32 => "0u",
            },
        );
    } else {
        source = source.flag("INDICES", false);
    }
    Kernel {
        name: format!("pool.window[{},{elem}{}]", reduction.name(), if indices { ",indices" } else { "" }),
        source: source.text(),
        bindings,
        workgroup_size: [WORKGROUP, 1, 1],
        params_bytes: 33u32.next_multiple_of(4) * 4,
        features: Vec::new(),
        indexed_by_data: false,
    }
}
