//! A progress bar on a terminal, plain lines elsewhere; Ctrl-C cancels between slices.

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::interrupt;

/// Progress over all pictures of a command.
pub struct Progress {
    bar: Option<ProgressBar>,
    count: usize,
    at: usize,
}

const STEPS: u64 = 1000;

impl Progress {
    /// For `count` pictures.
    pub fn new(count: usize) -> Progress {
        interrupt::listen();
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}% {eta:>4}  {msg}");
            ProgressBar::new(STEPS * count as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { bar, count, at: 0 }
    }

    /// The next picture begins.
    pub fn begin(&mut self, input: &Path) {
        if let Some(bar) = &self.bar {
            bar.set_message(input.display().to_string());
        }
    }

    /// `done` of this picture, in 0..1; `false` when the user cancelled.
    pub fn step(&mut self, done: f32) -> bool {
        if let Some(bar) = &self.bar {
            bar.set_position(self.at as u64 * STEPS + (done * STEPS as f32) as u64);
        }
        !interrupt::cancelled()
    }

    /// This picture is done.
    pub fn done(&mut self, input: &Path, output: Option<&Path>) {
        self.at += 1;
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.at as u64 * STEPS);
                if self.at == self.count {
                    bar.finish_and_clear();
                }
            }
            None => {
                if let Some(output) = output {
                    eprintln!("[{}/{}] {} -> {}", self.at, self.count, input.display(), output.display());
                }
            }
        }
    }

    /// Removes the bar, so that a message can be printed.
    pub fn clear(&mut self) {
        self.at += 1;
        if let Some(bar) = &self.bar {
            bar.suspend(|| {});
        }
    }
}
