//! A window that opens a picture, runs a model on the *window's own* device and shows before and after with a slider.
//!
//! `cargo run --release -p ocelli-egui-window -- PACKAGE PICTURE`, or drop a picture onto the window.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use eframe::egui;
use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{Image, image_io};
use ocelli::{Engine, Error};

fn main() -> eframe::Result {
    env_logger::init();
    let mut args = std::env::args().skip(1).map(PathBuf::from);
    let package = args.next().unwrap_or_else(|| PathBuf::from("assets/models/ocelli-sr-x2"));
    let picture = args.next();
    let options = eframe::NativeOptions {
        renderer: eframe::Renderer::Wgpu,
        viewport: egui::ViewportBuilder::default().with_inner_size([900.0, 640.0]),
        ..Default::default()
    };
    eframe::run_native("ocelli", options, Box::new(|cx| Ok(Box::new(Window::new(cx, package, picture)?))))
}

/// What the worker sends: progress, then the pictures or an error.
enum Message {
    Progress(f32),
    Done(Result<Box<(Image, Image)>, Error>),
}

struct Window {
    engine: Engine,
    package: PathBuf,
    context: egui::Context,
    work: Option<Receiver<Message>>,
    progress: f32,
    textures: Option<(egui::TextureHandle, egui::TextureHandle)>,
    split: f32,
    status: String,
}

impl Window {
    fn new(cx: &eframe::CreationContext<'_>, package: PathBuf, picture: Option<PathBuf>) -> Result<Window, String> {
        let state = cx.wgpu_render_state.as_ref().ok_or("the window has no wgpu device")?;
        let mut window = Window {
            engine: Engine::from_device(state.device.clone(), state.queue.clone()),
            package,
            context: cx.egui_ctx.clone(),
            work: None,
            progress: 0.0,
            textures: None,
            split: 0.5,
            status: "Drop a picture here.".to_owned(),
        };
        if let Some(picture) = picture {
            window.start(picture);
        }
        Ok(window)
    }

    /// Runs the model in a thread of its own; the window stays responsive.
    fn start(&mut self, picture: PathBuf) {
        let (send, receive) = channel();
        let (engine, package, context) = (self.engine.clone(), self.package.clone(), self.context.clone());
        self.status = format!("{} on {}", picture.display(), engine.summary().name);
        self.work = Some(receive);
        std::thread::spawn(move || {
            let result = run(&engine, &package, &picture, &mut |done| {
                context.request_repaint();
                // The window is gone when nobody receives: stop.
                send.send(Message::Progress(done)).is_ok()
            });
            if send.send(Message::Done(result.map(Box::new))).is_ok() {
                context.request_repaint();
            }
        });
    }

    fn receive(&mut self) {
        let Some(work) = &self.work else { return };
        for message in work.try_iter().collect::<Vec<_>>() {
            match message {
                Message::Progress(done) => self.progress = done,
                Message::Done(Ok(pictures)) => {
                    let load = |name: &str, image: &Image| {
                        let size = [image.width(), image.height()];
                        let pixels = egui::ColorImage::from_rgb(size, &image.clone().into_rgb().to_u8());
                        self.context.load_texture(name, pixels, egui::TextureOptions::LINEAR)
                    };
                    self.textures = Some((load("before", &pictures.0), load("after", &pictures.1)));
                    self.work = None;
                    return;
                }
                Message::Done(Err(e)) => {
                    self.status = e.to_string();
                    self.work = None;
                    return;
                }
            }
        }
    }
}

fn run(
    engine: &Engine,
    package: &Path,
    picture: &Path,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<(Image, Image), Error> {
    let task = Task::open(engine, package)?;
    let before = image_io::read(picture)?;
    let after = task.restore(&before, &RestoreOptions::default(), progress)?;
    Ok((before, after))
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.receive();
        let dropped = ui.input(|i| i.raw.dropped_files.iter().find_map(|f| f.path.clone()));
        if let Some(path) = dropped {
            self.start(path);
        }
        egui::Frame::central_panel(ui.style()).show(ui, |ui| {
            ui.label(&self.status);
            if self.work.is_some() {
                ui.add(egui::ProgressBar::new(self.progress).show_percentage());
            }
            let Some((before, after)) = &self.textures else { return };
            ui.add(egui::Slider::new(&mut self.split, 0.0..=1.0).text("before | after").show_value(false));
            let [w, h] = after.size();
            let room = ui.available_size();
            let fit = (room.x / w as f32).min(room.y / h as f32);
            let (area, _) = ui.allocate_exact_size(egui::vec2(w as f32, h as f32) * fit, egui::Sense::hover());
            let cut = area.left() + area.width() * self.split;
            let uv = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            let left = egui::Rect::from_min_max(area.min, egui::pos2(cut, area.bottom()));
            let right = egui::Rect::from_min_max(egui::pos2(cut, area.top()), area.max);
            ui.painter().with_clip_rect(left).image(before.id(), area, uv, egui::Color32::WHITE);
            ui.painter().with_clip_rect(right).image(after.id(), area, uv, egui::Color32::WHITE);
            ui.painter().vline(cut, area.y_range(), (2.0, egui::Color32::WHITE));
        });
    }
}
