//! What a graph does to places: which part of the picture each element of the result depends on, where nodes look at the
//! whole picture at once, and how far beyond a cut a tile must reach so that its result is that of the whole picture.
//!
//! Rows and columns are followed separately through the bound graph, element by element: a `Track` says for every
//! element which rows it depends on, and whether a border was met on the way. What a border spoils is found in the same
//! walk, so that padding, cropping, resizing and pixel shuffles need no rules of their own.
//!
//! A picture of another size must only make tracks longer: two sizes are followed in step, and a node whose result grows
//! otherwise (a resize to a fixed size, a crop that counts from elsewhere) is reported like one that is global.

mod field;
mod follow;
mod moving;
mod places;
mod windows;

use std::collections::BTreeSet;

pub use self::field::Ratio;
use self::field::{Cell, Track, gcd};
use self::follow::Steps;
use crate::{BindError, Graph, TensorType};

/// A node whose result at one place depends on the whole picture, or on the place itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// ONNX name.
    pub node: String,
    /// Operator.
    pub op: &'static str,
    /// What it does.
    pub reason: String,
}

/// What the rows, or the columns, of a result depend on.
///
/// Element `o` of the result depends on elements `floor(o / scale) - before ..= floor(o / scale) + after` of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Elements of the result per element of the input.
    pub scale: Ratio,
    /// Elements of the input before the place of a result that it depends on at most; negative where all lie behind it.
    pub before: i64,
    /// Elements behind.
    pub after: i64,
    /// Elements of the input, rounded up, whose results at the beginning of a tile differ from those of the whole picture.
    pub spoiled_before: usize,
    /// The same at the end.
    pub spoiled_after: usize,
    /// Elements that all unpadded windows together take from the input.
    pub eaten: usize,
    /// Elements per element of the input, of every value on the way.
    pub rates: BTreeSet<Ratio>,
}

impl Extent {
    /// A tile that starts at a multiple of so many input elements sees every value of the whole picture shifted by a whole
    /// multiple of `granule` elements.
    pub fn alignment(&self, granule: usize) -> usize {
        let all = self.rates.iter().map(|r| r.period(granule.max(1) as u64));
        all.fold(1u64, |a, b| (a / gcd(a, b).max(1)).saturating_mul(b)).try_into().unwrap_or(usize::MAX)
    }

    /// Elements beside a cut whose results must be thrown away.
    pub fn halo(&self) -> usize {
        self.spoiled_before.max(self.spoiled_after)
    }
}

/// What a picture that a graph makes of a picture depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceptiveField {
    /// Along rows and columns; `None` when the first output is no picture, or everything reaches a border.
    pub extents: Option<[Extent; 2]>,
    /// Nodes that look at the whole picture, in order. The extents are those of the graph with what these add held fixed.
    pub global: Vec<Global>,
}

impl ReceptiveField {
    /// Pixels beside a cut whose results differ from those of the whole picture, and must be thrown away. `None` where no
    /// number suffices: a node is global, or the result is no picture.
    pub fn halo(&self) -> Option<usize> {
        if self.global.is_empty() { self.local_halo() } else { None }
    }

    /// [`ReceptiveField::halo`] with what global nodes add held fixed.
    pub fn local_halo(&self) -> Option<usize> {
        self.extents.as_ref().map(|e| e[0].halo().max(e[1].halo()))
    }

    /// Tiles that start at multiples of this see what the whole picture sees, in blocks of `granule` elements.
    pub fn alignment(&self, granule: usize) -> usize {
        let Some(e) = &self.extents else { return 1 };
        let [a, b] = [e[0].alignment(granule) as u64, e[1].alignment(granule) as u64];
        (a / gcd(a, b).max(1)).saturating_mul(b).try_into().unwrap_or(usize::MAX)
    }

    /// Follows the picture, which input `picture` holds with its rows and columns in dimensions `axes`, through `graph` to
    /// its first output. `types` are those of all inputs, of the picture in any size: sizes that are fixed in the model are
    /// tried to be made larger.
    ///
    /// Errors: the graph cannot be bound to `types`, whatever the size of the picture.
    pub fn of(
        graph: &Graph,
        picture: usize,
        axes: [usize; 2],
        types: &[TensorType],
    ) -> Result<ReceptiveField, BindError> {
        let mut open = graph.clone();
        if let Some(dims) = open.inputs.get_mut(picture).and_then(|i| i.dims.as_mut()) {
            for axis in axes {
                if let Some(d) = dims.get_mut(axis) {
                    *d = ocelli_tensor::Dim::Unknown;
                }
            }
        }
        let sized = |rows: usize, columns: usize| {
            let mut types = types.to_vec();
            if let Some(ty) = types.get_mut(picture) {
                for (axis, n) in axes.into_iter().zip([rows, columns]) {
                    if let Some(d) = ty.shape.get_mut(axis) {
                        *d = n;
                    }
                }
            }
            types
        };
        let mut found = None;
        for n in SIZES {
            let both = [(n, n + STEP), (n + STEP, n + 2 * STEP)].map(|(h, w)| sized(h, w));
            let Ok(steps) = Steps::new(&open, picture, axes, &both) else { break };
            let (field, settled) = steps.followed();
            found = Some(field);
            if settled {
                break;
            }
        }
        match found {
            Some(field) => Ok(field),
            // The model knows one size only.
            None => Ok(Steps::new(graph, picture, axes, &[types.to_vec()])?.followed().0),
        }
    }
}

/// Rows of pictures that are tried, with [`STEP`] more columns: multiples of the strides that models have.
const SIZES: [usize; 5] = [192, 384, 768, 1536, 3072];
/// Rows and columns by which the second size is larger.
const STEP: usize = 192;

/// The extent of one dimension of the result; `None` when no element is free of borders.
fn extent(track: &Track, input: usize, rates: BTreeSet<Ratio>) -> Option<Extent> {
    let Ratio { num, den } = track.rate;
    let (up, down) = (num as usize, den as usize);
    let place = |o: usize| (o * down / up) as i64;
    let pixels = |elements: usize| (elements * down).div_ceil(up);
    let cells = &track.cells;
    let clean = |c: &Cell| !c.before && !c.after;
    let first = cells.iter().rposition(|c| c.before).map_or(0, |i| i + 1);
    let end = cells.iter().position(|c| c.after).unwrap_or(cells.len());
    // Only where neither border is near, whole periods are seen.
    let period = Ratio::new(num, den).num.max(1) as usize;
    if end < first + period.max(1) {
        return None;
    }
    let inside = || cells.iter().enumerate().take(end).skip(first).filter(|(_, c)| clean(c) && c.reaches());
    let before = inside().map(|(o, c)| place(o) - c.lo).max()?;
    let after = inside().map(|(o, c)| c.hi - place(o)).max()?;
    Some(Extent {
        scale: track.rate,
        before,
        after,
        spoiled_before: pixels(first),
        spoiled_after: pixels(cells.len() - end),
        eaten: input.saturating_sub(cells.len() * down / up),
        rates,
    })
}

#[cfg(test)]
mod tests;
