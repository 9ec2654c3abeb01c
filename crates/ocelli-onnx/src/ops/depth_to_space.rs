//! DepthToSpace and SpaceToDepth.

use ocelli_graph::ops::depth_to_space::{DepthSpaceKind, DepthToSpace};

use super::Convert;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("DepthToSpace", |cx| {
        let kind = cx.attributes().choice("mode", &[("DCR", DepthSpaceKind::Dcr), ("CRD", DepthSpaceKind::Crd)])?;
        depth_to_space(cx, kind)
    }),
    ("SpaceToDepth", |cx| depth_to_space(cx, DepthSpaceKind::SpaceToDepth)),
];

fn depth_to_space(cx: &mut NodeCx<'_>, kind: DepthSpaceKind) -> Converted {
    let blocksize = cx.attributes().required_size("blocksize")?;
    cx.push(DepthToSpace { kind, blocksize })
}
