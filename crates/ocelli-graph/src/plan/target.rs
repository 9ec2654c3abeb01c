use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::NodeId;

/// How the floats between the nodes of a graph are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits, computed with in 32 bits unless a kernel says otherwise. What is read from inputs, constants and what
    /// leaves the graph stays as it is.
    F16,
}

/// How the 32-bit floats that are a graph's results leave the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutputForm {
    /// As they are.
    #[default]
    Float,
    /// As samples of a picture of 8 bits, tensors of `u8`: 0..1 as 0..255, rounded to nearest; what lies beyond is clamped.
    Unorm8,
    /// The same of 16 bits, tensors of `u16`.
    Unorm16,
}

/// What lowering may count on: the adapter's abilities, and which variants it measured as the fastest.
///
/// The default is the portable floor of WebGPU, on which every kernel that it admits runs everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Smallest number of invocations that a subgroup may have; 0 without subgroup operations.
    pub subgroup_min: u32,
    /// Whether the adapter computes on the host's cores (lavapipe, WARP, SwiftShader).
    pub software: bool,
    /// Whether kernels may use 64-bit integers.
    pub int64: bool,
    /// Whether products may be computed in blocks that go through workgroup memory. Without, only the simplest kernels are
    /// taken, against which the others are verified.
    pub blocks: bool,
    /// Rows and columns of the matrices that a subgroup multiplies together (`f16` in, sums in `f32`): 8 or 16; `None`
    /// without cooperative matrices.
    pub cooperative: Option<u32>,
    /// Whether operands of products may be rounded to `f16`.
    pub allow_f16: bool,
    /// How floats between nodes are kept.
    pub precision: Precision,
    /// How the floats that are the graph's results are stored.
    pub output: OutputForm,
    /// In [`Precision::F16`], most elements of a value that stays in 32 bits all the same: sizes, scales, means.
    pub exact_elems: usize,
    /// Whether kernels may use the type `f16`; else halves travel two in a word.
    pub native_f16: bool,
    /// Names of the nodes whose results stay in 32 bits whatever the precision.
    pub full_precision: Arc<BTreeSet<String>>,
    /// Whether the same kernels must be taken for any size of picture, so that results do not depend on how a picture is
    /// cut: choices are those for planes of [`NOMINAL`] rows and columns.
    pub reproducible: bool,
    /// Winning variant per [`Decision::key`].
    pub choices: Arc<BTreeMap<String, String>>,
}

/// Rows and columns of the planes that a reproducible target chooses kernels for.
pub const NOMINAL: usize = 256;

/// Planes whose rows and columns are equally many but for multiples of this are computed by the same kernels: rows of
/// whole vectors are added up in another order than others.
pub const GRANULE: usize = 4;

/// A choice between variants that was made while a node was lowered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was to be computed: operator, sizes and precision. Equal keys have equal answers.
    pub key: String,
    /// The variants that could compute it on this target, the one that the cost model prefers first.
    pub candidates: Vec<String>,
    /// The variant that was taken.
    pub taken: String,
    /// The first node of the graph that asked.
    pub node: NodeId,
}

impl Target {
    /// Neighbouring invocations that `subgroupBroadcast` reaches in every subgroup: 8, 4 or 0 (none).
    pub fn broadcast_width(&self) -> u32 {
        match self.subgroup_min {
            0..4 => 0,
            4..8 => 4,
            _ => 8,
        }
    }

    /// Whether four floats should move as two 64-bit words.
    pub fn wide(&self) -> bool {
        self.software && self.int64
    }

    /// Size of the cooperative matrices that kernels may use: the adapter has them, rounding to `f16` is allowed, and a few
    /// subgroups make a workgroup that can fetch a block.
    pub fn cooperative_size(&self) -> Option<u32> {
        self.cooperative.filter(|_| self.allow_f16 && (8..=64).contains(&self.subgroup_min))
    }

    /// Takes the recorded winner for `key` where it is among `candidates`, else the first of them.
    pub(super) fn decide(&self, node: NodeId, key: String, candidates: Vec<String>) -> Decision {
        let known = self.choices.get(&key).filter(|c| candidates.contains(c));
        let taken = known.or(candidates.first()).cloned().unwrap_or_default();
        Decision { key, candidates, taken, node }
    }
}
