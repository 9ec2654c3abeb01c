use serde::Deserialize;

/// What a model does, by the command line's verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Picture to larger picture.
    Upscale,
    /// Picture to picture without noise.
    Denoise,
    /// Picture to better picture (low light, retouching).
    Enhance,
    /// Picture to boxes.
    Detect,
    /// Picture to mask.
    Segment,
    /// Picture to class scores.
    Classify,
    /// Picture to picture in another style.
    Style,
    /// Picture to keypoints.
    Pose,
}

impl Task {
    /// All of them.
    pub const ALL: [Task; 8] = [
        Task::Upscale,
        Task::Denoise,
        Task::Enhance,
        Task::Detect,
        Task::Segment,
        Task::Classify,
        Task::Style,
        Task::Pose,
    ];

    /// Whether the model answers with a picture.
    pub fn is_picture(self) -> bool {
        matches!(self, Task::Upscale | Task::Denoise | Task::Enhance | Task::Style)
    }

    /// The name in `model.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Task::Upscale => "upscale",
            Task::Denoise => "denoise",
            Task::Enhance => "enhance",
            Task::Detect => "detect",
            Task::Segment => "segment",
            Task::Classify => "classify",
            Task::Style => "style",
            Task::Pose => "pose",
        }
    }
}
