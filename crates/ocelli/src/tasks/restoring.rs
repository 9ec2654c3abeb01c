//! Restoring pictures tile by tile, whatever the devices do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use ocelli_graph::plan::GRANULE;
use ocelli_runtime::{RunOptions, RuntimeError, Session};
use ocelli_tensor::Tensor;
use ocelli_vision::Image;
use ocelli_vision::restore::{self, Answer, Cuts, Restored, Step};

use super::team::Team;
use super::tile::Fitting;
use super::{Progress, RestoreOptions, Task, first};
use crate::Error;

/// Devices that may be lost during one picture.
const MOST_LOSSES: usize = 4;

impl Task {
    /// Runs a model that answers with a picture: upscale, denoise, enhance, style.
    ///
    /// The picture is cut where it does not fit into the device's memory, and further where the device has less than it said.
    /// A device that is lost is opened again, then the next adapter; computed tiles are kept. Each of these is warned of once.
    ///
    /// Errors: the package is for something else; the caller cancelled; no device is left; a result is no picture (NaN, infinity).
    pub fn restore(
        &self,
        image: &Image,
        options: &RestoreOptions,
        progress: &mut Progress<'_>,
    ) -> Result<Image, Error> {
        Ok(self.restore_cut(image, options, progress)?.image)
    }

    /// [`Task::restore`], and how the picture was cut.
    pub fn restore_cut(
        &self,
        image: &Image,
        options: &RestoreOptions,
        progress: &mut Progress<'_>,
    ) -> Result<Restored, Error> {
        Task::restore_shared(std::slice::from_ref(self), image, options, progress)
    }

    /// [`Task::restore_cut`] by several tasks of one package on different engines, which take the picture's tiles from a
    /// queue. Where the engines agree, the result is that of one of them; cut so that each gets some tiles, where tiles
    /// are equal to the whole picture.
    ///
    /// One whose device is lost or out of memory hands back its tile and the others go on, which is warned of once; the last
    /// one does what [`Task::restore`] does. Errors: as there; there are no tasks.
    pub fn restore_shared(
        tasks: &[Task],
        image: &Image,
        options: &RestoreOptions,
        progress: &mut Progress<'_>,
    ) -> Result<Restored, Error> {
        let mut team = Team::new(tasks, options)?;
        let cutting = team.cutting(image.width(), image.height(), None)?;
        let restored = team.restore(image, &cutting, progress)?;
        team.task().tell(options, restored.cuts);
        Ok(restored)
    }

    /// The halo of tiles, and the multiples at which they start, for a session.
    fn cut(&self, session: &Session, options: &RestoreOptions) -> (Option<usize>, usize) {
        let Some(field) = &self.field else { return (options.halo, 1) };
        let granule = if session.engine().is_reproducible() { GRANULE } else { 1 };
        let from_graph = || match (field.halo(), self.package.output.halo) {
            (Some(halo), _) => Some(halo),
            // A part of the truth: what the nodes see that do not look at everything.
            (None, stated) => stated.max(field.local_halo()),
        };
        (options.halo.or_else(from_graph), field.alignment(granule))
    }

    /// Says what cuts cost, where they do.
    pub(super) fn tell(&self, options: &RestoreOptions, cuts: Cuts) {
        let Some(field) = self.field.as_ref().filter(|_| cuts.tiled) else { return };
        let name = &self.package.name;
        let seam = format!("neighbouring tiles differ by up to {:.2} of 255 at their cuts", cuts.seam * 255.0);
        if let Some(g) = field.global.first() {
            if !self.told.swap(true, Ordering::Relaxed) {
                log::warn!(
                    "`{name}`: {} node(s) look at the whole picture, first `{}` ({}): {}; tiles see only themselves, and {seam}",
                    field.global.len(),
                    g.node,
                    g.op,
                    g.reason
                );
            }
        } else if let (Some(given), Some(needed)) = (options.halo, field.halo().filter(|n| options.halo < Some(*n))) {
            log::warn!("`{name}`: a halo of {given} is less than the {needed} pixels that it sees: {seam}");
        }
    }
}

/// A session of the task's own, or one on a device that was opened later.
pub(super) enum Held<'a> {
    First(&'a Session),
    Later(Arc<Session>),
}

impl std::ops::Deref for Held<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        match self {
            Held::First(session) => session,
            Held::Later(session) => session,
        }
    }
}

/// What runs the tiles of one picture.
pub(super) struct Worker<'a> {
    pub(super) task: &'a Task,
    pub(super) options: RestoreOptions,
    pub(super) session: Held<'a>,
    /// Elements of the smallest tensor that did not fit.
    too_large: Option<usize>,
    losses: usize,
    /// Workers of the picture that still take tiles, this one among them.
    pub(super) crew: Arc<AtomicUsize>,
    pub(super) is_gone: bool,
}

impl<'a> Worker<'a> {
    pub fn new(task: &'a Task, options: &RestoreOptions) -> Result<Worker<'a>, Error> {
        if options.noise.is_some() && task.level.is_none() {
            return Err(Error::Usage(format!("package `{}` takes no noise level", task.package.name)));
        }
        let later = task.replaced.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let session = match later {
            Some(session) => Held::Later(session),
            None => Held::First(task.session(0)?),
        };
        Ok(Worker {
            task,
            options: *options,
            session,
            too_large: None,
            losses: 0,
            crew: Arc::new(AtomicUsize::new(1)),
            is_gone: false,
        })
    }

    /// How a picture of this size is cut; `most_rows` is how high tiles should be at most.
    pub fn cutting(&self, width: usize, height: usize, most_rows: Option<usize>) -> Result<restore::Options, Error> {
        let task = self.task;
        let (halo, align) = task.cut(&self.session, &self.options);
        let fitting = Fitting {
            session: &self.session,
            package: &task.package,
            level: task.level.as_ref(),
            halo: halo.or(task.package.output.halo).unwrap_or(restore::DEFAULT_HALO_PX),
            align,
            noise: self.options.noise,
            most_rows: most_rows.unwrap_or(usize::MAX),
        };
        let tile = match self.options.tile {
            Some(px) => Some((px, px)),
            None if task.fixed.is_some() => None,
            None => fitting.size(width, height)?,
        };
        Ok(restore::Options { fixed: task.fixed, tile, halo, align })
    }

    /// Leaves the picture to the other workers, when there are some.
    fn leave(&mut self, why: &str) -> bool {
        let others = |n: usize| (n > 1).then(|| n - 1);
        self.is_gone = self.crew.fetch_update(Ordering::SeqCst, Ordering::SeqCst, others).is_ok();
        if self.is_gone && !self.task.left.swap(true, Ordering::Relaxed) {
            let device = &self.session.engine().summary().name;
            log::warn!("`{}`: {device}: {why}: the other devices go on without it", self.task.package.name);
        }
        self.is_gone
    }

    pub(super) fn run_once(
        &mut self,
        step: Step,
        tensor: Tensor,
        progress: &mut Progress<'_>,
    ) -> Result<Answer<Tensor, Error>, Error> {
        let elems = tensor.len();
        if self.too_large.is_some_and(|n| elems >= n) {
            let text = "a larger tile did not fit before".to_owned();
            return Ok(Answer::TooLarge(RuntimeError::OutOfMemory(text).into()));
        }
        let inputs = match (&self.task.level, &self.task.package.input.noise) {
            (Some(level), Some(spec)) => level.inputs(tensor, spec, self.options.noise)?,
            _ => vec![tensor],
        };
        loop {
            let mut within = |done: f32| progress((step.index as f32 + done) / step.count.max(1) as f32);
            let mut run_options = RunOptions { progress: Some(&mut within), ..RunOptions::default() };
            match self.session.run_with(&inputs, &mut run_options) {
                Ok(outputs) => return Ok(Answer::Done(first(outputs)?)),
                Err(RuntimeError::OutOfMemory(text)) => {
                    self.session.release();
                    if self.leave(&format!("out of device memory ({text})")) {
                        return Ok(Answer::Gone(RuntimeError::OutOfMemory(text).into()));
                    }
                    if self.too_large.replace(elems).is_none() {
                        log::warn!(
                            "`{}`: out of device memory ({text}): smaller tiles from here on",
                            self.task.package.name
                        );
                    }
                    if self.session.engine().is_lost() {
                        self.reopen(false)?;
                    }
                    return Ok(Answer::TooLarge(RuntimeError::OutOfMemory(text).into()));
                }
                Err(RuntimeError::Lost(text)) => {
                    if self.leave(&text) {
                        return Ok(Answer::Gone(RuntimeError::Lost(text).into()));
                    }
                    self.losses += 1;
                    if self.losses > MOST_LOSSES {
                        return Err(RuntimeError::Lost(text).into());
                    }
                    // The first time the same adapter, then another; where there is none, with less to do at once.
                    if self.losses == 1 || self.reopen(true).is_err() {
                        self.reopen(false).map_err(|_| RuntimeError::Lost(text.clone()))?;
                        if self.losses > 1 {
                            self.too_large = Some(elems);
                            return Ok(Answer::TooLarge(RuntimeError::Lost(text).into()));
                        }
                        let at = format!("tile {} of {}", step.index + 1, step.count);
                        log::warn!("{text}: opened again, going on at {at}");
                    }
                }
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Opens the device again, or the next adapter, for this task from now on.
    fn reopen(&mut self, next: bool) -> Result<(), Error> {
        let engine = self.session.engine().reopened(next)?;
        let session = Arc::new(Session::new(&engine, self.session.graph().clone())?);
        if next {
            log::warn!("going on with `{}`", engine.summary().name);
        }
        *self.task.replaced.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&session));
        self.session = Held::Later(session);
        Ok(())
    }
}
