//! A device that is lost, and the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::{enumerate, open_on};
use crate::{Engine, EngineOptions, RuntimeError};

/// How an engine came by its device.
pub(crate) struct Origin {
    pub options: EngineOptions,
    /// Place of the adapter in the listing.
    pub index: usize,
}

/// Set when the driver gives up on the device.
#[derive(Clone, Default)]
pub(crate) struct LostFlag(Arc<AtomicBool>);

impl LostFlag {
    /// Watches a device of the engine's own.
    pub fn watch(&self, device: &wgpu::Device) {
        let flag = Arc::clone(&self.0);
        device.set_device_lost_callback(move |reason, text| {
            log::debug!("the device is lost ({reason:?}): {text}");
            flag.store(true, Ordering::Relaxed);
        });
    }

    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Engine {
    /// Whether the driver has given up on the device. Never for a device that the caller made: the caller is told.
    pub fn is_lost(&self) -> bool {
        self.inner.lost.get()
    }

    /// An engine with the same options on a new device: of the same adapter, or of the next one in the listing.
    ///
    /// Errors: the device is the caller's; there is no next adapter; it cannot be opened.
    pub fn reopened(&self, next: bool) -> Result<Engine, RuntimeError> {
        pollster::block_on(self.reopened_async(next))
    }

    async fn reopened_async(&self, next: bool) -> Result<Engine, RuntimeError> {
        let Some(origin) = &self.inner.origin else {
            return Err(RuntimeError::Lost("the device is the application's, which must open another".to_owned()));
        };
        let index = origin.index + usize::from(next);
        match enumerate().await.into_iter().nth(index) {
            Some(adapter) => open_on(&adapter, index, &origin.options).await,
            None => Err(RuntimeError::Lost("there is no further adapter".to_owned())),
        }
    }
}
