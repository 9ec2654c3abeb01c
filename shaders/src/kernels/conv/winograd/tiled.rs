use super::Form;
use crate::compose::Source;
use crate::kernels::tiles::{Block, Fetch};
use crate::{Access, Binding, Elem, Kernel, Text};

/// The products at the points in blocks, see `tiled.wgsl`.
pub fn tiled(form: Form, block: Block) -> Kernel {
    let source = Text::new(move || tiled_text(block));
    let binding = |name: &str, access| Binding { name: name.to_owned(), elem: Elem::F32, access };
    Kernel {
        name: format!("conv.{}.tiled[{}]", form.name(), block.name()),
        source,
        bindings: vec![
            binding("weight", Access::Read),
            binding("src", Access::Read),
            binding("dst", Access::ReadWrite),
        ],
        workgroup_size: [block.invocations(), 1, 1],
        params_bytes: 32,
        features: block.features(),
        indexed_by_data: false,
    }
}

fn tiled_text(block: Block) -> String {
    Source::new("conv/winograd/tiled.wgsl", include_str!("tiled.wgsl"))
        .slot("enable", block.enable())
        .slot("dimensions", block.dimensions())
        .slot("memory", block.memory())
        .slot("builtins", block.builtins())
        .slot("product", block.product(Fetch::Along, Fetch::Across))
        .composed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::tiles;

    #[test]
    fn every_variant_validates() {
        for block in tiles::samples() {
            crate::validate::kernel(&tiled(Form::F43, block)).unwrap();
        }
    }
}
