//! The computations that `ocelli bench kernels` times: one node each, of the sizes that image models have.

use ocelli::graph::ops::binary::{Binary, BinaryKind};
use ocelli::graph::ops::conv::Conv;
use ocelli::graph::ops::conv_transpose::ConvTranspose;
use ocelli::graph::ops::global_pool::{GlobalPool, GlobalPoolKind};
use ocelli::graph::ops::layer_normalization::LayerNormalization;
use ocelli::graph::ops::matmul::MatMul;
use ocelli::graph::ops::pool::{Pool, PoolKind};
use ocelli::graph::ops::reduce::{Reduce, ReduceKind};
use ocelli::graph::ops::resize::{CoordinateMode, NearestMode, Resize, ResizeMode};
use ocelli::graph::ops::softmax::{Softmax, SoftmaxKind};
use ocelli::graph::ops::unary::{Unary, UnaryKind};
use ocelli::graph::ops::window::Window;
use ocelli::graph::{Case, Graph, Op};
use ocelli::{DType, Dim, Error, Tensor};

/// An operand of a computation.
#[derive(Clone, Debug)]
pub enum Operand {
    /// Random values in -1..1 of this shape.
    Random(Vec<usize>),
    /// These values.
    Given(Vec<f32>),
    /// Left out.
    Omitted,
}

/// A node with its operands.
#[derive(Clone, Debug)]
pub struct Computation {
    /// Kind and sizes, such as `conv3x3 64->64 @128x128`.
    pub name: String,
    /// What is alike: the first word of the name.
    pub family: &'static str,
    /// The operator.
    pub op: Op,
    /// Its operands, the first of which is the graph's input.
    pub operands: Vec<Operand>,
    /// The operands from here on are constants.
    pub constants_from: usize,
    /// Floating-point operations per element of the result, as the textbook counts them: the same for every variant.
    pub flops_per_element: u64,
}

impl Computation {
    /// The case with its tensors, equal at every call.
    pub fn case(&self) -> Result<Case, Error> {
        let tensor = |(i, operand): (usize, &Operand)| {
            Ok(match operand {
                Operand::Random(shape) => Some(random(shape, i as u64 + 1)?),
                Operand::Given(values) => Some(Tensor::vector(values.clone())),
                Operand::Omitted => None,
            })
        };
        let inputs = self.operands.iter().enumerate().map(tensor).collect::<Result<Vec<_>, Error>>()?;
        let constant = (0..inputs.len()).map(|i| i >= self.constants_from).collect();
        Ok(Case { name: self.name.clone(), op: self.op.clone(), inputs, constant, outputs: 1 })
    }
}

/// Uniform values in -1..1 from a linear congruential generator.
fn random(shape: &[usize], seed: u64) -> Result<Tensor, Error> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u32 << 23) as f32 - 1.0
    };
    let values = (0..shape.iter().product()).map(|_| next()).collect();
    Ok(Tensor::from_vec(shape, values)?)
}

/// The graph of a case, and the tensors of its inputs.
pub fn graph(case: &Case) -> (Graph, Vec<Tensor>) {
    let mut graph = Graph { name: case.name.clone(), ..Graph::default() };
    let (mut tensors, mut operands) = (Vec::new(), Vec::new());
    for (i, (tensor, constant)) in case.inputs.iter().zip(&case.constant).enumerate() {
        operands.push(tensor.as_ref().map(|t| {
            if *constant {
                return graph.add_constant(format!("c{i}"), t.clone());
            }
            tensors.push(t.clone());
            graph.add_input(format!("x{i}"), t.dtype(), Some(t.shape().iter().map(|&d| Dim::Fixed(d)).collect()))
        }));
    }
    graph.outputs = graph.add_node(&case.name, case.op.clone(), &operands, case.outputs);
    (graph, tensors)
}

fn window(kernel: usize, stride: usize, pad: usize) -> Window {
    Window { kernel: vec![kernel; 2], strides: vec![stride; 2], pads: vec![pad as i64; 4], ..Window::default() }
}

/// A convolution with pads of half its kernel; `inputs` and `outputs` are channels, `size` is height and width.
pub fn conv(
    family: &'static str,
    kernel: usize,
    stride: usize,
    group: usize,
    [inputs, outputs, size]: [usize; 3],
) -> Computation {
    let per_group = inputs / group;
    Computation {
        name: format!("{family} {inputs}->{outputs} @{size}x{size}"),
        family,
        op: Conv { group, window: window(kernel, stride, kernel / 2) }.into(),
        operands: vec![
            Operand::Random(vec![1, inputs, size, size]),
            Operand::Random(vec![outputs, per_group, kernel, kernel]),
            Operand::Random(vec![outputs]),
        ],
        constants_from: 1,
        flops_per_element: 2 * (per_group * kernel * kernel) as u64,
    }
}

fn transposed([inputs, outputs, size]: [usize; 3]) -> Computation {
    let op = ConvTranspose { group: 1, window: window(4, 2, 1), output_padding: Vec::new(), output_shape: Vec::new() };
    Computation {
        name: format!("transposed4x4s2 {inputs}->{outputs} @{size}x{size}"),
        family: "transposed4x4s2",
        op: op.into(),
        operands: vec![
            Operand::Random(vec![1, inputs, size, size]),
            Operand::Random(vec![inputs, outputs, 4, 4]),
            Operand::Random(vec![outputs]),
        ],
        constants_from: 1,
        // Each output is reached by 4 of the 16 taps.
        flops_per_element: 2 * inputs as u64 * 4,
    }
}

fn matmul([m, k, n]: [usize; 3]) -> Computation {
    Computation {
        name: format!("matmul {m}x{k}x{n}"),
        family: "matmul",
        op: MatMul.into(),
        operands: vec![Operand::Random(vec![m, k]), Operand::Random(vec![k, n])],
        constants_from: 1,
        flops_per_element: 2 * k as u64,
    }
}

/// An operator with one operand.
fn unary(name: &str, family: &'static str, op: impl Into<Op>, shape: &[usize], flops_per_element: u64) -> Computation {
    let shown: Vec<String> = shape.iter().map(ToString::to_string).collect();
    Computation {
        name: format!("{name} {}", shown.join("x")),
        family,
        op: op.into(),
        operands: vec![Operand::Random(shape.to_vec())],
        constants_from: 1,
        flops_per_element,
    }
}

fn resize(name: &str, mode: ResizeMode, flops_per_element: u64) -> Computation {
    let op = Resize {
        mode,
        nearest_mode: NearestMode::Floor,
        coordinate_transformation_mode: match mode {
            ResizeMode::Nearest => CoordinateMode::Asymmetric,
            _ => CoordinateMode::HalfPixel,
        },
        ..Resize::default()
    };
    let mut computation = unary(name, "resize", op, &[1, 32, 128, 128], flops_per_element);
    computation.operands.extend([Operand::Omitted, Operand::Given(vec![1.0, 1.0, 2.0, 2.0])]);
    computation
}

/// All of them, in the order of the table.
pub fn all() -> Vec<Computation> {
    let mut list = Vec::new();
    for sizes in [[3, 64, 128], [64, 64, 128], [64, 64, 56], [128, 128, 28], [256, 256, 14]] {
        list.push(conv("conv3x3", 3, 1, 1, sizes));
    }
    for sizes in [[32, 64, 112], [128, 256, 28]] {
        list.push(conv("conv3x3s2", 3, 2, 1, sizes));
    }
    for sizes in [[64, 64, 128], [256, 64, 56], [512, 512, 14]] {
        list.push(conv("conv1x1", 1, 1, 1, sizes));
    }
    for sizes in [[1, 64, 128], [32, 32, 64]] {
        list.push(conv("conv5x5", 5, 1, 1, sizes));
    }
    list.push(conv("conv7x7s2", 7, 2, 1, [3, 64, 224]));
    for [channels, size] in [[64, 128], [192, 28]] {
        list.push(conv("depthwise3x3", 3, 1, channels, [channels, channels, size]));
    }
    list.push(conv("depthwise5x5", 5, 1, 120, [120, 120, 28]));
    list.push(transposed([64, 32, 64]));
    for sizes in [[256, 256, 256], [512, 512, 512], [196, 768, 768], [1, 2048, 1000]] {
        list.push(matmul(sizes));
    }
    let maximum = Pool { kind: PoolKind::Max { column_major: false }, window: window(3, 2, 1), ceil_mode: false };
    list.push(unary("maxpool3x3s2", "pool", maximum, &[1, 64, 112, 112], 9));
    let mean = Pool { kind: PoolKind::Average { count_include_pad: false }, window: window(2, 2, 0), ceil_mode: false };
    list.push(unary("avgpool2x2s2", "pool", mean, &[1, 64, 112, 112], 4));
    list.push(unary("globalavg", "pool", GlobalPool { kind: GlobalPoolKind::Average }, &[1, 512, 28, 28], 784));
    list.push(resize("resize-linear2", ResizeMode::Linear, 8));
    list.push(resize("resize-nearest2", ResizeMode::Nearest, 1));
    list.push(unary("sigmoid", "elementwise", Unary { kind: UnaryKind::Sigmoid }, &[1, 64, 128, 128], 1));
    let mut add = unary("add", "elementwise", Binary { kind: BinaryKind::Add }, &[1, 64, 128, 128], 1);
    add.operands.push(Operand::Random(vec![1, 64, 128, 128]));
    add.constants_from = 2;
    list.push(add);
    list.push(unary("softmax", "rows", Softmax { kind: SoftmaxKind::Softmax, axis: -1 }, &[196, 1000], 5));
    let norm = LayerNormalization { axis: -1, epsilon: 1e-5, stash_type: DType::F32 };
    let mut norm = unary("layernorm", "rows", norm, &[196, 768], 8);
    norm.operands.push(Operand::Random(vec![768]));
    list.push(norm);
    let sum = Reduce { kind: ReduceKind::Mean, keepdims: true, noop_with_empty_axes: false };
    list.push(unary("mean-of-all", "rows", sum, &[1, 64, 128, 128], 64 * 128 * 128));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_values_are_spread() {
        let list = all();
        let names: std::collections::BTreeSet<&str> = list.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names.len(), list.len());
        let values = random(&[10_000], 3).unwrap().to_f64s();
        let mean = values.iter().sum::<f64>() / 1e4;
        assert!(values.iter().all(|v| (-1.0..1.0).contains(v)) && mean.abs() < 0.05, "{mean}");
        assert!(values.iter().any(|v| *v < -0.99) && values.iter().any(|v| *v > 0.99));
    }
}
