//! BT.601 luma and chroma.
//!
//! `y`, `cb` and `cr` are in studio swing divided by 255, as the super-resolution literature measures them
//! (MATLAB `rgb2ycbcr`): for R, G, B in 0..1, `255 Y = 16 + 65.481 R + 128.553 G + 24.966 B`, so Y is in 16/255..235/255.
//! Grey is full-range luma, `0.299 R + 0.587 G + 0.114 B`.

use crate::planes::Planes;

/// Full-range luma of `rgb` (0.299, 0.587, 0.114).
pub fn gray(r: f32, g: f32, b: f32) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}

/// Studio-swing luma of a colour in 0..1, divided by 255.
pub fn luma(r: f32, g: f32, b: f32) -> f32 {
    (16.0 + 65.481 * r + 128.553 * g + 24.966 * b) / 255.0
}

/// R, G, B planes in 0..1 to Y, Cb, Cr planes in studio swing over 255. Fewer than three planes are taken as grey.
pub fn rgb_to_ycbcr(rgb: &Planes) -> Planes {
    let mut out = Planes::filled(3, rgb.height(), rgb.width(), 0.0);
    let n = rgb.width() * rgb.height();
    let (g_at, b_at) = if rgb.channels() >= 3 { (n, 2 * n) } else { (0, 0) };
    for i in 0..n {
        let (r, g, b) = (rgb.data()[i], rgb.data()[g_at + i], rgb.data()[b_at + i]);
        let d = out.data_mut();
        d[i] = luma(r, g, b);
        d[n + i] = (128.0 - 37.797 * r - 74.203 * g + 112.0 * b) / 255.0;
        d[2 * n + i] = (128.0 + 112.0 * r - 93.786 * g - 18.214 * b) / 255.0;
    }
    out
}

/// The inverse of [`rgb_to_ycbcr`] for three planes; the result is not clamped.
pub fn ycbcr_to_rgb(ycc: &Planes) -> Planes {
    let mut out = ycc.clone();
    let n = ycc.width() * ycc.height();
    for i in 0..n {
        let y = (ycc.data()[i] * 255.0 - 16.0) / 219.0;
        let cb = (ycc.data()[n + i] * 255.0 - 128.0) / 224.0;
        let cr = (ycc.data()[2 * n + i] * 255.0 - 128.0) / 224.0;
        let d = out.data_mut();
        d[i] = y + 1.402 * cr;
        d[n + i] = y - 0.344136 * cb - 0.714136 * cr;
        d[2 * n + i] = y + 1.772 * cb;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ycbcr_matches_known_colours_and_inverts() {
        // Studio-swing codes of white, black, red and blue: (235,128,128), (16,128,128), (81.5,90.2,240), (41,240,109.8).
        let rgb = Planes::new(3, 1, 4, vec![1., 0., 1., 0., 1., 0., 0., 0., 1., 0., 0., 1.]).unwrap();
        let ycc = rgb_to_ycbcr(&rgb);
        let expected = [235.0, 16.0, 81.481, 40.966, 128.0, 128.0, 90.203, 240.0, 128.0, 128.0, 240.0, 109.786];
        for (v, e) in ycc.data().iter().zip(expected) {
            assert!((v * 255.0 - e).abs() < 1e-3, "{} {e}", v * 255.0);
        }
        for (v, e) in ycbcr_to_rgb(&ycc).data().iter().zip(rgb.data()) {
            assert!((v - e).abs() < 2e-5, "{v} {e}");
        }
    }
}
