use std::path::Path;

use super::{Decoder, Fit, Light, NoiseSpec, Package, SizeRule, Task, is_inside};

type Check = Result<(), String>;

fn ensure(ok: bool, text: impl FnOnce() -> String) -> Check {
    if ok { Ok(()) } else { Err(text()) }
}

fn range(key: &str, [low, high]: [f32; 2]) -> Check {
    ensure(low.is_finite() && high.is_finite() && low < high, || {
        format!("{key} = [{low}, {high}]: expected two finite numbers, the lower first")
    })
}

fn unit(key: &str, value: f32) -> Check {
    ensure((0.0..=1.0).contains(&value), || format!("{key} = {value}: expected a number in 0..1"))
}

fn between(key: &str, value: usize, low: usize, high: usize) -> Check {
    ensure((low..=high).contains(&value), || format!("{key} = {value}: expected {low} to {high}"))
}

fn file(key: &str, path: &Path) -> Check {
    ensure(is_inside(path), || {
        format!("{key} = {:?}: must be a path inside the package's folder", path.display().to_string())
    })
}

fn sha256(key: &str, text: &str) -> Check {
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    ensure(text.is_empty() || (text.len() == 64 && text.bytes().all(hex)), || {
        format!("{key} = {text:?}: expected 64 lower-case hexadecimal digits")
    })
}

impl Package {
    /// The first thing that is wrong, as `key: what`.
    pub(super) fn validate(&self) -> Check {
        ensure(!self.name.trim().is_empty(), || "name: must not be empty".to_owned())?;
        file("file", &self.file)?;
        sha256("sha256", &self.sha256)?;
        self.validate_input()?;
        self.validate_output()?;
        self.validate_sections()?;
        self.validate_detect()?;
        if let Some(s) = &self.segment {
            unit("segment.threshold", s.threshold)?;
        }
        if let Some(c) = &self.classify {
            between("classify.top", c.top, 1, 100_000)?;
        }
        if let Some(p) = &self.pose {
            for pair in &p.skeleton {
                ensure(p.joints.is_empty() || pair.iter().all(|&i| i < p.joints.len()), || {
                    format!("pose.skeleton: {pair:?} names a joint beyond {}", p.joints.len())
                })?;
            }
        }
        Ok(())
    }

    fn validate_input(&self) -> Check {
        let i = &self.input;
        range("input.range", i.range)?;
        for (key, list) in [("input.mean", &i.mean), ("input.std", &i.std)] {
            ensure(list.len() == 1 || list.len() == i.color.channels(), || {
                format!("{key} has {} values: expected 1 or {}", list.len(), i.color.channels())
            })?;
            ensure(list.iter().all(|v| v.is_finite()), || format!("{key} = {list:?}: expected finite numbers"))?;
        }
        ensure(i.std.iter().all(|&v| v != 0.0), || "input.std: must not contain zero".to_owned())?;
        between("input.multiple_of", i.multiple_of, 1, 4096)?;
        ensure(i.multiple_of == 1 || i.size != SizeRule::Any, || {
            "input.multiple_of: needs size = \"multiple\"".to_owned()
        })?;
        for (key, side) in [("input.width", i.width), ("input.height", i.height)] {
            between(key, side.unwrap_or(1), 1, 65_536)?;
            ensure(side.is_none() || i.size == SizeRule::Fixed, || format!("{key}: needs size = \"fixed\""))?;
        }
        ensure(i.width.is_some() == i.height.is_some(), || {
            "input.width and input.height: give both or none".to_owned()
        })?;
        ensure((0.0..=255.0).contains(&i.pad_value), || {
            format!("input.pad_value = {}: expected 0 to 255", i.pad_value)
        })?;
        ensure(i.light == Light::Encoded || self.task.is_picture(), || {
            format!("input.light = \"linear\": not for task = {:?}, whose result is no picture", self.task.name())
        })?;
        if let Some(noise) = &i.noise {
            self.validate_noise(noise)?;
        }
        ensure(i.fit != Fit::Tile || self.task.is_picture(), || {
            format!("input.fit = \"tile\": not for task = {:?}, whose result is no picture", self.task.name())
        })
    }

    fn validate_noise(&self, n: &NoiseSpec) -> Check {
        ensure(self.task.is_picture(), || {
            format!("[input.noise]: not for task = {:?}, whose result is no picture", self.task.name())
        })?;
        ensure(!n.name.is_empty(), || "input.noise.name: must not be empty".to_owned())?;
        range("input.noise.range", n.range)?;
        let [low, high] = n.range;
        ensure(low >= 0.0, || format!("input.noise.range = [{low}, {high}]: a level is not negative"))?;
        ensure((low..=high).contains(&n.default), || {
            format!("input.noise.default = {}: expected {low} to {high}, as input.noise.range says", n.default)
        })?;
        ensure(n.divisor.is_finite() && n.divisor > 0.0, || {
            format!("input.noise.divisor = {}: expected a number above zero", n.divisor)
        })
    }

    fn validate_output(&self) -> Check {
        let o = &self.output;
        range("output.range", o.range)?;
        between("output.scale", o.scale, 1, 16)?;
        between("output.pre_upscale", o.pre_upscale, 1, 16)?;
        between("output.crop", o.crop, 0, 4096)?;
        between("output.halo", o.halo.unwrap_or(0), 0, 4096)?;
        ensure(o.scale.is_multiple_of(o.pre_upscale), || {
            format!("output.pre_upscale = {}: must divide output.scale = {}", o.pre_upscale, o.scale)
        })
    }

    /// Each task has its section, and no section of another task is there.
    fn validate_sections(&self) -> Check {
        let sections = [
            ("detect", Task::Detect, self.detect.is_some()),
            ("segment", Task::Segment, self.segment.is_some()),
            ("classify", Task::Classify, self.classify.is_some()),
            ("pose", Task::Pose, self.pose.is_some()),
        ];
        for (name, task, present) in sections {
            ensure(present == (task == self.task), || {
                if present {
                    format!("[{name}]: not for task = {:?}", self.task.name())
                } else {
                    format!("task = {name:?}: the section [{name}] is missing")
                }
            })?;
        }
        Ok(())
    }

    fn validate_detect(&self) -> Check {
        let Some(d) = &self.detect else { return Ok(()) };
        unit("detect.score_threshold", d.score_threshold)?;
        unit("detect.iou_threshold", d.iou_threshold)?;
        between("detect.max_detections", d.max_detections, 1, 1_000_000)?;
        ensure(!d.strides.is_empty(), || "detect.strides: must not be empty".to_owned())?;
        for &s in &d.strides {
            between("detect.strides", s, 1, 4096)?;
        }
        let stages = if d.decoder == Decoder::Mtcnn { 2 } else { 0 };
        ensure(d.stages.len() == stages, || {
            format!("detect.stages: this decoder takes {stages} later networks, got {}", d.stages.len())
        })?;
        ensure((12.0..=10_000.0).contains(&d.min_face_px), || {
            format!("detect.min_face_px = {}: expected 12 to 10000", d.min_face_px)
        })?;
        for s in &d.stages {
            file("detect.stages.file", &s.file)?;
            sha256("detect.stages.sha256", &s.sha256)?;
        }
        Ok(())
    }
}
