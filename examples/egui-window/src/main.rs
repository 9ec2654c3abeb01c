//! A window that opens a picture, runs a model on the *window's own* device and shows before and after with a slider.
//!
//! `cargo run --release -p ocelli-egui-window -- PICTURE [--model PACKAGE]`, or drop a picture onto the window.
//!
//! - `main.rs`: the arguments, and a window whose device has what the engine wants.
//! - `worker.rs`: the thread that reads pictures and runs the model. What it hands over are textures of the window's
//!   device, so that the thread of the window touches no pixel.
//! - `one_submit.rs`: texture in, texture out, in one command encoder, where the model allows it.
//! - `app.rs`: what is on the screen.
//!
//! On Linux the window needs an X server and, at run time, `libxkbcommon-x11-0`, `libx11-6`, `libxcursor1`, `libxi6`,
//! `libxrandr2` and a Vulkan driver (`mesa-vulkan-drivers`); macOS and Windows need nothing. `cargo xtask window` runs
//! it in a virtual screen and compares what it shows with what it should.

mod app;
mod one_submit;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Parser;
use eframe::{egui, egui_wgpu};
use ocelli::Engine;

/// Shows a picture before and after a model.
#[derive(Parser)]
pub struct Arguments {
    /// The picture; more can be dropped onto the window
    picture: Option<PathBuf>,
    /// A model package that answers with a picture
    #[arg(long, default_value = "assets/models/ocelli-sr-x2", value_name = "PACKAGE")]
    model: PathBuf,
    /// Where the slider stands at first: 0 shows only the result, 1 only the picture
    #[arg(long, default_value_t = 0.5, value_name = "0..1")]
    split: f32,
    /// Save what the window shows once the model has run, print where the picture is in it, and quit
    #[arg(long, value_name = "FILE.png", requires = "picture")]
    screenshot: Option<PathBuf>,
}

fn main() -> eframe::Result {
    env_logger::init();
    let arguments = Arguments::parse();
    let options = eframe::NativeOptions {
        renderer: eframe::Renderer::Wgpu,
        wgpu_options: egui_wgpu::WgpuConfiguration { wgpu_setup: device(), ..Default::default() },
        viewport: egui::ViewportBuilder::default().with_inner_size([900.0, 640.0]).with_drag_and_drop(true),
        // Pixels of the picture arrive on the screen as they are.
        dithering: false,
        ..Default::default()
    };
    eframe::run_native("ocelli", options, Box::new(|cx| Ok(Box::new(app::App::new(cx, arguments)?))))
}

/// A device for the window on which the engine finds every limit and feature of the adapter. The engine runs on any
/// other device too; large pictures are then cut into more tiles.
fn device() -> egui_wgpu::WgpuSetup {
    let mut setup = egui_wgpu::WgpuSetupCreateNew::without_display_handle();
    setup.device_descriptor = Arc::new(Engine::device_descriptor);
    setup.into()
}
