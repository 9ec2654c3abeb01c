//! Compiled pipelines on disk, where the driver offers it (Vulkan).

use std::path::PathBuf;

use crate::Engine;

/// The driver's pipeline cache, and the file that it lives in.
pub(crate) struct DiskCache {
    pub cache: wgpu::PipelineCache,
    path: PathBuf,
}

impl DiskCache {
    /// Opens the cache of this adapter and driver in `folder`. `None` where the driver has none.
    pub(crate) fn open(device: &wgpu::Device, info: &wgpu::AdapterInfo, folder: &std::path::Path) -> Option<DiskCache> {
        if !device.features().contains(wgpu::Features::PIPELINE_CACHE) {
            return None;
        }
        let key = wgpu::util::pipeline_cache_key(info)?;
        let path = folder.join(format!("{key}-{}", env!("CARGO_PKG_VERSION")));
        let data = std::fs::read(&path).ok();
        let desc = wgpu::PipelineCacheDescriptor { label: Some("ocelli"), data: data.as_deref(), fallback: true };
        #[allow(unsafe_code, reason = "the only way to restore a pipeline cache")]
        // SAFETY: the data is what `get_data` gave for this adapter, driver and version (they are in the file's name), and
        // wgpu checks its own header of key and hash before the driver sees it; `fallback` starts empty when it differs.
        let cache = unsafe { device.create_pipeline_cache(&desc) };
        Some(DiskCache { cache, path })
    }
}

impl Engine {
    /// Writes the compiled pipelines to the cache folder of the options. Failing to is logged, not an error: the cache
    /// only saves time.
    pub fn save_pipeline_cache(&self) {
        let Some(disk) = &self.inner.disk_cache else { return };
        let Some(data) = disk.cache.get_data() else { return };
        let partial = disk.path.with_extension(format!("{}.partial", std::process::id()));
        let folder = disk.path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written =
            folder.and_then(|()| std::fs::write(&partial, data)).and_then(|()| std::fs::rename(&partial, &disk.path));
        if let Err(e) = written {
            log::debug!("pipelines are not cached: {e}");
        }
    }
}
