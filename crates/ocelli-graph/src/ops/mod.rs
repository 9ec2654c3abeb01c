//! The operators, one folder each. [`Op`] is closed: the compiler lists what a new operator still needs.

use ocelli_tensor::Tensor;

use crate::plan::LowerCx;
use crate::{Case, InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Lists the operators: `Variant: module`. Each module has a struct named like the variant that implements
/// [`Operator`], and a function `cases::cases() -> Vec<Case>`.
macro_rules! operators {
    ($($variant:ident: $module:ident,)*) => {
        $(pub mod $module;)*

        /// An operator with its attributes.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Op {
            $(#[doc = concat!("See [`mod@", stringify!($module), "`].")] $variant($module::$variant),)*
        }

        $(impl From<$module::$variant> for Op {
            fn from(op: $module::$variant) -> Op { Op::$variant(op) }
        })*

        impl Operator for Op {
            fn name(&self) -> &'static str { match self { $(Op::$variant(op) => op.name(),)* } }
            fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> { match self { $(Op::$variant(op) => op.infer(cx),)* } }
            fn evaluate(&self, inputs: &[Option<Tensor>], outputs: usize) -> Outputs { match self { $(Op::$variant(op) => op.evaluate(inputs, outputs),)* } }
            fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> { match self { $(Op::$variant(op) => op.lower(cx),)* } }
        }

        /// The cases of every operator, with the folder name of each.
        pub fn all_cases() -> Vec<(&'static str, Vec<Case>)> {
            vec![$((stringify!($module), $module::cases::cases()),)*]
        }
    };
}

pub mod body;
pub mod bounds;
mod lowering;
pub mod movement;
pub mod numbers;
pub mod numeric;
pub mod quantization;
pub mod scalar;
pub mod util;
pub mod window;

operators! {
    // convolution and pooling
    Conv: conv,
    ConvTranspose: conv_transpose,
    DeformConv: deform_conv,
    ConvInteger: conv_integer,
    QLinearConv: qlinear_conv,
    Pool: pool,
    GlobalPool: global_pool,
    MaxUnpool: max_unpool,
    MaxRoiPool: max_roi_pool,
    RoiAlign: roi_align,
    Col2Im: col2im,
    // elementwise and quantization
    Pointwise: pointwise,
    Fused: fused,
    Binary: binary,
    BitCast: bit_cast,
    Cast: cast,
    Clip: clip,
    DequantizeLinear: dequantize_linear,
    Dropout: dropout,
    DynamicQuantizeLinear: dynamic_quantize_linear,
    QuantizeLinear: quantize_linear,
    Unary: unary,
    Variadic: variadic,
    Where: where_op,
    // data movement, resizing, indexing
    AffineGrid: affine_grid,
    CenterCropPad: center_crop_pad,
    Concat: concat,
    ConstantOfShape: constant_of_shape,
    DepthToSpace: depth_to_space,
    Expand: expand,
    EyeLike: eye_like,
    Gather: gather,
    GridSample: grid_sample,
    OneHot: one_hot,
    Pad: pad,
    Range: range,
    Reshape: reshape,
    Resize: resize,
    ReverseSequence: reverse_sequence,
    Scatter: scatter,
    ShapeOf: shape_of,
    Slice: slice,
    Split: split,
    Tile: tile,
    Transpose: transpose,
    Trilu: trilu,
    // linear algebra, reductions, normalization, recurrence
    MatMul: matmul,
    Gemm: gemm,
    Softmax: softmax,
    Reduce: reduce,
    ArgReduce: arg_reduce,
    TopK: top_k,
    BatchNormalization: batch_normalization,
    InstanceNormalization: instance_normalization,
    LayerNormalization: layer_normalization,
    GroupNormalization: group_normalization,
    LpNormalization: lp_normalization,
    LRN: lrn,
    Einsum: einsum,
    Attention: attention,
    Cumulative: cumulative,
    Det: det,
    Loss: loss,
    MatMulInteger: matmul_integer,
    MeanVarianceNormalization: mean_variance_normalization,
    QLinearMatMul: qlinear_matmul,
    Random: random,
    Recurrent: recurrent,
    RMSNormalization: rms_normalization,
    RotaryEmbedding: rotary_embedding,
    Spectral: spectral,
    WindowFunction: window_function,
    // control flow, selection
    If: if_op,
    Loop: loop_op,
    Scan: scan,
    NonMaxSuppression: non_max_suppression,
    NonZero: non_zero,
    Compress: compress,
    Unique: unique,
}

impl Op {
    /// Whether two evaluations may differ, so that folding is wrong.
    pub fn is_random(&self) -> bool {
        matches!(self, Op::Random(_))
    }

    /// The value of an operator that only looks at shapes (Shape, Size, EyeLike), when its inputs are bound.
    pub fn fold_known_shape(&self, inputs: &[Option<TensorType>]) -> Option<Tensor> {
        let input = inputs.first()?.as_ref()?;
        match self {
            Op::ShapeOf(op) => Some(op.value(&input.shape)),
            Op::EyeLike(op) if input.elems() <= 1 << 13 => op.value(input).ok(),
            _ => None,
        }
    }
}
