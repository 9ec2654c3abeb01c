use std::collections::BTreeMap;

use ocelli_shaders::{Elem, Store};

use super::{Precision, Target, storage};
use crate::{Graph, NodeId, ValueId};

/// How the values of one recording lie in memory.
#[derive(Debug, Default)]
pub(super) struct Stores(BTreeMap<ValueId, Store>);

impl Stores {
    /// What `target` asks for. Floats between the nodes are kept as halves in [`Precision::F16`], but for the nodes that
    /// the target keeps in full precision. Those that leave the recording are words of 32 bits and checked.
    pub(super) fn new(graph: &Graph, nodes: &[NodeId], target: &Target, leaves: impl Fn(ValueId) -> bool) -> Stores {
        let mut stores = BTreeMap::new();
        if target.precision == Precision::F32 {
            return Stores(stores);
        }
        let half = if target.native_f16 { Store::Native } else { Store::Packed };
        for id in nodes {
            let node = &graph.nodes[id.0 as usize];
            for value in node.outputs.iter().flatten().copied() {
                if graph.ty(value).and_then(|ty| storage(ty.dtype)) != Some(Elem::F32) {
                    continue;
                }
                if leaves(value) {
                    stores.insert(value, Store::Checked);
                } else if !target.full_precision.contains(&node.name) {
                    stores.insert(value, half);
                }
            }
        }
        Stores(stores)
    }

    /// How `value` is to be kept.
    pub(super) fn of(&self, value: ValueId) -> Store {
        self.0.get(&value).copied().unwrap_or_default()
    }
}
