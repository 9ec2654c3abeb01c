//! The devices that compute one picture together.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ocelli_tensor::Tensor;
use ocelli_vision::Image;
use ocelli_vision::restore::{self, Answer, Models, Restored, Shared, Step};

use super::restoring::Worker;
use super::{Progress, RestoreOptions, Task};
use crate::Error;

/// Tiles that each device should have at least, so that a quicker one can take more.
const TILES_EACH: usize = 3;
/// Least pixels of a tile between its halos.
const LEAST_CORE: usize = 64;
/// Sides of tiles are multiples of this.
const STEP: usize = 16;

/// The layers of a device's model that turned out not to fit 16 bits.
type FullPrecision = Option<Arc<BTreeSet<String>>>;

/// One worker for each device. Those that left do not come back for this picture.
pub(super) struct Team<'a> {
    workers: Vec<Worker<'a>>,
}

/// How far the workers are.
#[derive(Default)]
struct Steps {
    done: usize,
    count: usize,
    /// How much of its step each worker has done, in 0..1.
    parts: Vec<f32>,
}

impl Steps {
    fn fraction(&self) -> f32 {
        ((self.done as f32 + self.parts.iter().sum::<f32>()) / self.count.max(1) as f32).min(1.0)
    }
}

impl<'a> Team<'a> {
    /// A worker for each task; without those whose device was lost before, while there are others.
    pub fn new(tasks: &'a [Task], options: &RestoreOptions) -> Result<Team<'a>, Error> {
        let mut workers = tasks.iter().map(|task| Worker::new(task, options)).collect::<Result<Vec<_>, _>>()?;
        if workers.iter().any(|w| !w.session.engine().is_lost()) {
            workers.retain(|w| !w.session.engine().is_lost());
        }
        if workers.is_empty() {
            return Err(Error::Usage("no task to restore a picture with".to_owned()));
        }
        Ok(Team { workers })
    }

    /// The first worker.
    pub fn first(&self) -> &Worker<'a> {
        &self.workers[0]
    }

    /// Its task.
    pub fn task(&self) -> &'a Task {
        self.first().task
    }

    /// All workers.
    pub fn workers(&self) -> &[Worker<'a>] {
        &self.workers
    }

    /// How a picture of this size is cut: as the device with the least memory needs it, and so that each gets some tiles
    /// where that costs no faith. `most_rows` is how high tiles should be at most.
    pub fn cutting(&self, width: usize, height: usize, most_rows: Option<usize>) -> Result<restore::Options, Error> {
        let mut cutting = self.first().cutting(width, height, most_rows)?;
        for worker in &self.workers[1..] {
            let own = worker.cutting(width, height, most_rows)?.tile;
            cutting.tile = match (cutting.tile, own) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.min(b.1))),
                (a, b) => a.or(b),
            };
        }
        let worker = self.first();
        let exact = worker.task.receptive_field().and_then(|field| field.halo());
        let count = self.workers.len();
        let (Some(halo), None, None, 2..) = (exact, worker.options.tile, cutting.fixed, count) else {
            return Ok(cutting);
        };
        let halo = cutting.halo.unwrap_or(halo);
        let beside = 2 * (halo + worker.task.package().output.crop) + cutting.align;
        let pre = worker.task.package().output.pre_upscale.max(1);
        let (width, height) = (width * pre, height * pre);
        let side = |core: usize| (core.max(LEAST_CORE).max(2 * halo) + beside).next_multiple_of(STEP);
        let (most, across) = (usize::MAX, width.div_ceil(TILES_EACH * count));
        let share = match most_rows {
            // Rows of tiles are computed one after the other.
            Some(_) => (side(across), most),
            None => [side(((width * height) as f64 / (TILES_EACH * count) as f64).sqrt().ceil() as usize); 2].into(),
        };
        if share.0 < width || share.1 < height {
            let tile = cutting.tile.unwrap_or((most, most));
            cutting.tile = Some((tile.0.min(share.0), tile.1.min(share.1)));
        }
        Ok(cutting)
    }

    /// Restores a picture. In reproducible mode it begins again when a layer turns out not to fit 16 bits, because the tiles
    /// before would differ.
    pub fn restore(
        &mut self,
        image: &Image,
        cutting: &restore::Options,
        progress: &mut Progress<'_>,
    ) -> Result<Restored, Error> {
        loop {
            let before = self.full_precision_nodes();
            let package = &self.task().package;
            let out = self.with(progress, |models| restore::run_with(image, package, cutting, models))?;
            if !out.cuts.tiled || self.is_settled(&before) {
                return Ok(out);
            }
        }
    }

    /// The layers that turned out not to fit 16 bits, for each worker. Where tiles must be alike, workers that do not agree do
    /// not compute together.
    pub fn full_precision_nodes(&mut self) -> Vec<FullPrecision> {
        let first = self.workers[0].session.full_precision_nodes();
        self.workers.retain(|w| w.session.full_precision_nodes() == first || !w.session.engine().is_reproducible());
        self.workers.iter().map(|w| w.session.full_precision_nodes()).collect()
    }

    /// Whether all tiles since `before` were computed alike, or need not be. Those that left are let go.
    pub fn is_settled(&mut self, before: &[FullPrecision]) -> bool {
        let settled =
            self.workers.iter().zip(before).all(|(w, before)| {
                *before == w.session.full_precision_nodes() || !w.session.engine().is_reproducible()
            });
        self.workers.retain(|w| !w.is_gone);
        settled
    }

    /// Gives `body` the models.
    pub fn with<R>(
        &mut self,
        progress: &mut Progress<'_>,
        body: impl FnOnce(Models<'_, Error>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let count = self.workers.len();
        let crew = Arc::new(AtomicUsize::new(count));
        self.workers.iter_mut().for_each(|w| w.crew = Arc::clone(&crew));
        if let [worker] = &mut self.workers[..] {
            let mut model = |step, tensor| worker.run(step, tensor, progress);
            return body(Models::One(&mut model));
        }
        let steps = Mutex::new(Steps { parts: vec![0.0; count], ..Steps::default() });
        let cancelled = AtomicBool::new(false);
        let (steps, cancelled) = (&steps, &cancelled);
        let one = |(i, worker): (usize, _)| -> Box<Shared<'_, Error>> {
            let worker: &mut Worker<'_> = worker;
            Box::new(move |step, tensor| computed(worker, i, step, tensor, steps, cancelled))
        };
        let models = self.workers.iter_mut().enumerate().map(one).collect();
        let mut idle = || {
            let done = steps.lock().unwrap_or_else(PoisonError::into_inner).fraction();
            if !progress(done) {
                cancelled.store(true, Ordering::Relaxed);
            }
        };
        let out = body(Models::Several { models, idle: &mut idle });
        idle();
        out
    }
}

/// One run of one worker among several.
fn computed(
    worker: &mut Worker<'_>,
    i: usize,
    step: Step,
    tensor: Tensor,
    steps: &Mutex<Steps>,
    cancelled: &AtomicBool,
) -> Result<Answer<Tensor, Error>, Error> {
    let steps = || steps.lock().unwrap_or_else(PoisonError::into_inner);
    steps().count = step.count;
    let mut within = |done: f32| {
        steps().parts[i] = (done * step.count as f32 - step.index as f32).clamp(0.0, 1.0);
        !cancelled.load(Ordering::Relaxed)
    };
    let answer = worker.run(step, tensor, &mut within);
    let mut steps = steps();
    steps.parts[i] = 0.0;
    steps.done += usize::from(matches!(answer, Ok(Answer::Done(_))));
    answer
}
