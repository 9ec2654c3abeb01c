//! Drawing results into a picture: boxes with labels, masks, keypoints.
//!
//! Drawing changes the colours of the picture and leaves its alpha; a grey picture becomes RGB. Sizes follow the
//! picture, so that a label is readable in a thumbnail and in a photograph.

mod canvas;
mod text;

use crate::decode::{ClassScore, Detection, Mask, Pose};
use crate::geometry::Rect;
use crate::image::Image;
use canvas::Canvas;
use text::Text;

/// A colour for each class, told apart by hue; neighbours differ much.
pub fn class_color(class: usize) -> [f32; 3] {
    // Steps of the golden angle; three levels of lightness.
    let hue = (class as f32 * 0.618_034 + 0.33).fract() * 6.0;
    let value = [1.0, 0.85, 0.7][class / 12 % 3];
    let channel = |shift: f32| {
        let k = (shift + hue) % 6.0;
        value * (1.0 - 0.85 * k.min(4.0 - k).clamp(0.0, 1.0))
    };
    [channel(5.0), channel(3.0), channel(1.0)]
}

/// Pixels that a line is wide in a picture of this size.
fn line_px(image: &Image) -> f32 {
    (image.width().max(image.height()) as f32 / 400.0).clamp(1.0, 12.0)
}

/// Height of a letter in a picture of this size.
fn text_px(image: &Image) -> f32 {
    (image.width().max(image.height()) as f32 / 38.0).clamp(11.0, 96.0)
}

/// Labels that are drawn even if they hide one another.
const LABELS_ALWAYS: usize = 12;

/// Draws boxes, `label score` at each, and landmarks.
///
/// A label stands above its box, or below or inside it where another label is in the way. In a crowd the labels that
/// find no place are left out, the lowest scores first, and so are those much wider than their box.
pub fn detections(image: &mut Image, found: &[Detection]) {
    let (line, size) = (line_px(image), text_px(image));
    let mut canvas = Canvas::new(image);
    for d in found.iter().rev() {
        let color = class_color(d.class);
        canvas.frame(d.bbox, line, color);
        let radius = (line * 1.4).min(d.bbox.width() / 14.0).max(0.7);
        for &(x, y) in &d.keypoints {
            canvas.disc(x, y, radius, color);
        }
    }
    let mut order: Vec<&Detection> = found.iter().filter(|d| d.bbox.is_finite()).collect();
    order.sort_by(|a, b| b.score.total_cmp(&a.score));
    let crowd = order.len() > LABELS_ALWAYS;
    let mut placed: Vec<Rect> = Vec::new();
    for d in order {
        let text = Text::layout(&format!("{} {:.0}%", d.label, d.score * 100.0), size);
        if crowd && text.width() > 3.0 * d.bbox.width() {
            continue;
        }
        let at = |bottom: f32| canvas.tag_area(&text, d.bbox.x0, bottom);
        let height = at(0.0).height();
        let places = [at(d.bbox.y0), at(d.bbox.y1 + height), at(d.bbox.y0 + height), at(d.bbox.y1)];
        let free = |area: &&Rect| placed.iter().all(|p| p.intersection(area).area() == 0.0);
        let area = match places.iter().find(free) {
            Some(area) => *area,
            None if crowd => continue,
            None => places[0],
        };
        canvas.tag(&text, area, class_color(d.class));
        placed.push(area);
    }
}

/// Tints each pixel with the colour of its class, the background excepted; `opacity` 0..1.
///
/// The mask must have the size of the picture; what lies beyond either is left.
pub fn mask(image: &mut Image, mask: &Mask, opacity: f32) {
    let mut canvas = Canvas::new(image);
    for (i, &class) in mask.classes.iter().enumerate() {
        if class != 0 && mask.width > 0 {
            let (x, y) = (i % mask.width, i / mask.width);
            canvas.blend(x as isize, y as isize, opacity, class_color(class.into()));
        }
    }
}

/// Draws the lines of the skeleton between the points that were found, and the points.
pub fn pose(image: &mut Image, pose: &Pose) {
    let line = line_px(image) * 1.3;
    let mut canvas = Canvas::new(image);
    let point = |index: usize| pose.points.iter().find(|p| p.index == index);
    for (i, &[a, b]) in pose.skeleton.iter().enumerate() {
        if let (Some(a), Some(b)) = (point(a), point(b)) {
            canvas.line((a.x, a.y), (b.x, b.y), line, class_color(i));
        }
    }
    for p in &pose.points {
        canvas.disc(p.x, p.y, line * 1.6, [1.0, 1.0, 1.0]);
        canvas.disc(p.x, p.y, line * 1.1, [0.9, 0.1, 0.1]);
    }
}

/// Writes the classes with their probabilities into the top left corner.
pub fn classes(image: &mut Image, classes: &[ClassScore]) {
    let size = text_px(image);
    let mut canvas = Canvas::new(image);
    for (i, c) in classes.iter().enumerate() {
        let label = format!("{} {:.1}%", c.label, c.score * 100.0);
        let bottom = (i + 1) as f32 * size * 1.3;
        let text = Text::layout(&label, size);
        let area = canvas.tag_area(&text, 0.0, bottom);
        canvas.tag(&text, area, class_color(c.class));
    }
}

/// Writes a line on a dark strip into the bottom left corner.
pub fn caption(image: &mut Image, line: &str) {
    let (size, bottom) = (text_px(image), image.height() as f32);
    let mut canvas = Canvas::new(image);
    let text = Text::layout(line, size);
    let area = canvas.tag_area(&text, 0.0, bottom);
    canvas.tag(&text, area, [0.1; 3]);
}

#[cfg(test)]
mod tests;
