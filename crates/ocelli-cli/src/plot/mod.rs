//! Pictures of measurements as SVG.

mod bars;
mod roofline;
mod svg;

pub use bars::{Bar, bars};
pub use roofline::{Group, Point, Roofline};

/// Colours that stay apart for colour-blind readers and in print, by index.
pub(crate) const COLORS: [&str; 13] = [
    "#3b6fb6", "#e08214", "#3a9a6b", "#c0392b", "#7b5ea7", "#8c6d46", "#c9609c", "#5d6d7e", "#a3a022", "#2aa5b5",
    "#5f1e1e", "#1d3f72", "#26734d",
];

/// The colour of category `i`.
pub(crate) fn color(i: usize) -> &'static str {
    COLORS[i % COLORS.len()]
}
