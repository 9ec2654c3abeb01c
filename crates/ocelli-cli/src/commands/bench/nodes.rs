//! Times of the nodes of a model.

use std::time::Instant;

use ocelli::{Error, Profile, RunOptions, Session, Tensor};
use serde_json::{Value, json};

use super::noise::Sample;

/// Most passes over the model.
const MOST: usize = 50;

/// What one node cost, over several passes through the whole model.
pub struct NodeTime {
    /// ONNX name of the node; a part of a split model counts on.
    pub node: String,
    /// Its kernels in order.
    pub kernels: Vec<String>,
    /// Its time.
    pub time: Sample,
    /// Floating-point operations.
    pub flops: u64,
    /// Bytes read and written at least.
    pub bytes: u64,
}

/// The nodes of a model that run on the device.
pub struct Nodes {
    /// In the order of execution.
    pub nodes: Vec<NodeTime>,
    /// Whether the times are those of the host's clock.
    pub wall_clock: bool,
}

impl NodeTime {
    /// Effective GFLOP/s.
    pub fn gflops(&self) -> f64 {
        rate(self.flops, self.time.median_ms)
    }

    /// Effective GB/s.
    pub fn gbs(&self) -> f64 {
        rate(self.bytes, self.time.median_ms)
    }

    /// The names of the kernels, each once.
    pub fn kernel(&self) -> String {
        let mut names = self.kernels.clone();
        names.dedup();
        names.join(" + ")
    }
}

/// Billions per second.
pub fn rate(count: u64, ms: f64) -> f64 {
    if ms > 0.0 { count as f64 / (ms * 1e6) } else { 0.0 }
}

impl Nodes {
    /// Measures passes for about `seconds`, five at least.
    pub fn measure(session: &Session, inputs: &[Tensor], seconds: f64) -> Result<Nodes, Error> {
        let mut passes: Vec<Profile> = Vec::new();
        let begun = Instant::now();
        while passes.len() < 5 || (passes.len() < MOST && begun.elapsed().as_secs_f64() < seconds) {
            let mut profile = Profile::default();
            session.run_with(inputs, &mut RunOptions { profile: Some(&mut profile), ..RunOptions::default() })?;
            passes.push(profile);
        }
        Ok(Nodes { wall_clock: passes.iter().any(|p| p.wall_clock), nodes: merge(&passes) })
    }

    /// Sum of the medians.
    pub fn total_ms(&self) -> f64 {
        self.nodes.iter().map(|n| n.time.median_ms).sum()
    }

    /// A table with one line per node.
    pub fn table(&self) -> String {
        let total = self.total_ms();
        let width = self.nodes.iter().map(|n| n.node.chars().count()).max().unwrap_or(4).clamp(4, 44);
        let mut text =
            format!("{:<width$} {:>9} {:>7} {:>6} {:>9} {:>7}  kernel\n", "node", "ms", "±", "%", "GFLOP/s", "GB/s");
        for n in &self.nodes {
            let share = 100.0 * n.time.median_ms / total.max(1e-12);
            let name: String = n.node.chars().take(width).collect();
            text += &format!(
                "{name:<width$} {:>9.3} {:>7.3} {share:>6.1} {:>9.1} {:>7.1}  {}\n",
                n.time.median_ms,
                n.time.mad_ms,
                n.gflops(),
                n.gbs(),
                n.kernel()
            );
        }
        let clock = if self.wall_clock { "host clock: the adapter has no timestamps" } else { "timestamps" };
        text + &format!("{:<width$} {total:>9.3}  ({clock}; each node in a pass of its own)\n", "all nodes")
    }

    /// One object per node.
    pub fn to_json(&self) -> Value {
        let one = |n: &NodeTime| {
            json!({
                "node": n.node, "kernel": n.kernel(), "median_ms": n.time.median_ms, "mad_ms": n.time.mad_ms,
                "runs": n.time.runs, "flops": n.flops, "bytes": n.bytes, "gflops": n.gflops(), "gbs": n.gbs(),
            })
        };
        self.nodes.iter().map(one).collect()
    }
}

/// Adds up the calls of each node in each pass, and takes the medians over the passes. Passes whose calls differ from
/// those of the first are left out.
fn merge(passes: &[Profile]) -> Vec<NodeTime> {
    let Some(first) = passes.first() else {
        return Vec::new();
    };
    let same = |p: &&Profile| p.calls.iter().map(|c| &c.node).eq(first.calls.iter().map(|c| &c.node));
    let passes: Vec<&Profile> = passes.iter().filter(same).collect();
    let mut nodes = Vec::new();
    let mut start = 0;
    for group in first.calls.chunk_by(|a, b| a.node == b.node) {
        let range = start..start + group.len();
        start = range.end;
        let sum = |p: &&Profile| p.calls[range.clone()].iter().map(|c| c.time_ns).sum::<f64>() * 1e-6;
        let times: Vec<f64> = passes.iter().map(sum).collect();
        if let Some(time) = Sample::of(&times) {
            nodes.push(NodeTime {
                node: group[0].node.clone(),
                kernels: group.iter().map(|c| c.kernel.clone()).collect(),
                time,
                flops: group.iter().map(|c| c.flops).sum(),
                bytes: group.iter().map(|c| c.bytes).sum(),
            });
        }
    }
    nodes
}

#[cfg(test)]
mod tests {
    use ocelli::CallTime;

    use super::*;

    fn pass(times: &[(&str, f64)]) -> Profile {
        let call = |(node, ms): &(&str, f64)| CallTime {
            node: (*node).to_owned(),
            kernel: "k".to_owned(),
            time_ns: ms * 1e6,
            flops: 1_000_000,
            bytes: 500_000,
        };
        Profile { calls: times.iter().map(call).collect(), wall_clock: false }
    }

    #[test]
    fn calls_of_a_node_add_up_and_passes_give_the_median() {
        let passes = [
            pass(&[("a", 1.0), ("a", 2.0), ("b", 5.0)]),
            pass(&[("a", 1.0), ("a", 4.0), ("b", 5.0)]),
            pass(&[("a", 1.0), ("a", 3.0), ("b", 9.0)]),
            pass(&[("c", 100.0)]),
        ];
        let nodes = Nodes { nodes: merge(&passes), wall_clock: false };
        let [a, b] = &nodes.nodes[..] else { panic!("two nodes") };
        assert_eq!((a.time.median_ms, a.time.mad_ms, a.time.runs, a.flops), (4.0, 1.0, 3, 2_000_000));
        assert_eq!((b.time.median_ms, b.gflops(), b.gbs()), (5.0, 0.2, 0.1));
        assert_eq!(nodes.total_ms(), 9.0);
        assert!(nodes.table().contains("44.4"));
        assert_eq!(nodes.to_json()[1]["kernel"], "k");
    }
}
