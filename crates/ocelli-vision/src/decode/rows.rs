use ocelli_tensor::Tensor;

use crate::error::{self, Result};

/// A tensor `1xNxW` (or `NxW`) as `N` rows of `W` values.
pub(super) struct Rows {
    values: Vec<f32>,
    width: usize,
}

impl Rows {
    /// `what` names the tensor in errors; `count` rows when given; `width` says which widths are right.
    pub fn new(
        what: &str,
        tensor: &Tensor,
        count: Option<usize>,
        width: std::ops::RangeInclusive<usize>,
    ) -> Result<Rows> {
        let (n, w) = match *tensor.shape() {
            [1, n, w] | [n, w] => (n, w),
            _ => (usize::MAX, 0),
        };
        if !width.contains(&w) || w == 0 || count.is_some_and(|count| count != n) {
            let rows = count.map_or("N".to_owned(), |c| c.to_string());
            let columns = if width.start() == width.end() {
                width.start().to_string()
            } else {
                format!("{} or more", width.start())
            };
            return Err(error::shape(what, format!("1x{rows}x({columns})"), tensor.shape()));
        }
        Ok(Rows { values: tensor.to_f32s(), width: w })
    }

    /// The rows, each of `width` values.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, f32> {
        self.values.chunks_exact(self.width)
    }
}

/// The cells of the grids of several strides over a model input, row by row: `(column, row, stride)`.
pub(super) fn cells(strides: &[usize], (width, height): (usize, usize)) -> impl Iterator<Item = (f32, f32, f32)> {
    strides.iter().flat_map(move |&s| {
        let (columns, rows) = (width.div_ceil(s), height.div_ceil(s));
        (0..rows).flat_map(move |y| (0..columns).map(move |x| (x as f32, y as f32, s as f32)))
    })
}

/// Number of cells of one stride.
pub(super) fn cell_count(stride: usize, (width, height): (usize, usize)) -> usize {
    width.div_ceil(stride) * height.div_ceil(stride)
}
