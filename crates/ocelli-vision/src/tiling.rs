//! Cutting a picture into overlapping tiles for a fully convolutional model, and putting the results together.
//!
//! ```text
//!   picture   |---------------------------------------------|
//!   tile 0    [=================..]                            halo only where another tile follows:
//!   tile 1             [..===============..]                   at the border of the picture a tile starts
//!   tile 2                           [..====================]  at the border, as the whole picture would
//! ```
//!
//! A tile's result is kept only where it is at least `halo` away from a cut, so with a halo of at least the
//! receptive radius of the model the joined result equals the untiled one exactly. All tiles of a picture have one
//! size, and start at multiples of `multiple_of`, so that strided layers see the same phase.

use crate::error::{self, Result, VisionError};
use crate::planes::Planes;

/// How a picture is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Width of what the model is given, in pixels; a picture that is narrower is given whole.
    pub tile_width: usize,
    /// Height of what the model is given, in pixels.
    pub tile_height: usize,
    /// Pixels beside a cut whose result is thrown away, in pixels of the model's input.
    pub halo: usize,
    /// Tiles start at multiples of this.
    pub multiple_of: usize,
    /// The model's result is this many times larger than its input (less `eaten`).
    pub scale: usize,
    /// Pixels that the model takes away on every side of its input (unpadded convolutions). The picture must have been
    /// padded by as much.
    pub eaten: usize,
}

/// One tile: what the model gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Number of the tile, from 0, row by row.
    pub index: usize,
    /// How many tiles there are.
    pub count: usize,
    /// Left column in the picture.
    pub x: usize,
    /// Top row in the picture.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A tile along one axis: it covers `start..start + len` and answers for `from..to`, all in result pixels over scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: usize,
    len: usize,
    from: usize,
    to: usize,
}

fn spans(len: usize, tile: usize, halo: usize, multiple: usize) -> Result<Vec<Span>> {
    if tile >= len {
        return Ok(vec![Span { start: 0, len, from: 0, to: len }]);
    }
    let multiple = multiple.max(1);
    if !tile.is_multiple_of(multiple) || !len.is_multiple_of(multiple) {
        return Err(error::argument(format!(
            "tiles of {tile} and a picture of {len} must both be multiples of {multiple}"
        )));
    }
    if tile < halo.saturating_mul(2).saturating_add(multiple) {
        return Err(error::argument(format!(
            "tiles of {tile} leave nothing between two halos of {halo}; use tiles of at least {}",
            halo.saturating_mul(2).saturating_add(multiple)
        )));
    }
    let mut out = Vec::new();
    let mut done = 0;
    let mut start = 0;
    while done < len {
        let to = if start + tile == len { len } else { start + tile - halo };
        out.push(Span { start, len: tile, from: done, to });
        done = to;
        // The next tile's kept part begins at or before `done`; its start is `done - halo`, rounded down.
        let next = (done.saturating_sub(halo) / multiple) * multiple;
        start = next.min(len - tile);
    }
    Ok(out)
}

impl Tiling {
    fn spans(&self, width: usize, height: usize) -> Result<(Vec<Span>, Vec<Span>)> {
        let core = |n: usize, what: &str| {
            n.checked_sub(self.eaten.saturating_mul(2)).filter(|&n| n > 0).ok_or_else(|| {
                error::argument(format!(
                    "a {what} of {n} is not more than the {} pixels that the model takes away",
                    self.eaten.saturating_mul(2)
                ))
            })
        };
        let axis = |n: usize, tile: usize| spans(core(n, "picture")?, core(tile, "tile")?, self.halo, self.multiple_of);
        Ok((axis(width, self.tile_width)?, axis(height, self.tile_height)?))
    }

    /// How many tiles a picture of this size takes.
    pub fn count(&self, width: usize, height: usize) -> Result<usize> {
        let (columns, rows) = self.spans(width, height)?;
        Ok(columns.len() * rows.len())
    }
}

/// Runs `model` on every tile of `picture` and joins the results.
///
/// `model` maps a tile of `w` by `h` to `(w - 2 eaten) * scale` by `(h - 2 eaten) * scale`, with any number of planes.
/// An error of `model` ends the run.
pub fn run<E: From<VisionError>>(
    picture: &Planes,
    tiling: &Tiling,
    mut model: impl FnMut(&Tile, Planes) -> Result<Planes, E>,
) -> Result<Planes, E> {
    let (columns, rows) = tiling.spans(picture.width(), picture.height())?;
    let count = columns.len() * rows.len();
    let (scale, eaten) = (tiling.scale.max(1), tiling.eaten);
    let width = (picture.width() - 2 * eaten) * scale;
    let height = (picture.height() - 2 * eaten) * scale;
    let mut out: Option<Planes> = None;
    for (j, row) in rows.iter().enumerate() {
        for (i, column) in columns.iter().enumerate() {
            let tile = Tile {
                index: j * columns.len() + i,
                count,
                x: column.start,
                y: row.start,
                width: column.len + 2 * eaten,
                height: row.len + 2 * eaten,
            };
            let input = picture.crop(tile.x, tile.y, tile.width, tile.height)?;
            let result = model(&tile, input)?;
            let expected = (column.len * scale, row.len * scale);
            if (result.width(), result.height()) != expected {
                return Err(VisionError::Shape {
                    what: format!("result for a tile of {}x{}", tile.width, tile.height),
                    expected: format!("{}x{}", expected.0, expected.1),
                    got: format!("{}x{}", result.width(), result.height()),
                }
                .into());
            }
            if count == 1 {
                return Ok(result);
            }
            let kept = result.crop(
                (column.from - column.start) * scale,
                (row.from - row.start) * scale,
                (column.to - column.from) * scale,
                (row.to - row.from) * scale,
            )?;
            out.get_or_insert_with(|| Planes::filled(kept.channels(), height, width, 0.0)).paste(
                &kept,
                column.from * scale,
                row.from * scale,
            );
        }
    }
    out.ok_or_else(|| error::argument("a picture without tiles").into())
}

#[cfg(test)]
#[path = "tiling_tests.rs"]
mod tests;
