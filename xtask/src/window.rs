//! The window example on a virtual screen: what it shows is compared with what it should.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::run::{cargo_command, run};
use crate::system;

/// What Debian calls the virtual screen and the libraries that a window loads at run time.
const PACKAGES: [&str; 6] = ["xvfb", "libxkbcommon-x11-0", "libx11-6", "libxcursor1", "libxi6", "libxrandr2"];

/// Builds the example and runs its tests. macOS and Windows have a screen; Linux gets one that nobody sees.
pub fn check() -> Result<(), String> {
    system::driver()?;
    let mut test = cargo_command();
    test.args(["test", "--package", "ocelli-egui-window", "--", "--nocapture", "--test-threads", "1"]);
    if !cfg!(target_os = "linux") {
        return run(&mut test);
    }
    let library = |name: &str| {
        ["/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
            .iter()
            .any(|folder| Path::new(folder).join(name).exists())
    };
    let loaded = ["libxkbcommon-x11.so.0", "libX11-xcb.so.1", "libXcursor.so.1", "libXi.so.6", "libXrandr.so.2"];
    // It answers this with a failure.
    let server = Command::new("Xvfb").arg("-version").output().is_ok();
    if !server || !loaded.into_iter().all(library) {
        system::apt_install(&PACKAGES)?;
    }
    let runtime = system::runtime_folder();
    if let Some(folder) = &runtime {
        test.env("XDG_RUNTIME_DIR", folder);
    }
    let screen = Screen::start()?;
    let result = run(test.env("DISPLAY", &screen.display).env_remove("WAYLAND_DISPLAY"));
    if let Some(folder) = runtime {
        let _ = std::fs::remove_dir_all(folder);
    }
    result
}

/// A virtual screen that ends with this value.
struct Screen {
    server: Child,
    /// What goes into `DISPLAY`.
    display: String,
}

impl Screen {
    fn start() -> Result<Screen, String> {
        // The server picks a free number and tells it on its standard output once it answers.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("Xvfb could not start: {e}"))?;
        let mut number = String::new();
        if let Some(out) = server.stdout.take() {
            let _ = BufReader::new(out).read_line(&mut number);
        }
        let screen = Screen { server, display: format!(":{}", number.trim()) };
        if number.trim().is_empty() { Err("Xvfb ended before it had a screen".to_owned()) } else { Ok(screen) }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
