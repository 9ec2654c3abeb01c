//! From samples in 0..1 to the whole numbers of a file.

use crate::image::{Depth, Image};

/// What happens to the fractions that a smaller depth cannot hold. All ways are deterministic, and exact where a sample
/// is a whole number of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dither {
    /// [`Dither::Ordered`] where the picture has more depth than is written, else [`Dither::None`].
    #[default]
    Auto,
    /// Rounded to nearest: least error, but bands in slow gradients.
    None,
    /// Compared with a fixed pattern without visible structure (the additive recurrence of the plastic number).
    Ordered,
    /// The error goes to the neighbours (Floyd and Steinberg, rows in alternating directions).
    Diffusion,
}

/// Interleaved samples.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// 0 to 255.
    U8(Vec<u8>),
    /// 0 to 65535.
    U16(Vec<u16>),
    /// As they are.
    F32(Vec<f32>),
}

/// Makes samples of rows that come from the top.
#[derive(Clone)]
pub struct Quantizer {
    depth: Depth,
    dither: Dither,
    /// Rows that have been made.
    row: usize,
    /// Errors that [`Dither::Diffusion`] still owes the next row, per channel, with a place on either side.
    owed: Vec<Vec<f32>>,
}

impl Quantizer {
    /// From samples of `depth` to those of `to`.
    pub fn new(depth: Depth, to: Depth, dither: Dither) -> Quantizer {
        let dither = match dither {
            Dither::Auto if depth > to => Dither::Ordered,
            Dither::Auto => Dither::None,
            chosen => chosen,
        };
        Quantizer { depth: to, dither, row: 0, owed: Vec::new() }
    }

    /// The same for rows from `row` on. [`Dither::Diffusion`] owes them nothing.
    pub fn starting_at(self, row: usize) -> Quantizer {
        Quantizer { row, ..self }
    }

    /// Interleaved samples of the next rows; whole numbers are clamped to their range.
    pub fn rows(&mut self, image: &Image) -> Samples {
        let top = match self.depth {
            Depth::F32 => return Samples::F32(image.to_f32()),
            Depth::U16 => 65535.0,
            Depth::U8 => 255.0,
        };
        let codes = match self.dither {
            Dither::Ordered => ordered(image, top, self.row),
            Dither::Diffusion => diffused(image, top, self.row, &mut self.owed),
            Dither::None | Dither::Auto => {
                image.to_f32().into_iter().map(|v| (v.clamp(0.0, 1.0) * top + 0.5) as u16).collect()
            }
        };
        self.row += image.height();
        match self.depth {
            Depth::U8 => Samples::U8(codes.into_iter().map(|v| v as u8).collect()),
            _ => Samples::U16(codes),
        }
    }
}

/// The threshold of channel `c` at column `x` and row `y`, in 1/512 .. 511/512: `x / p + y / p^2` of the plastic number
/// `p`, folded so that it has no jump, in 32-bit whole numbers. Channels take it from distant places.
fn threshold(x: usize, y: usize, c: usize) -> f32 {
    const A: u32 = 3_242_174_889;
    const B: u32 = 2_447_445_414;
    let (x, y) = ((x + 37 * c) as u32, (y + 101 * c) as u32);
    let v = x.wrapping_mul(A).wrapping_add(y.wrapping_mul(B));
    let folded = if v < 1 << 31 { v << 1 } else { !(v << 1) };
    ((folded >> 24) * 2 + 1) as f32 / 512.0
}

/// Near enough to a whole number to be one: what `f32` arithmetic leaves of it.
fn whole(v: f32) -> Option<u16> {
    let near = v.round();
    ((v - near).abs() <= (v * 4e-7).max(1.0 / 1024.0)).then_some(near as u16)
}

fn ordered(image: &Image, top: f32, first: usize) -> Vec<u16> {
    let (channels, width) = (image.channels().count(), image.width());
    let values = image.to_f32();
    let at = |(i, v): (usize, f32)| {
        let v = v.clamp(0.0, 1.0) * top;
        let (c, x, y) = (i % channels, i / channels % width, first + i / channels / width);
        whole(v).unwrap_or_else(|| (v + threshold(x, y, c)) as u16)
    };
    values.into_iter().enumerate().map(at).collect()
}

fn diffused(image: &Image, top: f32, first: usize, owed: &mut Vec<Vec<f32>>) -> Vec<u16> {
    let (channels, width, height) = (image.channels().count(), image.width(), image.height());
    let mut out = vec![0u16; channels * width * height];
    owed.resize(channels, vec![0.0; width + 2]);
    for (c, here) in owed.iter_mut().enumerate() {
        let plane = image.planes().plane(c);
        let mut next = vec![0.0f32; width + 2];
        for y in 0..height {
            let forward = (first + y) % 2 == 0;
            for step in 0..width {
                let x = if forward { step } else { width - 1 - step };
                let exact = plane[y * width + x].clamp(0.0, 1.0) * top;
                let wanted = exact + here[x + 1];
                let code = match whole(exact) {
                    // A pixel that needs no rounding takes no part, so that flat areas stay flat.
                    Some(code) => code,
                    None => {
                        let code = wanted.round().clamp(0.0, top);
                        let error = wanted - code;
                        let (ahead, behind) = if forward { (x + 2, x) } else { (x, x + 2) };
                        here[ahead] += error * (7.0 / 16.0);
                        next[behind] += error * (3.0 / 16.0);
                        next[x + 1] += error * (5.0 / 16.0);
                        next[ahead] += error * (1.0 / 16.0);
                        code as u16
                    }
                };
                out[(y * width + x) * channels + c] = code;
            }
            std::mem::swap(here, &mut next);
            next.fill(0.0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Channels;
    use crate::planes::Planes;

    fn samples(image: &Image, depth: Depth, dither: Dither) -> Samples {
        Quantizer::new(image.depth(), depth, dither).rows(image)
    }

    fn u8s(image: &Image, dither: Dither) -> Vec<u8> {
        match samples(image, Depth::U8, dither) {
            Samples::U8(v) => v,
            other => panic!("{other:?}"),
        }
    }

    fn ramp(depth: Depth) -> Image {
        // From code 100 to 102 over 256 columns.
        let row = (0..256).map(|x| (100.0 + x as f32 / 128.0) / 255.0);
        let data: Vec<f32> = row.cycle().take(256 * 64).collect();
        Image::new(Planes::new(1, 64, 256, data).unwrap(), Channels::Gray, depth).unwrap()
    }

    #[test]
    fn whole_steps_stay_exact_in_every_way() {
        let data: Vec<u8> = (0..=255).cycle().take(64 * 48 * 3).collect();
        let image = Image::from_u8(64, 48, Channels::Rgb, &data).unwrap().with_depth(Depth::F32);
        for dither in [Dither::Auto, Dither::None, Dither::Ordered, Dither::Diffusion] {
            assert_eq!(u8s(&image, dither), data, "{dither:?}");
        }
        let data: Vec<u16> = (0..=65535).collect();
        let image = Image::from_u16(256, 256, Channels::Gray, &data).unwrap().with_depth(Depth::F32);
        for dither in [Dither::Auto, Dither::None, Dither::Ordered, Dither::Diffusion] {
            assert_eq!(samples(&image, Depth::U16, dither), Samples::U16(data.clone()), "{dither:?}");
        }
    }

    /// The mean of 16 by 16 pixels, which an eye takes for the shade, is off by this much at most.
    fn largest_mean_error(codes: &[u8], image: &Image) -> f32 {
        let mut largest = 0.0f32;
        for block in 0..(256 / 16) * (64 / 16) {
            let (bx, by) = (block % 16 * 16, block / 16 * 16);
            let mut sum = 0.0;
            for i in 0..256 {
                let at = (by + i / 16) * 256 + bx + i % 16;
                sum += f32::from(codes[at]) - image.planes().data()[at] * 255.0;
            }
            largest = largest.max((sum / 256.0).abs());
        }
        largest
    }

    #[test]
    fn dithering_keeps_the_shades_that_rounding_loses() {
        let image = ramp(Depth::U16);
        assert!(largest_mean_error(&u8s(&image, Dither::None), &image) > 0.4);
        for dither in [Dither::Ordered, Dither::Diffusion] {
            let codes = u8s(&image, dither);
            let error = largest_mean_error(&codes, &image);
            assert!(error < 0.06, "{dither:?}: {error}");
            let away = codes.iter().zip(image.planes().data()).map(|(c, v)| (f32::from(*c) - v * 255.0).abs());
            assert!(away.fold(0.0, f32::max) < 1.5, "{dither:?}");
            assert_eq!(codes, u8s(&image, dither), "the same bytes every time");
        }
        // By default where depth is lost, and there alone.
        assert_eq!(u8s(&image, Dither::Auto), u8s(&image, Dither::Ordered));
        let shallow = ramp(Depth::U8);
        assert_eq!(u8s(&shallow, Dither::Auto), u8s(&shallow, Dither::None));
    }

    #[test]
    fn rows_that_come_in_parts_are_those_of_the_whole() {
        let image = ramp(Depth::F32);
        for dither in [Dither::None, Dither::Ordered, Dither::Diffusion] {
            let mut parts = Quantizer::new(Depth::F32, Depth::U8, dither);
            let mut joined = Vec::new();
            for (y, n) in [(0, 1), (1, 30), (31, 33)] {
                match parts.rows(&image.crop(0, y, 256, n).unwrap()) {
                    Samples::U8(v) => joined.extend(v),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(joined, u8s(&image, dither), "{dither:?}");
        }
    }

    #[test]
    fn whole_numbers_are_clamped_and_floats_are_not() {
        let planes = Planes::new(1, 1, 4, vec![-1.0, 0.5, 1.5, 2.0]).unwrap();
        let image = Image::new(planes, Channels::Gray, Depth::F32).unwrap();
        assert_eq!(samples(&image, Depth::F32, Dither::Auto), Samples::F32(vec![-1.0, 0.5, 1.5, 2.0]));
        for dither in [Dither::None, Dither::Ordered, Dither::Diffusion] {
            let v = u8s(&image, dither);
            assert_eq!((v[0], v[2], v[3]), (0, 255, 255), "{dither:?}");
        }
    }
}
