use ocelli_graph::analysis::ReceptiveField;
use ocelli_graph::{Graph, TensorType};
use ocelli_tensor::{DType, Dim};
use ocelli_vision::Package;
use ocelli_vision::package::Layout;

use super::input_type;
use super::level::Level;

/// Rows and columns of the pictures that graphs of any size are looked at with.
const ANY: usize = 64;

/// What a pixel of the result depends on; `None` for a model that does not answer with a picture, or that cannot be bound.
pub(super) fn of_package(package: &Package, graph: &Graph, level: Option<&Level>) -> Option<ReceptiveField> {
    if !package.task.is_picture() {
        return None;
    }
    let axes = axes(package.input.layout);
    let place = level.map_or(0, Level::picture);
    let (w, h) = size(graph, place, axes);
    let picture = input_type(package, package.input.color.channels(), w, h);
    let types = level.map_or_else(|| vec![picture.clone()], |l| l.types(picture.clone()));
    let found = ReceptiveField::of(graph, place, axes, &types);
    found.inspect_err(|e| log::debug!("package `{}`: no receptive field: {e}", package.name)).ok()
}

/// What a pixel of the first output of a model depends on, when its first input is a picture of rank 4; dimensions that
/// the model leaves open are those of a picture, the others those of `types`.
pub fn receptive_field(graph: &Graph, types: &[TensorType]) -> Option<ReceptiveField> {
    let shape = &types.first().filter(|t| t.dtype == DType::F32 && t.rank() == 4)?.shape;
    let layout =
        if !matches!(shape[1], 1 | 3 | 4) && matches!(shape[3], 1 | 3 | 4) { Layout::Nhwc } else { Layout::Nchw };
    ReceptiveField::of(graph, 0, axes(layout), types).ok()
}

/// Dimensions of rows and columns.
fn axes(layout: Layout) -> [usize; 2] {
    match layout {
        Layout::Nchw => [2, 3],
        Layout::Nhwc => [1, 2],
    }
}

/// Width and height that the graph states for its picture, or any.
fn size(graph: &Graph, picture: usize, axes: [usize; 2]) -> (usize, usize) {
    let dims = graph.inputs.get(picture).and_then(|i| i.dims.as_ref());
    let [h, w] = axes.map(|axis| match dims.and_then(|d| d.get(axis)) {
        Some(Dim::Fixed(n)) => *n,
        _ => ANY,
    });
    (w, h)
}
