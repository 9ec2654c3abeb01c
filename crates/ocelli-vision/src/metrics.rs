//! PSNR and SSIM as the restoration literature measures them.

use crate::color;
use crate::error::{self, Result};
use crate::image::Image;
use crate::planes::Planes;

fn same_size(a: &Planes, b: &Planes) -> Result<()> {
    if (a.channels(), a.height(), a.width()) != (b.channels(), b.height(), b.width()) {
        return Err(error::argument(format!(
            "cannot compare {} planes of {}x{} with {} of {}x{}",
            a.channels(),
            a.width(),
            a.height(),
            b.channels(),
            b.width(),
            b.height()
        )));
    }
    Ok(())
}

/// The planes without `shave` pixels on each side.
fn shaved(p: &Planes, shave: usize) -> Result<Planes> {
    let inner = |n: usize| n.saturating_sub(2 * shave);
    p.crop(shave, shave, inner(p.width()), inner(p.height()))
}

/// Peak signal-to-noise ratio in dB over all planes, for a peak of 1: `-10 log10(mean((a - b)^2))`; infinite when
/// they are equal, NaN when a sample is.
pub fn psnr_planes(a: &Planes, b: &Planes, shave: usize) -> Result<f64> {
    same_size(a, b)?;
    let (a, b) = (shaved(a, shave)?, shaved(b, shave)?);
    let sum: f64 = a.data().iter().zip(b.data()).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum();
    Ok(-10.0 * (sum / a.data().len() as f64).log10())
}

/// PSNR in dB over red, green and blue, alpha left out, `shave` pixels dropped on each side.
pub fn psnr_rgb(a: &Image, b: &Image, shave: usize) -> Result<f64> {
    psnr_planes(&a.rgb_planes(), &b.rgb_planes(), shave)
}

/// PSNR in dB of studio-swing luma (`Y = 65.481 R + 128.553 G + 24.966 B + 16`, peak 255), the figure of the
/// super-resolution benchmarks; `shave` is usually the scale factor.
pub fn psnr_y(a: &Image, b: &Image, shave: usize) -> Result<f64> {
    psnr_planes(&y_plane(a), &y_plane(b), shave)
}

/// Studio-swing luma over 255.
pub fn y_plane(image: &Image) -> Planes {
    color::rgb_to_ycbcr(&image.color_planes()).select(0, 1)
}

/// Structural similarity (Wang et al. 2004), averaged over planes: Gaussian window of 11 with sigma 1.5, K1 = 0.01,
/// K2 = 0.03, peak 1, only where the window lies inside. Both sides must be at least 11 pixels.
pub fn ssim_planes(a: &Planes, b: &Planes) -> Result<f64> {
    same_size(a, b)?;
    const N: usize = 11;
    if a.width() < N || a.height() < N {
        return Err(error::argument(format!(
            "SSIM needs pictures of at least {N}x{N}, got {}x{}",
            a.width(),
            a.height()
        )));
    }
    let mut window = [0.0f64; N];
    for (i, w) in window.iter_mut().enumerate() {
        *w = (-((i as f64 - 5.0).powi(2)) / (2.0 * 1.5 * 1.5)).exp();
    }
    let total: f64 = window.iter().sum();
    for w in &mut window {
        *w /= total;
    }
    let (w, h) = (a.width(), a.height());
    let (ow, oh) = (w - N + 1, h - N + 1);
    let blur = |f: &dyn Fn(usize) -> f64| -> Vec<f64> {
        let mut rows = vec![0.0; h * ow];
        for y in 0..h {
            for x in 0..ow {
                rows[y * ow + x] = (0..N).map(|k| window[k] * f(y * w + x + k)).sum();
            }
        }
        let mut out = vec![0.0; oh * ow];
        for (i, v) in out.iter_mut().enumerate() {
            *v = (0..N).map(|k| window[k] * rows[i + k * ow]).sum();
        }
        out
    };
    let (c1, c2) = (0.01f64.powi(2), 0.03f64.powi(2));
    let mut sum = 0.0;
    for c in 0..a.channels() {
        let (p, q) = (a.plane(c), b.plane(c));
        let (x, y) = (|i: usize| f64::from(p[i]), |i: usize| f64::from(q[i]));
        let (mx, my) = (blur(&x), blur(&y));
        let xx = blur(&|i| x(i) * x(i));
        let yy = blur(&|i| y(i) * y(i));
        let xy = blur(&|i| x(i) * y(i));
        for i in 0..ow * oh {
            let (vx, vy) = (xx[i] - mx[i] * mx[i], yy[i] - my[i] * my[i]);
            let cov = xy[i] - mx[i] * my[i];
            sum +=
                (2.0 * mx[i] * my[i] + c1) * (2.0 * cov + c2) / ((mx[i] * mx[i] + my[i] * my[i] + c1) * (vx + vy + c2));
        }
    }
    Ok(sum / (a.channels() * ow * oh) as f64)
}

/// SSIM of studio-swing luma scaled to a peak of 1, `shave` pixels dropped on each side.
pub fn ssim_y(a: &Image, b: &Image, shave: usize) -> Result<f64> {
    ssim_planes(&shaved(&y_plane(a), shave)?, &shaved(&y_plane(b), shave)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3x13x14 of `((c*182 + y*14 + x) * 37 % 101) / 100`, and the same with 0.1 added where `i % 3 == 0`, at most 1.
    fn pair() -> (Image, Image) {
        let a: Vec<f32> = (0..546).map(|i| (i * 37 % 101) as f32 / 100.0).collect();
        let b = a.iter().enumerate().map(|(i, v)| if i % 3 == 0 { (v + 0.1).min(1.0) } else { *v }).collect();
        let image = |d| Image::from_planes(Planes::new(3, 13, 14, d).unwrap(), crate::Depth::U8).unwrap();
        (image(a), image(b))
    }

    #[test]
    fn figures_match_numpy() {
        let (a, b) = pair();
        // Computed with NumPy in float64 from the same formulas, the windows as explicit 11x11 sums.
        let close = |got: f64, expected: f64| assert!((got - expected).abs() < 2e-4, "{got} {expected}");
        close(psnr_rgb(&a, &b, 0).unwrap(), PSNR_RGB);
        close(psnr_y(&a, &b, 2).unwrap(), PSNR_Y_SHAVE_2);
        close(ssim_planes(a.planes(), b.planes()).unwrap(), SSIM_RGB);
        close(ssim_y(&a, &b, 1).unwrap(), SSIM_Y_SHAVE_1);
        assert!(psnr_rgb(&a, &a, 0).unwrap().is_infinite());
        assert_eq!(ssim_planes(a.planes(), a.planes()).unwrap(), 1.0);
    }

    const PSNR_RGB: f64 = 25.112376;
    const PSNR_Y_SHAVE_2: f64 = 29.987180;
    const SSIM_RGB: f64 = 0.986560;
    const SSIM_Y_SHAVE_1: f64 = 0.989928;

    #[test]
    fn refuses_what_cannot_be_compared() {
        let (a, _) = pair();
        let small = a.crop(0, 0, 8, 8).unwrap();
        assert!(psnr_rgb(&a, &small, 0).is_err());
        assert!(psnr_rgb(&a, &a, 7).is_err());
        assert!(ssim_planes(small.planes(), small.planes()).is_err());
    }
}
