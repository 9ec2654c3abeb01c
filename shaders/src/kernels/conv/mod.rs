//! Convolution kernels. All take the same fused [`Epilogue`](crate::pointwise::Epilogue).

pub mod direct;
