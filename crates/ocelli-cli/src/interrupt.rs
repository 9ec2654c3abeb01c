//! Ctrl-C: the first asks the work to stop where it may, the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

static CANCELLED: AtomicBool = AtomicBool::new(false);
static WRITING: Mutex<()> = Mutex::new(());
static HANDLER: Once = Once::new();

/// Held while a result is written, so that a second Ctrl-C never ends the process within a write.
pub fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C is asked about with [`cancelled`].
pub fn listen() {
    HANDLER.call_once(|| {
        let handler = || {
            if CANCELLED.swap(true, Ordering::Relaxed) {
                let _whole = writing();
                std::process::exit(130);
            }
        };
        if let Err(e) = ctrlc::set_handler(handler) {
            log::debug!("no Ctrl-C handler: {e}");
        }
    });
}

/// Whether Ctrl-C was pressed since [`listen`].
pub fn cancelled() -> bool {
    CANCELLED.load(Ordering::Relaxed)
}
