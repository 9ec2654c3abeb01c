use std::fmt::Write as _;

use super::{PARAMS_BYTES, bindings};
use crate::compose::Source;
use crate::kernels::conv::broadcast::{Tile, features};
use crate::pointwise::Epilogue;
use crate::{Kernel, Text};

/// `matmul.broadcast`, see `broadcast.wgsl`: workgroups of `lanes` invocations. The tile's `n` is four without `transposed`.
pub fn broadcast(tile: Tile, lanes: u32, transposed: bool, wide: bool, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || broadcast_text(tile, lanes, transposed, wide, &owned));
    let bindings = bindings(epilogue);
    let name = format!(
        "matmul.broadcast[m{},n{},w{},{lanes}{}{}{}]",
        tile.m,
        tile.n,
        tile.width,
        if transposed { ",transposed" } else { "" },
        if wide { ",wide" } else { "" },
        epilogue.suffix()
    );
    Kernel {
        name,
        source,
        bindings,
        workgroup_size: [lanes, 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: features(true, wide),
        indexed_by_data: false,
    }
}

fn broadcast_text(tile: Tile, lanes: u32, transposed: bool, wide: bool, epilogue: &Epilogue) -> String {
    let (mut places, mut step, mut store) = (String::new(), String::new(), String::new());
    let loads = tile.padded_m() / tile.width;
    for g in 0..loads {
        let row = format!("min(row0 + {}u + lane % {}u, p.m - 1u)", g * tile.width, tile.width);
        let _ = writeln!(places, "        let a_at{g} = (a0 + {row} * p.a_row) / 4u;");
        let _ = writeln!(step, "            let w{g} = floats(a[a_at{g} + k]);");
    }
    if transposed {
        for n in 0..tile.n {
            let _ = writeln!(places, "        let col{n} = wg.x * {}u + local + {}u;", lanes * tile.n, n * lanes);
            let _ = writeln!(places, "        let b_at{n} = (b0 + min(col{n}, p.n - 1u) * p.b_col) / 4u;");
            let _ = writeln!(step, "            let v{n} = floats(b[b_at{n} + k]);");
        }
    } else {
        let _ = writeln!(places, "        let q = wg.x * {lanes}u + local;");
        let _ = writeln!(places, "        let b_at = b0 / 4u + min(q, p.n / 4u - 1u);");
        for c in 0..4 {
            let _ = writeln!(step, "            let v{c} = floats(b[b_at + (k * 4u + {c}u) * p.b_row / 4u]);");
        }
    }
    let value = |n: u32, c: u32| if transposed { format!("v{n}[{c}]") } else { format!("v{c}[{n}]") };
    step.push_str(&tile.accumulate(0..4, value));
    for m in 0..tile.m {
        let _ = writeln!(store, "        if row0 + {m}u < p.m {{\n            let row = row0 + {m}u;");
        let _ = writeln!(store, "            let to = dst0 + row * p.dst_row;");
        if transposed {
            for n in 0..tile.n {
                let _ = writeln!(
                    store,
                    "            if col{n} < p.n {{ dst[to + col{n}] = epilogue({}, batch, 0u, row, col{n}); }}",
                    tile.sum(m, n)
                );
            }
        } else {
            let value = |n: u32| format!("epilogue({}, batch, 0u, row, q * 4u + {n}u)", tile.sum(m, n));
            let all: Vec<String> = (0..4).map(value).collect();
            let _ = writeln!(
                store,
                "            if q < p.n / 4u {{ dst[to / 4u + q] = quad(vec4<f32>({})); }}",
                all.join(", ")
            );
        }
        store.push_str("        }\n");
    }
    Source::new("matmul/broadcast.wgsl", include_str!("broadcast.wgsl"))
        .constant("LANES", "u32", lanes)
        .constant("TILE_M", "u32", tile.m)
        .flag("TRANSPOSED", transposed)
        .flag("WIDE", wide)
        .slot("places", places)
        .slot("init", tile.init())
        .slot("step", step)
        .slot("store", store)
        .slot("epilogue", epilogue.function(4))
        .slot("epilogue_params", epilogue.params())
        .composed()
}
