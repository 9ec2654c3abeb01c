//! Walking through a bound graph in two sizes at once.

use std::collections::{BTreeMap, BTreeSet};

use super::field::{Cell, Dim, Field, Ratio, Simple, Track};
use super::places::{Place, transfer};
use super::{Global, ReceptiveField, extent};
use crate::{BindError, Graph, Operator, TensorType, ValueId, bind, passes};

/// A graph bound to pictures of one or two sizes.
pub(super) struct Steps {
    bound: Vec<Graph>,
    picture: usize,
    axes: [usize; 2],
    /// A node behind which shapes depend on data.
    open: Option<Global>,
}

/// What has been followed of one of them.
struct Walk<'a> {
    graph: &'a Graph,
    fields: BTreeMap<ValueId, Field>,
}

impl Steps {
    pub fn new(graph: &Graph, picture: usize, axes: [usize; 2], types: &[Vec<TensorType>]) -> Result<Steps, BindError> {
        let mut open = None;
        let mut all = Vec::new();
        for types in types {
            let mut bound = bind(graph, types)?;
            if let Some(node) = bound.rest.first() {
                open = Some(Global {
                    node: node.name.clone(),
                    op: node.op.name(),
                    reason: "its shape depends on what the picture shows".to_owned(),
                });
            }
            // Branches of conditions that are known, and nodes that nobody needs, only; nodes keep their names.
            let kept = passes::Options { disabled: vec!["fusion".to_owned()] };
            if passes::optimize(&mut bound.graph, &kept).is_ok() {
                all.push(bound.graph);
            }
        }
        Ok(Steps { bound: all, picture, axes, open })
    }

    /// What the output depends on, and whether a larger picture would not show more.
    pub fn followed(&self) -> (ReceptiveField, bool) {
        let none = |global: Vec<Global>| (ReceptiveField { extents: None, global }, true);
        let mut global: Vec<Global> = self.open.iter().cloned().collect();
        let mut walks: Vec<Walk<'_>> = self.bound.iter().map(|g| self.begin(g)).collect();
        let Some(first) = self.bound.first() else { return none(global) };
        let outline = |g: &Graph| g.nodes.iter().map(|n| n.op.name()).collect::<Vec<_>>();
        if self.bound.iter().any(|g| outline(g) != outline(first)) {
            global.push(Global {
                node: first.name.clone(),
                op: "graph",
                reason: "its nodes depend on the size of the picture".to_owned(),
            });
            return none(global);
        }
        let mut rates = [BTreeSet::new(), BTreeSet::new()];
        for i in 0..first.nodes.len() {
            let node = &first.nodes[i];
            let mut reasons: Vec<String> = walks.iter_mut().filter_map(|w| w.step(i)).collect();
            if reasons.is_empty() {
                reasons.extend(self.grows_evenly(&walks, i));
                if !reasons.is_empty() {
                    walks.iter_mut().for_each(|w| w.forget(i));
                }
            }
            if let Some(reason) = reasons.into_iter().next() {
                global.push(Global { node: node.name.clone(), op: node.op.name(), reason });
            }
            for id in node.outputs.iter().flatten() {
                for track in walks[0].fields.get(id).into_iter().flat_map(Field::tracks) {
                    rates[track.axis].insert(track.rate);
                }
            }
        }
        let output = first.outputs.first().and_then(|id| walks[0].fields.get(id));
        let Some(tracks) = output.and_then(picture_tracks) else { return none(global) };
        let sizes = self.picture_size();
        let [rows, columns] = rates;
        let extents = [(0, rows), (1, columns)].map(|(a, rates)| extent(&tracks[a], sizes[a], rates));
        let settled = extents.iter().all(Option::is_some);
        let extents = if let [Some(a), Some(b)] = extents { Some([a, b]) } else { None };
        (ReceptiveField { extents, global }, settled)
    }

    fn picture_size(&self) -> [usize; 2] {
        let shape = self.bound.first().and_then(|g| g.ty(g.inputs.get(self.picture)?.value)).map(|t| &t.shape[..]);
        self.axes.map(|a| shape.and_then(|s| s.get(a)).copied().unwrap_or(0))
    }

    fn begin<'a>(&self, graph: &'a Graph) -> Walk<'a> {
        let mut fields = BTreeMap::new();
        for (i, input) in graph.inputs.iter().enumerate() {
            let Some(ty) = graph.ty(input.value) else { continue };
            let mut field = Field::free(&ty.shape);
            if i == self.picture {
                for (axis, &d) in self.axes.iter().enumerate() {
                    let cells: Vec<Cell> = (0..ty.shape.get(d).copied().unwrap_or(0)).map(Cell::at).collect();
                    if let Some(dim) = field.0.get_mut(d) {
                        *dim = Dim::along(Track { axis, rate: Ratio::ONE, cells });
                    }
                }
            }
            fields.insert(input.value, field);
        }
        Walk { graph, fields }
    }

    /// Why the results of node `i` are not those of a picture of any size: they grow by other than their rate.
    fn grows_evenly(&self, walks: &[Walk<'_>], i: usize) -> Option<String> {
        let [small, large] = walks else { return None };
        let outputs = &small.graph.nodes[i].outputs;
        let pairs = outputs
            .iter()
            .zip(&large.graph.nodes[i].outputs)
            .filter_map(|(a, b)| Some((small.fields.get(&(*a)?)?, large.fields.get(&(*b)?)?)));
        for (a, b) in pairs {
            for (a, b) in a.0.iter().zip(&b.0).flat_map(|(a, b)| a.0.iter().zip(&b.0)) {
                use super::field::Factor::{Along, Free};
                let even = match (a, b) {
                    (Along(a), Along(b)) => {
                        let more = super::STEP as u64 * a.rate.num;
                        let grown = (b.cells.len() as u64).checked_sub(a.cells.len() as u64);
                        a.rate == b.rate && grown.map(|g| g * a.rate.den) == Some(more)
                    }
                    (Free(a), Free(b)) => a == b,
                    _ => true,
                };
                if !even {
                    return Some("its result does not grow with the picture as a whole".to_owned());
                }
            }
        }
        None
    }
}

impl Walk<'_> {
    /// Follows node `i`; tells why when it looks further than any number of pixels.
    fn step(&mut self, i: usize) -> Option<String> {
        let node = &self.graph.nodes[i];
        let operands: Vec<Option<Field>> =
            node.inputs.iter().map(|id| id.and_then(|id| self.fields.get(&id).cloned())).collect();
        let place = Place { graph: self.graph, node, fields: &operands };
        let local = !operands.iter().flatten().any(|f| !f.is_free());
        match transfer(&place) {
            Ok(found) if found.outputs.len() >= node.outputs.len() => {
                for (id, field) in node.outputs.iter().zip(found.outputs) {
                    if let Some(id) = id {
                        self.fields.insert(*id, field);
                    }
                }
                found.global.filter(|_| !local)
            }
            other => {
                self.forget(i);
                let reason = other.err().unwrap_or_else(|| "what it depends on is not known".to_owned());
                (!local || node.op.is_random()).then_some(reason)
            }
        }
    }

    /// Takes the results of node `i` as the same everywhere: what they depend on has been reported.
    fn forget(&mut self, i: usize) {
        for id in self.graph.nodes[i].outputs.iter().flatten() {
            if let Some(ty) = self.graph.ty(*id) {
                self.fields.insert(*id, Field::same(&ty.shape));
            }
        }
    }
}

/// The rows and columns of a result, when it is a picture.
pub(super) fn picture_tracks(field: &Field) -> Option<[Track; 2]> {
    let mut found = [None, None];
    for dim in &field.0 {
        if let Ok(Simple::Along(track)) = dim.simple() {
            let axis = track.axis;
            if found[axis].is_some() {
                return None;
            }
            found[axis] = Some(track.into_owned());
        }
    }
    let [Some(rows), Some(columns)] = found else { return None };
    Some([rows, columns])
}
