//! Winograd convolution F(2x2, 3x3) and F(4x4, 3x3): three kernel rows and columns at stride and dilation 1, computed on
//! tiles of 2x2 (4x4) outputs with 16 instead of 36 (36 instead of 144) multiplications (Lavin and Gray, "Fast Algorithms for
//! Convolutional Neural Networks").
//!
//! [`input`] transforms tiles of the input, [`product`] multiplies them with the transformed filters ([`Form::filter`]) at
//! each of the points, and [`output`] transforms back, adds the bias and runs the epilogue.

mod form;
mod input;
mod output;
mod product;
mod tiled;

pub use form::Form;
pub use input::input;
pub use output::output;
pub use product::product;
pub use tiled::tiled;

pub use super::broadcast::Tile;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_validates() {
        let f43 = [(false, false), (true, false), (true, true), (false, true)].map(|(a, w)| (Form::F43, a, w));
        for (form, aligned, wide) in [(Form::F23, false, false), (Form::F23, false, true)].into_iter().chain(f43) {
            crate::validate::kernel(&input(form, aligned, wide)).unwrap();
            for epilogue in crate::pointwise::samples() {
                crate::validate::kernel(&output(form, aligned, wide, &epilogue)).unwrap();
            }
        }
        for (m, n, width) in [(64, 4, 8), (48, 4, 8), (16, 4, 8), (8, 2, 8), (12, 4, 8), (4, 1, 4), (8, 4, 4)] {
            crate::validate::kernel(&product(Form::F43, Tile { m, n, width }, 8, n == 4)).unwrap();
        }
    }
}
