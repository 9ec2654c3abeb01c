use ocelli_runtime::Session;
use ocelli_vision::{Image, Package};

use super::input_type;
use super::level::Level;
use crate::Error;

/// Tile sizes that are tried, in pixels, largest first.
const SIZES: [usize; 9] = [2048, 1536, 1024, 768, 512, 384, 256, 128, 64];

/// Most bytes that a plan takes when nobody set a limit.
const DEFAULT_MEMORY_BYTES: u64 = 2 << 30;

/// The largest tile whose plan fits the device's limits and memory; `None` when the whole picture does. Plans are made
/// without touching the device.
pub(super) fn fitting(
    session: &Session,
    package: &Package,
    level: Option<&Level>,
    image: &Image,
) -> Result<Option<(usize, usize)>, Error> {
    let channels = package.input.color.channels();
    let pre = package.output.pre_upscale.max(1);
    let multiple = package.input.multiple_of.max(1);
    let grown = |n: usize| (n * pre + 2 * package.output.crop).next_multiple_of(multiple);
    let (width, height) = (grown(image.width()), grown(image.height()));
    let engine = session.engine();
    let summary = engine.summary();
    let budget = engine.memory_limit_bytes().unwrap_or(DEFAULT_MEMORY_BYTES);
    let fits = |w: usize, h: usize| -> Result<bool, Error> {
        let picture = input_type(package, channels, w, h);
        let types = level.map_or_else(|| vec![picture.clone()], |l| l.types(picture.clone()));
        let report = session.report(&types)?;
        Ok(report.largest_buffer_bytes <= summary.max_binding_bytes && report.memory_bytes <= budget)
    };
    let largest = SIZES[0];
    if width <= largest && height <= largest && fits(width, height)? {
        return Ok(None);
    }
    for size in SIZES {
        let size = size.next_multiple_of(multiple);
        if fits(size.min(width), size.min(height))? {
            return Ok(Some((size, size)));
        }
    }
    Err(Error::Usage(format!("even a tile of {} pixels does not fit into device memory", SIZES[SIZES.len() - 1])))
}
