//! Cutting a picture into overlapping tiles for a fully convolutional model, and putting the results together.
//!
//! ```text
//!   picture   |---------------------------------------------|
//!   tile 0    [=================..]                            halo only where another tile follows;
//!   tile 1             [..===============..]                   at the border of the picture a tile starts
//!   tile 2                           [..====================]  at the border, as the whole picture would
//! ```
//!
//! A tile's result is kept only where it is at least `halo` away from a cut, so with a halo of at least the
//! receptive radius of the model the joined result equals the untiled one exactly. Tiles start at multiples of
//! `multiple_of`, so that strided layers and kernels that work in blocks see the same phase; all tiles of a picture have
//! one size, which is made smaller by less than that where the last tile would start elsewhere.
//!
//! A tile that the device has no memory for is cut further, and so are those after it: what has been computed is kept.

use std::ops::Range;

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
    /// Tiles start at multiples of this, and are larger than a picture by multiples of it.
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

/// What a model makes of a tile.
pub enum Answer<T, E> {
    /// Its result.
    Done(T),
    /// It did not fit into memory. The error is that of the run when no smaller tile is possible.
    TooLarge(E),
    /// The model can do no more. The error is that of the run when no other is there to take the tile.
    Gone(E),
}

/// A model as tiles go through it: it gets a tile, and those that come next unless it is too large.
type Model<'a, E> = dyn FnMut(&Tile, &[Tile]) -> Result<Answer<Planes, E>, E> + 'a;

/// A tile along one axis: it covers `start..start + len` and answers for `from..to`, all in result pixels over scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: usize,
    len: usize,
    from: usize,
    to: usize,
}

/// The length of tiles of at most `tile` whose last one, which ends at `len`, starts at a multiple.
fn fitting(len: usize, tile: usize, halo: usize, multiple: usize) -> Result<usize> {
    if tile >= len {
        return Ok(len);
    }
    let multiple = multiple.max(1);
    let tile = tile.saturating_sub((multiple - (len - tile) % multiple) % multiple);
    let least = halo.saturating_mul(2).saturating_add(multiple).saturating_add(1);
    if tile < least {
        return Err(error::argument(format!(
            "tiles of {tile} leave nothing between two halos of {halo}; use tiles of at least {}",
            least.saturating_add(multiple - 1)
        )));
    }
    Ok(tile)
}

/// The tiles that answer for `range` of `len`.
fn spans(len: usize, range: Range<usize>, tile: usize, halo: usize, multiple: usize) -> Result<Vec<Span>> {
    let tile = fitting(len, tile, halo, multiple)?;
    let multiple = multiple.max(1);
    let mut out = Vec::new();
    let mut from = range.start;
    while from < range.end {
        // What a tile knows begins one element before `from`, to be compared with its neighbour; its start is a halo
        // before, rounded down.
        let start = (from.saturating_sub(halo.saturating_add(1)) / multiple * multiple).min(len - tile);
        let to = if start + tile == len { len } else { start + tile - halo };
        let to = to.min(range.end);
        out.push(Span { start, len: tile, from, to });
        from = to;
    }
    Ok(out)
}

impl Tiling {
    /// The spans of columns and of rows that answer for a part of the result, in pixels over scale.
    fn spans(&self, width: usize, height: usize, part: &Part) -> Result<(Vec<Span>, Vec<Span>)> {
        let axis = |n: usize, range: &Range<usize>, tile: usize| {
            let tile = self.core(tile, "tile")?;
            spans(self.core(n, "picture")?, range.clone(), tile, self.halo, self.multiple_of)
        };
        Ok((axis(width, &part.columns, self.tile_width)?, axis(height, &part.rows, self.tile_height)?))
    }

    fn core(&self, n: usize, what: &str) -> Result<usize> {
        n.checked_sub(self.eaten.saturating_mul(2)).filter(|&n| n > 0).ok_or_else(|| {
            error::argument(format!(
                "a {what} of {n} is not more than the {} pixels that the model takes away",
                self.eaten.saturating_mul(2)
            ))
        })
    }

    fn whole(&self, width: usize, height: usize) -> Result<Part> {
        Ok(Part { columns: 0..self.core(width, "picture")?, rows: 0..self.core(height, "picture")? })
    }

    /// How many tiles a picture of this size takes.
    pub fn count(&self, width: usize, height: usize) -> Result<usize> {
        let (columns, rows) = self.spans(width, height, &self.whole(width, height)?)?;
        Ok(columns.len() * rows.len())
    }

    /// The size that all tiles of a picture of this size have.
    pub fn tile_size(&self, width: usize, height: usize) -> Result<(usize, usize)> {
        let axis = |n: usize, tile: usize| {
            let core = fitting(self.core(n, "picture")?, self.core(tile, "tile")?, self.halo, self.multiple_of)?;
            Ok::<_, VisionError>(core + 2 * self.eaten)
        };
        Ok((axis(width, self.tile_width)?, axis(height, self.tile_height)?))
    }

    /// This with the longer side of tiles halved; `None` where halos would leave nothing.
    fn halved(&self, width: usize, height: usize) -> Option<Tiling> {
        let (w, h) = self.tile_size(width, height).ok()?;
        let half =
            |n: usize| (n - 2 * self.eaten) / 2 / self.multiple_of.max(1) * self.multiple_of.max(1) + 2 * self.eaten;
        let smaller =
            if w >= h { Tiling { tile_width: half(w), ..*self } } else { Tiling { tile_height: half(h), ..*self } };
        smaller.tile_size(width, height).is_ok().then_some(smaller)
    }
}

/// A rectangle of the result, in pixels over scale.
struct Part {
    columns: Range<usize>,
    rows: Range<usize>,
}

/// The result of all tiles.
#[derive(Debug)]
pub struct Joined {
    /// The picture.
    pub planes: Planes,
    /// How it came about.
    pub tally: Tally,
}

/// What a run took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// How many times the model was run.
    pub tiles: usize,
    /// Largest difference between the results of two neighbours for the same pixel beside a cut. Zero, but for what
    /// kernels round differently, where the halo covers what the model sees.
    pub seam: f32,
}

/// Runs `model` on every tile of a picture of this size and joins the results.
///
/// `model` maps a tile of `w` by `h` to `(w - 2 eaten) * scale` by `(h - 2 eaten) * scale`, with any number of planes.
/// An error of `model` ends the run. Where it answers that a tile is too large, `tiling` is changed to smaller ones.
pub fn run<E: From<VisionError>>(
    size: (usize, usize),
    tiling: &mut Tiling,
    model: &mut Model<'_, E>,
) -> Result<Joined, E> {
    let whole = tiling.whole(size.0, size.1)?;
    let mut out: Option<Planes> = None;
    let height = whole.rows.end * tiling.scale.max(1);
    let tally = bands(size, tiling, 0, model, &mut |first, band: Planes| {
        if band.height() == height {
            out = Some(band);
            return Ok(());
        }
        let (channels, width) = (band.channels(), band.width());
        out.get_or_insert_with(|| Planes::filled(channels, height, width, 0.0)).paste(&band, 0, first);
        Ok(())
    })?;
    Ok(Joined { planes: out.ok_or_else(|| error::argument("a picture without tiles"))?, tally })
}

/// Runs `model` on every tile of a picture of this size, from row `first` of its result over scale on, and hands over the
/// results in bands: the row of the result at which a band begins, and the band.
///
/// `model` gets tiles row by row: none begins above one before that lies in an earlier band.
pub fn bands<E: From<VisionError>>(
    (width, height): (usize, usize),
    tiling: &mut Tiling,
    first: usize,
    model: &mut Model<'_, E>,
    emit: &mut dyn FnMut(usize, Planes) -> Result<(), E>,
) -> Result<Tally, E> {
    let whole = tiling.whole(width, height)?;
    let mut join =
        Join { size: (width, height), band: 0..0, out: None, above: None, shared: Vec::new(), done: 0, seam: 0.0 };
    let before = Part { rows: 0..first, columns: whole.columns.clone() };
    let (columns, rows) = tiling.spans(width, height, &before)?;
    join.done = columns.len() * rows.len();
    let skipped = join.done;
    let mut at = first;
    while at < whole.rows.end {
        let left = Part { rows: at..whole.rows.end, columns: whole.columns.clone() };
        let (columns, rows) = tiling.spans(width, height, &left)?;
        let band = rows.first().map_or(at..whole.rows.end, |row| row.from..row.to);
        at = band.end;
        join.band = band.clone();
        let part = Part { rows: band.clone(), columns: whole.columns.clone() };
        let ahead = join.tiles(tiling, &columns, &rows);
        join.part(tiling, part, (rows.len() - 1) * columns.len(), &ahead, model)?;
        emit(band.start * tiling.scale.max(1), join.end()?)?;
    }
    Ok(Tally { tiles: join.done - skipped, seam: join.seam })
}

/// One band of results.
struct Join {
    /// Width and height of the picture.
    size: (usize, usize),
    /// Rows of the band, in pixels over scale.
    band: Range<usize>,
    out: Option<Planes>,
    /// The last row of the band above.
    above: Option<Planes>,
    /// Results of a tile for the last row or column of its neighbour, and where they lie in the band.
    shared: Vec<(usize, usize, Planes)>,
    done: usize,
    seam: f32,
}

impl Join {
    /// The tiles that are left, with these spans.
    fn tiles(&self, tiling: &Tiling, columns: &[Span], rows: &[Span]) -> Vec<Tile> {
        let count = self.done + columns.len() * rows.len();
        let places = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
        let tile = |(i, (row, column)): (usize, (&Span, &Span))| Tile {
            index: self.done + i,
            count,
            x: column.start,
            y: row.start,
            width: column.len + 2 * tiling.eaten,
            height: row.len + 2 * tiling.eaten,
        };
        places.enumerate().map(tile).collect()
    }

    /// Computes one part; `after` is how many tiles are still to come behind it, `ahead` those of it and those behind as
    /// far as they are known.
    fn part<E: From<VisionError>>(
        &mut self,
        tiling: &mut Tiling,
        part: Part,
        after: usize,
        ahead: &[Tile],
        model: &mut Model<'_, E>,
    ) -> Result<(), E> {
        let now = *tiling;
        let (columns, rows) = now.spans(self.size.0, self.size.1, &part)?;
        let all = columns.len() * rows.len();
        for (i, (row, column)) in rows.iter().flat_map(|r| columns.iter().map(move |c| (r, c))).enumerate() {
            let left = all - i - 1 + after;
            let inside = || Part { columns: column.from..column.to, rows: row.from..row.to };
            if *tiling != now {
                self.part(tiling, inside(), left, &[], model)?;
                continue;
            }
            let tile = Tile {
                index: self.done,
                count: self.done + 1 + left,
                x: column.start,
                y: row.start,
                width: column.len + 2 * now.eaten,
                height: row.len + 2 * now.eaten,
            };
            match model(&tile, ahead.get(i + 1..).unwrap_or_default())? {
                Answer::Done(result) => self.keep(&now, &tile, column, row, result)?,
                Answer::Gone(e) => return Err(e),
                Answer::TooLarge(e) => {
                    let Some(smaller) = now.halved(self.size.0, self.size.1) else { return Err(e) };
                    *tiling = smaller;
                    self.part(tiling, inside(), left, &[], model)?;
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, tiling: &Tiling, tile: &Tile, column: &Span, row: &Span, result: Planes) -> Result<()> {
        let scale = tiling.scale.max(1);
        let expected = (column.len * scale, row.len * scale);
        if (result.width(), result.height()) != expected {
            return Err(VisionError::Shape {
                what: format!("result for a tile of {}x{}", tile.width, tile.height),
                expected: format!("{}x{}", expected.0, expected.1),
                got: format!("{}x{}", result.width(), result.height()),
            });
        }
        self.done += 1;
        let size = (tiling.core(self.size.0, "picture")? * scale, self.band.len() * scale);
        if expected == size {
            self.out = Some(result);
            return Ok(());
        }
        let (x, y) = ((column.from - column.start) * scale, (row.from - row.start) * scale);
        let (w, h) = ((column.to - column.from) * scale, (row.to - row.from) * scale);
        let kept = result.crop(x, y, w, h)?;
        let (at_x, at_y) = (column.from * scale, (row.from - self.band.start) * scale);
        if x > 0 && at_x > 0 {
            self.shared.push((at_x - 1, at_y, result.crop(x - 1, y, 1, h)?));
        }
        if y > 0 {
            let strip = || result.crop(x, y - 1, w, 1);
            match &self.above {
                _ if at_y > 0 => self.shared.push((at_x, at_y - 1, strip()?)),
                Some(above) => self.seam = self.seam.max(strip()?.largest_difference(above, at_x, 0)),
                None => {}
            }
        }
        let (width, height) = size;
        let out = self.out.get_or_insert_with(|| Planes::filled(kept.channels(), height, width, 0.0));
        out.paste(&kept, at_x, at_y);
        Ok(())
    }

    /// The band, when all its tiles are there.
    fn end(&mut self) -> Result<Planes> {
        let band = self.out.take().ok_or_else(|| error::argument("a band without tiles"))?;
        let seams = self.shared.drain(..).map(|(x, y, strip)| strip.largest_difference(&band, x, y));
        self.seam = seams.fold(self.seam, f32::max);
        self.above = Some(band.crop(0, band.height() - 1, band.width(), 1)?);
        Ok(band)
    }
}

#[cfg(test)]
#[path = "tiling_tests.rs"]
mod tests;
