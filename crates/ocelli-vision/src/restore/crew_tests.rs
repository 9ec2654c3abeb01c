use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::image::{Depth, Image};
use crate::package::Package;
use crate::restore::{Options, run_cut, run_with};

type Done = Result<Answer<Tensor, VisionError>>;

fn package() -> Package {
    Package::parse("name = \"t\"\ntask = \"denoise\"\nfile = \"t.onnx\"\n", Path::new("t.toml")).unwrap()
}

fn picture() -> Image {
    let data = (0..3 * 90 * 70).map(|i| (i * 37 % 256) as f32 / 255.0).collect();
    Image::from_planes(Planes::new(3, 70, 90, data).unwrap(), Depth::F32).unwrap()
}

fn halved(t: &Tensor) -> Tensor {
    let values = t.view::<f32>().unwrap().iter().map(|v| v / 2.0).collect();
    Tensor::from_vec(t.shape(), values).unwrap()
}

const OPTIONS: Options = Options { tile: Some((16, 16)), halo: Some(1), fixed: None, align: 1 };

/// Runs several models, each told its own number.
fn several(count: usize, model: &(dyn Fn(usize, Step, Tensor) -> Done + Sync)) -> Result<super::super::Restored> {
    let one = |i: usize| -> Box<Shared<'_, VisionError>> { Box::new(move |step, t| model(i, step, t)) };
    let models = (0..count).map(one).collect();
    run_with(&picture(), &package(), &OPTIONS, Models::Several { models, idle: &mut || {} })
}

fn counts<const N: usize>() -> [AtomicUsize; N] {
    [(); N].map(|()| AtomicUsize::new(0))
}

#[test]
fn several_models_share_the_tiles_and_put_them_at_their_place() {
    let taken = counts::<3>();
    let out = several(3, &|i, step, t| {
        taken[i].fetch_add(1, Ordering::SeqCst);
        // Results come in another order than the tiles.
        std::thread::sleep(Duration::from_millis([1, 4, 9][i]));
        assert!(step.index < step.count);
        Ok(Answer::Done(halved(&t)))
    });
    let out = out.unwrap();
    let want = run_cut::<VisionError>(&picture(), &package(), &OPTIONS, |_, t| Ok(Answer::Done(halved(&t)))).unwrap();
    assert!(out.image == want.image && out.cuts == want.cuts, "{:?}", out.cuts);
    let expected: Vec<f32> = picture().planes().data().iter().map(|v| v / 2.0).collect();
    assert_eq!(out.image.planes().data(), expected);
    let taken = taken.map(|n| n.into_inner());
    assert!(taken.iter().all(|n| *n > 0) && taken.iter().sum::<usize>() == out.cuts.runs, "{taken:?}");
    assert!(taken[0] > taken[2], "who is quick takes more: {taken:?}");
}

#[test]
fn who_is_gone_hands_back_its_tile() {
    let taken = counts::<2>();
    let out = several(2, &|i, _, t| {
        if i == 1 && taken[1].fetch_add(1, Ordering::SeqCst) == 2 {
            return Ok(Answer::Gone(error::argument("gone")));
        }
        assert!(taken[1].load(Ordering::SeqCst) <= 3, "it is not asked again");
        Ok(Answer::Done(halved(&t)))
    });
    let expected: Vec<f32> = picture().planes().data().iter().map(|v| v / 2.0).collect();
    assert_eq!(out.unwrap().image.planes().data(), expected);
    // When all are gone, the last one says why.
    let out = several(2, &|i, step, t| match step.index {
        0..5 => Ok(Answer::Done(halved(&t))),
        _ => Ok(Answer::Gone(error::argument(format!("gone {i}")))),
    });
    assert!(out.unwrap_err().to_string().contains("gone"));
}

#[test]
fn what_is_too_large_for_all_is_cut_further() {
    let out = several(2, &|_, _, t| {
        let is_large = t.len() > 3 * 12 * 16;
        Ok(if is_large { Answer::TooLarge(error::argument("no memory")) } else { Answer::Done(halved(&t)) })
    });
    let expected: Vec<f32> = picture().planes().data().iter().map(|v| v / 2.0).collect();
    assert_eq!(out.unwrap().image.planes().data(), expected);
}

#[test]
fn errors_and_panics_end_the_run() {
    let out = several(2, &|_, step, t| match step.index {
        7 => Err(error::argument("the eighth")),
        _ => Ok(Answer::Done(halved(&t))),
    });
    assert_eq!(out.unwrap_err().to_string(), "the eighth");
    let out = std::panic::catch_unwind(|| {
        several(2, &|_, step, t| {
            assert!(step.index != 7, "the eighth");
            Ok(Answer::Done(halved(&t)))
        })
    });
    assert!(out.is_err());
}
