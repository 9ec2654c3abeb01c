//! What is on the screen.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, emath::GuiRounding as _};
use eframe::egui_wgpu::RenderState;
use ocelli::vision::{Channels, Image, image_io};
use ocelli::{Engine, wgpu};

use crate::Arguments;
use crate::worker::{Event, Pictures, Worker};

/// Width of the line between before and after, in points.
const LINE: f32 = 2.0;

pub struct App {
    render: RenderState,
    worker: Worker,
    /// The text of the input line.
    path: String,
    state: State,
    shown: Option<Shown>,
    split: f32,
    screenshot: Option<PathBuf>,
}

enum State {
    Idle,
    Working(f32),
    Done(String),
    Failed(String),
}

/// The textures on the screen, as egui knows them.
struct Shown {
    before: egui::TextureId,
    after: egui::TextureId,
    /// Width and height in pixels of the result.
    size: egui::Vec2,
}

impl App {
    pub fn new(cx: &eframe::CreationContext<'_>, arguments: Arguments) -> Result<App, String> {
        let render = cx.wgpu_render_state.clone().ok_or("the window has no wgpu device")?;
        // Errors of the engine come back as values. For all others: a line in the log instead of wgpu's panic.
        render.device.on_uncaptured_error(Arc::new(|e| log::error!("{e}")));
        let engine = Engine::from_device(render.device.clone(), render.queue.clone());
        let context = cx.egui_ctx.clone();
        let mut app = App {
            render,
            worker: Worker::start(engine, arguments.model, move || context.request_repaint()),
            path: String::new(),
            state: State::Idle,
            shown: None,
            split: arguments.split.clamp(0.0, 1.0),
            screenshot: arguments.screenshot,
        };
        if let Some(picture) = arguments.picture {
            app.open(picture);
        }
        Ok(app)
    }

    fn open(&mut self, picture: PathBuf) {
        self.path = picture.display().to_string();
        self.state = State::Working(0.0);
        self.worker.open(picture);
    }

    /// Takes what the worker has sent.
    fn receive(&mut self) {
        while let Some(event) = self.worker.next() {
            match event {
                Event::Progress(done) => self.state = State::Working(done),
                Event::Done(pictures) => {
                    self.show(&pictures);
                    self.state = State::Done(pictures.summary);
                }
                Event::Failed(error) => {
                    self.state = State::Failed(error);
                    break;
                }
            }
        }
    }

    /// Hands the textures to egui, which draws them where they are.
    fn show(&mut self, pictures: &Pictures) {
        let mut renderer = self.render.renderer.write();
        if let Some(old) = self.shown.take() {
            renderer.free_texture(&old.before);
            renderer.free_texture(&old.after);
        }
        let mut register = |texture: &wgpu::Texture| {
            let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
            renderer.register_native_texture(&self.render.device, &view, wgpu::FilterMode::Linear)
        };
        let size = egui::vec2(pictures.after.width() as f32, pictures.after.height() as f32);
        self.shown = Some(Shown { before: register(&pictures.before), after: register(&pictures.after), size });
    }

    fn top(&mut self, ui: &mut egui::Ui) {
        ui.horizontal(|ui| {
            let button = egui::Button::new("Open");
            let width = ui.available_width() - 60.0;
            let line = egui::TextEdit::singleline(&mut self.path).hint_text("a picture's path, or drop one here");
            let entered =
                ui.add(line.desired_width(width)).lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            if (ui.add(button).clicked() || entered) && !self.path.is_empty() {
                self.open(PathBuf::from(self.path.clone()));
            }
        });
        match &self.state {
            State::Idle => ui.label("Drop a picture onto the window."),
            State::Working(done) => ui.add(egui::ProgressBar::new(*done).show_percentage()),
            State::Done(summary) => ui.label(summary),
            State::Failed(error) => ui.colored_label(ui.visuals().error_fg_color, error),
        };
    }

    fn slider(&mut self, ui: &mut egui::Ui) {
        ui.horizontal(|ui| {
            ui.label("before");
            ui.spacing_mut().slider_width = (ui.available_width() - 60.0).max(40.0);
            ui.add(egui::Slider::new(&mut self.split, 0.0..=1.0).show_value(false));
            ui.label("after");
        });
    }

    /// Both pictures in the same place, cut at the slider. Returns the place.
    fn pictures(&mut self, ui: &mut egui::Ui) -> Option<egui::Rect> {
        let shown = self.shown.as_ref()?;
        let room = ui.available_rect_before_wrap();
        let fit = (room.width() / shown.size.x).min(room.height() / shown.size.y);
        let pixel = ui.pixels_per_point();
        let area = egui::Rect::from_center_size(room.center(), shown.size * fit).round_to_pixels(pixel);
        let response = ui.allocate_rect(area, egui::Sense::click_and_drag());
        if let Some(pointer) = response.interact_pointer_pos() {
            self.split = ((pointer.x - area.left()) / area.width()).clamp(0.0, 1.0);
        }
        let cut = (area.left() + area.width() * self.split).round_to_pixels(pixel);
        let (left, right) = area.split_left_right_at_x(cut);
        let whole = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
        ui.painter().with_clip_rect(left).image(shown.before, area, whole, egui::Color32::WHITE);
        ui.painter().with_clip_rect(right).image(shown.after, area, whole, egui::Color32::WHITE);
        ui.painter().vline(cut, area.y_range(), (LINE, egui::Color32::WHITE));
        Some(area)
    }

    /// For `--screenshot`: once there is a result or an error, saves what the window shows and closes it.
    fn screenshot(&mut self, ui: &egui::Ui, area: Option<egui::Rect>) {
        let outcome = match &self.state {
            State::Done(summary) => summary.clone(),
            State::Failed(error) => format!("error: {error}"),
            State::Idle | State::Working(_) => return,
        };
        let Some(file) = self.screenshot.take() else { return };
        let context = ui.ctx().clone();
        let pixel = ui.pixels_per_point();
        context.clone().request_screenshot(move |seen| {
            let [w, h] = seen.size;
            let bytes: Vec<u8> = seen.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
            let saved = Image::from_u8(w, h, Channels::Rgb, &bytes).and_then(|image| image_io::write(&file, &image));
            println!("{outcome}");
            if let Some(area) = area.map(|a| a * pixel) {
                println!("area {} {} {} {}", area.left(), area.top(), area.width(), area.height());
            }
            if let Err(e) = saved {
                eprintln!("{e}");
            }
            context.send_viewport_cmd_to(egui::ViewportId::ROOT, egui::ViewportCommand::Close);
            context.request_repaint();
        });
        ui.ctx().request_repaint();
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.receive();
        let dropped = ui.input(|i| i.raw.dropped_files.first().map(|f| f.path().to_owned()));
        if let Some(path) = dropped {
            self.open(path);
        }
        egui::Panel::top("top").show(ui, |ui| self.top(ui));
        egui::Panel::bottom("bottom").show(ui, |ui| self.slider(ui));
        let area = egui::CentralPanel::default().show(ui, |ui| self.pictures(ui)).inner;
        self.screenshot(ui, area);
    }
}
