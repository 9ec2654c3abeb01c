//! The eight orientations of EXIF.

use crate::planes::Planes;

/// Planes whose file says that they are to be shown with this orientation (1 to 8), turned upright.
pub fn upright(planes: Planes, orientation: u8) -> Planes {
    let (w, h) = (planes.width(), planes.height());
    // For each pixel of the upright picture: its column and row in the file.
    let source: fn(usize, usize, usize, usize) -> (usize, usize) = match orientation {
        2 => |x, y, w, _| (w - 1 - x, y),
        3 => |x, y, w, h| (w - 1 - x, h - 1 - y),
        4 => |x, y, _, h| (x, h - 1 - y),
        5 => |x, y, _, _| (y, x),
        6 => |x, y, _, h| (y, h - 1 - x),
        7 => |x, y, w, h| (w - 1 - y, h - 1 - x),
        8 => |x, y, w, _| (w - 1 - y, x),
        _ => return planes,
    };
    let (to_w, to_h) = if orientation >= 5 { (h, w) } else { (w, h) };
    let mut out = Planes::filled(planes.channels(), to_h, to_w, 0.0);
    for c in 0..planes.channels() {
        let from = planes.plane(c);
        for (i, v) in out.plane_mut(c).iter_mut().enumerate() {
            let (x, y) = source(i % to_w, i / to_w, w, h);
            *v = from[y * w + x];
        }
    }
    out
}
