//! Resize, Upsample, GridSample, AffineGrid, Col2Im.

use ocelli_graph::ValueId;
use ocelli_graph::ops::affine_grid::AffineGrid;
use ocelli_graph::ops::col2im::Col2Im;
use ocelli_graph::ops::grid_sample::{GridSample, SampleMode, SamplePadding};
use ocelli_graph::ops::resize::{AspectRatioPolicy, CoordinateMode, NearestMode, Resize, ResizeMode};
use ocelli_tensor::Tensor;

use super::Convert;
use super::window::window;
use crate::ImportError;
use crate::node::{Converted, NodeCx};

pub(super) const OPS: &[(&str, Convert)] = &[
    ("AffineGrid", |cx| {
        let align_corners = cx.attributes().flag("align_corners", false)?;
        cx.push(AffineGrid { align_corners })
    }),
    ("Col2Im", |cx| {
        let window = window(cx)?;
        cx.push(Col2Im { window })
    }),
    ("GridSample", grid_sample),
    ("Resize", resize),
    ("Upsample", upsample),
];

const MODES: &[(&str, ResizeMode)] = &[
    ("nearest", ResizeMode::Nearest),
    ("linear", ResizeMode::Linear),
    // The names of version 1 and of some exporters.
    ("bilinear", ResizeMode::Linear),
    ("cubic", ResizeMode::Cubic),
];

fn resize(cx: &mut NodeCx<'_>) -> Converted {
    if cx.version < 11 {
        let scales = cx.input(1)?;
        return scaled(cx, scales);
    }
    let attributes = cx.attributes();
    let nearest_mode = attributes.choice(
        "nearest_mode",
        &[
            ("round_prefer_floor", NearestMode::RoundPreferFloor),
            ("round_prefer_ceil", NearestMode::RoundPreferCeil),
            ("floor", NearestMode::Floor),
            ("ceil", NearestMode::Ceil),
        ],
    )?;
    let mode = attributes.choice("mode", MODES)?;
    let coordinates = attributes.string("coordinate_transformation_mode")?.unwrap_or("half_pixel");
    let (coordinate_transformation_mode, nearest_mode) = match coordinates {
        // floor((x + 0.5) / scale), which is what half pixels give when halves round up.
        "tf_half_pixel_for_nn" if mode == ResizeMode::Nearest && nearest_mode == NearestMode::Floor => {
            (CoordinateMode::HalfPixel, NearestMode::RoundPreferCeil)
        }
        "tf_half_pixel_for_nn" => {
            return Err(cx.unsupported("tf_half_pixel_for_nn other than nearest and floor"));
        }
        _ => (coordinate_mode(cx)?, nearest_mode),
    };
    let op = Resize {
        mode,
        coordinate_transformation_mode,
        nearest_mode,
        antialias: attributes.flag("antialias", false)?,
        cubic_coeff_a: attributes.float_or("cubic_coeff_a", -0.75)?,
        exclude_outside: attributes.flag("exclude_outside", false)?,
        extrapolation_value: attributes.float_or("extrapolation_value", 0.0)?,
        axes: attributes.ints("axes")?.map(<[i64]>::to_vec),
        keep_aspect_ratio_policy: attributes.choice(
            "keep_aspect_ratio_policy",
            &[
                ("stretch", AspectRatioPolicy::Stretch),
                ("not_larger", AspectRatioPolicy::NotLarger),
                ("not_smaller", AspectRatioPolicy::NotSmaller),
            ],
        )?,
    };
    // An input left out was written as an empty tensor before names could be empty.
    let given =
        |cx: &NodeCx<'_>, i: usize| cx.optional(i).filter(|_| cx.constant_input(i).is_none_or(|t| !t.is_empty()));
    let roi = given(cx, 1).filter(|_| coordinate_transformation_mode == CoordinateMode::TfCropAndResize);
    let (scales, sizes) = (given(cx, 2), given(cx, 3));
    if scales.is_none() && sizes.is_none() {
        return Err(cx.invalid("neither scales nor sizes are given"));
    }
    let x = cx.input(0)?;
    cx.push_with(op, vec![Some(x), roi, scales, sizes])
}

fn coordinate_mode(cx: &NodeCx<'_>) -> Result<CoordinateMode, ImportError> {
    cx.attributes().choice(
        "coordinate_transformation_mode",
        &[
            ("half_pixel", CoordinateMode::HalfPixel),
            ("half_pixel_symmetric", CoordinateMode::HalfPixelSymmetric),
            ("pytorch_half_pixel", CoordinateMode::PytorchHalfPixel),
            ("align_corners", CoordinateMode::AlignCorners),
            ("asymmetric", CoordinateMode::Asymmetric),
            ("tf_crop_and_resize", CoordinateMode::TfCropAndResize),
        ],
    )
}

/// The scales were two attributes in version 1, one in version 7, an input in version 9.
fn upsample(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    let scales = if cx.version < 7 {
        let required =
            |name: &str| attributes.float(name)?.ok_or_else(|| attributes.error(name, "expected a float, got nothing"));
        cx.constant(Tensor::vector(vec![1.0, 1.0, required("height_scale")?, required("width_scale")?]))?
    } else if cx.version < 9 {
        let scales = attributes.floats("scales")?.ok_or_else(|| cx.invalid("attribute 'scales' is missing"))?;
        cx.constant(Tensor::vector(scales.to_vec()))?
    } else {
        cx.input(1)?
    };
    scaled(cx, scales)
}

/// Resizing as it was before version 11: coordinates `x / scale`, of which nearest takes the floor, or the ceiling when
/// it shrinks.
fn scaled(cx: &mut NodeCx<'_>, scales: ValueId) -> Converted {
    let mode = cx.attributes().choice("mode", MODES)?;
    let known = cx.importer.level()?.graph.constant(scales).map(Tensor::to_f64s).unwrap_or_default();
    let shrinks = known.iter().any(|&s| s < 1.0);
    if shrinks && mode == ResizeMode::Nearest && known.iter().any(|&s| s > 1.0) {
        return Err(cx.unsupported("scales below and above 1 at once"));
    }
    let op = Resize {
        mode,
        coordinate_transformation_mode: CoordinateMode::Asymmetric,
        nearest_mode: if shrinks { NearestMode::Ceil } else { NearestMode::Floor },
        antialias: false,
        cubic_coeff_a: -0.75,
        exclude_outside: false,
        extrapolation_value: 0.0,
        axes: None,
        keep_aspect_ratio_policy: AspectRatioPolicy::Stretch,
    };
    let x = cx.input(0)?;
    cx.push_with(op, vec![Some(x), None, Some(scales)])
}

/// Version 20 renamed the modes.
fn grid_sample(cx: &mut NodeCx<'_>) -> Converted {
    let attributes = cx.attributes();
    cx.push(GridSample {
        mode: attributes.choice(
            "mode",
            &[
                ("linear", SampleMode::Linear),
                ("bilinear", SampleMode::Linear),
                ("nearest", SampleMode::Nearest),
                ("cubic", SampleMode::Cubic),
                ("bicubic", SampleMode::Cubic),
            ],
        )?,
        padding_mode: attributes.choice(
            "padding_mode",
            &[
                ("zeros", SamplePadding::Zeros),
                ("border", SamplePadding::Border),
                ("reflection", SamplePadding::Reflection),
            ],
        )?,
        align_corners: attributes.flag("align_corners", false)?,
    })
}
