/// Where the picture lies in what the model saw, so that coordinates can be brought back.
///
/// Coordinates are continuous: the left edge of the first pixel is 0, its centre 0.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Width and height of the picture in pixels.
    pub picture: (usize, usize),
    /// Width and height of the model's input in pixels.
    pub model: (usize, usize),
    /// Pixels of the model's input for one pixel of the picture, horizontally and vertically.
    pub scale: (f32, f32),
    /// Where the picture's top left corner lies in the model's input.
    pub offset: (f32, f32),
}

impl Geometry {
    /// A picture that the model sees as it is.
    pub fn identity(width: usize, height: usize) -> Geometry {
        Geometry { picture: (width, height), model: (width, height), scale: (1.0, 1.0), offset: (0.0, 0.0) }
    }

    /// A point of the model's input in the picture.
    pub fn to_picture(&self, x: f32, y: f32) -> (f32, f32) {
        ((x - self.offset.0) / self.scale.0, (y - self.offset.1) / self.scale.1)
    }

    /// A point of the picture in the model's input.
    pub fn to_model(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.scale.0 + self.offset.0, y * self.scale.1 + self.offset.1)
    }

    /// `rect` of the model's input in the picture, clamped to it.
    pub fn rect_to_picture(&self, rect: Rect) -> Rect {
        let (x0, y0) = self.to_picture(rect.x0, rect.y0);
        let (x1, y1) = self.to_picture(rect.x1, rect.y1);
        let (w, h) = (self.picture.0 as f32, self.picture.1 as f32);
        Rect { x0: x0.clamp(0.0, w), y0: y0.clamp(0.0, h), x1: x1.clamp(0.0, w), y1: y1.clamp(0.0, h) }
    }
}

/// An axis-parallel rectangle in continuous pixel coordinates.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left.
    pub x0: f32,
    /// Top.
    pub y0: f32,
    /// Right.
    pub x1: f32,
    /// Bottom.
    pub y1: f32,
}

impl Rect {
    /// From the corners.
    pub fn new(x0: f32, y0: f32, x1: f32, y1: f32) -> Rect {
        Rect { x0, y0, x1, y1 }
    }

    /// From the centre and the size.
    pub fn centered(cx: f32, cy: f32, width: f32, height: f32) -> Rect {
        Rect::new(cx - width / 2.0, cy - height / 2.0, cx + width / 2.0, cy + height / 2.0)
    }

    /// Width; not positive when the rectangle is empty.
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Height; not positive when the rectangle is empty.
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// Area; zero when the rectangle is empty.
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Whether all coordinates are finite numbers.
    pub fn is_finite(&self) -> bool {
        [self.x0, self.y0, self.x1, self.y1].iter().all(|v| v.is_finite())
    }

    /// The part that both cover.
    pub fn intersection(&self, other: &Rect) -> Rect {
        Rect::new(self.x0.max(other.x0), self.y0.max(other.y0), self.x1.min(other.x1), self.y1.min(other.y1))
    }

    /// Intersection over union, 0 when either is empty.
    pub fn iou(&self, other: &Rect) -> f32 {
        let both = self.intersection(other).area();
        let either = self.area() + other.area() - both;
        if both > 0.0 && either > 0.0 { both / either } else { 0.0 }
    }
}
