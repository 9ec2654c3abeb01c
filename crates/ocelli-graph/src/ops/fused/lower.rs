use ocelli_shaders::pointwise::Epilogue;
use ocelli_shaders::{Elem, Params};

use super::{MAIN_INPUTS, Shuffle};
use crate::ops::depth_to_space::{DepthSpaceKind, DepthToSpace};
use crate::ops::pointwise::Pointwise;
use crate::ops::scalar::{Builder, Operand, literal};
use crate::plan::{LowerCx, View};
use crate::{Op, OpError, TensorType};

/// Which coordinates an operand of the epilogue is addressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Space {
    /// Those of the convolution's result.
    Convolution,
    /// Those of the shuffled result.
    Shuffled,
    /// Those of the shuffled result before it is enlarged by the block size.
    Enlarged,
}

/// What the kernel of a convolution does with a sum before it is stored, and where it stores.
pub(crate) struct Tail {
    /// The program over the sum and the further operands.
    pub epilogue: Epilogue,
    /// The further operands as they lie, to be bound in this order.
    pub operands: Vec<View>,
    spaces: Vec<Space>,
    shuffle: Option<DepthToSpace>,
}

/// Where the channels of a convolution's result lie, when a channel is told apart in three parts: `c / outer`,
/// `c % outer / inner` and `c % inner`. The stride of the first part is the channel stride of the views.
#[derive(Clone, Debug)]
pub(crate) struct Split {
    pub outer: usize,
    pub inner: usize,
    /// Strides of the second and third part: of the result, then of the operands.
    pub parts: Vec<[usize; 2]>,
    /// The views of which these are parts: the result, then the operands.
    pub whole: Vec<View>,
}

impl Split {
    /// Whether the channels of the result begin at whole vectors of four.
    pub fn is_aligned(&self) -> bool {
        self.parts.first().is_some_and(|p| p.iter().all(|s| s % 4 == 0))
    }

    /// `params` with the fields that a split epilogue has in front.
    pub fn params(&self, params: Params) -> Params {
        let first = self.parts.first().copied().unwrap_or_default();
        [self.outer, self.inner].into_iter().chain(first).fold(params, Params::u32)
    }
}

impl Tail {
    /// The tail of the node; one that does nothing for a convolution alone.
    pub fn new(cx: &mut LowerCx<'_>) -> Result<Tail, OpError> {
        let node = cx.node();
        let mut tail =
            Tail { epilogue: Epilogue::none(), operands: Vec::new(), spaces: Vec::new(), shuffle: None };
        let Op::Fused(fused) = &node.op else {
            return Ok(tail);
        };
        let out = cx.output_type(0)?.clone();
        let before = match &fused.shuffle {
            Some(shuffle) => {
                let (b, [n, c, h, w]) = (shuffle.op.blocksize.max(1), planes(&out.shape)?);
                TensorType::new(out.dtype, vec![n, c * b * b, h / b, w / b])
            }
            None => out.clone(),
        };
        let mut b = Builder::default();
        let value = b.input(Elem::F32, out.dtype);
        let end = MAIN_INPUTS + fused.chain_operands(node.inputs.len());
        let mut link = Link { cx: &mut *cx, tail: &mut tail, b: &mut b };
        let value = link.chain(&fused.chain, value, &before, MAIN_INPUTS..end, None)?;
        let value = match &fused.shuffle {
            Some(shuffle) => link.chain(&shuffle.chain, value, &out, end..node.inputs.len(), Some(shuffle))?,
            None => value,
        };
        tail.shuffle = fused.shuffle.as_ref().map(|s| s.op.clone());
        let constant_step = |strides: &[isize], shape: &[usize], i: usize| strides[i] == 0 || shape[i] == 1;
        tail.epilogue = Epilogue {
            program: b.finish(value),
            per_channel: tail
                .operands
                .iter()
                .map(|v| (0..v.shape.len()).all(|i| i == 1 || constant_step(&v.strides, &v.shape, i)))
                .collect(),
            split: fused.shuffle.is_some(),
        };
        Ok(tail)
    }

    /// The places of result and operands as a kernel of planes addresses them, with the coordinates of the convolution, when
    /// the node's result lies at `dst`, whose channels may be in two or three parts, each a dimension.
    pub fn placed(&mut self, dst: &View) -> Result<(View, Vec<View>, Option<Split>), OpError> {
        let parted = match (&self.shuffle, &dst.shape[..], &dst.strides[..]) {
            (Some(_), ..) => None,
            (None, &[n, a, b, h, w], &[sn, sa, sb, sy, sx]) => Some(([n, a * b, h, w], [b, 1], [sn, sa, sb, 0, sy, sx])),
            (None, &[n, a, b, c, h, w], &[sn, sa, sb, sc, sy, sx]) => {
                Some(([n, a * b * c, h, w], [b * c, c], [sn, sa, sb, sc, sy, sx]))
            }
            (None, ..) => return Ok((dst.clone(), self.operands.clone(), None)),
        };
        self.epilogue.split = true;
        let whole: Vec<View> = std::iter::once(dst.clone()).chain(self.operands.iter().cloned()).collect();
        let (shape, [outer, inner]) = match (&self.shuffle, &parted) {
            (Some(op), _) => {
                let (b, [n, c, h, w]) = (op.blocksize, planes(&dst.shape)?);
                let divisors = if op.kind == DepthSpaceKind::Crd { [b * b, b] } else { [b * c, c] };
                ([n, c * b * b, h / b, w / b], divisors)
            }
            (None, Some((shape, divisors, _))) => (*shape, *divisors),
            (None, None) => return Err(OpError::invalid("a result that is neither shuffled nor in parts")),
        };
        // Strides of the batch, the three parts of a channel, rows and columns.
        let steps = |v: &View, space: Space| -> Result<[isize; 6], OpError> {
            let [n, c, y, x] = v.strides[..].try_into().map_err(|_| OpError::invalid("an operand that is no planes"))?;
            let (Some(op), true) = (&self.shuffle, space != Space::Convolution) else {
                return Ok([n, c * outer as isize, c * inner as isize, c, y, x]);
            };
            let b = op.blocksize as isize;
            let (by, bx, y, x) = if space == Space::Shuffled { (y, x, y * b, x * b) } else { (0, 0, y, x) };
            Ok(if op.kind == DepthSpaceKind::Crd { [n, c, by, bx, y, x] } else { [n, by, bx, c, y, x] })
        };
        let (mut parts, mut seen) = (Vec::new(), Vec::new());
        let spaces = std::iter::once(Space::Shuffled).chain(self.spaces.iter().copied());
        for (i, (v, space)) in whole.iter().zip(spaces).enumerate() {
            let [n, first, second, third, y, x] = match &parted {
                Some((.., steps)) if i == 0 => *steps,
                _ => steps(v, space)?,
            };
            parts.push([second as usize, third as usize]);
            seen.push(View { shape: shape.to_vec(), strides: vec![n, first, y, x], ..v.clone() });
        }
        let result = seen.remove(0);
        Ok((result, seen, Some(Split { outer, inner, parts, whole })))
    }
}

fn planes(shape: &[usize]) -> Result<[usize; 4], OpError> {
    shape.try_into().map_err(|_| OpError::invalid(format!("expected [N, C, H, W], got {shape:?}")))
}

/// Appends chains to the program of a tail.
struct Link<'a, 'b> {
    cx: &'a mut LowerCx<'b>,
    tail: &'a mut Tail,
    b: &'a mut Builder,
}

impl Link<'_, '_> {
    /// Appends a chain over `value` of type `ty`, whose further operands are these inputs of the node.
    fn chain(
        &mut self,
        chain: &Pointwise,
        value: Operand,
        ty: &TensorType,
        inputs: std::ops::Range<usize>,
        behind: Option<&Shuffle>,
    ) -> Result<Operand, OpError> {
        let mut operands = vec![Some(value)];
        let mut types = vec![Some(ty.clone())];
        for (at, i) in inputs.enumerate() {
            let enlarged = behind.is_some_and(|s| s.enlarged.get(at).copied().unwrap_or(false));
            let given = self.cx.input_type(i)?.clone();
            let dtype = given.dtype;
            types.push(Some(behind.map_or(Ok(given.clone()), |s| s.operand_type(at, &given))?));
            if let Some(arg) = self.cx.constant(i).and_then(literal) {
                operands.push(Some(Operand { arg, dtype }));
                continue;
            }
            let view = self.cx.input(i)?;
            let view = if view.is_forward() { view } else { self.cx.dense(&view)? };
            operands.push(Some(self.b.input(view.elem, dtype)));
            let (space, shape) = match behind {
                None => (Space::Convolution, ty.shape.clone()),
                Some(_) if !enlarged => (Space::Shuffled, ty.shape.clone()),
                Some(s) => {
                    let ([n, c, h, w], b) = (planes(&ty.shape)?, s.op.blocksize.max(1));
                    (Space::Enlarged, vec![n, c, h / b, w / b])
                }
            };
            self.tail.operands.push(view.broadcast(&shape));
            self.tail.spaces.push(space);
        }
        if chain.steps.is_empty() {
            return Ok(value);
        }
        chain.emit(&operands, &chain.types(&types)?, self.b)
    }
}
