//! What an untrusted file may cost at most.

/// Bytes of the protobuf file itself: the format cannot say more.
pub const MAX_MODEL_BYTES: u64 = (1 << 31) - 1;

/// Bytes of one tensor, and elements of what is computed on import (a sparse tensor made dense).
pub const MAX_TENSOR_BYTES: u64 = 1 << 36;

/// Bytes of a sparse tensor once it is dense: the file that asks for it may be tiny.
pub const MAX_DENSE_BYTES: u64 = 1 << 30;

/// Number of dimensions of a tensor or of a value.
pub const MAX_RANK: usize = 64;

/// Control-flow bodies inside each other, and functions inside each other.
pub const MAX_NESTING: usize = 24;

/// Nodes in all graphs together once functions are expanded.
pub const MAX_NODES: usize = 500_000;

/// Bytes of all function bodies, counted once for each call.
pub const MAX_EXPANDED_BYTES: usize = 1 << 30;

/// Protobuf messages and unpacked numbers in a file; each costs memory that the file's size does not show.
pub const MAX_MESSAGES: u64 = 20_000_000;
