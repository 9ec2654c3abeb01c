//! The models that the binary carries.

use std::path::Path;

use ocelli::Error;
use ocelli::vision::{Package, Task};

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

impl Shipped {
    /// The first of this task that is told a noise level, or is not.
    pub fn default_for(task: Task, leveled: bool) -> Option<&'static Shipped> {
        let fits = |s: &&Shipped| s.package().is_ok_and(|p| p.input.noise.is_some() == leveled);
        ALL.iter().filter(|s| s.task == task).find(fits)
    }

    /// Its description.
    pub fn package(&self) -> Result<Package, Error> {
        Ok(Package::parse(self.toml, Path::new(self.name))?)
    }
}

/// All of them; the first of a task is its default.
pub const ALL: &[Shipped] = &[
    shipped!("ocelli-sr-x2", Upscale),
    shipped!("ocelli-sr-x3", Upscale),
    shipped!("ocelli-sr-x4", Upscale),
    shipped!("ocelli-sr-fine-x2", Upscale),
    shipped!("ocelli-sr-fine-x4", Upscale),
    shipped!("ocelli-denoise", Denoise),
    shipped!("ocelli-denoise-sigma", Denoise),
    shipped!("ocelli-jpeg", Denoise),
    shipped!("ocelli-lowlight", Enhance),
    shipped!("ocelli-cells", Detect),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

    use super::*;

    #[test]
    fn defaults_are_the_plain_ones() {
        let name = |task, leveled| Shipped::default_for(task, leveled).map(|s| s.name);
        assert_eq!(name(Task::Upscale, false), Some("ocelli-sr-x2"));
        assert_eq!(name(Task::Denoise, false), Some("ocelli-denoise"));
        assert_eq!(name(Task::Denoise, true), Some("ocelli-denoise-sigma"));
        assert_eq!(name(Task::Enhance, false), Some("ocelli-lowlight"));
        assert_eq!(name(Task::Upscale, true), None);
    }

    #[test]
    fn every_package_is_what_the_list_says() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/models/");
        for shipped in ALL {
            // Loading checks the SHA-256.
            let package = Package::load(format!("{folder}{}", shipped.name)).unwrap();
            assert_eq!((package.name.as_str(), package.task), (shipped.name, shipped.task));
            assert_eq!(package.sha256.len(), 64, "{}", shipped.name);
            assert!(!package.licence.is_empty() && !package.quality.is_empty(), "{}", shipped.name);
        }
    }
}
