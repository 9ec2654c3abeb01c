//! `ocelli bench`: times of a model and of its nodes, and of every kernel variant.

mod computations;
mod kernels;
mod model;
mod nodes;
mod noise;
mod platform;
mod reference;
mod report;

pub use model::model;
pub use report::kernels;
