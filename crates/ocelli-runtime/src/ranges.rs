use std::collections::BTreeSet;

use ocelli_graph::plan::Recording;
use ocelli_shaders::RangeReport;

/// Where the calls of a recording report the range of what they stored: each has a place of its own in one buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RangeReports {
    /// Per call of the recording, its place.
    places: Vec<Option<u64>>,
    /// Node of each report, in order.
    nodes: Vec<String>,
    /// Bytes between reports.
    stride: u64,
}

/// What a run met that halves cannot hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misfits {
    /// Nodes whose results are too large or too small for 16 bits.
    pub nodes: BTreeSet<String>,
    /// The first node with a result that is infinite or not a number.
    pub not_finite: Option<String>,
}

impl RangeReports {
    /// Places at multiples of `alignment`, the device's for storage bindings.
    pub(crate) fn new(recording: &Recording, alignment: u32) -> RangeReports {
        let stride = u64::from(alignment).max(RangeReport::BYTES);
        let mut reports = RangeReports { stride, ..RangeReports::default() };
        for call in &recording.calls {
            let place = call.kernel.reports_range().then(|| {
                reports.nodes.push(call.origin.clone());
                (reports.nodes.len() as u64 - 1) * stride
            });
            reports.places.push(place);
        }
        reports
    }

    /// Size of the buffer, if any call reports.
    pub(crate) fn bytes(&self) -> Option<u64> {
        (!self.nodes.is_empty()).then_some(self.nodes.len() as u64 * self.stride)
    }

    /// Where call `i` reports.
    pub(crate) fn offset(&self, call: usize) -> Option<u64> {
        self.places.get(call).copied().flatten()
    }

    /// Adds what the bytes of the buffer say to `misfits`.
    pub(crate) fn read(&self, bytes: &[u8], misfits: &mut Misfits) {
        for (node, chunk) in self.nodes.iter().zip(bytes.chunks(self.stride as usize)) {
            let mut words = [0u32; 4];
            for (word, b) in words.iter_mut().zip(chunk.chunks_exact(4)) {
                *word = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            }
            let report = RangeReport::from_words(words);
            if report.misfits() {
                misfits.nodes.insert(node.clone());
            }
            if report.bad && misfits.not_finite.is_none() {
                misfits.not_finite = Some(node.clone());
            }
        }
    }
}
