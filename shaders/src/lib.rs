//! Every WGSL kernel of ocelli with its spec and its variants.
//!
//! A kernel family is a folder under [`kernels`]: the `.wgsl` files, and a Rust spec that composes them into a
//! [`Kernel`] for one legal variant. Composition is done by the strict preprocessor in [`compose`]; scalar functions
//! that are fused into kernels (epilogues, elementwise chains) are generated from a [`pointwise::Program`].
//!
//! This crate never touches wgpu. Conventions that every kernel keeps:
//!
//! - one bind group: binding 0 is `var<uniform> p: Params` (scalars of 4 bytes, padded to 16), then the storage
//!   buffers in the order of [`Kernel::bindings`];
//! - entry point `main`; buffers hold `f32`, `i32` or `u32` elements ([`Elem`]);
//! - a grid that may exceed 65,535 workgroups is folded into the y dimension, see `shared/grid.wgsl`.

pub mod compose;
mod kernel;
pub mod kernels;
mod params;
pub mod pointwise;
mod stored;
mod text;
pub mod validate;

pub use kernel::{Access, Binding, Elem, Feature, Kernel, MAX_WORKGROUPS, linear_grid};
pub use params::Params;
pub use stored::{RANGE, RangeReport, Store};
pub use text::Text;
