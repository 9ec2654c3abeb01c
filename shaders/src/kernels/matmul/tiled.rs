use super::{PARAMS_BYTES, bindings};
use crate::compose::Source;
use crate::kernels::tiles::{Block, Fetch};
use crate::pointwise::Epilogue;
use crate::{Kernel, Text};

/// How an operand of [`tiled`] lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// Any strides.
    Any,
    /// Any strides, rows of A (columns of B) without gaps along k.
    AnyAcross,
    /// Vectors of four along m (along n): sizes, offset and strides are multiples of four.
    Along,
    /// Vectors of four along k: k, offset and strides are multiples of four.
    Across,
}

impl Layout {
    fn fetch(self) -> Fetch {
        match self {
            Layout::Any | Layout::Along => Fetch::Along,
            Layout::AnyAcross => Fetch::Deep,
            Layout::Across => Fetch::Across,
        }
    }

    fn element(self) -> &'static str {
        match self {
            Layout::Any | Layout::AnyAcross => "f32",
            Layout::Along | Layout::Across => "vec4<f32>",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Layout::Any => "any",
            Layout::AnyAcross => "deep",
            Layout::Along => "along",
            Layout::Across => "across",
        }
    }

    /// `fetch_NAME`: `e` counts along `extent` by the stride `e_stride`.
    fn function(self, name: &str, extent: &str, e_stride: &str, k_stride: &str) -> String {
        let body = match self {
            Layout::Any | Layout::AnyAcross => {
                let place = |i: u32| format!("{name}[at + min(e + {i}u, last) * p.{e_stride}]");
                format!(
                    "    let last = p.{extent} - 1u;\n    let at = {name}_first + min(k, p.k - 1u) * p.{k_stride};\n    \
                     let v = vec4<f32>({}, {}, {}, {});\n    \
                     let inside = vec4<u32>(e, e + 1u, e + 2u, e + 3u) <= vec4<u32>(last);\n    \
                     return select(vec4<f32>(0.0), v, inside & vec4<bool>(k < p.k));\n",
                    place(0),
                    place(1),
                    place(2),
                    place(3)
                )
            }
            Layout::Along => format!(
                "    if e >= p.{extent} || k >= p.k {{ return vec4<f32>(0.0); }}\n    \
                 return {name}[({name}_first + k * p.{k_stride} + e) / 4u];\n"
            ),
            Layout::Across => format!(
                "    if e >= p.{extent} || k >= p.k {{ return vec4<f32>(0.0); }}\n    \
                 return {name}[({name}_first + e * p.{e_stride} + k) / 4u];\n"
            ),
        };
        format!("fn fetch_{name}(k: u32, e: u32) -> vec4<f32> {{\n{body}}}\n")
    }
}

/// `matmul.tiled`, see `tiled.wgsl`; `vectors` when rows of the result are vectors of four.
pub fn tiled(block: Block, a: Layout, b: Layout, vectors: bool, epilogue: &Epilogue) -> Kernel {
    let owned = epilogue.clone();
    let source = Text::new(move || tiled_text(block, a, b, vectors, &owned));
    let vectors = if vectors { ",vectors" } else { "" };
    Kernel {
        name: format!("matmul.tiled[{},{},{}{vectors}{}]", block.name(), a.name(), b.name(), epilogue.suffix()),
        source,
        bindings: bindings(epilogue),
        workgroup_size: [block.invocations(), 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: block.features(),
        indexed_by_data: false,
    }
}

fn tiled_text(block: Block, a: Layout, b: Layout, vectors: bool, epilogue: &Epilogue) -> String {
    let fetch = a.function("a", "m", "a_row", "a_col") + &b.function("b", "n", "b_col", "b_row");
    Source::new("matmul/tiled.wgsl", include_str!("tiled.wgsl"))
        .flag("VECTORS", vectors)
        .slot("enable", block.enable())
        .slot("dimensions", block.dimensions())
        .slot(
            "elements",
            format!(
                "alias ElementA = {};\nalias ElementB = {};\nalias Result = {};\n",
                a.element(),
                b.element(),
                if vectors { "vec4<f32>" } else { "f32" }
            ),
        )
        .slot("memory", block.memory())
        .slot("builtins", block.builtins())
        .slot("fetch", fetch)
        .slot("product", block.product(a.fetch(), b.fetch()))
        .slot("epilogue", epilogue.function(4))
        .slot("epilogue_params", epilogue.params())
        .composed()
}
