//! Noise of a known strength, to measure denoisers with.

use crate::error::Result;
use crate::image::{Depth, Image};

/// The picture in red, green and blue with Gaussian noise of standard deviation `sigma`, in steps of eight bits, clipped
/// and rounded to eight bits as a file holds it. The same `seed` gives the same noise everywhere.
///
/// Uniform numbers of a linear congruential generator (Knuth's MMIX) become normal ones by Box and Muller, in the order of
/// planes, rows and columns.
pub fn with_gaussian_noise(image: &Image, sigma: f32, seed: u64) -> Result<Image> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f64 + 0.5) / f64::from(1 << 24)
    };
    let mut planes = image.rgb_planes();
    for v in planes.data_mut() {
        let normal = (-2.0 * uniform().ln()).sqrt() * (2.0 * std::f64::consts::PI * uniform()).cos();
        *v += sigma / 255.0 * normal as f32;
    }
    Image::from_planes(planes, Depth::U8)?.rounded()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_strength_that_was_asked_for() {
        let grey = Image::filled_rgb(200, 100, [0.5; 3]);
        let noisy = with_gaussian_noise(&grey, 25.0, 3).unwrap();
        let steps: Vec<f64> = noisy.planes().data().iter().map(|v| (f64::from(*v) - 0.5) * 255.0).collect();
        let mean = steps.iter().sum::<f64>() / steps.len() as f64;
        let spread = (steps.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / steps.len() as f64).sqrt();
        assert!(mean.abs() < 0.5 && (spread - 25.0).abs() < 0.3, "{mean} {spread}");
        // What a file of eight bits holds.
        assert!(noisy.planes().data().iter().all(|v| (v * 255.0 - (v * 255.0).round()).abs() < 1e-4));
        assert_eq!(with_gaussian_noise(&grey, 25.0, 3).unwrap().to_u8(), noisy.to_u8());
        assert_ne!(with_gaussian_noise(&grey, 25.0, 4).unwrap().to_u8(), noisy.to_u8());
    }
}
