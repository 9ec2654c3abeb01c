//! Reading, computing and writing at the same time: while a device computes one picture, the next is decoded and the last
//! is encoded.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use ocelli::Error;

use crate::context::guarded;
use crate::interrupt;

/// Pictures that may wait between two stages.
const WAITING: usize = 1;

/// The three stages of a job. A panic within one becomes that job's error.
pub trait Stages: Sync {
    /// What is done on: an opened model.
    type Worker: Sync;
    /// What is read.
    type Read: Send;
    /// What is computed of it.
    type Computed: Send;
    /// What is known when it is written.
    type Written;

    /// Reads job `i`; `None` when there is no such job, and none after it.
    fn read(&self, i: usize) -> Result<Option<Self::Read>, Error>;
    /// Computes what was read of job `i`.
    fn compute(&self, worker: &Self::Worker, i: usize, read: Self::Read) -> Result<Self::Computed, Error>;
    /// Writes what was computed of job `i`.
    fn write(&self, i: usize, computed: Self::Computed) -> Result<Self::Written, Error>;
}

/// Runs at most `count` jobs: one thread reads in order, one thread a worker computes, the calling thread writes and hears of each
/// job when it ended. An error ends its own job alone; after Ctrl-C no further job begins.
pub fn run<S: Stages>(
    stages: &S,
    workers: &[S::Worker],
    count: usize,
    mut ended: impl FnMut(usize, Result<S::Written, Error>),
) {
    let (read, to_compute) = sync_channel(WAITING);
    let (computed, to_write) = sync_channel(WAITING);
    let to_compute = Mutex::new(to_compute);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for i in (0..count).take_while(|_| !interrupt::cancelled()) {
                let Some(result) = guarded(|| stages.read(i)).transpose() else { return };
                // Nobody listens any more when the others ended.
                if read.send((i, result)).is_err() {
                    return;
                }
            }
        });
        for worker in workers {
            let (computed, to_compute) = (computed.clone(), &to_compute);
            scope.spawn(move || compute(stages, worker, to_compute, &computed));
        }
        // The writer ends when the last worker does.
        drop(computed);
        for (i, result) in to_write {
            ended(i, result.and_then(|c| guarded(|| stages.write(i, c))));
        }
    });
}

type Item<T> = (usize, Result<T, Error>);

fn compute<S: Stages>(
    stages: &S,
    worker: &S::Worker,
    from: &Mutex<Receiver<Item<S::Read>>>,
    to: &SyncSender<Item<S::Computed>>,
) {
    loop {
        let next = from.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((i, read)) = next else { return };
        if to.send((i, read.and_then(|r| guarded(|| stages.compute(worker, i, r))))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use super::*;

    /// Counts what began; a stage may wait for another to begin.
    struct Counted {
        end: usize,
        reads: AtomicUsize,
        computes: AtomicUsize,
        alive: AtomicUsize,
        most_alive: AtomicUsize,
        overlapped: bool,
    }

    /// `end` is the first job that is not there.
    fn counted(end: usize, overlapped: bool) -> Counted {
        let [reads, computes, alive, most_alive] = [(); 4].map(|()| AtomicUsize::new(0));
        Counted { end, reads, computes, alive, most_alive, overlapped }
    }

    fn wait_for(count: &AtomicUsize, least: usize) {
        let begun = Instant::now();
        while count.load(Ordering::SeqCst) < least {
            assert!(begun.elapsed() < Duration::from_secs(20), "the stages do not overlap");
            std::thread::yield_now();
        }
    }

    const COUNT: usize = 30;

    impl Stages for Counted {
        type Worker = usize;
        type Read = usize;
        type Computed = usize;
        type Written = usize;

        fn read(&self, i: usize) -> Result<Option<usize>, Error> {
            self.reads.fetch_add(1, Ordering::SeqCst);
            let alive = self.alive.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_alive.fetch_max(alive, Ordering::SeqCst);
            Ok((i < self.end).then_some(i * 10))
        }

        fn compute(&self, worker: &usize, i: usize, read: usize) -> Result<usize, Error> {
            self.computes.fetch_add(1, Ordering::SeqCst);
            if self.overlapped {
                // The next picture is read while this one is computed.
                wait_for(&self.reads, (i + 2).min(COUNT));
            }
            Ok(read + worker)
        }

        fn write(&self, i: usize, computed: usize) -> Result<usize, Error> {
            if self.overlapped {
                // The next picture is computed while this one is written.
                wait_for(&self.computes, (i + 2).min(COUNT));
            }
            self.alive.fetch_sub(1, Ordering::SeqCst);
            Ok(computed + 1)
        }
    }

    #[test]
    fn stages_overlap_in_order_and_little_waits() {
        let stages = counted(COUNT, true);
        let mut all = Vec::new();
        run(&stages, &[0], COUNT, |i, result| all.push((i, result.unwrap())));
        assert_eq!(all, (0..COUNT).map(|i| (i, i * 10 + 1)).collect::<Vec<_>>());
        // One in each stage, and those that wait.
        assert!(stages.most_alive.load(Ordering::SeqCst) <= 3 + 2 * WAITING);
    }

    #[test]
    fn several_workers_share_the_jobs() {
        let stages = counted(COUNT, false);
        let mut all = Vec::new();
        run(&stages, &[0, 0, 0], COUNT, |i, result| all.push((i, result.unwrap())));
        all.sort_unstable();
        assert_eq!(all, (0..COUNT).map(|i| (i, i * 10 + 1)).collect::<Vec<_>>());
    }

    #[test]
    fn the_end_may_be_found_while_reading() {
        let stages = counted(7, false);
        let mut all = Vec::new();
        run(&stages, &[0], usize::MAX, |i, result| all.push((i, result.unwrap())));
        assert_eq!(all, (0..7).map(|i| (i, i * 10 + 1)).collect::<Vec<_>>());
    }

    /// Each third job fails, in another stage each time, once with a panic.
    struct Failing;

    impl Stages for Failing {
        type Worker = ();
        type Read = ();
        type Computed = ();
        type Written = ();

        fn read(&self, i: usize) -> Result<Option<()>, Error> {
            if i == 1 { Err(Error::Broken("read".to_owned())) } else { Ok(Some(())) }
        }

        fn compute(&self, (): &(), i: usize, (): ()) -> Result<(), Error> {
            assert!(i != 4, "panicked");
            Ok(())
        }

        fn write(&self, i: usize, (): ()) -> Result<(), Error> {
            if i == 7 { Err(Error::Broken("write".to_owned())) } else { Ok(()) }
        }
    }

    #[test]
    fn one_failure_ends_one_job() {
        let mut failed = Vec::new();
        let mut done = 0;
        run(&Failing, &[(), ()], 10, |i, result| match result {
            Ok(()) => done += 1,
            Err(e) => failed.push((i, e.to_string())),
        });
        failed.sort();
        assert_eq!(done, 7);
        assert_eq!(failed.iter().map(|f| f.0).collect::<Vec<_>>(), [1, 4, 7]);
        assert!(failed[1].1.contains("panicked"), "{failed:?}");
    }
}
