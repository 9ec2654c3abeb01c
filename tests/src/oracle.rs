use std::path::{Path, PathBuf};

use ocelli_tensor::{Tensor, TensorError, npy};

/// The folder that `tests/oracle/make_references.py` fills: `OCELLI_ORACLE`, else `target/oracle` of the repository.
/// An error says how to fill it.
pub fn oracle_folder() -> Result<PathBuf, String> {
    let folder = std::env::var_os("OCELLI_ORACLE")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/oracle")), PathBuf::from);
    if folder.join("node_tests").is_file() {
        return Ok(folder);
    }
    Err(format!("no references of ONNX Runtime at {}: `cargo xtask oracle` makes them", folder.display()))
}

/// The tensors `<stem>_0.npy`, `<stem>_1.npy`, ... of a folder.
pub fn numbered(folder: &Path, stem: &str) -> Result<Vec<Tensor>, TensorError> {
    (0..)
        .map(|i| folder.join(format!("{stem}_{i}.npy")))
        .take_while(|path| path.is_file())
        .map(|path| npy::read(&path))
        .collect()
}

/// What is said when the comparisons with an oracle are left out on purpose.
const WITHOUT_ORACLE: &str = "NOT RUN (OCELLI_WITHOUT_ORACLE is set):";

/// Whether the comparisons with an oracle are left out on purpose; says so for `what`.
pub fn without_oracle(what: &str) -> bool {
    let left_out = std::env::var_os("OCELLI_WITHOUT_ORACLE").is_some();
    if left_out {
        eprintln!("{WITHOUT_ORACLE} {what}");
    }
    left_out
}
