use std::fmt::Write as _;

use super::Form;
use crate::compose::Source;
use crate::kernels::conv::broadcast::features;
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel, Text};

/// The output transform with this epilogue, see `output.wgsl`; `aligned` is for F(4x4, 3x3) alone.
pub fn output(form: Form, aligned: bool, wide: bool, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || output_text(form, aligned, wide, &owned));
    let binding = |name: &str, access| Binding { name: name.to_owned(), elem: Elem::F32, access };
    let mut bindings =
        vec![binding("src", Access::Read), binding("bias", Access::Read), binding("dst", Access::ReadWrite)];
    bindings.extend(epilogue.bindings());
    Kernel {
        name: format!(
            "conv.{}.output[{}{}{}]",
            form.name(),
            if aligned { "aligned" } else { "any" },
            if wide { ",wide" } else { "" },
            epilogue.suffix()
        ),
        source,
        bindings,
        workgroup_size: [64, 1, 1],
        params_bytes: (64 + epilogue.params_bytes()).next_multiple_of(16),
        features: features(false, wide),
        indexed_by_data: false,
    }
}

fn output_text(form: Form, aligned: bool, wide: bool, epilogue: &Epilogue) -> String {
    let (inputs, outputs) = (form.inputs(), form.outputs());
    let (mut body, mut store) = (String::new(), String::new());
    for x in 0..inputs {
        for y in 0..inputs {
            let _ = writeln!(body, "    let m{y}_{x} = floats(src[{}u * point + start]);", y * inputs + x);
        }
        body.push_str(&form.inverse(|y| format!("m{y}_{x}"), |y| format!("h{y}_{x}")));
    }
    for y in 0..outputs {
        body.push_str(&form.inverse(|x| format!("h{y}_{x}"), |x| format!("o{y}_{x}")));
    }
    for y in 0..outputs {
        let _ = writeln!(store, "    if y0 + {y}u < p.out_h {{\n    let row = channel_at + {y}u * p.dst_y;");
        let value = |x: usize| format!("epilogue_at(o{y}_{x}[i] + b, channel, n, c, y0 + {y}u, x0 + {x}u)");
        if aligned {
            let all: Vec<String> = (0..outputs).map(value).collect();
            let _ = writeln!(store, "    dst[row / 4u] = quad(vec4<f32>({}));", all.join(", "));
        } else {
            for x in 0..outputs {
                let _ = writeln!(store, "    if x0 + {x}u < p.out_w {{ dst[row + {x}u * p.dst_x] = {}; }}", value(x));
            }
        }
        let _ = writeln!(store, "    }}");
    }
    Source::new("conv/winograd/output.wgsl", include_str!("output.wgsl"))
        .constant("OUTPUTS", "u32", outputs)
        .flag("ALIGNED", aligned)
        .flag("WIDE", wide)
        .slot("body", body)
        .slot("store", store)
        .slot("epilogue", epilogue.function_of_planes(4))
        .slot("epilogue_params", epilogue.params())
        .composed()
}
