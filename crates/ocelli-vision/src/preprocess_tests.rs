use super::*;
use crate::image::{Channels, Depth};

fn picture() -> Image {
    // 4x2, channel c at pixel i is (10 c + i) / 100.
    let data = (0..24).map(|i| (10 * (i / 8) + i % 8) as f32 / 100.0).collect();
    Image::from_planes(Planes::new(3, 2, 4, data).unwrap(), Depth::U8).unwrap()
}

fn values(image: &Image, spec: &InputSpec, fixed: Option<(usize, usize)>) -> (Vec<usize>, Vec<f32>) {
    let p = prepare(image, spec, fixed).unwrap();
    (p.tensor.shape().to_vec(), p.tensor.to_f32s())
}

#[test]
fn colours_range_mean_and_layout() {
    let spec = InputSpec {
        color: ColorOrder::Bgr,
        range: [0.0, 100.0],
        mean: vec![1.0, 2.0, 3.0],
        std: vec![1.0, 2.0, 4.0],
        ..InputSpec::default()
    };
    let (shape, v) = values(&picture(), &spec, None);
    assert_eq!(shape, [1, 3, 2, 4]);
    let close = |a: f32, b: f32| assert!((a - b).abs() < 1e-4, "{a} {b}");
    close(v[5], 20.0 + 5.0 - 1.0);
    close(v[8 + 5], (10.0 + 5.0 - 2.0) / 2.0);
    close(v[16 + 5], (5.0 - 3.0) / 4.0);
    let nhwc = InputSpec { layout: Layout::Nhwc, ..spec };
    let (shape, u) = values(&picture(), &nhwc, None);
    assert_eq!(shape, [1, 2, 4, 3]);
    assert_eq!((u[15], u[16], u[17]), (v[5], v[13], v[21]));
    let back = decode_planes(&prepare(&picture(), &nhwc, None).unwrap().tensor, Layout::Nhwc);
    assert_eq!(back.unwrap().data(), v);
}

#[test]
fn luma_of_grey_and_colour() {
    let white = Image::filled_rgb(3, 2, [1.0; 3]);
    let spec = |color| InputSpec { color, range: [0.0, 255.0], ..InputSpec::default() };
    let (shape, v) = values(&white, &spec(ColorOrder::Y), None);
    assert_eq!(shape, [1, 1, 2, 3]);
    assert!((v[0] - 235.0).abs() < 1e-3);
    assert!((values(&white, &spec(ColorOrder::Gray), None).1[0] - 255.0).abs() < 1e-3);
    let alpha = Image::new(Planes::filled(4, 2, 3, 0.5), Channels::Rgba, Depth::U8).unwrap();
    assert_eq!(values(&alpha, &spec(ColorOrder::Rgb), None).0, [1, 3, 2, 3]);
}

#[test]
fn every_fit_maps_coordinates_back() {
    let image = Image::filled_rgb(40, 20, [1.0; 3]);
    let cases = [
        (Fit::Stretch, Align::Center, (10.0, 10.0), (20.0, 10.0)),
        (Fit::Letterbox, Align::Center, (10.0, 10.0), (20.0, 10.0)),
        (Fit::Letterbox, Align::TopLeft, (10.0, 5.0), (20.0, 10.0)),
        (Fit::Crop, Align::Center, (10.0, 10.0), (20.0, 10.0)),
    ];
    for (fit, align, (mx, my), expected) in cases {
        let spec = InputSpec { fit, align, range: [1.0, 2.0], pad_value: 51.0, ..InputSpec::default() };
        let p = prepare(&image, &spec, Some((20, 20))).unwrap();
        assert_eq!(p.tensor.shape(), [1, 3, 20, 20]);
        assert_eq!(p.geometry.to_picture(mx, my), expected, "{fit:?} {align:?}");
        assert_eq!(p.geometry.to_model(expected.0, expected.1), (mx, my));
        let v = p.tensor.to_f32s();
        let pads = v.iter().filter(|&&v| v == 1.2).count();
        assert_eq!(pads, if fit == Fit::Letterbox { 3 * 200 } else { 0 });
    }
}

#[test]
fn multiples_are_padded_and_fixed_sizes_demanded() {
    let spec = InputSpec { size: SizeRule::Multiple, multiple_of: 3, pad: PadMode::Edge, ..InputSpec::default() };
    let p = prepare(&picture(), &spec, None).unwrap();
    assert_eq!(p.tensor.shape(), [1, 3, 3, 6]);
    assert_eq!((p.geometry.model, p.geometry.picture), ((6, 3), (4, 2)));
    let v = p.tensor.to_f32s();
    assert_eq!(&v[12..18], &[0.04, 0.05, 0.06, 0.07, 0.07, 0.07]);
    let fixed = InputSpec { size: SizeRule::Fixed, ..InputSpec::default() };
    assert!(prepare(&picture(), &fixed, None).is_err());
    assert!(prepare(&picture(), &fixed, Some((0, 4))).is_err());
}
