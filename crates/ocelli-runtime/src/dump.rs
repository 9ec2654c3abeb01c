//! What `OCELLI_DUMP=folder` writes: the graph before and after the passes, the recordings, and each kernel's WGSL.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use ocelli_graph::Graph;
use ocelli_graph::plan::Plan;

/// Writes one numbered set of files; what cannot be written is logged, since a dump never changes a run.
pub(crate) fn write(folder: &Path, bound: &Graph, plan: &Plan) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut files = vec![
        (format!("{number:03}-graph.txt"), bound.to_string()),
        (format!("{number:03}-optimized.txt"), plan.graph.to_string()),
    ];
    let mut kernels = BTreeSet::new();
    for (i, recording) in plan.recordings().enumerate() {
        files.push((format!("{number:03}-recording{i}.txt"), recording.to_string()));
        for kernel in recording.calls.iter().map(|c| &c.kernel).filter(|k| kernels.insert(k.name.clone())) {
            files.push((format!("{}.wgsl", file_name(&kernel.name)), kernel.source.as_str().to_owned()));
        }
    }
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| files.into_iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text)));
    if let Err(e) = written {
        log::warn!("OCELLI_DUMP={}: {e}", folder.display());
    }
}

/// The name with characters that every file system takes, short enough for all.
fn file_name(kernel: &str) -> String {
    let safe: String =
        kernel.chars().map(|c| if c.is_ascii_alphanumeric() || "-.,=".contains(c) { c } else { '_' }).collect();
    safe.chars().take(180).collect()
}
