use serde::Deserialize;

use super::Layout;

/// How keypoints are read from one heatmap each: `[pose]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoseSpec {
    /// Keypoints whose peak is lower are dropped.
    #[serde(default = "pose_threshold")]
    pub score_threshold: f32,
    /// Names of the keypoints in the order of the channels.
    #[serde(default)]
    pub joints: Vec<String>,
    /// Pairs of keypoints that a line joins.
    #[serde(default)]
    pub skeleton: Vec<[usize; 2]>,
    /// Order of dimensions of the heatmaps; that of the input when unset.
    pub layout: Option<Layout>,
}

fn pose_threshold() -> f32 {
    0.1
}
