//! Rewrites of a bound graph, run in order to a fixed point. The graph is verified after each.

mod dead;
mod find_shuffle;
mod fold_batch_norm;
mod fold_focus;
mod fold_pad;
mod fuse_conv_epilogue;
mod fuse_elementwise;
mod fuse_quantized;
mod fuse_shuffle;
mod identity;
mod inline_if;
#[cfg(test)]
mod tests;

use crate::{Graph, Node, Op, TensorType, ValueId, VerifyError};

/// A rewrite; returns how many places it changed.
pub struct Pass {
    /// Name, for logs and [`Options::disabled`].
    pub name: &'static str,
    /// A name that disables several passes at once; empty for those that only clean up.
    pub group: &'static str,
    /// The rewrite.
    pub run: fn(&mut Graph) -> usize,
}

/// All passes in the order in which they run.
pub const PASSES: &[Pass] = &[
    Pass { name: "dead", group: "", run: dead::run },
    Pass { name: "inline_if", group: "", run: inline_if::run },
    Pass { name: "identity", group: "", run: identity::run },
    Pass { name: "find_shuffle", group: "fusion", run: find_shuffle::run },
    Pass { name: "fold_pad", group: "fusion", run: fold_pad::run },
    Pass { name: "fuse_quantized", group: "fusion", run: fuse_quantized::run },
    Pass { name: "fold_batch_norm", group: "fusion", run: fold_batch_norm::run },
    Pass { name: "fold_focus", group: "fusion", run: fold_focus::run },
    Pass { name: "fuse_elementwise", group: "fusion", run: fuse_elementwise::run },
    Pass { name: "fuse_conv_epilogue", group: "fusion", run: fuse_conv_epilogue::run },
    Pass { name: "fuse_shuffle", group: "fusion", run: fuse_shuffle::run },
];

/// What to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Names of passes and groups that do not run, such as `fusion` or `fold_pad`.
    pub disabled: Vec<String>,
}

impl Options {
    /// The options that a list of names such as `fusion,fold_pad` asks for; names that nothing has are warned of.
    pub fn without(names: &str) -> Options {
        let disabled: Vec<String> = names.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
        for unknown in disabled.iter().filter(|d| !PASSES.iter().any(|p| p.name == **d || p.group == **d)) {
            let known: Vec<&str> = PASSES.iter().map(|p| p.name).collect();
            log::warn!("no pass is called `{unknown}`; there are fusion (all that fuse), {}", known.join(", "));
        }
        Options { disabled }
    }
}

/// Most rounds; every pass shrinks the graph, so this is never reached unless two passes undo each other.
const MAX_ROUNDS: usize = 32;

/// Runs all passes that `options` leave until none changes anything.
pub fn optimize(graph: &mut Graph, options: &Options) -> Result<(), VerifyError> {
    let off = |pass: &Pass| options.disabled.iter().any(|d| d == pass.name || (!d.is_empty() && d == pass.group));
    for _ in 0..MAX_ROUNDS {
        let mut changes = 0;
        for pass in PASSES.iter().filter(|p| !off(p)) {
            let n = (pass.run)(graph);
            if n > 0 {
                log::debug!("pass {}: {n} changes", pass.name);
                graph
                    .verify()
                    .map_err(|e| VerifyError { message: format!("after pass {}: {}", pass.name, e.message), ..e })?;
            }
            changes += n;
        }
        if changes == 0 {
            break;
        }
    }
    Ok(())
}

/// The only result of a node; `None` when it has several or none.
fn only_output(node: &Node) -> Option<ValueId> {
    match node.outputs.as_slice() {
        [Some(id)] => Some(*id),
        _ => None,
    }
}

/// The index of the only node that reads `id` (perhaps several times), when it is no output of the graph.
fn only_reader(graph: &Graph, consumers: &[Vec<crate::NodeId>], id: ValueId) -> Option<usize> {
    if graph.outputs.contains(&id) {
        return None;
    }
    let readers = &consumers[id.0 as usize];
    let first = readers.first()?;
    readers.iter().all(|r| r == first).then_some(first.0 as usize)
}

/// Types of the operands of a node.
fn types(graph: &Graph, inputs: &[Option<ValueId>]) -> Vec<Option<TensorType>> {
    inputs.iter().map(|id| id.and_then(|id| graph.ty(id).cloned())).collect()
}

/// Removes the nodes at these places.
fn remove(graph: &mut Graph, gone: &[usize]) {
    let mut i = 0;
    graph.nodes.retain(|_| {
        i += 1;
        !gone.contains(&(i - 1))
    });
}

/// Whether `op` is a convolution whose kernel takes an epilogue.
fn is_conv(op: &Op) -> bool {
    matches!(op, Op::Conv(_) | Op::ConvTranspose(_))
}
