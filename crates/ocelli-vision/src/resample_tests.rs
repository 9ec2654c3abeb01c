use super::*;

fn line(values: &[f32]) -> Planes {
    Planes::new(1, 1, values.len(), values.to_vec()).unwrap()
}

fn close(got: &Planes, expected: &[f32]) {
    assert_eq!(got.data().len(), expected.len());
    for (g, e) in got.data().iter().zip(expected) {
        assert!((g - e).abs() < 1e-5, "{:?} {expected:?}", got.data());
    }
}

const LINE: [f32; 11] = [0.1, 0.9, 0.3, 0.4, 0.0, 1.0, 0.7, 0.2, 0.8, 0.5, 0.6];

#[test]
fn matches_the_definition_computed_in_numpy() {
    // Direct evaluation of MATLAB's contributions() in float64: weights h(s (u - k)) for the ceil(w) + 2 samples about
    // u = (i + 1/2) / s - 1/2, normalised, indices mirrored at the edges.
    close(&imresize(&line(&LINE), 5, 1).unwrap(), &DOWN_5);
    close(&imresize(&line(&LINE), 3, 1).unwrap(), &DOWN_3);
    close(&imresize(&line(&LINE), 17, 1).unwrap(), &UP_17);
    close(&resize(&line(&LINE), 4, 1, Filter::Bilinear, true).unwrap(), &BILINEAR_4);
    close(&resize(&line(&LINE), 4, 1, Filter::Bilinear, false).unwrap(), &BILINEAR_PLAIN_4);
    let nearest = resize(&line(&[1., 2., 3.]), 6, 1, Filter::Nearest, false).unwrap();
    close(&nearest, &[1., 1., 2., 2., 3., 3.]);
}

#[test]
fn both_axes_agree_and_constants_stay() {
    let wide = imresize(&line(&LINE), 7, 1).unwrap();
    let tall = Planes::new(1, LINE.len(), 1, LINE.to_vec()).unwrap();
    let tall = imresize(&tall, 1, 7).unwrap();
    assert_eq!(wide.data(), tall.data());
    let flat = imresize(&Planes::filled(3, 5, 9, 0.25), 4, 13).unwrap();
    assert!(flat.data().iter().all(|v| (v - 0.25).abs() < 1e-6));
    assert!(imresize(&flat, 0, 3).is_err());
}

const DOWN_5: [f32; 5] = [0.441916, 0.313700, 0.625487, 0.523881, 0.595122];

const DOWN_3: [f32; 3] = [0.397970, 0.521740, 0.580258];

const UP_17: [f32; 17] = [
    0.041868, 0.505780, 0.889253, 0.422654, 0.316242, 0.387217, 0.030327, 0.301892, 1.000000, 0.873051, 0.534011,
    0.201078, 0.562202, 0.782861, 0.522471, 0.536087, 0.607266,
];

const BILINEAR_4: [f32; 4] = [0.442623, 0.391666, 0.590000, 0.575409];

const BILINEAR_PLAIN_4: [f32; 4] = [0.800000, 0.150000, 0.512500, 0.512500];
