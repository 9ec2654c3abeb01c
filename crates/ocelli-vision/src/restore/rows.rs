//! Pictures that come and go in rows, so that memory does not depend on their height.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;

use super::crew::{self, Crew, Models};
use super::frame::{Frame, Runs};
use super::{Cuts, MOST_PIXELS, Options, as_gray, chroma_of, clamped, in_colors, light};
use crate::error::{self, Result, VisionError};
use crate::image::{Channels, Depth, Head, Image};
use crate::image_io::RowReader;
use crate::package::{ColorOrder, Fit, Package, Task};
use crate::planes::Planes;
use crate::preprocess;
use crate::profile::Curves;
use crate::resample;
use crate::tiling;

/// Rows of a result that are finished at once.
const FINISHED_ROWS: usize = 64;

/// Rows beside a row that bicubic enlargement looks at, and one.
const BICUBIC_ROWS: usize = 3;

/// A picture that comes in rows from the top.
pub trait RowSource {
    /// What is known of it.
    fn head(&self) -> &Head;
    /// The next rows, as many as come at once; `None` after the last.
    fn next_rows(&mut self) -> Result<Option<Planes>>;
}

impl RowSource for RowReader {
    fn head(&self) -> &Head {
        RowReader::head(self)
    }

    fn next_rows(&mut self) -> Result<Option<Planes>> {
        RowReader::next_rows(self)
    }
}

/// Why a picture cannot go through a model in rows; `None` when it can.
pub fn held_whole(head: &Head, package: &Package, options: &Options) -> Option<String> {
    if head.channels.has_alpha() {
        return Some("it has alpha".to_owned());
    }
    if package.input.fixed_size(options.fixed).is_some() && package.input.fit != Fit::Tile {
        return Some(format!("the model {:?} wants it in one size", package.name));
    }
    if package.task == Task::Style && !head.channels.is_color() {
        return Some(format!("the model {:?} may answer in colour", package.name));
    }
    None
}

/// What [`run_rows`] makes of a picture, without the samples.
pub fn head_of_result(head: &Head, package: &Package) -> Result<Head> {
    let scale = package.output.scale;
    let (width, height) = (head.width.saturating_mul(scale), head.height.saturating_mul(scale));
    let pixels = (width as u64).saturating_mul(height as u64);
    if pixels > MOST_PIXELS {
        let what = "pixels of the result".to_owned();
        return Err(VisionError::Limit { what, got: pixels, limit: MOST_PIXELS });
    }
    let channels = if package.input.color == ColorOrder::Gray { Channels::Gray } else { head.channels };
    // One pixel stands for the picture.
    let pixel = Image::new(Planes::filled(channels.count(), 1, 1, 0.0), channels, head.depth)?;
    Ok(Head { width, height, ..pixel.with_metadata(head.metadata.clone()).head() })
}

/// Rows of tiles, in pixels of the picture, that take about so many `bytes` of host memory.
pub fn rows_within(head: &Head, package: &Package, bytes: u64) -> usize {
    let (scale, pre) = (package.output.scale, package.output.pre_upscale.max(1));
    let channels = head.channels.count();
    let planes = if package.input.color == ColorOrder::Each { channels } else { package.input.color.channels() };
    // The picture, what is cut into tiles with a copy, and the band of results.
    let samples = channels + 2 * planes * pre * pre + planes * scale * scale;
    let row = (head.width * samples * size_of::<f32>()) as u64;
    usize::try_from(bytes / row.max(1)).unwrap_or(usize::MAX)
}

/// [`super::run_with`] row by row, from row `first` of the result on, where an earlier run ended: `rows` brings the picture
/// and `emit` gets the finished rows, from the top. Beside the model's own memory no more is held than two rows of tiles
/// and what `emit` keeps.
///
/// Errors: [`held_whole`] says why; as [`super::run`]; those of `rows` and `emit`.
pub fn run_rows<E: From<VisionError> + Send>(
    rows: &mut dyn RowSource,
    package: &Package,
    options: &Options,
    first: usize,
    models: Models<'_, E>,
    emit: &mut dyn FnMut(Planes) -> Result<(), E>,
) -> Result<Cuts, E> {
    crew::with(models, |crew| flowing(rows, package, options, first, crew, emit))
}

fn flowing<'p, E: From<VisionError>>(
    rows: &mut dyn RowSource,
    package: &'p Package,
    options: &Options,
    first: usize,
    crew: &mut dyn Crew<'p, E>,
    emit: &mut dyn FnMut(Planes) -> Result<(), E>,
) -> Result<Cuts, E> {
    let head = rows.head().clone();
    if let Some(reason) = held_whole(&head, package, options) {
        return Err(error::argument(format!("the picture cannot be taken row by row: {reason}")).into());
    }
    let result = head_of_result(&head, package)?;
    let pre = package.output.pre_upscale.max(1);
    let curves = light(head.metadata.icc.as_deref(), package.input.light)?;
    let frame = Frame::new(package, options, (head.width * pre, head.height * pre));
    let mut tiling = frame.tiling;
    let padded = (head.width * pre + frame.eaten + frame.right, head.height * pre + frame.eaten + frame.bottom);
    let flow = RefCell::new(Flow {
        window: Window { rows, curves: curves.clone(), parts: VecDeque::new(), end: 0, floor: 0 },
        head,
        package,
        frame: &frame,
        padded_height: padded.1,
        band: None,
        begins: true,
    });
    let colors = flow.borrow().head.channels.count();
    let runs = if package.input.color == ColorOrder::Each { colors } else { 1 };
    let mut tile = |tile: &tiling::Tile, ahead: &[tiling::Tile]| {
        // Tiles of the next band are cut when the rows of this one are finished.
        let band = ahead.iter().take_while(|next| next.y == tile.y).count();
        let pass = frame.pass(Runs { before: 0, all: runs });
        crew.tile(pass, tile, &ahead[..band], &mut |tile| flow.borrow_mut().tile(tile))
    };
    let mut finish = |at: usize, band: Planes| {
        let end = (at + band.height()).min(result.height);
        let mut from = at.max(first);
        while from < end {
            let to = (from + FINISHED_ROWS).min(end);
            let part = band.crop(0, from - at, result.width, to - from)?;
            emit(flow.borrow_mut().finish(part, from..to, curves.as_ref())?)?;
            from = to;
        }
        flow.borrow_mut().begins = true;
        Ok(())
    };
    let start = first / tiling.scale.max(1);
    let tally = tiling::bands(padded, &mut tiling, start, &mut tile, &mut finish)?;
    Ok(Cuts { tiled: tally.tiles > 1 || first > 0, ..Cuts::of(&tally, &tiling, runs) })
}

/// Rows on their way to tiles and from them.
struct Flow<'a> {
    window: Window<'a>,
    head: Head,
    package: &'a Package,
    frame: &'a Frame<'a>,
    padded_height: usize,
    /// What the tiles of a band are cut from, and its first row.
    band: Option<(usize, Planes)>,
    /// Whether the next tile is the first of a band.
    begins: bool,
}

impl Flow<'_> {
    /// A tile of the padded picture in the model's colours.
    fn tile(&mut self, tile: &tiling::Tile) -> Result<Planes> {
        if std::mem::take(&mut self.begins) {
            self.band = None;
            self.forget(tile.y);
        }
        let (mut from, mut to) = (tile.y, tile.y + tile.height);
        if let Some((first, held)) = &self.band {
            if from >= *first && to <= first + held.height() {
                return held.crop(tile.x, from - first, tile.width, tile.height);
            }
            (from, to) = (from.min(*first), to.max(first + held.height()));
        }
        // Never both, the old and the new.
        self.band = None;
        let held = self.padded_rows(from..to)?;
        let part = held.crop(tile.x, tile.y - from, tile.width, tile.height);
        self.band = Some((from, held));
        part
    }

    /// Lets go of what no row of the padded picture from `row` on needs.
    fn forget(&mut self, row: usize) {
        let needed = (row..self.padded_height).map(|y| self.origin(y)).min().unwrap_or(0);
        let pre = self.package.output.pre_upscale.max(1);
        self.window.forget((needed / pre).saturating_sub(2 * BICUBIC_ROWS));
    }

    /// The row of the enlarged picture that stands in a row of the padded one.
    fn origin(&self, row: usize) -> usize {
        let height = self.head.height * self.package.output.pre_upscale.max(1);
        self.frame.border.index(row as isize - self.frame.eaten as isize, height).unwrap_or(0)
    }

    /// Some rows of the padded picture in the model's colours.
    fn padded_rows(&mut self, rows: Range<usize>) -> Result<Planes> {
        let origins: Vec<usize> = rows.map(|y| self.origin(y)).collect();
        let from = origins.iter().copied().min().unwrap_or(0);
        let to = origins.iter().copied().max().unwrap_or(0) + 1;
        let (height, pre) = (self.head.height, self.package.output.pre_upscale.max(1));
        let color = self.package.input.color;
        let seen = |colors: Planes| {
            Ok::<_, VisionError>(preprocess::model_planes(&Image::from_planes(colors, Depth::F32)?, color))
        };
        let planes = if pre > 1 {
            let needs = resample::imresize_needs(height, height * pre, from..to);
            let colors = seen(self.window.get(needs.clone())?)?;
            resample::imresize_rows(&colors, needs.start, height, from..to, (self.head.width * pre, height * pre))?
        } else {
            seen(self.window.get(from..to)?)?
        };
        let wide = planes.padded(self.frame.eaten, 0, self.frame.right, 0, self.frame.border);
        let in_order = origins.iter().enumerate().all(|(i, &y)| y == from + i);
        if in_order {
            return Ok(wide);
        }
        let mut out = Planes::filled(wide.channels(), origins.len(), wide.width(), 0.0);
        for (i, y) in origins.into_iter().enumerate() {
            out.paste(&wide.crop(0, y - from, wide.width(), 1)?, 0, i);
        }
        Ok(out)
    }

    /// Rows of the result from those of the model's.
    fn finish(&mut self, result: Planes, rows: Range<usize>, curves: Option<&(Curves, Curves)>) -> Result<Planes> {
        let scale = self.package.output.scale;
        let size = (self.head.width * scale, self.head.height * scale);
        let (channels, height) = (self.head.channels, self.head.height);
        let window = &mut self.window;
        let chroma = || {
            let needs = resample::imresize_needs(height, size.1, rows.clone());
            let colors = window.get(needs.clone())?;
            chroma_of(&colors, needs.start, height, rows.clone(), size)
        };
        let mut planes = in_colors(channels, self.package.input.color, result, chroma)?;
        if let Some((own, wanted)) = curves {
            Curves::convert(wanted, own, &mut planes);
        }
        planes = match channels {
            Channels::Gray if self.package.task != Task::Style => as_gray(planes),
            Channels::Rgb if planes.channels() == 1 && self.package.input.color != ColorOrder::Gray => {
                planes.clone().stacked(&planes)?.stacked(&planes)?
            }
            _ => planes,
        };
        Ok(if self.head.depth == Depth::F32 { planes } else { clamped(planes) })
    }
}

/// The rows of a picture that are held, in the light that the model wants.
struct Window<'a> {
    rows: &'a mut dyn RowSource,
    curves: Option<(Curves, Curves)>,
    /// With the row at which each begins, without gaps.
    parts: VecDeque<(usize, Planes)>,
    /// Rows that have been read.
    end: usize,
    /// Rows before this are not asked for any more.
    floor: usize,
}

impl Window<'_> {
    /// Some rows, which must not have been forgotten.
    fn get(&mut self, range: Range<usize>) -> Result<Planes> {
        while self.end < range.end {
            let mut part = self.rows.next_rows()?.ok_or_else(|| error::argument("the picture ends too early"))?;
            let first = self.end;
            self.end += part.height();
            if self.end <= self.floor {
                continue;
            }
            if let Some((own, wanted)) = &self.curves {
                Curves::convert(own, wanted, &mut part);
            }
            self.parts.push_back((first, part));
        }
        let mut out: Option<Planes> = None;
        let mut filled = 0;
        for (first, part) in &self.parts {
            let (from, to) = (range.start.max(*first), range.end.min(first + part.height()));
            if from >= to {
                continue;
            }
            let piece = part.crop(0, from - first, part.width(), to - from)?;
            let (channels, width) = (part.channels(), part.width());
            let out = out.get_or_insert_with(|| Planes::filled(channels, range.len(), width, 0.0));
            out.paste(&piece, 0, from - range.start);
            filled += to - from;
        }
        match out {
            Some(out) if filled == range.len() => Ok(out),
            _ => Err(error::argument(format!("rows {range:?} of the picture are not held"))),
        }
    }

    fn forget(&mut self, row: usize) {
        self.floor = row;
        while self.parts.front().is_some_and(|(first, part)| first + part.height() <= row) {
            self.parts.pop_front();
        }
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
