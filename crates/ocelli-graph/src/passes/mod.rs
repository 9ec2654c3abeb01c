//! Rewrites of a bound graph, run in order to a fixed point. The graph is verified after each.

mod dead;

use crate::{Graph, VerifyError};

/// A rewrite; returns how many places it changed.
pub struct Pass {
    /// Name, for logs and `OCELLI_DISABLE`.
    pub name: &'static str,
    /// The rewrite.
    pub run: fn(&mut Graph) -> usize,
}

/// All passes in the order in which they run.
pub const PASSES: &[Pass] = &[Pass {
    name: "dead",
    run: dead::run,
}];

/// Most rounds; every pass shrinks the graph, so this is never reached unless two passes undo each other.
const MAX_ROUNDS: usize = 32;

/// Runs all passes until none changes anything.
pub fn optimize(graph: &mut Graph) -> Result<(), VerifyError> {
    for _ in 0..MAX_ROUNDS {
        let mut changes = 0;
        for pass in PASSES {
            let n = (pass.run)(graph);
            if n > 0 {
                log::debug!("pass {}: {n} changes", pass.name);
                graph.verify().map_err(|e| VerifyError {
                    message: format!("after pass {}: {}", pass.name, e.message),
                    ..e
                })?;
            }
            changes += n;
        }
        if changes == 0 {
            break;
        }
    }
    Ok(())
}
