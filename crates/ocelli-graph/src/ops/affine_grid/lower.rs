use ocelli_shaders::Elem;
use ocelli_shaders::kernels::elementwise;
use ocelli_shaders::pointwise::{Arg, Fun, Program, Step};

use super::AffineGrid;
use crate::OpError;
use crate::plan::{Accepts, LowerCx, View};

/// Elementwise programs of the columns of theta and the positions along each axis, all broadcast to the grid: one in two
/// dimensions, two in three.
pub(super) fn lower(op: &AffineGrid, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let theta = cx.input(0)?;
    let out = cx.output(0, Accepts::Strided, &[&theta])?;
    let r = out.shape.len() - 2;
    // Column j of theta as [N, 1, ..., 1, r].
    let column = |j: usize| {
        let mut shape = vec![1; r + 2];
        let mut strides = vec![0; r + 2];
        (shape[0], shape[r + 1]) = (theta.shape[0], r);
        (strides[0], strides[r + 1]) = (theta.strides[0], theta.strides[1]);
        let offset = (theta.offset as isize + j as isize * theta.strides[2]).max(0) as usize;
        View { offset, shape, strides, ..theta.clone() }
    };
    let mut inputs = vec![column(r)];
    let mut steps: Vec<Step> = Vec::new();
    let mut sum = Arg::Input(0);
    for j in 0..r {
        if inputs.len() + 2 > elementwise::MAX_INPUTS {
            let so_far = cx.scratch(Elem::F32, &out.shape);
            let program = Program { inputs: vec![Elem::F32; inputs.len()], steps: std::mem::take(&mut steps) };
            cx.pointwise_into(&program, &inputs, &so_far)?;
            inputs = vec![so_far];
            sum = Arg::Input(0);
        }
        let axis = r - j;
        let n = out.shape[axis];
        let op = op.clone();
        let positions = cx.packed("positions", Elem::F32, &[n], move || {
            let all: Vec<f32> = (0..n).map(|i| op.position(i, n) as f32).collect();
            bytemuck::allocation::pod_collect_to_vec(&all)
        });
        let mut shape = vec![1; r + 2];
        shape[axis] = n;
        let positions = positions.reshape(&shape).unwrap_or(positions);
        let step = |fun, args| Step { fun, args, ty: Elem::F32 };
        steps.push(step(Fun::Mul, vec![Arg::Input(inputs.len()), Arg::Input(inputs.len() + 1)]));
        steps.push(step(Fun::Add, vec![sum, Arg::Step(steps.len() - 1)]));
        sum = Arg::Step(steps.len() - 1);
        inputs.extend([column(j), positions]);
    }
    let program = Program { inputs: vec![Elem::F32; inputs.len()], steps };
    cx.pointwise_into(&program, &inputs, &out)
}
