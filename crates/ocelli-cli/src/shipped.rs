//! The models that the binary carries.

use ocelli::vision::Task;

/// A shipped model package.
pub struct Shipped {
    /// Name, as `--model` takes it.
    pub name: &'static str,
    /// What it does.
    pub task: Task,
    /// Its `model.toml`.
    pub toml: &'static str,
    /// Its `model.onnx`.
    pub onnx: &'static [u8],
}

macro_rules! shipped {
    ($name:literal, $task:ident) => {
        Shipped {
            name: $name,
            task: Task::$task,
            toml: include_str!(concat!("../../../assets/models/", $name, "/model.toml")),
            onnx: include_bytes!(concat!("../../../assets/models/", $name, "/model.onnx")),
        }
    };
}

/// All of them; the first of a task is its default.
pub const ALL: &[Shipped] =
    &[shipped!("ocelli-sr-x2", Upscale), shipped!("ocelli-denoise", Denoise), shipped!("ocelli-cells", Detect)];
