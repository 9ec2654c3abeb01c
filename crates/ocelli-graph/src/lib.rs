//! The graph: operators, passes and the plan.
