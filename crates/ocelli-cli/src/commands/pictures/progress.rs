//! A progress bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::interrupt;

/// Progress over all pictures of a command.
pub struct Progress {
    bar: Option<ProgressBar>,
    /// How much of each picture is done, in 0..1.
    done: Vec<f32>,
    ended: usize,
}

const STEPS: f32 = 1000.0;

impl Progress {
    /// For `count` pictures.
    pub fn new(count: usize) -> Progress {
        interrupt::listen();
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}% {eta:>4}  {msg}");
            let bar = ProgressBar::new((STEPS * count as f32) as u64);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Progress { bar, done: vec![0.0; count], ended: 0 }
    }

    /// Picture `i` begins.
    pub fn begin(&mut self, i: usize, input: &Path) {
        if let Some(bar) = &self.bar {
            bar.set_message(input.display().to_string());
        }
        self.set(i, 0.0);
    }

    /// `done` of picture `i`, in 0..1; `false` when the user cancelled.
    pub fn step(&mut self, i: usize, done: f32) -> bool {
        self.set(i, done);
        !interrupt::cancelled()
    }

    /// Picture `i` is done.
    pub fn done(&mut self, i: usize, input: &Path, output: Option<&Path>) {
        self.ended += 1;
        self.set(i, 1.0);
        if let (None, Some(output)) = (&self.bar, output) {
            eprintln!("[{}/{}] {} -> {}", self.ended, self.done.len(), input.display(), output.display());
        }
    }

    /// Picture `i` failed, as `message` says.
    pub fn failed(&mut self, i: usize, message: &str) {
        self.ended += 1;
        self.set(i, 1.0);
        self.note(message);
    }

    /// Says something beside the bar.
    pub fn note(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("ocelli: {message}")),
            None => eprintln!("ocelli: {message}"),
        }
    }

    /// Nothing more comes.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn set(&mut self, i: usize, done: f32) {
        if let Some(place) = self.done.get_mut(i) {
            *place = done;
        }
        if let Some(bar) = &self.bar {
            bar.set_position((self.done.iter().sum::<f32>() * STEPS) as u64);
        }
    }
}
