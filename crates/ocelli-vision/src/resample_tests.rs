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
    close(
        &resize(&line(&LINE), 4, 1, Filter::Bilinear, true).unwrap(),
        &BILINEAR_4,
    );
    close(
        &resize(&line(&LINE), 4, 1, Filter::Bilinear, false).unwrap(),
        &BILINEAR_PLAIN_4,
    );
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

const DOWN_5: [f32; 5] = [0.4419168, 0.3137000, 0.6254875, 0.5238811, 0.5951228];

const DOWN_3: [f32; 3] = [0.3979705, 0.5217400, 0.5802583];

const UP_17: [f32; 17] = [
    0.0418685, 0.5057806, 0.8892530, 0.4226542, 0.3162426, 0.3872176, 0.0303277, 0.3018929,
    1.0000000, 0.8730511, 0.5340118, 0.2010788, 0.5622023, 0.7828618, 0.5224710, 0.5360879,
    0.6072664,
];

const BILINEAR_4: [f32; 4] = [0.4426230, 0.3916667, 0.5900000, 0.5754098];

const BILINEAR_PLAIN_4: [f32; 4] = [0.8000000, 0.1500000, 0.5125000, 0.5125000];
