//! Figures of merit as the literature defines them, computed on the engine: what `docs/models.md` states.

use ocelli_vision::noise::with_gaussian_noise;
use ocelli_vision::{Depth, Detection, Image, metrics, resample};

use crate::Error;
use crate::tasks::{RestoreOptions, Task};

/// How near an enlarged picture comes to the original.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// PSNR of BT.601 luma in dB.
    pub psnr_y: f64,
    /// SSIM of BT.601 luma.
    pub ssim_y: f64,
}

/// A model that enlarges, beside bicubic interpolation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Enlarged {
    /// The model.
    pub model: Likeness,
    /// Bicubic interpolation of the same small picture.
    pub bicubic: Likeness,
}

/// Makes `original` smaller by the model's scale (antialiased bicubic, eight bits), enlarges it with the model, and
/// compares with as many pixels shaved as the scale. The original is cropped to a multiple of the scale.
///
/// Errors: the picture is too small; the model does not enlarge or fails.
pub fn enlarging(task: &Task, original: &Image) -> Result<Enlarged, Error> {
    let scale = task.package().output.scale;
    if scale < 2 {
        return Err(Error::Usage(format!("model `{}` does not enlarge", task.package().name)));
    }
    let (w, h) = (original.width() / scale, original.height() / scale);
    let truth = Image::from_planes(original.color_planes().crop(0, 0, w * scale, h * scale)?, Depth::U8)?;
    let small = Image::from_planes(resample::imresize(truth.planes(), w, h)?, Depth::U8)?.rounded()?;
    let result = task.restore(&small, &RestoreOptions::default(), &mut |_| true)?.rounded()?;
    let plain = resample::imresize(small.planes(), w * scale, h * scale)?;
    let plain = Image::from_planes(plain, Depth::U8)?.rounded()?;
    let like = |image: &Image| -> Result<Likeness, Error> {
        let psnr_y = metrics::psnr_y(&truth, image, scale)?;
        Ok(Likeness { psnr_y, ssim_y: metrics::ssim_y(&truth, image, scale)? })
    };
    Ok(Enlarged { model: like(&result)?, bicubic: like(&plain)? })
}

/// PSNR in dB over red, green and blue, before and after a denoiser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Denoised {
    /// Of the result.
    pub model: f64,
    /// Of the noisy picture.
    pub noisy: f64,
}

/// Adds noise of standard deviation `sigma`, in steps of eight bits, as a file of eight bits holds it
/// ([`with_gaussian_noise`]), and removes it; a model that takes a level is told it.
///
/// Errors: the model fails, or takes no such level.
pub fn denoising(task: &Task, clean: &Image, sigma: f32, seed: u64) -> Result<Denoised, Error> {
    let noisy = with_gaussian_noise(clean, sigma, seed)?;
    let told = task.package().input.noise.is_some().then_some(sigma);
    let options = RestoreOptions { noise: told, ..RestoreOptions::default() };
    let result = task.restore(&noisy, &options, &mut |_| true)?;
    let clean = Image::from_planes(clean.rgb_planes(), Depth::U8)?;
    Ok(Denoised { model: metrics::psnr_rgb(&clean, &result, 0)?, noisy: metrics::psnr_rgb(&clean, &noisy, 0)? })
}

/// Lowest score of a detection that counts for average precision.
const LOWEST_SCORE: f32 = 0.02;

/// Everything that a detector finds down to a score of 0.02, for
/// [`average_precision`](ocelli_vision::average_precision::average_precision).
///
/// Errors: the model is none that detects, or fails.
pub fn detecting(task: &Task, image: &Image) -> Result<Vec<Detection>, Error> {
    let spec = task.package().detect.clone();
    let mut spec = spec.ok_or_else(|| Error::Usage(format!("model `{}` does not detect", task.package().name)))?;
    spec.score_threshold = LOWEST_SCORE;
    spec.max_detections = usize::MAX;
    task.detect_with(image, &spec)
}
