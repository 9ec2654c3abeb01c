//! Bicubic enlargement on Set5 against the published figures: checks the resampler, the luma and the metric at once.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use ocelli_vision::{Depth, Image, image_io, metrics, resample};

#[test]
fn bicubic_reaches_the_published_psnr() {
    let folder = std::env::var_os("OCELLI_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from)
        .join("images/set5");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no Set5 at {}", folder.display());
        return;
    }
    // MATLAB's figures, from pictures rounded to 8 bits.
    for (scale, published) in [(2, 33.66), (3, 30.39), (4, 28.42)] {
        let mut sum = 0.0;
        for name in ["baby", "bird", "butterfly", "head", "woman"] {
            let image = image_io::read(folder.join(format!("{name}_GT.bmp"))).unwrap();
            let (w, h) = (image.width() / scale, image.height() / scale);
            let image = image.crop(0, 0, w * scale, h * scale).unwrap();
            let small = rounded(resample::imresize(image.planes(), w, h).unwrap());
            let large = resample::imresize(small.planes(), w * scale, h * scale).unwrap();
            sum += metrics::psnr_y(&image, &rounded(large), scale).unwrap();
        }
        let mean = sum / 5.0;
        println!("x{scale}: {mean:.3} dB, published {published} dB");
        assert!((mean - published).abs() < 0.03, "x{scale}: {mean:.3} dB, published {published} dB");
    }
}

/// As a file of 8 bits would hold it.
fn rounded(planes: ocelli_vision::Planes) -> Image {
    let image = Image::from_planes(planes, Depth::U8).unwrap();
    Image::from_u8(image.width(), image.height(), image.channels(), &image.to_u8()).unwrap()
}
