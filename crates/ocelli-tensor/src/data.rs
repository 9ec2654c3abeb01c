use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Shared, immutable bytes: an owned vector or a range of somebody else's (a memory map).
#[derive(Clone)]
pub struct Data {
    owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
    range: Range<usize>,
}

impl Data {
    /// Takes ownership of `owner` and shares all of its bytes.
    pub fn new(owner: impl AsRef<[u8]> + Send + Sync + 'static) -> Data {
        let range = 0..owner.as_ref().len();
        Data { owner: Arc::new(owner), range }
    }

    /// The bytes of `range` within these bytes, shared; `None` when the range is outside.
    pub fn slice(&self, range: Range<usize>) -> Option<Data> {
        if range.start > range.end || range.end > self.range.len() {
            return None;
        }
        let start = self.range.start + range.start;
        Some(Data { owner: Arc::clone(&self.owner), range: start..start + range.len() })
    }
}

impl Deref for Data {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &(*self.owner).as_ref()[self.range.clone()]
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.range.len())
    }
}
