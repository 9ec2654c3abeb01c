//! Textures in and out of a program, on the device.

/// Placeholder of the module; see below.
pub struct TextureReader;
/// Placeholder of the module; see below.
pub struct TextureWriter;
