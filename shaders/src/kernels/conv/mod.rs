//! Convolution kernels. Those of floats take the same fused [`Epilogue`](crate::pointwise::Epilogue).

pub mod broadcast;
pub mod col2im;
pub mod deformable;
pub mod depthwise;
pub mod direct;
pub mod general;
pub mod implicit_gemm;
pub mod winograd;
