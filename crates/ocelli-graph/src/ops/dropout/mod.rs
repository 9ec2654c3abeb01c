//! [Dropout](https://onnx.ai/onnx/operators/onnx__Dropout.html) in inference: the data itself, and a mask of `true`.
//!
//! | | shape | dtype |
//! |---|---|---|
//! | data | any | float |
//! | ratio, training_mode | scalar, optional | float, bool |
//! | output | that of data | that of data |
//! | mask, optional | that of data | bool |

#[allow(missing_docs, reason = "one function")]
pub mod cases;

use ocelli_tensor::{DType, Tensor, element_count};

use super::bounds::bounded;
use super::util::{optional, required};
use crate::plan::{Accepts, LowerCx};
use crate::{InferCx, OpError, Operator, TensorType, operator::Outputs};

/// Dropout has no attributes that matter in inference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropout;

/// Training drops elements at random, unless the ratio (0.5 by default) is 0.
fn check_inference(ratio: Option<&Tensor>, training: Option<&Tensor>) -> Result<(), OpError> {
    let training = training.is_some_and(|t| t.to_f64s().first().is_some_and(|&x| x != 0.0));
    let ratio = ratio.map_or(Some(0.5), |t| t.to_f64s().first().copied());
    if training && ratio != Some(0.0) {
        return Err(OpError::unsupported("training mode, which drops elements at random"));
    }
    Ok(())
}

impl Operator for Dropout {
    fn name(&self) -> &'static str {
        "Dropout"
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, OpError> {
        let x = cx.input(0)?;
        if cx.has(2) {
            let ratio = if cx.has(1) { Some(cx.constant(1)?) } else { None };
            check_inference(ratio, Some(cx.constant(2)?))?;
        }
        Ok(vec![bounded(x.dtype, x.shape.clone())?, bounded(DType::Bool, x.shape.clone())?])
    }

    fn evaluate(&self, inputs: &[Option<Tensor>], _outputs: usize) -> Outputs {
        let x = required(inputs, 0)?;
        check_inference(optional(inputs, 1), optional(inputs, 2))?;
        let mask = Tensor::from_bools(x.shape(), &vec![true; element_count(x.shape()).unwrap_or(0)])?;
        Ok(vec![x.clone(), mask])
    }

    fn lower(&self, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
        use ocelli_shaders::Elem;
        use ocelli_shaders::pointwise::{Arg, Fun, Literal, Program, Step};
        let x = cx.input(0)?;
        cx.set_output(0, x.clone());
        if cx.has_output(1) {
            let mask = cx.output(1, Accepts::Strided, &[&x])?;
            let one = Step { fun: Fun::Identity, args: vec![Arg::Literal(Literal::U32(1))], ty: Elem::U32 };
            cx.pointwise_into(&Program { inputs: Vec::new(), steps: vec![one] }, &[], &mask)?;
        }
        Ok(())
    }
}
