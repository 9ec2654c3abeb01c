use ocelli_tensor::{DType, Tensor};

use crate::plan::LowerCx;
use crate::{Op, OpError, TensorType};

/// Results of [`Operator::evaluate`], one per output of the node.
pub type Outputs = Result<Vec<Tensor>, OpError>;

/// What every operator implements.
pub trait Operator {
    /// The ONNX operator name, for errors and dumps.
    fn name(&self) -> &'static str;

    /// Types of the outputs from those of the inputs; values of constant inputs are at hand. Checks what the standard
    /// demands, so that `evaluate` and `lower` may rely on it.
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError>;

    /// The naive reference: plain loops that follow the text of the standard, accumulating in `f64` where it is a sum.
    /// `outputs` is how many results the node asks for. Called after `infer` succeeded.
    fn evaluate(&self, inputs: &[Option<Tensor>], outputs: usize) -> Outputs;

    /// Emits kernel calls. [`OpError::HostOnly`] places the node on the host instead.
    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        let _ = cx;
        Err(OpError::host_only(format!("{} has no kernel", self.name())))
    }
}

/// What inference sees of a node.
pub struct InferCx<'a> {
    /// Types of the inputs; `None` for omitted ones.
    pub inputs: &'a [Option<TensorType>],
    /// Values of the inputs that are constants.
    pub constants: &'a [Option<&'a Tensor>],
    /// Number of outputs that the node has, omitted ones in between included.
    pub outputs: usize,
}

impl<'a> InferCx<'a> {
    /// Type of a required input.
    pub fn input(&self, i: usize) -> Result<&'a TensorType, OpError> {
        self.optional(i).ok_or_else(|| OpError::invalid(format!("input {i} is missing ({} given)", self.inputs.len())))
    }

    /// Type of an optional input.
    pub fn optional(&self, i: usize) -> Option<&'a TensorType> {
        self.inputs.get(i).and_then(Option::as_ref)
    }

    /// Whether input `i` is given.
    pub fn has(&self, i: usize) -> bool {
        self.optional(i).is_some()
    }

    /// Value of an input that the output shape depends on; [`OpError::NeedsValue`] when it is not constant.
    pub fn constant(&self, i: usize) -> Result<&'a Tensor, OpError> {
        self.input(i)?;
        self.constants.get(i).copied().flatten().ok_or(OpError::NeedsValue(i))
    }

    /// Value of an optional shape-like input as `i64`s: `None` when omitted.
    pub fn optional_i64s(&self, i: usize) -> Result<Option<Vec<i64>>, OpError> {
        if self.has(i) { Ok(Some(self.constant(i)?.to_i64s())) } else { Ok(None) }
    }

    /// Errors unless the dtype of input `i` is one of `allowed`.
    pub fn expect_dtype(&self, i: usize, allowed: &[DType]) -> Result<(), OpError> {
        let got = self.input(i)?.dtype;
        if allowed.contains(&got) {
            return Ok(());
        }
        let names: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        Err(OpError::invalid(format!("input {i}: expected {}, got {got}", names.join(" or "))))
    }

    /// `axis` of a tensor of `rank` dimensions, negative ones counted from the back.
    pub fn axis(axis: i64, rank: usize) -> Result<usize, OpError> {
        let shifted = if axis < 0 { axis + rank as i64 } else { axis };
        usize::try_from(shifted)
            .ok()
            .filter(|&a| a < rank.max(1))
            .ok_or_else(|| OpError::invalid(format!("axis {axis} is outside of rank {rank}")))
    }
}

/// One use of an operator: what the completeness test counts, and what the engine is compared on with the reference.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique within the operator, such as `asymmetric_pads`.
    pub name: String,
    /// The operator with its attributes.
    pub op: Op,
    /// Operands.
    pub inputs: Vec<Option<Tensor>>,
    /// Which operands are constants of the graph; the others are graph inputs.
    pub constant: Vec<bool>,
    /// Number of results.
    pub outputs: usize,
}

impl Case {
    /// A case with one output whose operands are all graph inputs.
    pub fn new(name: &str, op: impl Into<Op>, inputs: Vec<Tensor>) -> Case {
        let n = inputs.len();
        Case {
            name: name.to_owned(),
            op: op.into(),
            inputs: inputs.into_iter().map(Some).collect(),
            constant: vec![false; n],
            outputs: 1,
        }
    }

    /// Makes the operands from `first` on constants, as weights and shapes are.
    #[must_use]
    pub fn constants_from(mut self, first: usize) -> Case {
        for c in self.constant.iter_mut().skip(first) {
            *c = true;
        }
        self
    }

    /// Asks for `n` results.
    #[must_use]
    pub fn outputs(mut self, n: usize) -> Case {
        self.outputs = n;
        self
    }
}
