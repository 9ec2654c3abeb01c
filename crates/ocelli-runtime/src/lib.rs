//! Runs plans on a wgpu device.
