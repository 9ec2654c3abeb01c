//! Textures to tensors and back, for applications that keep pictures on the device. These kernels bind a texture, so
//! they are plain sources and no [`Kernel`](crate::Kernel)s.

/// Formats that [`write_source`] can store to.
pub const STORAGE_FORMATS: [&str; 3] = ["rgba8unorm", "rgba16float", "rgba32float"];

/// Bytes of the uniform of both kernels: `width, height, channels, bgr: u32; scale, bias: vec4<f32>`.
pub const PARAMS_BYTES: u64 = 48;

/// WGSL of `texture.read`, see `read.wgsl`.
pub fn read_source() -> &'static str {
    include_str!("read.wgsl")
}

/// WGSL of `texture.write` for a storage format of [`STORAGE_FORMATS`], see `write.wgsl`.
pub fn write_source(format: &str) -> String {
    include_str!("write.wgsl").replace("FORMAT", format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_validate() {
        let all = STORAGE_FORMATS.iter().map(|f| write_source(f)).chain([read_source().to_owned()]);
        for source in all {
            let module = naga::front::wgsl::parse_str(&source).unwrap();
            let flags = naga::valid::ValidationFlags::all();
            naga::valid::Validator::new(flags, naga::valid::Capabilities::empty()).validate(&module).unwrap();
        }
    }
}
