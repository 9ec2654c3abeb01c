//! Memory slots: which scratch buffers share one allocation.

use super::{BufferKind, Recording};

/// A scratch buffer: when it is alive, in calls, and how large it is.
#[derive(Clone, Copy)]
struct Life {
    buffer: usize,
    first: usize,
    last: usize,
    bytes: u64,
}

/// Slots with the buffers that share them: a slot per scratch buffer, and the size of each slot.
struct Assignment {
    slot_of: Vec<(usize, usize)>,
    sizes: Vec<u64>,
}

impl Assignment {
    fn bytes(&self) -> u64 {
        self.sizes.iter().sum()
    }
}

/// Assigns scratch buffers to slots so that buffers that are alive in one call never share one. Slots are buffers of their
/// own, since a device tracks usage per buffer. Of several greedy orders the one that needs the least memory is taken.
pub(super) fn assign_slots(recording: &mut Recording) {
    let least = least_scratch_bytes(recording);
    let lives = lives(recording);
    let by_time = in_time(&lives);
    let mut order: Vec<Life> = lives.clone();
    order.sort_by_key(|l| (std::cmp::Reverse(l.bytes), l.first, l.buffer));
    let mut best = by_time;
    if let Some(by_size) = in_order(&order, best.bytes()) {
        best = by_size;
    }
    // Orders near the one by size, while they may still gain something.
    let mut at = best.bytes();
    let mut steps = Steps(1);
    for i in 0..(PLACEMENTS / order.len().max(1)).min(TRIES) {
        if best.bytes() as f64 <= least as f64 * GOOD_ENOUGH || order.len() < 3 {
            break;
        }
        // The first ones in the order are the largest and decide most.
        let among = if i % 2 == 0 { order.len() } else { order.len().min(LARGEST) };
        let (from, to) = (steps.below(among), steps.below(among));
        let mut other = order.clone();
        let moved = other.remove(from);
        other.insert(to, moved);
        let Some(tried) = in_order(&other, at) else { continue };
        (at, order) = (tried.bytes(), other);
        if tried.bytes() < best.bytes() {
            best = tried;
        }
    }
    for (buffer, slot) in best.slot_of {
        recording.buffers[buffer].kind = BufferKind::Scratch(slot);
    }
    recording.slots = best.sizes;
}

/// Most orders that are tried, and most buffers that are placed meanwhile: planning takes a few milliseconds.
const TRIES: usize = 400;
const PLACEMENTS: usize = 30_000;

/// Buffers at the front of the order among which every second try is.
const LARGEST: usize = 16;

/// Share of the least memory that is not worth another try.
const GOOD_ENOUGH: f64 = 1.02;

/// The same numbers every time (a linear congruential generator, Knuth's constants).
struct Steps(u64);

impl Steps {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n.max(1) as u64) as usize
    }
}

/// Bytes of scratch that are alive at once at most: no assignment of slots can need less.
pub(super) fn least_scratch_bytes(recording: &Recording) -> u64 {
    let lives = lives(recording);
    let alive = |call: usize| lives.iter().filter(|l| l.first <= call && call <= l.last).map(|l| l.bytes).sum();
    (0..recording.calls.len()).map(alive).max().unwrap_or(0)
}

/// Every scratch buffer, in the order of first use; those that no call uses come last.
fn lives(recording: &Recording) -> Vec<Life> {
    let mut lives: Vec<Life> = recording
        .buffers
        .iter()
        .enumerate()
        .map(|(buffer, b)| Life { buffer, first: usize::MAX, last: 0, bytes: b.bytes() })
        .collect();
    for (i, call) in recording.calls.iter().enumerate() {
        for b in &call.bindings {
            let life = &mut lives[b.0 as usize];
            (life.first, life.last) = (life.first.min(i), life.last.max(i));
        }
    }
    lives.retain(|l| matches!(recording.buffers[l.buffer].kind, BufferKind::Scratch(_)));
    for life in &mut lives {
        life.last = life.last.max(life.first);
    }
    lives.sort_by_key(|l| (l.first, l.buffer));
    lives
}

/// First fit by the order of first use, preferring the free slot whose size is nearest.
fn in_time(lives: &[Life]) -> Assignment {
    // Per slot: size, and the last call that uses it.
    let mut slots: Vec<(u64, usize)> = Vec::new();
    let mut slot_of = Vec::with_capacity(lives.len());
    for life in lives {
        let free = slots.iter().enumerate().filter(|(_, s)| life.first != usize::MAX && s.1 < life.first);
        // A slot that is large enough beats one that must grow; then the nearest size.
        let nearest = free.min_by_key(|(i, s)| (s.0 < life.bytes, s.0.abs_diff(life.bytes), *i)).map(|(i, _)| i);
        let slot = match nearest {
            Some(i) => {
                slots[i] = (slots[i].0.max(life.bytes), life.last);
                i
            }
            None => {
                slots.push((life.bytes, life.last));
                slots.len() - 1
            }
        };
        slot_of.push((life.buffer, slot));
    }
    Assignment { slot_of, sizes: slots.into_iter().map(|s| s.0).collect() }
}

/// One buffer after the other, each into the slot that is free for it where the gap between its neighbours in time is
/// smallest. From the largest to the smallest this is the greedy by size of
/// [Pisarchyk and Lee 2020](https://arxiv.org/abs/2001.03288). `None` as soon as it takes more than `most` bytes.
fn in_order(order: &[Life], most: u64) -> Option<Assignment> {
    let mut bytes = 0;
    let mut slots: Vec<(u64, Vec<&Life>)> = Vec::new();
    let mut slot_of = Vec::with_capacity(order.len());
    for life in order {
        let gap = |slot: &(u64, Vec<&Life>)| {
            let distance = |other: &Life| match () {
                () if other.last < life.first => Some(life.first - other.last),
                () if life.last < other.first => Some(other.first - life.last),
                () => None,
            };
            slot.1.iter().map(|other| distance(other)).try_fold(usize::MAX, |least, d| Some(least.min(d?)))
        };
        let fitting = slots.iter().enumerate().filter_map(|(i, s)| Some((s.0 < life.bytes, gap(s)?, i))).min();
        let slot = match fitting {
            Some((_, _, i)) => i,
            None => {
                slots.push((0, Vec::new()));
                slots.len() - 1
            }
        };
        bytes += life.bytes.saturating_sub(slots[slot].0);
        if bytes > most {
            return None;
        }
        slots[slot].0 = slots[slot].0.max(life.bytes);
        slots[slot].1.push(life);
        slot_of.push((life.buffer, slot));
    }
    Some(Assignment { slot_of, sizes: slots.into_iter().map(|s| s.0).collect() })
}
