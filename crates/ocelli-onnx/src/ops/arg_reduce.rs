//! ArgMax and ArgMin.

use ocelli_graph::ops::arg_reduce::{ArgKind, ArgReduce};

use super::Convert;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] =
    &[("ArgMax", |cx| arg_reduce(cx, ArgKind::Max)), ("ArgMin", |cx| arg_reduce(cx, ArgKind::Min))];

fn arg_reduce(cx: &mut NodeCx<'_>, kind: ArgKind) -> Converted {
    let attributes = cx.attributes();
    cx.push(ArgReduce {
        kind,
        axis: attributes.int_or("axis", 0)?,
        keepdims: attributes.flag("keepdims", true)?,
        select_last_index: attributes.flag("select_last_index", false)?,
    })
}
