use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use ocelli_graph::Graph;
use ocelli_graph::plan::{self, Target};

use super::Session;
use crate::ranges::Misfits;
use crate::{Engine, RuntimeError};

/// How exactly a session computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// The faster of the two on this adapter: 16 bits on GPUs, 32 bits on software adapters, which only lose time on the
    /// conversions.
    Auto,
    /// 32-bit floats throughout.
    #[default]
    F32,
    /// Floats of 16 bits between nodes. Inputs, constants and outputs keep 32 bits, and so do sums, except in kernels that
    /// were measured as the fastest and add short slices up in 16 bits.
    ///
    /// A node whose result does not fit (beyond 65504, or nothing but values below 2^-14) is found while it runs; the run
    /// is repeated with that node in 32 bits, a warning names it, and the session keeps it so.
    F16,
}

/// Values of at most this many elements gain nothing from 16 bits, and are often what others depend on: sizes, scales,
/// means.
const EXACT_ELEMS: usize = 256;

impl Precision {
    /// The engine's target in this precision.
    pub fn target(self, engine: &Engine) -> Target {
        let target = engine.target();
        let precision = match self {
            Precision::F16 => plan::Precision::F16,
            Precision::Auto if !target.software => plan::Precision::F16,
            Precision::Auto | Precision::F32 => plan::Precision::F32,
        };
        Target { precision, exact_elems: EXACT_ELEMS, allow_f16: precision == plan::Precision::F16, ..target }
    }
}

impl Session {
    /// [`Session::new`] in a precision.
    pub fn with_precision(engine: &Engine, graph: Graph, precision: Precision) -> Result<Session, RuntimeError> {
        Session::for_target(engine, graph, precision.target(engine))
    }

    /// Names of the nodes that have left 16 bits for 32, because their results did not fit; `None` when all have.
    pub fn full_precision_nodes(&self) -> Option<Arc<BTreeSet<String>>> {
        let target = self.target();
        (target.precision == plan::Precision::F16).then_some(target.full_precision)
    }

    /// What the next plan may count on.
    pub(super) fn target(&self) -> Target {
        self.target.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what did not fit in full precision from now on. Tells whether that is news: the run should be repeated, and a
    /// [`Program`](super::Program) prepared anew.
    pub fn learn(&self, misfits: &Misfits) -> bool {
        let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        if target.precision == plan::Precision::F32 {
            return false;
        }
        let new: BTreeSet<String> = misfits.nodes.difference(&target.full_precision).cloned().collect();
        if new.is_empty() {
            let Some(node) = misfits.nodes.first().or(misfits.not_finite.as_ref()) else {
                return false;
            };
            log::warn!("`{node}`: a result in 16 bits is not finite; the whole model runs in 32 bits");
            target.precision = plan::Precision::F32;
            target.allow_f16 = false;
        } else {
            for node in &new {
                log::warn!("`{node}`: its result does not fit 16 bits; it runs in 32 bits");
            }
            Arc::make_mut(&mut target.full_precision).extend(new);
        }
        drop(target);
        self.plans.lock().unwrap_or_else(PoisonError::into_inner).clear();
        true
    }
}
