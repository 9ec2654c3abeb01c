use std::collections::BTreeMap;

use ocelli_shaders::{Elem, Store};
use ocelli_tensor::DType;

use super::exact::exact_values;
use super::{OutputForm, Precision, Target, storage};
use crate::{Graph, NodeId, Op, ValueId};

/// How the values of one recording lie in memory.
#[derive(Debug, Default)]
pub(super) struct Stores(BTreeMap<ValueId, Store>);

impl Stores {
    /// What `target` asks for. Floats between the nodes are kept as halves in [`Precision::F16`], but for those that must
    /// be exact and the results of nodes that the target keeps in full precision. Those that leave the recording are words
    /// of 32 bits and checked, or samples where a kernel can store these by itself.
    pub(super) fn new(graph: &Graph, nodes: &[NodeId], target: &Target, leaves: impl Fn(ValueId) -> bool) -> Stores {
        let mut stores = halves(graph, nodes, target, leaves);
        let consumers = graph.consumers();
        for id in nodes {
            let node = &graph.nodes[id.0 as usize];
            for value in
                node.outputs.iter().flatten().filter(|v| stores_once(&node.op) && consumers[v.0 as usize].is_empty())
            {
                stores.extend(Stores::delivered(graph, target, *value).map(|store| (*value, store)));
            }
        }
        Stores(stores)
    }

    /// The samples as which a result of the graph is to be delivered, where it is.
    pub(super) fn delivered(graph: &Graph, target: &Target, value: ValueId) -> Option<Store> {
        let store = match target.output {
            OutputForm::Float => return None,
            OutputForm::Unorm8 => Store::Unorm8,
            OutputForm::Unorm16 => Store::Unorm16,
        };
        let floats = graph.ty(value).is_some_and(|ty| ty.dtype == DType::F32);
        (floats && graph.outputs.contains(&value)).then_some(store)
    }

    /// How `value` is to be kept.
    pub(super) fn of(&self, value: ValueId) -> Store {
        self.0.get(&value).copied().unwrap_or_default()
    }
}

/// Floats that are kept as halves, or leave the recording.
fn halves(
    graph: &Graph,
    nodes: &[NodeId],
    target: &Target,
    leaves: impl Fn(ValueId) -> bool,
) -> BTreeMap<ValueId, Store> {
    let mut stores = BTreeMap::new();
    if target.precision == Precision::F32 {
        return stores;
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
    stores
}

/// Whether one kernel stores every element of the result once, and reads none of them.
fn stores_once(op: &Op) -> bool {
    match op {
        Op::Conv(_)
        | Op::ConvTranspose(_)
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Clip(_)
        | Op::Pointwise(_)
        | Op::Resize(_) => true,
        Op::Fused(f) => stores_once(&f.op),
        _ => false,
    }
}
