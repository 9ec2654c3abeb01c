use ocelli_tensor::Tensor;

use crate::error::{self, Result};

/// Planar samples: `channels` planes of `height` rows of `width` values, the layout `CHW` of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Planes {
    channels: usize,
    height: usize,
    width: usize,
    data: Vec<f32>,
}

impl Planes {
    /// Planes over existing samples, which must be `channels * height * width` many; no dimension may be zero.
    pub fn new(channels: usize, height: usize, width: usize, data: Vec<f32>) -> Result<Planes> {
        let shape = [channels, height, width];
        if ocelli_tensor::element_count(&shape) != Some(data.len()) || data.is_empty() {
            return Err(error::shape("planes", format!("{} samples, at least one", data.len()), &shape));
        }
        Ok(Planes { channels, height, width, data })
    }

    /// Planes of one value. Sizes of zero become one.
    pub fn filled(channels: usize, height: usize, width: usize, value: f32) -> Planes {
        let (channels, height, width) = (channels.max(1), height.max(1), width.max(1));
        Planes { channels, height, width, data: vec![value; channels * height * width] }
    }

    /// Number of planes.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All samples, plane after plane.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// All samples, plane after plane.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// The samples of plane `c`, row after row. Panics when there is no such plane.
    pub fn plane(&self, c: usize) -> &[f32] {
        let n = self.width * self.height;
        &self.data[c * n..(c + 1) * n]
    }

    /// The samples of plane `c`, row after row. Panics when there is no such plane.
    pub fn plane_mut(&mut self, c: usize) -> &mut [f32] {
        let n = self.width * self.height;
        &mut self.data[c * n..(c + 1) * n]
    }

    /// The sample of plane `c` at column `x` and row `y`. Panics outside.
    pub fn at(&self, c: usize, y: usize, x: usize) -> f32 {
        self.data[(c * self.height + y) * self.width + x]
    }

    /// The planes `from..to` as planes of their own. Panics when that is empty or outside.
    pub fn select(&self, from: usize, to: usize) -> Planes {
        assert!(from < to && to <= self.channels, "planes {from}..{to} of {}", self.channels);
        let n = self.width * self.height;
        Planes { channels: to - from, data: self.data[from * n..to * n].to_vec(), ..*self }
    }

    /// These planes followed by those of `other`, which must have the same size.
    pub fn stacked(mut self, other: &Planes) -> Result<Planes> {
        if (self.width, self.height) != (other.width, other.height) {
            return Err(error::argument(format!(
                "cannot stack planes of {}x{} on planes of {}x{}",
                other.width, other.height, self.width, self.height
            )));
        }
        self.channels += other.channels;
        self.data.extend_from_slice(&other.data);
        Ok(self)
    }

    /// The rectangle of `width` by `height` at column `x` and row `y`; an error when it does not lie inside.
    pub fn crop(&self, x: usize, y: usize, width: usize, height: usize) -> Result<Planes> {
        let inside = |at: usize, n: usize, all: usize| n > 0 && at.checked_add(n).is_some_and(|end| end <= all);
        if !inside(x, width, self.width) || !inside(y, height, self.height) {
            return Err(error::argument(format!(
                "the rectangle {width}x{height} at ({x}, {y}) is not inside a picture of {}x{}",
                self.width, self.height
            )));
        }
        let mut data = Vec::with_capacity(self.channels * width * height);
        for c in 0..self.channels {
            for row in y..y + height {
                let start = (c * self.height + row) * self.width + x;
                data.extend_from_slice(&self.data[start..start + width]);
            }
        }
        Planes::new(self.channels, height, width, data)
    }

    /// Writes `part` over these planes with its top left corner at column `x` and row `y`; what falls outside is
    /// dropped, and so are planes that these lack.
    pub fn paste(&mut self, part: &Planes, x: usize, y: usize) {
        let width = part.width.min(self.width.saturating_sub(x));
        let height = part.height.min(self.height.saturating_sub(y));
        for c in 0..self.channels.min(part.channels) {
            for row in 0..height {
                let to = (c * self.height + y + row) * self.width + x;
                let from = (c * part.height + row) * part.width;
                self.data[to..to + width].copy_from_slice(&part.data[from..from + width]);
            }
        }
    }

    /// Largest difference to the part of `other` whose top left corner is at column `x` and row `y`; samples that `other`
    /// lacks do not count.
    pub fn largest_difference(&self, other: &Planes, x: usize, y: usize) -> f32 {
        let width = self.width.min(other.width.saturating_sub(x));
        let height = self.height.min(other.height.saturating_sub(y));
        let mut most = 0.0f32;
        for c in 0..self.channels.min(other.channels) {
            for row in 0..height {
                let (a, b) = ((c * self.height + row) * self.width, (c * other.height + y + row) * other.width + x);
                let pairs = self.data[a..a + width].iter().zip(&other.data[b..b + width]);
                most = pairs.fold(most, |most, (a, b)| most.max((a - b).abs()));
            }
        }
        most
    }

    /// Larger planes with `left`, `top`, `right` and `bottom` more samples, made as `border` says.
    pub fn padded(&self, left: usize, top: usize, right: usize, bottom: usize, border: Border) -> Planes {
        let (width, height) = (self.width + left + right, self.height + top + bottom);
        let xs: Vec<Option<usize>> = (0..width).map(|x| border.index(x as isize - left as isize, self.width)).collect();
        let fill = match border {
            Border::Constant(value) => value,
            Border::Edge | Border::Reflect | Border::Symmetric => 0.0,
        };
        let mut data = Vec::with_capacity(self.channels * width * height);
        for c in 0..self.channels {
            let plane = self.plane(c);
            for y in 0..height {
                match border.index(y as isize - top as isize, self.height) {
                    Some(row) => {
                        let row = &plane[row * self.width..(row + 1) * self.width];
                        data.extend(xs.iter().map(|x| x.map_or(fill, |x| row[x])));
                    }
                    None => data.extend(std::iter::repeat_n(fill, width)),
                }
            }
        }
        Planes { channels: self.channels, height, width, data }
    }

    /// Applies `f` to every sample of every plane.
    pub fn map(mut self, f: impl Fn(f32) -> f32) -> Planes {
        for v in &mut self.data {
            *v = f(*v);
        }
        self
    }

    /// The samples as a tensor `1xCxHxW` of `f32`.
    pub fn into_tensor(self) -> Result<Tensor> {
        Ok(Tensor::from_vec(&[1, self.channels, self.height, self.width], self.data)?)
    }

    /// The samples of a tensor `1xCxHxW` (or `CxHxW`, `HxW`) of any dtype.
    pub fn from_tensor(tensor: &Tensor) -> Result<Planes> {
        let (c, h, w) = match *tensor.shape() {
            [1, c, h, w] | [c, h, w] => (c, h, w),
            [h, w] => (1, h, w),
            _ => {
                return Err(error::shape("picture from a tensor", "1xCxHxW", tensor.shape()));
            }
        };
        Planes::new(c, h, w, tensor.to_f32s())
    }
}

/// What lies beyond the edge of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Border {
    /// One value.
    Constant(f32),
    /// The last sample again: `aaa|abc|ccc`.
    Edge,
    /// Mirrored about the last sample, which is not repeated: `cb|abc|ba`.
    Reflect,
    /// Mirrored about the edge, the last sample repeated: `ba|abc|cb`.
    Symmetric,
}

impl Border {
    /// The index within `0..n` that stands for index `i`, or `None` for a constant. `n` must not be zero.
    pub fn index(self, i: isize, n: usize) -> Option<usize> {
        let size = n as isize;
        if (0..size).contains(&i) {
            return Some(i as usize);
        }
        match self {
            Border::Constant(_) => None,
            Border::Edge => Some(i.clamp(0, size - 1) as usize),
            Border::Reflect if n == 1 => Some(0),
            Border::Reflect => {
                let j = i.rem_euclid(2 * size - 2);
                Some(j.min(2 * size - 2 - j) as usize)
            }
            Border::Symmetric => {
                let j = i.rem_euclid(2 * size);
                Some(j.min(2 * size - 1 - j) as usize)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[f32]) -> Planes {
        Planes::new(1, 1, values.len(), values.to_vec()).unwrap()
    }

    #[test]
    fn borders_follow_their_pictures() {
        // numpy.pad([1, 2, 3], 4, mode) for edge, reflect and symmetric.
        let cases = [
            (Border::Constant(9.0), [9., 9., 9., 9., 1., 2., 3., 9., 9., 9., 9.]),
            (Border::Edge, [1., 1., 1., 1., 1., 2., 3., 3., 3., 3., 3.]),
            (Border::Reflect, [1., 2., 3., 2., 1., 2., 3., 2., 1., 2., 3.]),
            (Border::Symmetric, [3., 3., 2., 1., 1., 2., 3., 3., 2., 1., 1.]),
        ];
        for (border, expected) in cases {
            let padded = line(&[1., 2., 3.]).padded(4, 0, 4, 0, border);
            assert_eq!(padded.data(), expected, "{border:?}");
        }
    }

    #[test]
    fn crops_and_pastes() {
        let p = Planes::new(2, 2, 3, (0..12).map(|x| x as f32).collect()).unwrap();
        let part = p.crop(1, 0, 2, 2).unwrap();
        assert_eq!(part.data(), [1., 2., 4., 5., 7., 8., 10., 11.]);
        let mut q = Planes::filled(2, 2, 3, -1.0);
        q.paste(&part, 2, 1);
        assert_eq!(q.data(), [-1., -1., -1., -1., -1., 1., -1., -1., -1., -1., -1., 7.]);
        assert!(p.crop(2, 0, 2, 2).is_err());
        assert!(p.crop(usize::MAX, 0, 2, 2).is_err());
    }
}
