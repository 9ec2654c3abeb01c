use std::collections::BTreeMap;

use ocelli_shaders::{Elem, Store};

use super::exact::exact_values;
use super::{Precision, Target, storage};
use crate::{Graph, NodeId, ValueId};

/// How the values of one recording lie in memory.
#[derive(Debug, Default)]
pub(super) struct Stores(BTreeMap<ValueId, Store>);

impl Stores {
    /// What `target` asks for. Floats between the nodes are kept as halves in [`Precision::F16`], but for those that must
    /// be exact and the results of nodes that the target keeps in full precision. Those that leave the recording are words
    /// of 32 bits and checked.
    pub(super) fn new(graph: &Graph, nodes: &[NodeId], target: &Target, leaves: impl Fn(ValueId) -> bool) -> Stores {
        let mut stores = BTreeMap::new();
        if target.precision == Precision::F32 {
            return Stores(stores);
        }
        let exact = exact_values(graph);
        let half = if target.native_f16 { Store::Native } else { Store::Packed };
        for id in nodes {
            let node = &graph.nodes[id.0 as usize];
            for value in node.outputs.iter().flatten().copied() {
                let Some(ty) = graph.ty(value).filter(|ty| storage(ty.dtype) == Some(Elem::F32)) else {
                    continue;
                };
                let small = ty.elems() <= target.exact_elems;
                if leaves(value) {
                    stores.insert(value, Store::Checked);
                } else if !small && !exact.contains(&value) && !target.full_precision.contains(&node.name) {
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
