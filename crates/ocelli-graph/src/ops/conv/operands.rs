//! What a kernel that convolves planes reads and writes.

use ocelli_shaders::Params;
use ocelli_shaders::pointwise::Epilogue;

use super::planar::{plane, vector_rows};
use crate::ops::fused::Split;
use crate::plan::View;

/// Operands of a convolution, all laid out.
pub(super) struct Operands<'a> {
    pub x: &'a View,
    pub bias: &'a View,
    /// The result, with the coordinates of the convolution.
    pub dst: &'a View,
    pub epilogue: &'a Epilogue,
    /// Further operands of the epilogue, with the coordinates of the convolution.
    pub more: &'a [View],
    /// Where channels lie when one stride does not tell.
    pub split: Option<&'a Split>,
}

impl<'a> Operands<'a> {
    /// The views that the kernel binds from the result on: the result, then the further operands.
    pub fn written(&self) -> impl Iterator<Item = &'a View> + use<'a> {
        let (dst, more) = match self.split {
            None => (Some(self.dst), self.more),
            Some(split) => (None, &split.whole[..]),
        };
        dst.into_iter().chain(more)
    }

    /// `params` with the fields of the epilogue.
    pub fn epilogue_params(&self, params: Params) -> Params {
        let Some(split) = self.split else {
            return self.more.iter().fold(params, |p, v| {
                [v.offset].into_iter().chain(plane(v).strides).fold(p, Params::u32)
            });
        };
        self.more.iter().zip(split.parts.iter().skip(1)).fold(split.params(params), |p, (v, parts)| {
            let [n, c, y, x] = plane(v).strides;
            [v.offset, n, c, parts[0], parts[1], y, x].into_iter().fold(p, Params::u32)
        })
    }

    /// Whether the rows of the result can be stored as vectors of four.
    pub fn stores_vectors(&self) -> bool {
        self.split.is_none_or(Split::is_aligned) && vector_rows(self.dst)
    }
}
