//! Kernels on packed bytes: four signed 8-bit values of neighbouring channels a word. Unsigned bytes are held less 128.

mod conv;
mod depthwise;
mod elementwise;

pub use conv::{Products, conv};
pub use depthwise::{Row, WORKGROUP as DEPTHWISE_WORKGROUP, depthwise};
pub use elementwise::{Form, WORKGROUP, elementwise};

use crate::kernels::conv::broadcast;
use crate::{Access, Binding, Elem, Feature};

const PARAMS: &str = include_str!("params.wgsl");

/// Bytes of `params.wgsl`.
const PARAMS_BYTES: u32 = 32 * 4;

fn bindings(weight: Elem, acc: Elem) -> Vec<Binding> {
    let binding = |name: &str, elem, access| Binding { name: name.to_owned(), elem, access };
    vec![
        binding("src", Elem::U32, Access::Read),
        binding("weight", weight, Access::Read),
        binding("bias", acc, Access::Read),
        binding("scales", Elem::F32, Access::Read),
        binding("dst", Elem::U32, Access::ReadWrite),
    ]
}

fn features(subgroup: bool, wide: bool) -> Vec<Feature> {
    broadcast::features(subgroup, wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv::broadcast::Tile;
    use crate::pointwise::{Arg, Fun, Program, Step};

    #[test]
    fn every_variant_validates() {
        for (m, n, width) in [(4, 4, 8), (8, 4, 4), (16, 2, 8), (32, 4, 8)] {
            let tile = Tile { m, n, width };
            for products in [Products::Dot, Products::Floats { wide: false }, Products::Floats { wide: true }] {
                crate::validate::kernel(&conv(tile, products, 64)).unwrap();
            }
        }
        for (kernel, stride, dilation) in [(1, 1, 1), (3, 1, 1), (5, 2, 1), (2, 3, 2)] {
            crate::validate::kernel(&depthwise(Row { kernel, stride, dilation })).unwrap();
        }
    }

    #[test]
    fn elementwise_validates_in_every_form() {
        let quantize = |ty| Program {
            inputs: vec![Elem::F32, Elem::F32],
            steps: vec![
                Step { fun: Fun::DivPrecise, args: vec![Arg::Input(0), Arg::Input(1)], ty: Elem::F32 },
                Step { fun: Fun::ToInt, args: vec![Arg::Step(0)], ty },
            ],
        };
        let copy = |elem| Program { inputs: vec![elem], steps: Vec::new() };
        for (elem, vectors) in [(Elem::I32, false), (Elem::U32, false), (Elem::I32, true), (Elem::U32, true)] {
            let forms = [Form::Words, Form::Repeated];
            crate::validate::kernel(&elementwise(&quantize(elem), &forms, true, vectors)).unwrap();
            for (form, pack) in [(Form::Packed, false), (Form::Words, true), (Form::Packed, true)] {
                crate::validate::kernel(&elementwise(&copy(elem), &[form], pack, vectors)).unwrap();
            }
        }
    }
}
