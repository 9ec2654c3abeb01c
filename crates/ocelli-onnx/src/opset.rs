//! Operator sets: which version of the standard a node is written against.

use std::collections::BTreeMap;

use crate::ImportError;
use crate::proto::OperatorSetIdProto;

/// The newest version of the standard operators that the reader knows (onnx 1.21).
pub const MAX_OPSET: i64 = 26;

/// The standard domain has two names; this one is used.
pub fn canonical(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}

/// Version of each operator set by canonical domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opsets(pub BTreeMap<String, i64>);

impl Opsets {
    /// Checks what a model or a function imports. Models older than the field are of version 1.
    pub fn new(imports: &[OperatorSetIdProto]) -> Result<Opsets, ImportError> {
        let mut versions = BTreeMap::new();
        for import in imports {
            let domain = canonical(&import.domain);
            if import.version < 1 {
                return Err(ImportError::Invalid(format!(
                    "operator set {} of domain '{domain}': versions start at 1",
                    import.version
                )));
            }
            if domain.is_empty() && import.version > MAX_OPSET {
                return Err(ImportError::Opset {
                    domain: "ai.onnx".to_owned(),
                    version: import.version,
                    max: MAX_OPSET,
                });
            }
            let version = versions.entry(domain.to_owned()).or_insert(import.version);
            *version = import.version.max(*version);
        }
        if versions.is_empty() {
            versions.insert(String::new(), 1);
        }
        Ok(Opsets(versions))
    }

    /// Version of a domain; `None` when it is not imported.
    pub fn version(&self, domain: &str) -> Option<i64> {
        self.0.get(canonical(domain)).copied()
    }
}
