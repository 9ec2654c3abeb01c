use super::{BufferKind, Recording};

/// Assigns scratch buffers to slots so that buffers that are alive in one call never share one. First fit by the order
/// of first use, preferring the free slot whose size is nearest.
pub(super) fn assign_slots(recording: &mut Recording) {
    let mut first = vec![usize::MAX; recording.buffers.len()];
    let mut last = vec![0usize; recording.buffers.len()];
    for (i, call) in recording.calls.iter().enumerate() {
        for b in &call.bindings {
            let b = b.0 as usize;
            first[b] = first[b].min(i);
            last[b] = last[b].max(i);
        }
    }
    let mut order: Vec<usize> =
        (0..recording.buffers.len()).filter(|&b| matches!(recording.buffers[b].kind, BufferKind::Scratch(_))).collect();
    order.sort_by_key(|&b| (first[b], b));
    // Per slot: size, and the last call that uses it.
    let mut slots: Vec<(u64, usize)> = Vec::new();
    for b in order {
        let bytes = recording.buffers[b].bytes();
        let (begin, end) = (first[b], last[b].max(first[b]));
        let free = slots.iter().enumerate().filter(|(_, s)| begin != usize::MAX && s.1 < begin).min_by_key(|(i, s)| {
            // A slot that is large enough beats one that must grow; then the nearest size.
            (s.0 < bytes, s.0.abs_diff(bytes), *i)
        });
        let slot = match free.map(|(i, _)| i) {
            Some(i) => {
                slots[i] = (slots[i].0.max(bytes), end);
                i
            }
            None => {
                slots.push((bytes, end));
                slots.len() - 1
            }
        };
        recording.buffers[b].kind = BufferKind::Scratch(slot);
    }
    recording.slots = slots.into_iter().map(|s| s.0).collect();
}
