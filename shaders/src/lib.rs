//! Every WGSL kernel of ocelli with its spec and its variants.
