use ocelli_tensor::{DType, Tensor};

use super::{AspectRatioPolicy, CoordinateMode, NearestMode, Resize, ResizeMode};
use crate::Case;
use crate::ops::movement::iota;
use crate::ops::util::{i64s, random_f32};

fn case(name: &str, op: Resize, x: Tensor, roi: Option<&[f32]>, scales: Option<&[f32]>, sizes: Option<&[i64]>) -> Case {
    let floats = |v: Option<&[f32]>| v.map(|v| Tensor::vector(v.to_vec()));
    let mut case = Case::new(name, op, vec![x]);
    case.inputs.extend([floats(roi), floats(scales), sizes.map(i64s)]);
    case.constant = vec![false, true, true, true];
    case
}

/// Cases of Resize: every mode of interpolation and of coordinates.
pub fn cases() -> Vec<Case> {
    let x = || random_f32(&[2, 3, 7, 10], 1);
    let op = |mode, coordinate_transformation_mode| Resize { mode, coordinate_transformation_mode, ..Resize::default() };
    let nearest = |coordinates, nearest_mode| Resize { nearest_mode, ..op(ResizeMode::Nearest, coordinates) };
    let with_axes = |op: Resize, axes: &[i64]| Resize { axes: Some(axes.to_vec()), ..op };
    let (linear, cubic) = (ResizeMode::Linear, ResizeMode::Cubic);
    let scales = |name: &str, op, scales: &[f32]| case(name, op, x(), None, Some(scales), None);
    let sizes = |name: &str, op, sizes: &[i64]| case(name, op, x(), None, None, Some(sizes));
    let roi = [0.0, 0.0, -0.1, 0.2, 1.0, 1.0, 0.7, 1.3];
    // Values that only their own neighbours may see.
    let wild = |name: &str, op, scales: &[f32]| {
        let mut values = random_f32(&[2, 3, 7, 10], 2).to_f32s();
        for (at, value) in [(23, f32::INFINITY), (58, f32::NAN), (77, f32::NEG_INFINITY), (140, f32::INFINITY), (209, f32::NAN)] {
            values[at] = value;
        }
        case(name, op, Tensor::from_vec(&[2, 3, 7, 10], values).unwrap_or_else(|_| x()), None, Some(scales), None)
    };
    vec![
        wild("linear_infinite", op(linear, CoordinateMode::HalfPixel), &[1.0, 1.0, 2.0, 2.0]),
        wild("linear_infinite_down", op(linear, CoordinateMode::Asymmetric), &[1.0, 1.0, 1.5, 0.4]),
        wild("cubic_infinite", op(cubic, CoordinateMode::HalfPixel), &[1.0, 1.0, 1.3, 2.0]),
        wild("antialias_infinite", Resize { antialias: true, ..op(linear, CoordinateMode::HalfPixel) }, &[1.0, 1.0, 0.5, 0.6]),
        scales("upsample_nearest", nearest(CoordinateMode::Asymmetric, NearestMode::Floor), &[1.0, 1.0, 2.0, 3.0]),
        sizes("nearest_prefer_floor", nearest(CoordinateMode::HalfPixel, NearestMode::RoundPreferFloor), &[2, 3, 14, 7]),
        sizes("nearest_prefer_ceil", nearest(CoordinateMode::HalfPixel, NearestMode::RoundPreferCeil), &[2, 3, 5, 17]),
        sizes("nearest_ceil", nearest(CoordinateMode::AlignCorners, NearestMode::Ceil), &[2, 3, 9, 4]),
        scales("linear_up", op(linear, CoordinateMode::HalfPixel), &[1.0, 1.0, 2.0, 1.7]),
        scales("linear_down", op(linear, CoordinateMode::PytorchHalfPixel), &[1.0, 1.0, 0.6, 0.15]),
        sizes("linear_align_corners", op(linear, CoordinateMode::AlignCorners), &[2, 3, 13, 5]),
        scales("linear_asymmetric", op(linear, CoordinateMode::Asymmetric), &[1.0, 1.0, 2.0, 2.0]),
        scales("linear_symmetric", op(linear, CoordinateMode::HalfPixelSymmetric), &[1.0, 1.0, 2.3, 2.9]),
        scales("linear_antialias", Resize { antialias: true, ..op(linear, CoordinateMode::HalfPixel) }, &[1.0, 1.0, 0.6, 0.3]),
        scales("cubic_up", op(cubic, CoordinateMode::HalfPixel), &[1.0, 1.0, 3.0, 2.0]),
        sizes("cubic_antialias", Resize { antialias: true, ..op(cubic, CoordinateMode::HalfPixel) }, &[2, 3, 4, 6]),
        scales(
            "cubic_exclude_outside",
            Resize { cubic_coeff_a: -0.5, exclude_outside: true, ..op(cubic, CoordinateMode::HalfPixel) },
            &[1.0, 1.0, 0.8, 1.9],
        ),
        case(
            "crop_and_resize",
            Resize { extrapolation_value: 10.0, ..op(linear, CoordinateMode::TfCropAndResize) },
            x(),
            Some(&roi),
            None,
            Some(&[2, 3, 5, 6]),
        ),
        case(
            "not_larger",
            Resize {
                keep_aspect_ratio_policy: AspectRatioPolicy::NotLarger,
                ..with_axes(op(linear, CoordinateMode::HalfPixel), &[3, 2])
            },
            x(),
            None,
            None,
            Some(&[17, 15]),
        ),
        case(
            "channels_last",
            with_axes(op(linear, CoordinateMode::HalfPixel), &[1, 2]),
            random_f32(&[1, 5, 6, 3], 1),
            None,
            Some(&[2.0, 1.5]),
            None,
        ),
        case(
            "volume",
            with_axes(op(linear, CoordinateMode::HalfPixel), &[-3, -2, -1]),
            random_f32(&[1, 2, 3, 4, 5], 1),
            None,
            None,
            Some(&[5, 3, 9]),
        ),
        case("one_dimension", op(linear, CoordinateMode::HalfPixel), random_f32(&[2, 3, 9], 1), None, Some(&[1.0, 1.0, 2.0]), None),
        case(
            "uint8_nearest",
            nearest(CoordinateMode::Asymmetric, NearestMode::Floor),
            iota(DType::U8, &[1, 2, 3, 4]),
            None,
            Some(&[1.0, 1.0, 2.0, 2.0]),
            None,
        ),
    ]
}
