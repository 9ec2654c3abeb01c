//! Who computes the tiles of a picture: one model, or several that take them from a queue.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use ocelli_tensor::Tensor;

use super::frame::Pass;
use super::{Answer, Model, Step};
use crate::error::{self, Result, VisionError};
use crate::planes::Planes;
use crate::tiling::Tile;

/// Tiles for each model that wait, are computed, or wait to be put at their place.
const TILES_EACH: usize = 2;
/// Between two calls of what the calling thread does while it waits.
const IDLE: Duration = Duration::from_millis(20);

/// A model that another thread runs.
pub type Shared<'m, E> = dyn FnMut(Step, Tensor) -> Result<Answer<Tensor, E>, E> + Send + 'm;

/// The models that compute a picture: one, or the same one several times over.
pub enum Models<'m, E> {
    /// One, on the calling thread.
    One(&'m mut Model<'m, E>),
    /// Several, each on a thread of its own. One that answers [`Answer::Gone`] is not asked again; its tile goes to another.
    Several {
        /// The models.
        models: Vec<Box<Shared<'m, E>>>,
        /// Called on the calling thread, over and over, while the others compute.
        idle: &'m mut dyn FnMut(),
    },
}

/// Computes tiles, in the order in which they are asked for.
pub trait Crew<'p, E> {
    /// What the model makes of `tile`. Those `ahead`, which come next unless this one is too large, may be begun; `cut` gets
    /// a tile out of the picture.
    fn tile(
        &mut self,
        pass: Pass<'p>,
        tile: &Tile,
        ahead: &[Tile],
        cut: &mut dyn FnMut(&Tile) -> Result<Planes>,
    ) -> Result<Answer<Planes, E>, E>;
}

/// Gives `body` those who compute.
pub fn with<'p, E: From<VisionError> + Send, R>(
    models: Models<'_, E>,
    body: impl FnOnce(&mut dyn Crew<'p, E>) -> Result<R, E>,
) -> Result<R, E> {
    let (models, idle) = match models {
        Models::One(model) => return body(&mut Alone(model)),
        Models::Several { models, idle } => (models, idle),
    };
    let state = State { queue: VecDeque::new(), done: BTreeMap::new(), closed: false, alive: models.len() };
    let desk = Desk { state: Mutex::new(state), changed: Condvar::new() };
    thread::scope(|scope| {
        // However this ends, the threads do.
        let _close = Close(&desk);
        let depth = models.len() * TILES_EACH;
        for mut model in models {
            let desk = &desk;
            scope.spawn(move || desk.work(&mut *model));
        }
        body(&mut Queue { desk: &desk, pending: VecDeque::new(), depth, next: 0, idle })
    })
}

/// One model on the calling thread.
struct Alone<'a, 'm, E>(&'a mut Model<'m, E>);

impl<'p, E: From<VisionError>> Crew<'p, E> for Alone<'_, '_, E> {
    fn tile(
        &mut self,
        pass: Pass<'p>,
        tile: &Tile,
        _: &[Tile],
        cut: &mut dyn FnMut(&Tile) -> Result<Planes>,
    ) -> Result<Answer<Planes, E>, E> {
        pass.tile(tile, cut(tile)?, self.0)
    }
}

/// A tile to compute.
struct Job<'p> {
    number: u64,
    pass: Pass<'p>,
    tile: Tile,
    part: Planes,
}

/// A panic within a model is that of the calling thread.
type Outcome<E> = thread::Result<Result<Answer<Planes, E>, E>>;

struct State<'p, E> {
    queue: VecDeque<Job<'p>>,
    done: BTreeMap<u64, Outcome<E>>,
    closed: bool,
    /// Models that still take tiles.
    alive: usize,
}

/// Where tiles are laid out and results put down.
struct Desk<'p, E> {
    state: Mutex<State<'p, E>>,
    changed: Condvar,
}

impl<'p, E: From<VisionError>> Desk<'p, E> {
    fn lock(&self) -> MutexGuard<'_, State<'p, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Computes tiles until there will be no more, or the model is gone.
    fn work(&self, model: &mut Model<'_, E>) {
        let mut state = self.lock();
        loop {
            if state.closed {
                return;
            }
            let Some(job) = state.queue.pop_front() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            let part = job.part.clone();
            let outcome = catch_unwind(AssertUnwindSafe(|| job.pass.tile(&job.tile, part, model)));
            state = self.lock();
            let is_gone = matches!(outcome, Ok(Ok(Answer::Gone(_))));
            state.alive -= usize::from(is_gone);
            if is_gone && state.alive > 0 {
                state.queue.push_front(job);
            } else {
                state.done.insert(job.number, outcome);
            }
            self.changed.notify_all();
            if is_gone {
                return;
            }
        }
    }
}

/// Ends the threads when it is dropped.
struct Close<'a, 'p, E: From<VisionError>>(&'a Desk<'p, E>);

impl<E: From<VisionError>> Drop for Close<'_, '_, E> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

/// Several models; tiles are laid out before they are asked for.
struct Queue<'a, 'p, E> {
    desk: &'a Desk<'p, E>,
    /// Tiles that were laid out, in order, with their numbers.
    pending: VecDeque<(Tile, u64)>,
    /// How many may be.
    depth: usize,
    next: u64,
    idle: &'a mut dyn FnMut(),
}

impl<'p, E: From<VisionError>> Queue<'_, 'p, E> {
    fn lay_out(&mut self, pass: Pass<'p>, tile: &Tile, part: Planes) {
        self.pending.push_back((*tile, self.next));
        self.desk.lock().queue.push_back(Job { number: self.next, pass, tile: *tile, part });
        self.desk.changed.notify_all();
        self.next += 1;
    }

    fn wait(&mut self, number: u64) -> Result<Outcome<E>> {
        let mut state = self.desk.lock();
        loop {
            if let Some(outcome) = state.done.remove(&number) {
                return Ok(outcome);
            }
            if state.alive == 0 {
                return Err(error::argument("no model is left for the tiles"));
            }
            let waited = self.desk.changed.wait_timeout(state, IDLE);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            (self.idle)();
            state = self.desk.lock();
        }
    }
}

impl<'p, E: From<VisionError>> Crew<'p, E> for Queue<'_, 'p, E> {
    fn tile(
        &mut self,
        pass: Pass<'p>,
        tile: &Tile,
        ahead: &[Tile],
        cut: &mut dyn FnMut(&Tile) -> Result<Planes>,
    ) -> Result<Answer<Planes, E>, E> {
        while self.pending.front().is_some_and(|(first, _)| first != tile) {
            self.pending.pop_front();
        }
        if self.pending.is_empty() {
            self.lay_out(pass, tile, cut(tile)?);
        }
        for next in ahead.iter().skip(self.pending.len() - 1) {
            if self.pending.len() >= self.depth {
                break;
            }
            self.lay_out(pass, next, cut(next)?);
        }
        let Some((_, number)) = self.pending.pop_front() else {
            return Err(error::argument("a tile was not laid out").into());
        };
        let answer = self.wait(number)?.unwrap_or_else(|panic| resume_unwind(panic));
        if matches!(answer, Ok(Answer::TooLarge(_))) {
            // Others of its size are not computed.
            self.pending.clear();
            self.desk.lock().queue.clear();
        }
        answer
    }
}

#[cfg(test)]
#[path = "crew_tests.rs"]
mod tests;
