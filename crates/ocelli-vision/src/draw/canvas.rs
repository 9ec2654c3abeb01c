use super::text::Text;
use crate::geometry::Rect;
use crate::image::{Channels, Image};
use crate::planes::Planes;

/// A picture that can be drawn on. Everything is clipped to it.
pub(super) struct Canvas<'a> {
    planes: &'a mut Planes,
}

impl<'a> Canvas<'a> {
    pub fn new(image: &'a mut Image) -> Canvas<'a> {
        if !image.channels().is_color() {
            let gray = std::mem::replace(image, Image::filled_rgb(1, 1, [0.0; 3]));
            *image = gray.into_rgb();
        }
        debug_assert!(matches!(image.channels(), Channels::Rgb | Channels::Rgba));
        Canvas { planes: image.planes_mut() }
    }

    /// Mixes `color` into a pixel; alpha is left.
    pub fn blend(&mut self, x: isize, y: isize, opacity: f32, color: [f32; 3]) {
        let (w, h) = (self.planes.width(), self.planes.height());
        if x < 0 || y < 0 || x as usize >= w || y as usize >= h {
            return;
        }
        let at = y as usize * w + x as usize;
        for (c, v) in color.into_iter().enumerate() {
            let sample = &mut self.planes.plane_mut(c)[at];
            *sample += (v - *sample) * opacity.clamp(0.0, 1.0);
        }
    }

    /// Visits the pixels of `area`, one more on each side, clipped; `cover` says how much of each is painted.
    fn paint(&mut self, area: Rect, color: [f32; 3], cover: impl Fn(f32, f32) -> f32) {
        if !area.is_finite() {
            return;
        }
        let clip = |v: f32, n: usize| v.clamp(0.0, n as f32) as isize;
        let (w, h) = (self.planes.width(), self.planes.height());
        let (x0, x1) = (clip(area.x0 - 1.0, w), clip(area.x1 + 2.0, w));
        let (y0, y1) = (clip(area.y0 - 1.0, h), clip(area.y1 + 2.0, h));
        for y in y0..y1 {
            for x in x0..x1 {
                let c = cover(x as f32 + 0.5, y as f32 + 0.5);
                if c > 0.0 {
                    self.blend(x, y, c, color);
                }
            }
        }
    }

    /// A filled rectangle.
    pub fn fill(&mut self, area: Rect, color: [f32; 3]) {
        let part = |v: f32, from: f32, to: f32| ((v + 0.5).min(to) - (v - 0.5).max(from)).clamp(0.0, 1.0);
        self.paint(area, color, |x, y| part(x, area.x0, area.x1) * part(y, area.y0, area.y1));
    }

    /// The outline of a rectangle, its line within it.
    pub fn frame(&mut self, area: Rect, line: f32, color: [f32; 3]) {
        let Rect { x0, y0, x1, y1 } = area;
        let (w, h) = (line.min(area.width()), line.min(area.height()));
        self.fill(Rect::new(x0, y0, x1, y0 + h), color);
        self.fill(Rect::new(x0, y1 - h, x1, y1), color);
        self.fill(Rect::new(x0, y0 + h, x0 + w, y1 - h), color);
        self.fill(Rect::new(x1 - w, y0 + h, x1, y1 - h), color);
    }

    /// A filled circle.
    pub fn disc(&mut self, cx: f32, cy: f32, radius: f32, color: [f32; 3]) {
        let area = Rect::centered(cx, cy, 2.0 * radius, 2.0 * radius);
        self.paint(area, color, |x, y| (radius + 0.5 - (x - cx).hypot(y - cy)).clamp(0.0, 1.0));
    }

    /// A line with round ends.
    pub fn line(&mut self, a: (f32, f32), b: (f32, f32), width: f32, color: [f32; 3]) {
        let r = width / 2.0;
        let area = Rect::new(a.0.min(b.0) - r, a.1.min(b.1) - r, a.0.max(b.0) + r, a.1.max(b.1) + r);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length2 = (dx * dx + dy * dy).max(1e-6);
        self.paint(area, color, |x, y| {
            let t = (((x - a.0) * dx + (y - a.1) * dy) / length2).clamp(0.0, 1.0);
            let distance = (x - a.0 - t * dx).hypot(y - a.1 - t * dy);
            (r + 0.5 - distance).clamp(0.0, 1.0)
        });
    }

    /// The strip of a label whose bottom left corner is at (`x`, `bottom`), moved so that it lies in the picture.
    pub fn tag_area(&self, text: &Text, x: f32, bottom: f32) -> Rect {
        let pad = text.padding();
        let (w, h) = (text.width() + 2.0 * pad, text.height() + pad);
        let (pw, ph) = (self.planes.width() as f32, self.planes.height() as f32);
        let x = x.floor().min(pw - w).max(0.0);
        let y = (bottom.floor() - h).min(ph - h).max(0.0);
        Rect::new(x, y, x + w, y + h)
    }

    /// A label on its strip.
    pub fn tag(&mut self, text: &Text, area: Rect, color: [f32; 3]) {
        if !area.is_finite() {
            return;
        }
        self.fill(area, color);
        let bright = crate::color::gray(color[0], color[1], color[2]) > 0.45;
        let ink = if bright { [0.0; 3] } else { [1.0; 3] };
        let pad = text.padding();
        text.draw(area.x0 + pad, area.y0 + pad / 2.0, |px, py, cover| {
            self.blend(px, py, cover, ink);
        });
    }
}
