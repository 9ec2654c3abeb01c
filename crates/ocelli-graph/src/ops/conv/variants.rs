//! Which kernels could compute a convolution of planes, and which one a cost model prefers.

use ocelli_shaders::kernels::conv::winograd::Form;
use ocelli_shaders::kernels::tiles::Block;

use super::planar::Planar;
use super::winograd::{Product, Winograd};
use super::{broadcast, depthwise, implicit_gemm, winograd};
use crate::OpError;
use crate::plan::{LowerCx, View};

/// An algorithm for a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    Depthwise,
    Winograd(Winograd),
    ImplicitGemm(Block),
    Broadcast,
    Direct,
}

impl Variant {
    /// Name among candidates.
    fn name(self) -> String {
        match self {
            Variant::Depthwise => "depthwise".to_owned(),
            Variant::Winograd(by) => by.name(),
            Variant::ImplicitGemm(block) => format!("{} {}", implicit_gemm::NAME, block.label()),
            Variant::Broadcast => "broadcast".to_owned(),
            Variant::Direct => "direct".to_owned(),
        }
    }

    /// The block that it computes in.
    fn block(self) -> Option<Block> {
        match self {
            Variant::Winograd(Winograd { product: Product::Blocks(b), .. }) | Variant::ImplicitGemm(b) => Some(b),
            _ => None,
        }
    }

    fn is_cooperative(self) -> bool {
        self.block().is_some_and(|b| b.is_cooperative())
    }

    /// Whether it rounds operands to 16 bits.
    fn rounds(self) -> bool {
        self.block().is_some_and(|b| b.rounds())
    }
}

/// The algorithm for the node's convolution of `x`.
pub(super) fn choose(op: &Planar, cx: &mut LowerCx<'_>, x: &View) -> Result<Variant, OpError> {
    let candidates = if cx.target().software { on_cores(op, cx, x)? } else { on_gpu(op, cx, x)? };
    let w = op.window;
    let key = format!(
        "{} x{:?} o{} g{} k{:?} s{:?} d{:?} p{:?}",
        if op.transposed { "conv_transpose" } else { "conv" },
        x.shape,
        op.filters.outputs * op.filters.groups,
        op.filters.groups,
        w.kernel,
        w.strides,
        w.dilations,
        w.begins
    );
    let taken = cx.choose(key, candidates.iter().map(|v| v.name()).collect());
    Ok(candidates.into_iter().find(|v| v.name() == taken).unwrap_or(Variant::Direct))
}

/// Whether the kernels that need no blocks can compute the convolution: by rows of one channel, by subgroups.
fn fits(op: &Planar, cx: &LowerCx<'_>, x: &View) -> Result<(bool, bool), OpError> {
    let (constant, y) = (cx.constant(1).is_some(), cx.output_type(0)?);
    Ok((depthwise::fits(op, x, constant, y), broadcast::fits(op, cx.target(), constant, y)))
}

fn blocks(op: &Planar, cx: &LowerCx<'_>) -> Result<Vec<Variant>, OpError> {
    Ok(implicit_gemm::variants(op, cx)?.into_iter().map(Variant::ImplicitGemm).collect())
}

/// Software adapters: what loads least first. Kernels with workgroup memory lose there, and each costs a compilation when
/// variants are measured.
fn on_cores(op: &Planar, cx: &LowerCx<'_>, x: &View) -> Result<Vec<Variant>, OpError> {
    let (depthwise, broadcast) = fits(op, cx, x)?;
    let winograd = winograd::variants(op, cx)?.contains(&Winograd::PASSED_AROUND);
    let first = winograd && winograd::worthwhile(op, cx.output_type(0)?);
    let passed_around = Variant::Winograd(Winograd::PASSED_AROUND);
    let mut all = Vec::new();
    all.extend(depthwise.then_some(Variant::Depthwise));
    all.extend(first.then_some(passed_around));
    all.extend(broadcast.then_some(Variant::Broadcast));
    all.push(Variant::Direct);
    all.extend((winograd && !first).then_some(passed_around));
    Ok(all)
}

/// GPUs: cooperative matrices, Winograd where many channels meet a large plane, blocks, then what needs no workgroup memory,
/// which is also first for few channels.
fn on_gpu(op: &Planar, cx: &LowerCx<'_>, x: &View) -> Result<Vec<Variant>, OpError> {
    let (depthwise, broadcast) = fits(op, cx, x)?;
    let rounds = cx.may_round(x);
    let allowed = |v: &Variant| rounds || !v.rounds();
    let gathered: Vec<Variant> = blocks(op, cx)?.into_iter().filter(allowed).collect();
    let winograd: Vec<Variant> =
        winograd::variants(op, cx)?.into_iter().map(Variant::Winograd).filter(allowed).collect();
    let (matrices, in_blocks): (Vec<Variant>, Vec<Variant>) = gathered.into_iter().partition(|v| v.is_cooperative());
    let large = winograd::large(op, cx.output_type(0)?);
    let of_blocks = |v: &&Variant| {
        matches!(v, Variant::Winograd(w) if w.form == Form::F43 && w.product != Product::Broadcast) && !v.is_cooperative()
    };
    let mut simple = vec![Variant::Direct];
    simple.extend(broadcast.then_some(Variant::Broadcast));
    let mut all = Vec::new();
    all.extend(depthwise.then_some(Variant::Depthwise));
    if implicit_gemm::worthwhile(op) {
        all.extend(matrices);
        all.extend(winograd.iter().filter(of_blocks).filter(|_| large));
        all.extend(in_blocks);
        all.extend(simple);
    } else {
        all.extend(simple);
        all.extend(in_blocks);
        all.extend(matrices);
    }
    all.extend(winograd.iter().filter(|v| !(of_blocks(v) && all.contains(v))).copied().collect::<Vec<_>>());
    Ok(all)
}
