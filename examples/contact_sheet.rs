//! Pictures side by side on one sheet, each row a picture before and after:
//! `cargo run -p ocelli-examples --bin contact-sheet -- OUT BEFORE CAPTION AFTER CAPTION [BEFORE CAPTION ...]`.

use ocelli::Error;
use ocelli::vision::resample::{Filter, resize};
use ocelli::vision::{Depth, Image, Planes, draw, image_io};

/// Size of a cell, and the pixels between cells.
const CELL: (usize, usize) = (480, 320);
const GAP: usize = 8;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out, cells @ ..] = &args[..] else { return Err(usage()) };
    if cells.is_empty() || cells.len() % 4 != 0 {
        return Err(usage());
    }
    let rows = cells.len() / 4;
    let (width, height) = (2 * CELL.0 + 3 * GAP, rows * (CELL.1 + GAP) + GAP);
    let mut sheet = Planes::filled(3, height, width, 1.0);
    for (i, pair) in cells.chunks_exact(2).enumerate() {
        let cell = cell(&pair[0], &pair[1])?;
        let (x, y) = (GAP + i % 2 * (CELL.0 + GAP), GAP + i / 2 * (CELL.1 + GAP));
        for c in 0..3 {
            let plane = cell.planes().plane(c);
            for row in 0..CELL.1 {
                let to = (y + row) * width + x;
                sheet.plane_mut(c)[to..to + CELL.0].copy_from_slice(&plane[row * CELL.0..(row + 1) * CELL.0]);
            }
        }
    }
    image_io::write(out, &Image::from_planes(sheet, Depth::U8)?)?;
    println!("{out}: {width}x{height}");
    Ok(())
}

fn usage() -> Error {
    Error::Usage("expected OUT BEFORE CAPTION AFTER CAPTION ...".to_owned())
}

/// A picture that fills a cell, its middle, with a caption.
fn cell(path: &str, caption: &str) -> Result<Image, Error> {
    let image = image_io::read(path)?.into_rgb().without_alpha();
    let scale = (CELL.0 as f32 / image.width() as f32).max(CELL.1 as f32 / image.height() as f32);
    let grown = |n: usize, least: usize| ((n as f32 * scale).round() as usize).max(least);
    let (w, h) = (grown(image.width(), CELL.0), grown(image.height(), CELL.1));
    let fitted = resize(image.planes(), w, h, Filter::Bicubic, true)?;
    let middle = fitted.crop((w - CELL.0) / 2, (h - CELL.1) / 2, CELL.0, CELL.1)?;
    let mut cell = Image::from_planes(middle, Depth::U8)?;
    draw::caption(&mut cell, caption);
    Ok(cell)
}
