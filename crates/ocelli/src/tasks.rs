//! Whole jobs on pictures.
