use ocelli_shaders::Elem;
use ocelli_shaders::pointwise::{Arg, Fun};
use ocelli_tensor::Tensor;

use super::BatchNormalization;
use crate::OpError;
use crate::ops::lowering::{Chain, expect_floats, number};
use crate::plan::{Accepts, LowerCx, View};

/// Lowers inference to `x * factor + offset` per channel, or to the whole formula when statistics are not constant.
pub(super) fn lower(op: &BatchNormalization, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    if op.training_mode {
        return Err(OpError::host_only("training mode"));
    }
    let x = cx.input(0)?;
    let channels = x.shape.get(1).copied().unwrap_or(1);
    let mut wide = vec![1; x.shape.len().saturating_sub(1).max(1)];
    wide[0] = channels;
    let constants: Vec<Option<&Tensor>> = (1..5).map(|i| cx.constant(i)).collect();
    let out;
    let (mut chain, mut inputs) = (Chain::new(3), vec![x.clone()]);
    if let [Some(scale), Some(bias), Some(mean), Some(var)] = constants[..] {
        let [scale, bias, mean, var] = [scale, bias, mean, var].map(Tensor::to_f64s);
        let factors: Vec<f64> =
            scale.iter().zip(&var).map(|(s, v)| s / (v + f64::from(op.epsilon)).sqrt()).collect();
        let offsets: Vec<f32> =
            bias.iter().zip(&mean).zip(&factors).map(|((b, m), f)| (b - m * f) as f32).collect();
        let factors: Vec<f32> = factors.iter().map(|&f| f as f32).collect();
        expect_floats(&[&x])?;
        inputs.push(packed(cx, "factor", &wide, factors));
        inputs.push(packed(cx, "offset", &wide, offsets));
        out = cx.output(0, Accepts::Strided, &[&x])?;
        let product = chain.step(Fun::Mul, &[Arg::Input(0), Arg::Input(1)]);
        chain.step(Fun::Add, &[product, Arg::Input(2)]);
    } else {
        for i in 1..5 {
            let view = cx.dense_input(i)?;
            inputs.push(view.reshape(&wide).ok_or_else(|| OpError::invalid("a dense vector"))?);
        }
        expect_floats(&inputs.iter().collect::<Vec<_>>())?;
        out = cx.output(0, Accepts::Strided, &inputs.iter().collect::<Vec<_>>())?;
        chain = Chain::new(5);
        let input = Arg::Input;
        let centred = chain.step(Fun::Sub, &[input(0), input(3)]);
        let var = chain.step(Fun::Add, &[input(4), number(op.epsilon)]);
        let root = chain.step(Fun::Sqrt, &[var]);
        let factor = chain.step(Fun::Div, &[input(1), root]);
        let product = chain.step(Fun::Mul, &[centred, factor]);
        chain.step(Fun::Add, &[product, input(2)]);
    }
    cx.pointwise_into(&chain.done(), &inputs, &out)
}

fn packed(cx: &mut LowerCx<'_>, label: &str, shape: &[usize], values: Vec<f32>) -> View {
    cx.packed(label, Elem::F32, shape, move || bytemuck::allocation::pod_collect_to_vec(&values))
}
