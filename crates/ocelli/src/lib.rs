//! Runs image neural networks on any GPU.
