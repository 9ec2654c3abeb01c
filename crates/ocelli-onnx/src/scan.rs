//! A walk over the wire format before anything is allocated.
//!
//! Decoding makes up to a few hundred bytes of an empty message of two bytes, so that a file of some megabytes could
//! ask for gigabytes. The walk counts messages, and finds damage and too deep nesting with the place in the file.

use crate::ImportError;
use crate::limits::{MAX_MESSAGES, MAX_NESTING};

/// Which message a length-delimited field holds.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Sparse,
    ValueInfo,
    Type,
    Element,
    TensorType,
    Shape,
    Function,
    /// A message without messages in it, and text.
    Flat,
}

impl Kind {
    /// The message in field `tag` of this message; `None` for anything else.
    fn child(self, tag: u64) -> Option<Kind> {
        Some(match (self, tag) {
            (Kind::Model, 7) => Kind::Graph,
            (Kind::Model, 8 | 14) => Kind::Flat,
            (Kind::Model, 25) => Kind::Function,
            (Kind::Graph, 1) | (Kind::Function, 7) => Kind::Node,
            (Kind::Graph, 5) => Kind::Tensor,
            (Kind::Graph, 11..=13) | (Kind::Function, 12) => Kind::ValueInfo,
            (Kind::Graph, 15) => Kind::Sparse,
            (Kind::Node, 5) | (Kind::Function, 11) => Kind::Attribute,
            (Kind::Node | Kind::Function, 1 | 2 | 4..=6 | 9) => Kind::Flat,
            (Kind::Attribute, 5 | 10) => Kind::Tensor,
            (Kind::Attribute, 6 | 11) => Kind::Graph,
            (Kind::Attribute, 9) => Kind::Flat,
            (Kind::Attribute, 14 | 15) | (Kind::ValueInfo, 2) | (Kind::Element, 1) => Kind::Type,
            (Kind::Attribute, 22 | 23) => Kind::Sparse,
            (Kind::Tensor, 3 | 6 | 13) => Kind::Flat,
            (Kind::Sparse, 1 | 2) => Kind::Tensor,
            (Kind::Type, 1 | 8) => Kind::TensorType,
            (Kind::Type, 4 | 9) => Kind::Element,
            (Kind::Type, 5 | 7) | (Kind::Shape, 1) => Kind::Flat,
            (Kind::TensorType, 2) => Kind::Shape,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Model => "the model",
            Kind::Graph => "a graph",
            Kind::Node => "a node",
            Kind::Attribute => "an attribute",
            Kind::Tensor => "a tensor",
            Kind::Sparse => "a sparse tensor",
            Kind::ValueInfo => "the description of a value",
            Kind::Type | Kind::Element | Kind::TensorType => "a type",
            Kind::Shape => "a shape",
            Kind::Function => "a function",
            Kind::Flat => "a field",
        }
    }
}

/// Checks the framing of a serialized `ModelProto`: every length inside its parent, messages and nesting within limits.
pub fn check(bytes: &[u8]) -> Result<(), ImportError> {
    // One entry for each open message: its kind and where it ends.
    let mut open = vec![(Kind::Model, bytes.len())];
    let mut at = 0usize;
    let mut messages = 0u64;
    let mut graphs = 0usize;
    while let Some(&(kind, end)) = open.last() {
        if at == end {
            open.pop();
            if matches!(kind, Kind::Graph) {
                graphs -= 1;
            }
            continue;
        }
        let damaged = |at: usize, what: &str| {
            ImportError::Decode(format!("{what} inside {} at byte {at} of {}", kind.name(), bytes.len()))
        };
        let start = at;
        let within = bytes.get(..end).unwrap_or(bytes);
        let key = varint(within, &mut at).ok_or_else(|| damaged(start, "a damaged field"))?;
        let tag = key >> 3;
        if tag == 0 {
            return Err(damaged(start, "a field without a number"));
        }
        messages += 1;
        if messages > MAX_MESSAGES {
            return Err(ImportError::Limit {
                what: "the number of protobuf fields".to_owned(),
                limit: MAX_MESSAGES,
                got: messages,
            });
        }
        let skip = match key & 7 {
            0 => {
                varint(within, &mut at).ok_or_else(|| damaged(start, "a damaged number"))?;
                0
            }
            1 => 8,
            5 => 4,
            2 => {
                let len = varint(within, &mut at).ok_or_else(|| damaged(start, "a damaged length"))?;
                let len = usize::try_from(len).map_err(|_| damaged(start, "an impossible length"))?;
                let stop =
                    at.checked_add(len).filter(|&stop| stop <= end).ok_or_else(|| damaged(start, "data cut off"))?;
                match kind.child(tag) {
                    Some(Kind::Flat) | None => len,
                    Some(child) => {
                        if matches!(child, Kind::Graph) {
                            graphs += 1;
                        }
                        if graphs > MAX_NESTING || open.len() > 4 * MAX_NESTING {
                            return Err(ImportError::Limit {
                                what: "the nesting depth of graphs".to_owned(),
                                limit: u64::try_from(MAX_NESTING).unwrap_or(u64::MAX),
                                got: u64::try_from(graphs.max(open.len() / 4)).unwrap_or(u64::MAX),
                            });
                        }
                        open.push((child, stop));
                        0
                    }
                }
            }
            _ => return Err(damaged(start, "a field of an unknown kind")),
        };
        at = at.checked_add(skip).filter(|&next| next <= end).ok_or_else(|| damaged(start, "data cut off"))?;
    }
    Ok(())
}

/// The variable-length number at `at`, which moves behind it; `None` when it is cut off or too long.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..70).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
