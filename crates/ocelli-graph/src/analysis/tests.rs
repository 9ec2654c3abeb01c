//! What is computed from the graph against what the naive interpreter does: one changed pixel, and tiles beside the whole.

use ocelli_tensor::{DType, Dim, Tensor};

use super::*;
use crate::interpreter;
use crate::ops::concat::Concat;
use crate::ops::conv::Conv;
use crate::ops::conv_transpose::ConvTranspose;
use crate::ops::depth_to_space::{DepthSpaceKind, DepthToSpace};
use crate::ops::global_pool::{GlobalPool, GlobalPoolKind};
use crate::ops::pad::{Pad, PadMode};
use crate::ops::pool::{Pool, PoolKind};
use crate::ops::resize::{CoordinateMode, Resize, ResizeMode};
use crate::ops::transpose::Transpose;
use crate::ops::util::i64s;
use crate::ops::variadic::{Variadic, VariadicKind};
use crate::ops::window::Window;
use crate::{Op, ValueId};

/// A graph under construction, with the picture as its input.
struct Net {
    graph: Graph,
    at: ValueId,
    channels: usize,
}

fn net() -> Net {
    let mut graph = Graph { name: "net".to_owned(), ..Graph::default() };
    let dims = [1, 1].map(Dim::Fixed).into_iter().chain([Dim::Unknown, Dim::Unknown]).collect();
    let at = graph.add_input("x", DType::F32, Some(dims));
    Net { graph, at, channels: 1 }
}

impl Net {
    fn op(mut self, op: impl Into<Op>, more: Vec<Tensor>) -> Net {
        let mut inputs = vec![Some(self.at)];
        for (i, t) in more.into_iter().enumerate() {
            let name = format!("c{}_{i}", self.graph.nodes.len());
            inputs.push(Some(self.graph.add_constant(name, t)));
        }
        let name = format!("n{}", self.graph.nodes.len());
        self.at = self.graph.add_node(&name, op.into(), &inputs, 1)[0];
        self
    }

    /// A convolution whose filters are all ones, so that nothing that it depends on cancels.
    fn conv(self, out: usize, kernel: usize, stride: usize, dilation: usize, pad: i64) -> Net {
        let window =
            Window { strides: vec![stride; 2], dilations: vec![dilation; 2], pads: vec![pad; 4], ..Window::default() };
        let shape = [out, self.channels, kernel, kernel];
        let mut net = self.op(Conv { group: 1, window }, vec![ones(&shape)]);
        net.channels = out;
        net
    }

    fn shuffled(self, b: usize) -> Net {
        let channels = self.channels / (b * b);
        Net { channels, ..self.op(DepthToSpace { kind: DepthSpaceKind::Crd, blocksize: b }, Vec::new()) }
    }

    fn done(mut self) -> Graph {
        self.graph.outputs = vec![self.at];
        self.graph
    }
}

fn ones(shape: &[usize]) -> Tensor {
    Tensor::from_vec(shape, vec![1.0f32; shape.iter().product()]).unwrap()
}

fn of(graph: &Graph) -> ReceptiveField {
    let ty = TensorType::new(DType::F32, [1, 1, 64, 64]);
    ReceptiveField::of(graph, 0, [2, 3], &[ty]).unwrap()
}

/// Networks with every way to move places.
fn nets() -> Vec<(&'static str, Graph)> {
    let maximum = || Pool {
        kind: PoolKind::Max { column_major: false },
        window: Window { kernel: vec![2, 2], strides: vec![2, 2], ..Window::default() },
        ceil_mode: false,
    };
    let up = |mode, scale: f32| {
        let op = Resize { mode, coordinate_transformation_mode: CoordinateMode::HalfPixel, ..Resize::default() };
        (op, vec![Tensor::from_vec(&[0], Vec::<f32>::new()).unwrap(), scales(scale)])
    };
    let (nearest, nearest_inputs) = up(ResizeMode::Nearest, 2.0);
    let (linear, linear_inputs) = up(ResizeMode::Linear, 2.0);
    let (cubic, cubic_inputs) = up(ResizeMode::Cubic, 3.0);
    let turned = ConvTranspose {
        group: 1,
        window: Window { strides: vec![2, 2], pads: vec![1; 4], ..Window::default() },
        output_padding: Vec::new(),
        output_shape: Vec::new(),
    };
    let there = Transpose { perm: Some(vec![0, 3, 2, 1]) };
    let back = there.clone();
    vec![
        ("one", net().conv(1, 3, 1, 1, 1).done()),
        ("chain", net().conv(2, 5, 1, 1, 2).conv(2, 3, 1, 1, 1).conv(1, 1, 1, 1, 0).done()),
        ("dilated", net().conv(2, 3, 1, 4, 4).conv(1, 3, 1, 1, 1).done()),
        (
            "lopsided",
            net().conv(1, 4, 1, 1, 0).op(Pad { mode: PadMode::Constant }, vec![i64s(&[0, 0, 2, 2, 0, 0, 1, 1])]).done(),
        ),
        (
            "reflected",
            net().op(Pad { mode: PadMode::Reflect }, vec![i64s(&[0, 0, 2, 2, 0, 0, 2, 2])]).conv(1, 5, 1, 1, 0).done(),
        ),
        (
            "cropped",
            net()
                .conv(1, 3, 1, 1, 1)
                .op(Pad { mode: PadMode::Constant }, vec![i64s(&[0, 0, -3, -3, 0, 0, -3, -3])])
                .op(Pad { mode: PadMode::Constant }, vec![i64s(&[0, 0, 3, 3, 0, 0, 3, 3])])
                .done(),
        ),
        ("shuffled", net().conv(4, 3, 1, 1, 1).shuffled(2).conv(1, 3, 1, 1, 1).done()),
        ("transposed", net().op(there, Vec::new()).op(back, Vec::new()).conv(1, 3, 1, 1, 1).done()),
        ("nearest", net().conv(1, 3, 1, 1, 1).op(nearest, nearest_inputs).conv(1, 3, 1, 1, 1).done()),
        ("linear", net().op(linear, linear_inputs).conv(1, 3, 1, 1, 1).done()),
        ("cubic", net().op(cubic, cubic_inputs).done()),
        ("strided", net().conv(1, 2, 2, 1, 0).conv(1, 3, 1, 1, 1).op(turned.clone(), vec![ones(&[1, 1, 4, 4])]).done()),
        (
            "pooled",
            net()
                .conv(1, 3, 1, 1, 1)
                .op(maximum(), Vec::new())
                .conv(1, 3, 1, 1, 1)
                .op(turned, vec![ones(&[1, 1, 4, 4])])
                .done(),
        ),
    ]
}

fn scales(scale: f32) -> Tensor {
    Tensor::from_vec(&[4], vec![1.0f32, 1.0, scale, scale]).unwrap()
}

fn picture(h: usize, w: usize, at: impl Fn(usize, usize) -> f32) -> Tensor {
    Tensor::from_vec(&[1, 1, h, w], (0..h * w).map(|i| at(i / w, i % w)).collect::<Vec<f32>>()).unwrap()
}

/// The only plane of the result, with its size.
fn run(graph: &Graph, x: &Tensor) -> (Vec<f32>, usize, usize) {
    let out = interpreter::run(graph, std::slice::from_ref(x)).unwrap().remove(0);
    let (h, w) = (out.shape()[2], out.shape()[3]);
    (out.to_f32s(), h, w)
}

/// Values that grow towards one pixel, so that a maximum over a window that holds it is that pixel.
fn with_peak(h: usize, w: usize, y: usize, x: usize, peak: f32) -> Tensor {
    picture(h, w, |i, j| if (i, j) == (y, x) { peak } else { ((i * 7 + j * 3) % 11) as f32 * 0.01 })
}

#[test]
fn one_changed_pixel_changes_what_the_field_says_and_nothing_else() {
    for (name, graph) in nets() {
        let found = of(&graph);
        assert!(found.global.is_empty(), "{name}: {:?}", found.global);
        let [rows, columns] = found.extents.clone().unwrap();
        assert_eq!(rows.halo(), columns.halo(), "{name}: a symmetric network");
        let (h, w) = (48, 48);
        // What each result reaches furthest, over the pixels of one period in the middle.
        let (mut before, mut after) = (i64::MIN, i64::MIN);
        for y in 20..24 {
            let (plain, out_h, out_w) = run(&graph, &with_peak(h, w, y, 24, 0.5));
            let (changed, _, _) = run(&graph, &with_peak(h, w, y, 24, 50.0));
            for o in 0..out_h {
                let row = |v: &[f32]| v[o * out_w..(o + 1) * out_w].to_vec();
                if row(&plain) == row(&changed) {
                    continue;
                }
                let place = (o * rows.scale.den as usize / rows.scale.num as usize) as i64;
                before = before.max(place - y as i64);
                after = after.max(y as i64 - place);
            }
        }
        assert!(before <= rows.before && after <= rows.after, "{name}: {before} {after} of {rows:?}");
        assert_eq!((before, after), (rows.before, rows.after), "{name}: computed is exact here");
    }
}

#[test]
fn a_tile_equals_the_whole_but_for_what_its_cuts_spoil() {
    for (name, graph) in nets() {
        let [rows, _] = of(&graph).extents.unwrap();
        let align = rows.alignment(1);
        let (w, h) = (48, 96);
        let value = |i: usize, j: usize| ((i * 31 + j * 17) % 23) as f32 - 11.0;
        let (whole, _, whole_w) = run(&graph, &picture(h, w, value));
        let start = 24usize.next_multiple_of(align);
        let (tile, tile_h, _) = run(&graph, &picture(48, w, |i, j| value(i + start, j)));
        let (num, den) = (rows.scale.num as usize, rows.scale.den as usize);
        let same = |o: usize| {
            let (a, b) = (o * whole_w, (o + start * num / den) * whole_w);
            tile[a..a + whole_w] == whole[b..b + whole_w]
        };
        let spoiled = |n: usize| (n * num).div_ceil(den);
        let (first, end) = (spoiled(rows.spoiled_before), tile_h - spoiled(rows.spoiled_after));
        for o in first..end {
            assert!(same(o), "{name}: row {o} of {tile_h} is not that of the whole picture: {rows:?}");
        }
        // No wider than it must be, but for what resizing may round up and crops hide.
        let slack = 2 * num / den;
        if rows.spoiled_before > 0 {
            let last = (0..first).rev().position(|o| !same(o)).unwrap_or(first);
            assert!(last <= slack, "{name}: {last} rows too many are thrown away: {rows:?}");
        }
    }
}

#[test]
fn alignment_follows_strides_and_blocks() {
    let of = |name: &str| of(&nets().into_iter().find(|n| n.0 == name).unwrap().1);
    assert_eq!(of("chain").alignment(1), 1);
    assert_eq!(of("chain").alignment(4), 4);
    assert_eq!(of("strided").alignment(1), 2);
    assert_eq!(of("strided").alignment(4), 8);
    assert_eq!(of("shuffled").alignment(4), 4, "two rows of the result a row, but one before");
    assert_eq!(of("chain").halo(), Some(3));
    assert_eq!(of("dilated").halo(), Some(5));
}

#[test]
fn unpadded_windows_need_no_halo() {
    let graph = net().conv(1, 3, 1, 1, 0).conv(1, 5, 1, 1, 0).done();
    let field = of(&graph);
    let [rows, _] = field.extents.clone().unwrap();
    assert_eq!((field.halo(), rows.eaten, rows.before, rows.after), (Some(0), 6, 0, 6));
}

#[test]
fn nodes_that_look_at_everything_are_named() {
    // Squeeze and excitation: the mean of the whole picture scales it.
    let mut n = net().conv(1, 3, 1, 1, 1);
    let x = n.at;
    n = n.op(GlobalPool { kind: GlobalPoolKind::Average }, Vec::new());
    let mul = crate::ops::binary::Binary { kind: crate::ops::binary::BinaryKind::Mul };
    n.at = n.graph.add_node("scaled", mul.into(), &[Some(x), Some(n.at)], 1)[0];
    let field = of(&n.done());
    assert_eq!(field.global.len(), 1);
    assert_eq!((field.global[0].node.as_str(), field.global[0].op), ("n1", "GlobalAveragePool"));
    assert_eq!((field.halo(), field.local_halo()), (None, Some(1)), "what is left is a convolution");
    // A resize to a fixed size.
    let fixed = Resize { mode: ResizeMode::Linear, ..Resize::default() };
    let empty = || Tensor::from_vec(&[0], Vec::<f32>::new()).unwrap();
    let field = of(&net().op(fixed, vec![empty(), empty(), i64s(&[1, 1, 64, 64])]).done());
    assert_eq!(field.global.iter().map(|g| g.node.as_str()).collect::<Vec<_>>(), ["n0"]);
    // Corners that stay corners.
    let corners = Resize {
        mode: ResizeMode::Linear,
        coordinate_transformation_mode: CoordinateMode::AlignCorners,
        ..Resize::default()
    };
    assert_eq!(of(&net().op(corners, vec![empty(), scales(2.0)]).done()).global.len(), 1);
    // A ramp over the picture, which tells a place.
    let ramp = picture(1, 192, |_, j| j as f32);
    let mut n = net();
    let sum = Variadic { kind: VariadicKind::Sum };
    let c = n.graph.add_constant("ramp", ramp);
    n.graph.inputs[0].dims = Some([1, 1, 192, 192].map(Dim::Fixed).to_vec());
    let _ = &c;
    n.at = n.graph.add_node("sum", sum.into(), &[Some(n.at), Some(c)], 1)[0];
    let ty = TensorType::new(DType::F32, [1, 1, 192, 192]);
    let field = ReceptiveField::of(&n.done(), 0, [2, 3], &[ty]).unwrap();
    assert_eq!(field.global.iter().map(|g| g.node.as_str()).collect::<Vec<_>>(), ["sum"]);
}

#[test]
fn a_result_that_is_no_picture_has_no_extent() {
    let field = of(&net().op(GlobalPool { kind: GlobalPoolKind::Max }, Vec::new()).done());
    assert!(field.extents.is_none());
    let field = of(&net().conv(1, 3, 1, 1, 1).op(Concat { axis: 1 }, vec![]).done());
    assert_eq!(field.halo(), Some(1));
}

#[test]
fn a_pixel_shuffle_by_reshapes_is_one() {
    use super::field::{Cell, Dim as Place, Field, Track};
    let along = |axis, n| Place::along(Track { axis, rate: Ratio::ONE, cells: (0..n).map(Cell::at).collect() });
    let x = Field(vec![Place::free(1), Place::free(12), along(0, 5), along(1, 7)]);
    let split = super::moving::reshape(&x, &[1, 3, 2, 2, 5, 7]).unwrap();
    let turned = Field([0, 1, 4, 2, 5, 3].map(|i: usize| split.0[i].clone()).to_vec());
    let joined = super::moving::reshape(&turned, &[1, 3, 10, 14]).unwrap();
    let [rows, columns] = super::follow::picture_tracks(&joined).unwrap();
    assert_eq!((rows.rate, columns.rate), (Ratio::new(2, 1), Ratio::new(2, 1)));
    assert_eq!(rows.cells, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4].map(Cell::at));
    // Back again: blocks of two rows.
    let back = super::moving::reshape(&joined, &[1, 3, 5, 2, 7, 2]).unwrap();
    assert_eq!(back.0[2], along(0, 5));
    // Rows and columns in one dimension cannot be told apart by a window, but can be taken apart again.
    let flat = super::moving::reshape(&x, &[1, 12, 35]).unwrap();
    assert!(flat.0[2].simple().is_err());
    assert_eq!(
        super::moving::reshape(&flat, &[1, 12, 5, 7]).unwrap(),
        Field(vec![Place::default(), Place::free(12), along(0, 5), along(1, 7)])
    );
    assert!(super::moving::reshape(&x, &[1, 12, 7, 5]).is_err());
}
