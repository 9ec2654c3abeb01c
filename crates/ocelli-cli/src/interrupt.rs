//! Ctrl-C: the first asks the work to stop where it may, the second ends the process, without half a file.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use ocelli::vision::image_io::discard_partial_files;

static CANCELLED: AtomicBool = AtomicBool::new(false);
static HANDLER: Once = Once::new();

/// From now on Ctrl-C is asked about with [`cancelled`].
pub fn listen() {
    HANDLER.call_once(|| {
        let handler = || {
            if CANCELLED.swap(true, Ordering::Relaxed) {
                discard_partial_files(|| std::process::exit(130));
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
