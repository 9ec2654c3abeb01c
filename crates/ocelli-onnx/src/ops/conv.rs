//! Conv.

use ocelli_graph::ops::conv::Conv;

use super::Convert;
use super::window::window;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[("Conv", conv)];

fn conv(cx: &mut NodeCx<'_>) -> Converted {
    let group = cx.attributes().size("group")?.unwrap_or(1);
    let window = window(cx)?;
    cx.push(Conv { group, window })
}
