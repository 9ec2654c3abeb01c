use super::*;
use crate::planes::Border;

/// A (2r+1)^2 box filter that pads with zeros itself, enlarged `scale` times by repetition.
fn boxed(p: &Planes, r: usize, scale: usize) -> Planes {
    let padded = p.padded(r, r, r, r, Border::Constant(0.0));
    enlarge(&valid_box(&padded, r), scale)
}

/// A box filter without padding: every side loses `r`.
fn valid_box(p: &Planes, r: usize) -> Planes {
    let (w, h) = (p.width() - 2 * r, p.height() - 2 * r);
    let mut out = Planes::filled(p.channels(), h, w, 0.0);
    for c in 0..p.channels() {
        for y in 0..h {
            for x in 0..w {
                let mut sum = 0.0;
                for dy in 0..=2 * r {
                    for dx in 0..=2 * r {
                        sum += p.at(c, y + dy, x + dx);
                    }
                }
                out.plane_mut(c)[y * w + x] = sum;
            }
        }
    }
    out
}

fn enlarge(p: &Planes, scale: usize) -> Planes {
    let (w, h) = (p.width() * scale, p.height() * scale);
    let mut out = Planes::filled(p.channels(), h, w, 0.0);
    for c in 0..p.channels() {
        for i in 0..w * h {
            out.plane_mut(c)[i] = p.at(c, i / w / scale, i % w / scale);
        }
    }
    out
}

fn picture(width: usize, height: usize) -> Planes {
    let data = (0..2 * width * height).map(|i| ((i * i + 7 * i) % 251) as f32 / 8.0).collect();
    Planes::new(2, height, width, data).unwrap()
}

/// Tiles cut from a picture, through a model.
fn run<E: From<VisionError>>(
    picture: &Planes,
    tiling: &mut Tiling,
    mut model: impl FnMut(&Tile, Planes) -> Result<Answer<Planes, E>, E>,
) -> Result<Joined, E> {
    let mut foreseen: Vec<Tile> = Vec::new();
    super::run((picture.width(), picture.height()), tiling, &mut |tile: &Tile, ahead: &[Tile]| {
        // What was said to come next comes.
        assert!(foreseen.first().is_none_or(|next| next == tile), "{tile:?}, not {:?}", foreseen.first());
        foreseen = ahead.to_vec();
        assert!(ahead.iter().all(|t| t.count == tile.count && t.index > tile.index));
        let answer = model(tile, picture.crop(tile.x, tile.y, tile.width, tile.height)?);
        if matches!(answer, Ok(Answer::TooLarge(_))) {
            foreseen.clear();
        }
        answer
    })
}

/// The tiles of a model that takes any, joined.
fn joined(p: &Planes, tiling: &Tiling, mut model: impl FnMut(&Tile, Planes) -> Planes) -> Result<Planes> {
    run::<VisionError>(p, &mut tiling.clone(), |tile, t| Ok(Answer::Done(model(tile, t)))).map(|j| j.planes)
}

fn run_boxed(p: &Planes, tiling: &Tiling, r: usize) -> Planes {
    joined(p, tiling, |_, t| boxed(&t, r, tiling.scale)).unwrap()
}

#[test]
fn tiled_equals_untiled_when_the_halo_covers_the_radius() {
    for (width, height) in [(37, 23), (16, 16), (17, 61), (100, 9), (5, 40)] {
        for (r, halo, scale) in [(0, 0, 1), (1, 1, 2), (2, 2, 1), (3, 3, 3), (1, 4, 1)] {
            let tiling = Tiling { tile_width: 16, tile_height: 12, halo, multiple_of: 1, scale, eaten: 0 };
            let p = picture(width, height);
            assert_eq!(run_boxed(&p, &tiling, r), boxed(&p, r, scale), "{width}x{height} radius {r} halo {halo}");
        }
    }
}

#[test]
fn a_halo_below_the_radius_leaves_a_seam() {
    let p = picture(37, 23);
    let tiling = Tiling { tile_width: 16, tile_height: 12, halo: 1, multiple_of: 1, scale: 1, eaten: 0 };
    assert_ne!(run_boxed(&p, &tiling, 2), boxed(&p, 2, 1));
}

#[test]
fn a_model_that_eats_its_border_needs_no_halo() {
    let p = picture(41, 29);
    let tiling = Tiling { tile_width: 20, tile_height: 18, halo: 0, multiple_of: 1, scale: 2, eaten: 3 };
    let model = |p: &Planes| enlarge(&valid_box(p, 3), 2);
    assert_eq!(joined(&p, &tiling, |_, t| model(&t)).unwrap(), model(&p));
}

#[test]
fn strided_models_see_the_same_phase_in_every_tile() {
    // The mean of every aligned 4x4 block, enlarged again: exact only when tiles start at multiples of 4.
    let blocks = |p: &Planes| {
        let mut out = p.clone();
        let w = p.width();
        for c in 0..p.channels() {
            for i in 0..w * p.height() {
                let (y, x) = (i / w / 4 * 4, i % w / 4 * 4);
                out.plane_mut(c)[i] = (0..16).map(|k| p.at(c, y + k / 4, x + k % 4)).sum();
            }
        }
        out
    };
    let p = picture(52, 36);
    let mut tiling = Tiling { tile_width: 16, tile_height: 20, halo: 3, multiple_of: 4, scale: 1, eaten: 0 };
    let mut starts = Vec::new();
    let tiled = joined(&p, &tiling, |tile, t| {
        starts.push((tile.x, tile.y));
        blocks(&t)
    });
    assert_eq!(tiled.unwrap(), blocks(&p));
    assert_eq!(starts.len(), tiling.count(52, 36).unwrap());
    assert!(starts.iter().all(|(x, y)| x % 4 == 0 && y % 4 == 0));
    tiling.multiple_of = 1;
    let unaligned = joined(&p, &tiling, |_, t| blocks(&t)).unwrap();
    assert_ne!(unaligned, blocks(&p));
}

#[test]
fn impossible_cuts_are_errors() {
    let p = picture(40, 40);
    let base = Tiling { tile_width: 16, tile_height: 16, halo: 2, multiple_of: 1, scale: 1, eaten: 0 };
    let same = |tiling: Tiling| joined(&p, &tiling, |_, t| t);
    assert!(same(base).is_ok());
    assert!(same(Tiling { halo: 7, ..base }).is_ok());
    assert!(same(Tiling { halo: 8, ..base }).is_err());
    assert!(same(Tiling { eaten: 8, ..base }).is_err());
    assert!(same(Tiling { multiple_of: 16, ..base }).is_err(), "nothing between the halos of multiples");
    assert!(same(Tiling { scale: 2, ..base }).is_err(), "the result has the wrong size");
    assert!(same(Tiling { halo: usize::MAX, ..base }).is_err());
}

#[test]
fn pictures_of_odd_sizes_are_cut_at_multiples_too() {
    for (width, height, multiple) in [(101, 67, 4), (53, 97, 8), (64, 43, 5)] {
        let p = picture(width, height);
        let tiling = Tiling { tile_width: 40, tile_height: 33, halo: 2, multiple_of: multiple, scale: 2, eaten: 0 };
        let mut sizes = Vec::new();
        let got = joined(&p, &tiling, |tile, t| {
            assert_eq!((tile.x % multiple, tile.y % multiple), (0, 0));
            sizes.push((tile.width, tile.height));
            boxed(&t, 2, 2)
        });
        assert_eq!(got.unwrap(), boxed(&p, 2, 2));
        sizes.dedup();
        assert_eq!(sizes, [tiling.tile_size(width, height).unwrap()], "one plan serves all tiles");
    }
}

#[test]
fn tiles_that_are_too_large_are_cut_further_and_nothing_is_computed_twice() {
    let p = picture(61, 47);
    let mut tiling = Tiling { tile_width: 61, tile_height: 47, halo: 2, multiple_of: 1, scale: 1, eaten: 0 };
    let (mut refused, mut kept, mut runs) = (0, Vec::new(), 0);
    let out = run::<VisionError>(&p, &mut tiling, |tile, t| {
        runs += 1;
        // Memory gets scarcer on the way.
        let most = if runs < 9 { 900 } else { 400 };
        if tile.width * tile.height > most {
            refused += 1;
            return Ok(Answer::TooLarge(error::argument("no memory")));
        }
        kept.push((tile.x, tile.y, tile.width, tile.height));
        assert_eq!(tile.index + 1, kept.len());
        assert!(tile.index < tile.count);
        Ok(Answer::Done(boxed(&t, 2, 1)))
    })
    .unwrap();
    assert_eq!(out.planes, boxed(&p, 2, 1));
    assert_eq!((out.tally.seam, out.tally.tiles), (0.0, kept.len()));
    assert!(refused >= 3, "{refused}");
    assert!(tiling.tile_width * tiling.tile_height <= 400);
    let before = kept.len();
    kept.sort_unstable();
    kept.dedup();
    assert_eq!(kept.len(), before, "a tile was computed twice");
    // Nothing fits: the error of the model.
    let mut tiling = Tiling { tile_width: 30, tile_height: 30, halo: 9, ..tiling };
    let out = run::<VisionError>(&p, &mut tiling, |_, _| Ok(Answer::TooLarge(error::argument("no memory"))));
    assert_eq!(out.unwrap_err().to_string(), "no memory");
}

#[test]
fn a_seam_is_measured() {
    let p = picture(37, 23);
    let mut tiling = Tiling { tile_width: 16, tile_height: 23, halo: 1, multiple_of: 1, scale: 1, eaten: 0 };
    let model = |t: Planes| Ok(Answer::Done(boxed(&t, 2, 1)));
    let out = run::<VisionError>(&p, &mut tiling, |_, t| model(t)).unwrap();
    let error = out.planes.largest_difference(&boxed(&p, 2, 1), 0, 0);
    assert!(out.tally.seam > 0.0 && error > 0.0, "{} {error}", out.tally.seam);
    tiling.halo = 2;
    assert_eq!(run::<VisionError>(&p, &mut tiling, |_, t| model(t)).unwrap().tally.seam, 0.0);
}
