use ab_glyph::{Font, FontRef, Glyph, OutlinedGlyph, PxScale, ScaleFont, point};

/// DejaVu Sans, reduced to Latin-1; its licence is beside it.
static FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-latin1.ttf");

/// One line of text in a size. What the font lacks is drawn as its replacement sign.
pub(super) struct Text {
    glyphs: Vec<OutlinedGlyph>,
    width: f32,
    height: f32,
}

impl Text {
    /// Lays out `text` in letters of `size` pixels, line to line.
    pub fn layout(text: &str, size: f32) -> Text {
        let Ok(font) = FontRef::try_from_slice(FONT) else {
            // The font is part of the program and a test reads it.
            return Text { glyphs: Vec::new(), width: 0.0, height: size };
        };
        let font = font.as_scaled(PxScale::from(size));
        let mut glyphs: Vec<Glyph> = Vec::new();
        let mut x = 0.0;
        for c in text.chars() {
            let mut id = font.glyph_id(c);
            if id.0 == 0 {
                id = font.glyph_id('\u{fffd}');
            }
            if let Some(last) = glyphs.last() {
                x += font.kern(last.id, id);
            }
            glyphs.push(id.with_scale_and_position(size, point(x, font.ascent())));
            x += font.h_advance(id);
        }
        Text {
            glyphs: glyphs.into_iter().filter_map(|g| font.outline_glyph(g)).collect(),
            width: x,
            height: font.height(),
        }
    }

    /// Pixels between the letters and the edge of a strip behind them.
    pub fn padding(&self) -> f32 {
        (self.height * 0.15).ceil()
    }

    /// Pixels from the first to the last letter.
    pub fn width(&self) -> f32 {
        self.width
    }

    /// Pixels from the highest to the lowest letter of the font.
    pub fn height(&self) -> f32 {
        self.height
    }

    /// Calls `pixel(column, row, cover)` for the pixels of the letters, the top left corner at (`x`, `y`).
    pub fn draw(&self, x: f32, y: f32, mut pixel: impl FnMut(isize, isize, f32)) {
        let (x, y) = (x.round(), y.round());
        for g in &self.glyphs {
            let at = g.px_bounds().min;
            g.draw(|dx, dy, cover| {
                pixel((x + at.x) as isize + dx as isize, (y + at.y) as isize + dy as isize, cover);
            });
        }
    }
}
