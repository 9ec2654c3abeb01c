//! The kernel families, one folder each.

pub mod bench;
pub mod conv;
pub mod elementwise;
pub mod grid_sample;
pub mod indexed;
pub mod lanes;
pub mod matmul;
pub mod pad;
pub mod pool;
pub mod quantized;
pub mod reduce;
pub mod resize;
pub mod row_window;
pub mod texture;
pub mod tiles;
