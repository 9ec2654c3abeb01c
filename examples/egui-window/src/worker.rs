//! The thread that reads pictures and runs the model.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::resample::{self, Filter};
use ocelli::vision::{Channels, Image, image_io};
use ocelli::{Engine, Error, wgpu};

use crate::one_submit::OneSubmit;

/// What the thread reports about the newest request.
pub enum Event {
    /// The fraction done, in 0..1.
    Progress(f32),
    Done(Pictures),
    Failed(String),
}

/// Before and after, as textures of the window's device in the format that egui takes.
pub struct Pictures {
    pub before: wgpu::Texture,
    pub after: wgpu::Texture,
    /// What was done, for the status line.
    pub summary: String,
}

pub struct Worker {
    requests: Option<Sender<(u64, PathBuf)>>,
    events: Receiver<(u64, Event)>,
    /// Number of the newest request; work for an older one stops at the next slice.
    newest: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `wake` is called after every event.
    pub fn start(engine: Engine, package: PathBuf, wake: impl Fn() + Send + 'static) -> Worker {
        let (requests, to_do) = channel::<(u64, PathBuf)>();
        let (send, events) = channel();
        let newest = Arc::new(AtomicU64::new(0));
        let current = Arc::clone(&newest);
        let thread = std::thread::spawn(move || {
            // The model stays open from picture to picture: its kernels are compiled once.
            let mut model = None;
            for (number, picture) in to_do {
                let wanted = || current.load(Ordering::Relaxed) == number;
                let report = |event| {
                    let sent = send.send((number, event)).is_ok();
                    wake();
                    sent
                };
                if !wanted() {
                    continue;
                }
                let result =
                    run(&engine, &package, &mut model, &picture, &mut |f| report(Event::Progress(f)) && wanted());
                report(match result {
                    Ok(pictures) => Event::Done(pictures),
                    Err(e) => Event::Failed(e.to_string()),
                });
            }
        });
        Worker { requests: Some(requests), events, newest, thread: Some(thread) }
    }

    /// Asks for a picture; what is under way for another one is given up.
    pub fn open(&self, picture: PathBuf) {
        let number = self.newest.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(requests) = &self.requests {
            // A thread that is gone is reported by `next`.
            let _ = requests.send((number, picture));
        }
    }

    /// The next event of the newest request.
    pub fn next(&self) -> Option<Event> {
        loop {
            match self.events.try_recv() {
                Ok((number, event)) if number == self.newest.load(Ordering::Relaxed) => return Some(event),
                Ok(_) => {}
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => return Some(Event::Failed("the worker thread ended".to_owned())),
            }
        }
    }
}

impl Drop for Worker {
    /// The window closes: stops at the next slice, and waits for it, because the device goes away afterwards.
    fn drop(&mut self) {
        self.newest.fetch_add(1, Ordering::Relaxed);
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A model package, and its short way where it has one.
struct Model {
    task: Task,
    one_submit: Option<OneSubmit>,
}

fn run(
    engine: &Engine,
    package: &Path,
    model: &mut Option<Model>,
    picture: &Path,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Pictures, Error> {
    let image = image_io::read(picture)?;
    let before = upload(engine, &image)?;
    let model = match model {
        Some(model) => model,
        None => {
            let task = Task::open(engine, package).map_err(|e| e.about(package.display()))?;
            model.insert(Model { one_submit: OneSubmit::new(engine, &task)?, task })
        }
    };
    let begun = Instant::now();
    let on_device = match &model.one_submit {
        Some(short) => short.run(engine, &model.task, &image, &before)?,
        None => None,
    };
    let (after, how) = match on_device {
        Some(after) => (after, "one submit, recorded in"),
        None => {
            let result = model.task.restore(&image, &RestoreOptions::default(), progress)?;
            (upload(engine, &result)?, "slices, done in")
        }
    };
    let name = picture.file_name().unwrap_or(picture.as_os_str()).to_string_lossy();
    let summary = format!(
        "{name}, {} x {}: {} on {}, {how} {:.2} s",
        image.width(),
        image.height(),
        model.task.package().name,
        engine.summary().name,
        begun.elapsed().as_secs_f32()
    );
    Ok(Pictures { before, after, summary })
}

/// A picture as a texture, made smaller where it exceeds the largest texture of the device.
fn upload(engine: &Engine, image: &Image) -> Result<wgpu::Texture, Error> {
    let most = engine.device().limits().max_texture_dimension_2d as usize;
    let longest = image.width().max(image.height());
    let shown;
    let image = if longest > most {
        let to = |n: usize| (n * most / longest).max(1);
        let small = resample::resize(image.planes(), to(image.width()), to(image.height()), Filter::Bilinear, true)?;
        shown = Image::new(small, image.channels(), image.depth())?;
        &shown
    } else {
        image
    };
    let (w, h) = (image.width() as u32, image.height() as u32);
    let texture = texture(engine, (w, h), wgpu::TextureUsages::COPY_DST);
    let rgba = rgba(image);
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(w * 4), rows_per_image: None };
    engine.queue().write_texture(texture.as_image_copy(), &rgba, layout, texture.size());
    Ok(texture)
}

/// Eight bits a sample, interleaved, colours multiplied with alpha as egui wants them.
fn rgba(image: &Image) -> Vec<u8> {
    let alpha = image.alpha();
    let alpha = alpha.as_ref().map(|a| a.plane(0));
    let rgb = image.rgb_planes();
    let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
    let mut bytes = Vec::with_capacity(image.width() * image.height() * Channels::Rgba.count());
    for (i, ((r, g), b)) in rgb.plane(0).iter().zip(rgb.plane(1)).zip(rgb.plane(2)).enumerate() {
        let a = alpha.and_then(|a| a.get(i)).copied().unwrap_or(1.0);
        bytes.extend([byte(r * a), byte(g * a), byte(b * a), byte(a)]);
    }
    bytes
}

/// A texture that egui can show.
pub fn texture(engine: &Engine, (width, height): (u32, u32), usage: wgpu::TextureUsages) -> wgpu::Texture {
    engine.device().create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba8Unorm,
        usage: usage | wgpu::TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    })
}
