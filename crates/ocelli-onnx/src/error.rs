use std::fmt;
use std::path::PathBuf;

/// Why a model cannot be imported.
///
/// [`ImportError::Unsupported`] means that the file is a valid model which this engine cannot run; every other variant
/// means that the file is damaged, not allowed, or not a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file could not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The bytes are not a protobuf message of the right kind.
    #[error("not a readable ONNX model: {0}")]
    Decode(String),
    /// Something is bigger than the reader allows.
    #[error("{what} exceeds the limit of {limit}: {got}")]
    Limit {
        /// What is too big.
        what: String,
        /// The limit, in the unit that `what` names.
        limit: u64,
        /// The size that was found.
        got: u64,
    },
    /// The model's parts do not fit together.
    #[error("invalid model: {0}")]
    Invalid(String),
    /// A node's inputs, outputs or attributes break the rules of its operator.
    #[error("{node}: {problem}")]
    Node {
        /// The node.
        node: NodeRef,
        /// What is wrong, with what was expected and what was found.
        problem: String,
    },
    /// Nodes depend on each other in a circle.
    #[error("the graph has a cycle through {}", list(nodes))]
    Cycle {
        /// Names of nodes on the cycle, in order.
        nodes: Vec<String>,
    },
    /// A tensor is damaged.
    #[error("tensor '{name}': {problem}")]
    Tensor {
        /// Name of the tensor; the attribute's where it has none.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// The model is written against an operator set that this reader does not know.
    #[error("operator set {version} of domain '{domain}' is newer than {max}, the newest that is known")]
    Opset {
        /// Domain of the set.
        domain: String,
        /// Version that the model imports.
        version: i64,
        /// Newest version that the reader knows.
        max: i64,
    },
    /// All the things in the model that the engine cannot run.
    #[error("{}", unsupported(.0))]
    Unsupported(Vec<Unsupported>),
    /// The graph refused what was imported.
    #[error("invalid model: {0}")]
    Graph(String),
}

/// Names a node in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRef {
    /// Operator, with its domain where that is not the standard one.
    pub op: String,
    /// Name of the node.
    pub name: String,
}

impl fmt::Display for NodeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node '{}' ({})", self.name, self.op)
    }
}

/// An operator, a form of one, or a type that cannot be run, and the nodes that use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Domain; empty for the standard operators.
    pub domain: String,
    /// Operator; empty where a type or a tensor is meant and not a node.
    pub op: String,
    /// What about it is not supported; empty when the whole operator is not.
    pub detail: String,
    /// Names of the nodes, or of the values where `op` is empty, in graph order.
    pub nodes: Vec<String>,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.domain.is_empty() {
            write!(f, "{}::", self.domain)?;
        }
        f.write_str(&self.op)?;
        if !self.detail.is_empty() {
            if !self.op.is_empty() {
                f.write_str(" with ")?;
            }
            f.write_str(&self.detail)?;
        }
        let names = if self.op.is_empty() { "" } else { "node " };
        match self.nodes.as_slice() {
            [] => Ok(()),
            [one] => write!(f, " ({names}'{one}')"),
            [first, .., last] if self.nodes.len() > 3 => {
                let plural = if self.op.is_empty() { "" } else { "nodes " };
                write!(f, " ({} times: {plural}'{first}' to '{last}')", self.nodes.len())
            }
            _ => {
                let plural = if self.op.is_empty() { "" } else { "nodes " };
                write!(f, " ({plural}{})", list(&self.nodes))
            }
        }
    }
}

fn unsupported(items: &[Unsupported]) -> String {
    let all: Vec<String> = items.iter().map(ToString::to_string).collect();
    format!("not supported: {}", all.join("; "))
}

/// `'a', 'b', 'c'`, cut after a few.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
