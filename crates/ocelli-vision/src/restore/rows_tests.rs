use std::cell::Cell;
use std::path::Path;

use ocelli_tensor::Tensor;

use super::*;
use crate::restore::run_cut;
use crate::restore::{Answer, Step};

fn package(input: &str, output: &str) -> Package {
    let text = format!("name = \"t\"\ntask = \"upscale\"\nfile = \"t.onnx\"\n[input]\n{input}\n[output]\n{output}\n");
    Package::parse(&text, Path::new("t.toml")).unwrap()
}

fn picture(width: usize, height: usize, channels: Channels) -> Image {
    let n = channels.count() * width * height;
    let data = (0..n).map(|i| (i * i % 251 + i * 7 % 4) as f32 / 255.0).collect();
    Image::new(Planes::new(channels.count(), height, width, data).unwrap(), channels, Depth::U8).unwrap()
}

/// A picture that comes seven rows at a time, and how many have come.
struct Source<'a> {
    head: Head,
    image: &'a Image,
    at: &'a Cell<usize>,
}

impl RowSource for Source<'_> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn next_rows(&mut self) -> Result<Option<Planes>> {
        let (at, n) = (self.at.get(), 7.min(self.head.height - self.at.get()));
        self.at.set(at + n);
        if n == 0 { Ok(None) } else { Ok(Some(self.image.planes().crop(0, at, self.head.width, n)?)) }
    }
}

/// The mean of `2r + 1` squares with zeros around, less `eaten` on each side, every pixel repeated.
fn blurred(t: &Tensor, r: usize, eaten: usize, scale: usize) -> Tensor {
    let p = Planes::from_tensor(t).unwrap();
    let (w, h) = (p.width() - 2 * eaten, p.height() - 2 * eaten);
    let zeros = p.padded(r, r, r, r, crate::planes::Border::Constant(0.0));
    let mut out = Planes::filled(p.channels(), h * scale, w * scale, 0.0);
    for c in 0..p.channels() {
        for y in 0..h * scale {
            for x in 0..w * scale {
                let at = (y / scale + eaten, x / scale + eaten);
                let square = (0..=2 * r).flat_map(|dy| (0..=2 * r).map(move |dx| (at.0 + dy, at.1 + dx)));
                let sum: f32 = square.map(|(y, x)| zeros.at(c, y, x)).sum();
                out.plane_mut(c)[y * w * scale + x] = sum / ((2 * r + 1) * (2 * r + 1)) as f32;
            }
        }
    }
    out.into_tensor().unwrap()
}

type Cases = [(&'static str, &'static str, usize, usize, Option<(usize, usize)>); 10];

/// Input and output of packages, radius and eaten pixels of the model, and the one size that it takes.
const CASES: Cases = [
    ("", "scale = 1", 2, 0, None),
    ("", "scale = 3", 2, 0, None),
    ("color = \"y\"", "scale = 2", 2, 0, None),
    ("color = \"bgr\"", "scale = 2", 1, 0, None),
    ("color = \"each\"", "scale = 2", 2, 0, None),
    ("color = \"gray\"\nlight = \"linear\"", "scale = 1", 1, 0, None),
    ("color = \"y\"", "scale = 2\npre_upscale = 2", 2, 0, None),
    ("size = \"multiple\"\nmultiple_of = 8", "scale = 1", 2, 0, None),
    ("pad = \"edge\"", "scale = 2\ncrop = 3", 3, 3, None),
    ("size = \"fixed\"\nfit = \"tile\"", "scale = 2", 2, 0, Some((24, 24))),
];

#[test]
fn rows_are_those_of_the_whole_picture() {
    for (input, output, r, eaten, fixed) in CASES {
        for (w, h, channels) in [(37, 83, Channels::Rgb), (20, 64, Channels::Gray), (9, 3, Channels::Rgb)] {
            let p = package(input, output);
            let net_scale = p.output.scale / p.output.pre_upscale;
            let image = picture(w, h, channels);
            let options = Options { tile: Some((24, 24)), halo: Some(r), fixed, ..Options::default() };
            let model = |_: Step, t: Tensor| Ok::<_, VisionError>(Answer::Done(blurred(&t, r, eaten, net_scale)));
            let whole = run_cut(&image, &p, &options, model).unwrap();
            // From the top, and from the middle of what was there before.
            for first in [0, h / 2 * p.output.scale] {
                let at = Cell::new(0);
                let mut rows = Source { head: image.head(), image: &image, at: &at };
                let mut got: Vec<Planes> = Vec::new();
                let mut end = first;
                let mut ahead = 0;
                let cuts = run_rows(&mut rows, &p, &options, first, Models::One(&mut { model }), &mut |planes| {
                    end += planes.height();
                    ahead = ahead.max(at.get().saturating_sub(end / p.output.scale));
                    got.push(planes);
                    Ok(())
                })
                .unwrap();
                let what = format!("{input:?} {output:?} {w}x{h} from {first}");
                assert_eq!(end, whole.image.height(), "{what}");
                let mut y = first;
                for part in got {
                    let want = whole.image.planes().crop(0, y, part.width(), part.height()).unwrap();
                    assert!(part == want, "{what}, row {y}");
                    y += part.height();
                }
                assert!(ahead <= 24 + 16, "{what}: {ahead} rows are read ahead");
                if first == 0 {
                    assert_eq!(cuts, whole.cuts, "{what}");
                }
            }
        }
    }
}

#[test]
fn tiles_that_are_too_large_are_cut_in_rows_too() {
    let p = package("", "scale = 2");
    let image = picture(61, 90, Channels::Rgb);
    let options = Options { tile: Some((48, 40)), halo: Some(1), ..Options::default() };
    let whole = run_cut(&image, &p, &options, |_, t: Tensor| Ok::<_, VisionError>(Answer::Done(blurred(&t, 1, 0, 2))));
    let mut runs = 0;
    let mut model = |_: Step, t: Tensor| {
        runs += 1;
        if runs > 3 && t.len() > 3 * 24 * 24 {
            return Ok(Answer::TooLarge(error::argument("too large")));
        }
        Ok(Answer::Done(blurred(&t, 1, 0, 2)))
    };
    let at = Cell::new(0);
    let mut rows = Source { head: image.head(), image: &image, at: &at };
    let mut out: Option<Planes> = None;
    let mut y = 0;
    run_rows(&mut rows, &p, &options, 0, Models::One(&mut model), &mut |part| {
        out.get_or_insert_with(|| Planes::filled(3, 180, 122, 0.0)).paste(&part, 0, y);
        y += part.height();
        Ok(())
    })
    .unwrap();
    assert!(out.unwrap() == *whole.unwrap().image.planes());
}

#[test]
fn what_needs_the_whole_picture_is_said() {
    let p = package("", "scale = 1");
    let options = Options::default();
    let alpha = picture(4, 4, Channels::Rgba).head();
    assert!(held_whole(&alpha, &p, &options).is_some_and(|r| r.contains("alpha")));
    let fixed = package("size = \"fixed\"\nwidth = 8\nheight = 8", "scale = 1");
    assert!(held_whole(&picture(4, 4, Channels::Rgb).head(), &fixed, &options).is_some_and(|r| r.contains("one size")));
    assert_eq!(held_whole(&picture(4, 4, Channels::Gray).head(), &p, &options), None);
}
