use ocelli_shaders::kernels::elementwise;
use ocelli_shaders::pointwise::Program;
use ocelli_shaders::{Params, linear_grid};

use super::{Accepts, Dispatch, LowerCx, View};
use crate::OpError;

impl LowerCx<'_> {
    /// Computes output 0 as `program` of the node's inputs, broadcast to the output's shape.
    pub fn pointwise(&mut self, program: Program) -> Result<(), OpError> {
        let views = (0..program.inputs.len()).map(|i| self.input(i)).collect::<Result<Vec<_>, _>>()?;
        let out = self.output(0, Accepts::Strided, &views.iter().collect::<Vec<_>>())?;
        self.pointwise_into(&program, &views, &out)
    }

    /// Copies `from` into `to`, which have one shape.
    pub fn copy(&mut self, from: &View, to: &View) -> Result<(), OpError> {
        let program = Program { inputs: vec![from.elem], steps: Vec::new() };
        self.pointwise_into(&program, std::slice::from_ref(from), to)
    }

    /// Writes `program` of `inputs`, each broadcast to the shape of `out`, into `out`.
    pub fn pointwise_into(&mut self, program: &Program, inputs: &[View], out: &View) -> Result<(), OpError> {
        if program.inputs.len() > elementwise::MAX_INPUTS {
            return Err(OpError::invalid(format!("an elementwise program of {} inputs", program.inputs.len())));
        }
        if out.elems() == 0 {
            return Ok(());
        }
        let mut views: Vec<View> = inputs.iter().map(|v| v.broadcast(&out.shape)).collect();
        views.push(out.clone());
        let (dims, strides) = collapse(&out.shape, &views);
        let mut params = Params::new().u32(out.elems()).u32(out.offset);
        for &d in &dims {
            params = params.u32(d);
        }
        let (out_strides, in_strides) = (&strides[inputs.len()], &strides[..inputs.len()]);
        for &s in out_strides {
            params = params.i32(s as i64);
        }
        for (view, strides) in views.iter().zip(in_strides) {
            params = params.u32(view.offset);
            for &s in strides {
                params = params.i32(s as i64);
            }
        }
        let (program, scalars) = program.with_scalars();
        for x in scalars {
            params = params.f32(x);
        }
        // Four neighbours at once where all that steps along the last dimension lies in whole vectors.
        let steps = vector_steps(&dims, &strides, &views);
        let (kernel, invocations) = match &steps {
            Some(steps) => (elementwise::vectors(&program, dims.len(), steps), out.elems() / 4),
            None => (elementwise::kernel(&program, dims.len()), out.elems()),
        };
        let refs: Vec<&View> = inputs.iter().chain([out]).collect();
        let flops = (out.elems() * program.steps.len()) as u64;
        self.dispatch(Dispatch {
            kernel,
            params,
            views: &refs,
            workgroups: linear_grid(invocations, elementwise::WORKGROUP),
            flops,
        })
    }
}

/// For each view but the last (the output) whether it steps by one along the last dimension; `None` when one steps
/// otherwise or does not lie in whole vectors of four.
fn vector_steps(dims: &[usize], strides: &[Vec<isize>], views: &[View]) -> Option<Vec<bool>> {
    let whole = |n: isize| n % 4 == 0;
    let step = |(view, strides): (&View, &Vec<isize>)| {
        let (last, others) = strides.split_last()?;
        match last {
            0 => Some(false),
            1 => (whole(view.offset as isize) && others.iter().all(|&s| whole(s))).then_some(true),
            _ => None,
        }
    };
    if dims.last()? % 4 != 0 {
        return None;
    }
    let mut steps: Vec<bool> = views.iter().zip(strides).map(step).collect::<Option<_>>()?;
    (steps.pop() == Some(true)).then_some(steps)
}

/// Merges neighbouring dimensions over which every view steps evenly, and drops those of size 1. Returns the dims (at
/// least one) and the strides of each view.
pub(crate) fn collapse(shape: &[usize], views: &[View]) -> (Vec<usize>, Vec<Vec<isize>>) {
    let mut dims: Vec<usize> = Vec::new();
    let mut strides: Vec<Vec<isize>> = vec![Vec::new(); views.len()];
    for (i, &d) in shape.iter().enumerate() {
        if d == 1 {
            continue;
        }
        let merges = !dims.is_empty()
            && views.iter().zip(&strides).all(|(v, s)| s.last().copied() == Some(v.strides[i] * d as isize));
        if merges {
            if let Some(last) = dims.last_mut() {
                *last *= d;
            }
        } else {
            dims.push(d);
        }
        for (v, s) in views.iter().zip(&mut strides) {
            if merges {
                s.pop();
            }
            s.push(v.strides[i]);
        }
    }
    if dims.is_empty() {
        return (vec![1], vec![vec![0]; views.len()]);
    }
    (dims, strides)
}
