//! Test-time augmentation: the mean over a tile's turns and reflections.

use ocelli_tensor::Tensor;
use ocelli_vision::package::Layout;
use ocelli_vision::restore::{Answer, Step};

use super::restoring::Worker;
use super::{Progress, Task};
use crate::Error;

/// One of the eight turns and reflections of a picture: rows mirrored, columns mirrored, then rows and columns exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    rows: bool,
    columns: bool,
    exchange: bool,
}

impl Turn {
    /// All eight; the first four keep rows and columns apart.
    fn all() -> impl Iterator<Item = Turn> {
        (0..8).map(|i| Turn { rows: i & 1 != 0, columns: i & 2 != 0, exchange: i & 4 != 0 })
    }

    /// The planes of an `f32` tensor of rank 4 turned, or turned back.
    fn of(self, tensor: &Tensor, layout: Layout, back: bool) -> Result<Tensor, Error> {
        let (axes, channels) = match layout {
            Layout::Nchw => ([2, 3], 1),
            Layout::Nhwc => ([1, 2], 3),
        };
        let shape = tensor.shape().to_vec();
        if shape.len() != 4 {
            return Err(Error::Broken(format!("a turned picture has the shape {shape:?}, expected rank 4")));
        }
        let [rows, columns] = axes.map(|a| shape[a]);
        let mut turned = shape.clone();
        if self.exchange {
            turned.swap(axes[0], axes[1]);
        }
        let values = tensor.view::<f32>()?;
        let mut out = vec![0.0; values.len()];
        // Elements between two rows, columns and channels.
        let strides = |shape: &[usize]| {
            let after = |axis: usize| shape[axis + 1..].iter().product::<usize>();
            [after(axes[0]), after(axes[1]), after(channels)]
        };
        let (from, to) = (strides(&shape), strides(&turned));
        let mirrored = |mirror: bool, n: usize, i: usize| if mirror { n - 1 - i } else { i };
        // Turned back, what was mirrored after the exchange is mirrored before it.
        let (mirror_rows, mirror_columns) =
            if back && self.exchange { (self.columns, self.rows) } else { (self.rows, self.columns) };
        let planes = shape[0] * shape[channels];
        for plane in 0..planes {
            let (n, c) = (plane / shape[channels], plane % shape[channels]);
            let picture = n * shape[1] * shape[2] * shape[3];
            for y in 0..rows {
                for x in 0..columns {
                    let (v, u) = (mirrored(mirror_rows, rows, y), mirrored(mirror_columns, columns, x));
                    let (v, u) = if self.exchange { (u, v) } else { (v, u) };
                    out[picture + v * to[0] + u * to[1] + c * to[2]] =
                        values[picture + y * from[0] + x * from[1] + c * from[2]];
                }
            }
        }
        Ok(Tensor::from_vec(&turned, out)?)
    }
}

impl Task {
    /// How many turns and reflections of a tile the model takes: eight, or four where its size is fixed and not square.
    pub fn turns(&self) -> usize {
        if self.fixed.is_some_and(|(w, h)| w != h) { 4 } else { 8 }
    }

    /// Order of dimensions of the result.
    fn result_layout(&self) -> Layout {
        self.package.output.layout.unwrap_or(self.package.input.layout)
    }
}

impl Worker<'_> {
    /// Runs a tile: as it is, or the mean over its turns.
    pub(super) fn run(
        &mut self,
        step: Step,
        tensor: Tensor,
        progress: &mut Progress<'_>,
    ) -> Result<Answer<Tensor, Error>, Error> {
        if !self.options.tta {
            return self.run_once(step, tensor, progress);
        }
        let count = self.task.turns();
        let (before, after) = (self.task.package.input.layout, self.task.result_layout());
        let mut sum: Option<(Vec<usize>, Vec<f32>)> = None;
        for (i, turn) in Turn::all().take(count).enumerate() {
            let step = Step { index: step.index * count + i, count: step.count * count };
            let turned = match self.run_once(step, turn.of(&tensor, before, false)?, progress)? {
                Answer::Done(result) => turn.of(&result, after, true)?,
                other @ (Answer::TooLarge(_) | Answer::Gone(_)) => return Ok(other),
            };
            let values = turned.view::<f32>()?;
            match &mut sum {
                None => sum = Some((turned.shape().to_vec(), values.to_vec())),
                Some((shape, sum)) if turned.shape() == &shape[..] => {
                    sum.iter_mut().zip(values.iter()).for_each(|(s, v)| *s += v);
                }
                Some((shape, _)) => {
                    return Err(Error::Broken(format!(
                        "a turned tile answers with the shape {:?}, the tile itself with {shape:?}",
                        turned.shape()
                    )));
                }
            }
        }
        let (shape, mut values) = sum.unwrap_or_default();
        values.iter_mut().for_each(|v| *v /= count as f32);
        Ok(Answer::Done(Tensor::from_vec(&shape, values)?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

    use super::*;

    #[test]
    fn turns_differ_and_come_back() {
        for (layout, shape) in [(Layout::Nchw, [2, 3, 4, 5]), (Layout::Nhwc, [2, 4, 5, 3])] {
            let tensor = Tensor::from_vec(&shape, (0..120).map(|i| i as f32).collect()).unwrap();
            let mut seen: Vec<Tensor> = Vec::new();
            for turn in Turn::all() {
                let turned = turn.of(&tensor, layout, false).unwrap();
                let back = turn.of(&turned, layout, true).unwrap();
                assert_eq!(back.shape(), tensor.shape(), "{turn:?}");
                assert_eq!(back.view::<f32>().unwrap(), tensor.view::<f32>().unwrap(), "{turn:?}");
                let same = |t: &Tensor| {
                    t.shape() == turned.shape() && t.view::<f32>().unwrap() == turned.view::<f32>().unwrap()
                };
                assert!(!seen.iter().any(same), "{turn:?}");
                seen.push(turned);
            }
        }
    }

    #[test]
    fn mirrors_and_exchange_are_what_they_say() {
        let tensor = Tensor::from_vec(&[1, 1, 2, 3], vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        let of = |rows, columns, exchange| {
            let turned = Turn { rows, columns, exchange }.of(&tensor, Layout::Nchw, false).unwrap();
            (turned.shape()[2], turned.view::<f32>().unwrap().to_vec())
        };
        assert_eq!(of(true, false, false), (2, vec![4.0, 5.0, 6.0, 1.0, 2.0, 3.0]));
        assert_eq!(of(false, true, false), (2, vec![3.0, 2.0, 1.0, 6.0, 5.0, 4.0]));
        assert_eq!(of(false, false, true), (3, vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
        // A quarter turn.
        assert_eq!(of(true, false, true), (3, vec![4.0, 1.0, 5.0, 2.0, 6.0, 3.0]));
    }
}
