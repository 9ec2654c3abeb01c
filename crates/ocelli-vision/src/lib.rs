//! Images in and out, pre- and post-processing, tiling and metrics.
