//! Convolution as a product of filters with inputs that are gathered block by block: see `gemm.wgsl`.

use crate::compose::Source;
use crate::kernels::tiles::{Block, Fetch};
use crate::pointwise::Epilogue;
use crate::{Access, Binding, Elem, Kernel};

/// Bytes of the fixed fields of `Params`.
const PARAMS_BYTES: u32 = 24 * 4;

/// What a variant counts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Form {
    /// One tap at stride 1 without pads, inputs as vectors along the positions.
    pub pointwise: bool,
    /// Results as vectors along the positions.
    pub vectors: bool,
}

/// The row of the table for a k past the last one.
pub const NOWHERE: [i32; 4] = [0, 1 << 30, 0, 0];

/// `conv.implicit_gemm`. The table, unless the form is pointwise, is bound behind the operands of the epilogue.
pub fn kernel(block: Block, form: Form, epilogue: &Epilogue) -> Kernel {
    let element = |vectors: bool| if vectors { "vec4<f32>" } else { "f32" };
    let mut bindings = super::direct::bindings(epilogue);
    let mut source = Source::new("conv/implicit_gemm/gemm.wgsl", include_str!("gemm.wgsl"))
        .flag("POINTWISE", form.pointwise)
        .flag("VECTORS", form.vectors)
        .slot("enable", block.enable())
        .slot("dimensions", block.dimensions())
        .slot(
            "elements",
            format!("alias Input = {};\nalias Result = {};\n", element(form.pointwise), element(form.vectors)),
        )
        .slot("memory", block.memory())
        .slot("builtins", block.builtins())
        .slot("product", block.product(Fetch::Along, Fetch::Along))
        .slot("epilogue", epilogue.function_of_planes(5))
        .slot("epilogue_params", epilogue.params());
    if !form.pointwise {
        bindings.push(Binding { name: "table".to_owned(), elem: Elem::I32, access: Access::Read });
        let declaration =
            format!("@group(0) @binding({}) var<storage, read> table: array<vec4<i32>>;\n", bindings.len());
        source = source.slot("table", declaration);
    }
    Kernel {
        name: format!(
            "conv.implicit_gemm[{}{}{}{}]",
            block.name(),
            if form.pointwise { ",pointwise" } else { "" },
            if form.vectors { ",vectors" } else { "" },
            epilogue.suffix()
        ),
        source: source.text(),
        bindings,
        workgroup_size: [block.invocations(), 1, 1],
        params_bytes: (PARAMS_BYTES + epilogue.params_bytes()).next_multiple_of(16),
        features: block.features(),
        indexed_by_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::tiles;

    #[test]
    fn every_variant_validates() {
        for block in tiles::samples() {
            for (pointwise, vectors) in [(false, false), (false, true), (true, false), (true, true)] {
                for epilogue in crate::pointwise::samples() {
                    crate::validate::kernel(&kernel(block, Form { pointwise, vectors }, &epilogue)).unwrap();
                }
            }
        }
    }
}
