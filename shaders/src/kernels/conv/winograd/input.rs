use std::fmt::Write as _;

use super::Form;
use crate::compose::Source;
use crate::kernels::conv::broadcast::features;
use crate::kernels::row_window::element;
use crate::{Access, Binding, Elem, Kernel, Text};

/// The input transform, see `input.wgsl`; `aligned` is for F(4x4, 3x3) alone.
pub fn input(form: Form, aligned: bool, wide: bool) -> Kernel {
    let source = Text::new(move || input_text(form, aligned, wide));
    let binding = |name: &str, access| Binding { name: name.to_owned(), elem: Elem::F32, access };
    Kernel {
        name: format!(
            "conv.{}.input[{}{}]",
            form.name(),
            if aligned { "aligned" } else { "any" },
            if wide { ",wide" } else { "" }
        ),
        source,
        bindings: vec![binding("src", Access::Read), binding("dst", Access::ReadWrite)],
        workgroup_size: [64, 1, 1],
        params_bytes: 80,
        features: features(false, wide),
        indexed_by_data: false,
    }
}

fn input_text(form: Form, aligned: bool, wide: bool) -> String {
    let inputs = form.inputs();
    let (mut columns, mut body) = (String::new(), String::new());
    for x in 0..inputs {
        let _ = writeln!(columns, "    let ix{x} = x0 + {x};");
        let _ = writeln!(columns, "    let in{x} = ix{x} >= 0 && ix{x} < i32(p.in_w);");
        if !aligned {
            let _ = writeln!(columns, "    let o{x} = select(0u, u32(ix{x}) * p.src_x, in{x});");
        }
    }
    if aligned {
        // Of a row: the element before the tile, four aligned ones, and the element behind it.
        columns.push_str(
            "    let mid = tx;\n    let before = max(tx, 1u) - 1u;\n    let behind = select(tx, tx + 1u, in5);\n",
        );
    }
    for y in 0..inputs {
        let _ = writeln!(body, "    let iy{y} = y0 + {y};\n    let row_in{y} = iy{y} >= 0 && iy{y} < i32(p.in_h);");
        let _ = writeln!(body, "    let r{y} = at + select(0u, u32(iy{y}) * p.src_y, row_in{y});");
        if aligned {
            for c in 0..4 {
                let _ = writeln!(
                    body,
                    "    let q{y}_{c} = r{y}[{c}] / 4u;\n    let m{y}_{c} = floats(src[q{y}_{c} + mid]);"
                );
            }
            for x in 0..inputs {
                let value = |c: usize| match x {
                    0 => element(&format!("src[q{y}_{c} + before]"), 3, wide),
                    5 => element(&format!("src[q{y}_{c} + behind]"), 0, wide),
                    _ => format!("m{y}_{c}[{}]", x - 1),
                };
                let all: Vec<String> = (0..4).map(value).collect();
                let inside = if x == 0 || x == 5 { format!("row_in{y} && in{x}") } else { format!("row_in{y}") };
                let _ = writeln!(
                    body,
                    "    let d{y}_{x} = select(vec4<f32>(0.0), vec4<f32>({}), has & vec4<bool>({inside}));",
                    all.join(", ")
                );
            }
        } else {
            for x in 0..inputs {
                let all: Vec<String> = (0..4).map(|c| format!("src[r{y}[{c}] + o{x}]")).collect();
                let _ = writeln!(
                    body,
                    "    let d{y}_{x} = select(vec4<f32>(0.0), vec4<f32>({}), has & vec4<bool>(row_in{y} && in{x}));",
                    all.join(", ")
                );
            }
        }
        body.push_str(&form.forward(|x| format!("d{y}_{x}"), |x| format!("h{y}_{x}")));
    }
    for x in 0..inputs {
        body.push_str(&form.forward(|y| format!("h{y}_{x}"), |y| format!("v{y}_{x}")));
        for y in 0..inputs {
            let _ = writeln!(body, "    dst[{}u * point + to] = quad(v{y}_{x});", y * inputs + x);
        }
    }
    Source::new("conv/winograd/input.wgsl", include_str!("input.wgsl"))
        .constant("OUTPUTS", "u32", form.outputs())
        .flag("ALIGNED", aligned)
        .flag("WIDE", wide)
        .slot("columns", columns)
        .slot("body", body)
        .composed()
}
