//! The plan: a bound graph as kernel calls on memory slots, and the few nodes that run on the host.
//!
//! [`Plan::new`] places each node ([`Placement`]), orders the nodes so that device and host alternate as rarely as
//! possible, and lowers each run of device nodes into a [`Recording`]: plain data that prints and that a runtime
//! executes without looking at the graph again.

mod bytes;
mod destinations;
mod exact;
mod lower_cx;
mod memory;
mod pointwise;
mod recording;
mod schedule;
mod stores;
mod target;
mod view;

pub use bytes::{Bytes, Source};
pub use lower_cx::device_words;
pub use lower_cx::{Accepts, Dispatch, LowerCx};
pub(crate) use pointwise::collapse;
pub use recording::{Buffer, BufferId, BufferKind, KernelCall, Packed, Recording};
pub use schedule::{Placement, Plan, Step};
pub use target::{Decision, GRANULE, NOMINAL, OutputForm, Precision, Target};
pub use view::{View, storage};
