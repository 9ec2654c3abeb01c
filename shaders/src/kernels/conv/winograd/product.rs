use std::fmt::Write as _;

use super::{Form, Tile};
use crate::compose::Source;
use crate::kernels::conv::broadcast::features;
use crate::{Access, Binding, Elem, Kernel, Text};

/// The products at the points, see `product.wgsl`; workgroups of `lanes` invocations.
pub fn product(form: Form, tile: Tile, lanes: u32, wide: bool) -> Kernel {
    let source = Text::new(move || product_text(tile, lanes, wide));
    let binding = |name: &str, access| Binding { name: name.to_owned(), elem: Elem::F32, access };
    Kernel {
        name: format!(
            "conv.{}.product[m{},n{},w{},{lanes}{}]",
            form.name(),
            tile.m,
            tile.n,
            tile.width,
            if wide { ",wide" } else { "" }
        ),
        source,
        bindings: vec![
            binding("weight", Access::Read),
            binding("src", Access::Read),
            binding("dst", Access::ReadWrite),
        ],
        workgroup_size: [lanes, 1, 1],
        params_bytes: 16,
        features: features(true, wide),
        indexed_by_data: false,
    }
}

fn product_text(tile: Tile, lanes: u32, wide: bool) -> String {
    let mut step = String::new();
    for n in 0..tile.n {
        let _ = writeln!(step, "        let v{n} = floats(src[at + {}u]);", n * lanes);
    }
    step.push_str(&tile.load_weights("w_at"));
    step.push_str(&tile.accumulate(0..4, |n, c| format!("v{n}[{c}]")));
    let mut store = String::new();
    for q in 0..tile.m / 4 {
        let _ = writeln!(store, "    let row{q} = wg.y * {}u + {q}u;\n    if row{q} < p.rows4 {{", tile.m / 4);
        let _ = writeln!(
            store,
            "        let to = wg.z * p.rows4 * p.columns + (wg.x * p.rows4 + row{q}) * GRANULE + local;"
        );
        for n in 0..tile.n {
            let m = q * 4;
            let value = (m..m + 4).map(|m| tile.sum(m, n)).collect::<Vec<_>>().join(", ");
            let _ = writeln!(store, "        dst[to + {}u] = quad(vec4<f32>({value}));", n * lanes);
        }
        let _ = writeln!(store, "    }}");
    }
    Source::new("conv/winograd/product.wgsl", include_str!("product.wgsl"))
        .constant("LANES", "u32", lanes)
        .constant("TILE_N", "u32", tile.n)
        .constant("PADDED_M", "u32", tile.padded_m())
        .constant("WIDTH", "u32", tile.width)
        .flag("WIDE", wide)
        .slot("init", tile.init())
        .slot("step", step)
        .slot("store", store)
        .composed()
}
