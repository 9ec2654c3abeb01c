use ocelli_shaders::kernels::reduce::Fold;
use ocelli_shaders::pointwise::{Arg, Fun};

use super::equation::{Contraction, Label};
use super::Einsum;
use crate::OpError;
use crate::ops::lowering::{Chain, Reduction, expect_floats, product, reduce};
use crate::plan::{Accepts, LowerCx, View};

/// An operand with one dimension per label.
struct Operand {
    labels: Vec<Label>,
    view: View,
}

/// Lowers one operand to a view or a reduction, two operands to an elementwise or a batched matrix product.
pub(super) fn lower(op: &Einsum, cx: &mut LowerCx<'_>) -> Result<(), OpError> {
    let count = cx.node().inputs.len();
    let views = (0..count).map(|i| cx.input(i)).collect::<Result<Vec<_>, _>>()?;
    let shapes: Vec<&[usize]> = views.iter().map(|v| &v.shape[..]).collect();
    let c = Contraction::new(&op.equation, &shapes)?;
    let mut operands: Vec<Operand> =
        c.operands.iter().zip(&views).map(|(labels, view)| Operand::new(&c, labels, view)).collect();
    match &mut operands[..] {
        [one] => single(cx, &c, one),
        [a, b] => {
            expect_floats(&[&a.view, &b.view])?;
            a.sum_private(cx, &c, &b.labels)?;
            b.sum_private(cx, &c, &a.labels)?;
            pair(cx, &c, a, b)
        }
        _ => Err(OpError::host_only("more than two operands")),
    }
}

impl Operand {
    /// Repeated labels become a diagonal: one dimension whose stride is the sum of theirs. Dimensions of 1 that broadcast
    /// vanish.
    fn new(c: &Contraction, labels: &[Label], view: &View) -> Operand {
        let mut kept = Operand { labels: Vec::new(), view: View { shape: vec![], strides: vec![], ..view.clone() } };
        for ((&label, &size), &stride) in labels.iter().zip(&view.shape).zip(&view.strides) {
            if size == 1 && c.size(label) != 1 {
                continue;
            }
            match kept.labels.iter().position(|&l| l == label) {
                Some(at) => kept.view.strides[at] += stride,
                None => {
                    kept.labels.push(label);
                    kept.view.shape.push(size);
                    kept.view.strides.push(stride);
                }
            }
        }
        kept
    }

    /// The view with its dimensions in the order of `labels`, all of which it has.
    fn ordered(&self, labels: &[Label]) -> View {
        let at = |l: &Label| self.labels.iter().position(|x| x == l);
        self.view.transpose(&labels.iter().filter_map(at).collect::<Vec<_>>())
    }

    /// Sums over the labels that neither the output nor the other operand has.
    fn sum_private(&mut self, cx: &mut LowerCx<'_>, c: &Contraction, other: &[Label]) -> Result<(), OpError> {
        let private = |l: &Label| !c.output.contains(l) && !other.contains(l);
        let axes: Vec<usize> = (0..self.labels.len()).filter(|&i| private(&self.labels[i])).collect();
        if axes.is_empty() {
            return Ok(());
        }
        self.labels.retain(|l| !private(l));
        let shape: Vec<usize> = self.labels.iter().map(|&l| c.size(l)).collect();
        let sum = cx.scratch(self.view.elem, &shape);
        reduce(cx, Reduction::of(Fold::Sum), &self.view, &axes, None, &sum)?;
        self.view = sum;
        Ok(())
    }
}

fn single(cx: &mut LowerCx<'_>, c: &Contraction, x: &Operand) -> Result<(), OpError> {
    let summed: Vec<Label> = x.labels.iter().copied().filter(|l| !c.output.contains(l)).collect();
    let view = x.ordered(&[&c.output[..], &summed].concat());
    if summed.is_empty() {
        cx.set_output(0, view);
        return Ok(());
    }
    expect_floats(&[&view])?;
    let out = cx.output(0, Accepts::Dense, &[&view])?;
    let axes: Vec<usize> = (c.output.len()..view.shape.len()).collect();
    reduce(cx, Reduction::of(Fold::Sum), &view, &axes, None, &out)
}

fn pair(cx: &mut LowerCx<'_>, c: &Contraction, a: &Operand, b: &Operand) -> Result<(), OpError> {
    let pick = |from: &[Label], f: &dyn Fn(&Label) -> bool| from.iter().copied().filter(|l| f(l)).collect::<Vec<_>>();
    let out = |l: &Label| c.output.contains(l);
    let batch = pick(&a.labels, &|l| b.labels.contains(l) && out(l));
    let inner = pick(&a.labels, &|l| b.labels.contains(l) && !out(l));
    let rows = pick(&a.labels, &|l| !b.labels.contains(l));
    let columns = pick(&b.labels, &|l| !a.labels.contains(l));
    if inner.is_empty() {
        let aligned = |x: &Operand| {
            let mut view = View { shape: vec![], strides: vec![], ..x.view.clone() };
            for label in &c.output {
                let at = x.labels.iter().position(|l| l == label);
                view.shape.push(at.map_or(1, |i| x.view.shape[i]));
                view.strides.push(at.map_or(0, |i| x.view.strides[i]));
            }
            view
        };
        let dst = cx.output(0, Accepts::Strided, &[&a.view, &b.view])?;
        let mut chain = Chain::new(2);
        chain.step(Fun::Mul, &[Arg::Input(0), Arg::Input(1)]);
        return cx.pointwise_into(&chain.done(), &[aligned(a), aligned(b)], &dst);
    }
    let sizes = |labels: &[Label]| labels.iter().map(|&l| c.size(l)).collect::<Vec<_>>();
    let total = |labels: &[Label]| sizes(labels).iter().product::<usize>();
    let left = matrix(cx, &a.ordered(&[&batch[..], &rows, &inner].concat()), batch.len(), rows.len())?;
    let right = matrix(cx, &b.ordered(&[&batch[..], &inner, &columns].concat()), batch.len(), inner.len())?;
    let full = [sizes(&batch), vec![total(&rows), total(&columns)]].concat();
    let dst = cx.scratch(left.elem, &full);
    product(cx, &left, &right, &dst, None, &[])?;
    let labels = [&batch[..], &rows, &columns].concat();
    let view = dst.reshape(&sizes(&labels)).ok_or_else(|| OpError::invalid("a dense product"))?;
    cx.set_output(0, Operand { labels, view }.ordered(&c.output));
    Ok(())
}

/// The view with `first` dimensions behind the batch made one, and the rest made one; copied when strides forbid it.
fn matrix(cx: &mut LowerCx<'_>, view: &View, batch: usize, first: usize) -> Result<View, OpError> {
    let merged = |from: usize, to: usize| -> Option<(usize, isize)> {
        let mut dims = (from..to).filter(|&d| view.shape[d] != 1);
        let Some(start) = dims.next() else { return Some((1, 0)) };
        let (mut size, mut stride) = (view.shape[start], view.strides[start]);
        for d in dims {
            if stride != view.strides[d] * view.shape[d] as isize {
                return None;
            }
            (size, stride) = (size * view.shape[d], view.strides[d]);
        }
        Some((size, stride))
    };
    let rank = view.shape.len();
    let total = |from: usize, to: usize| view.shape[from..to].iter().product::<usize>();
    if let (Some((_, row)), Some((_, column))) = (merged(batch, batch + first), merged(batch + first, rank)) {
        let mut all = view.clone();
        all.shape.truncate(batch);
        all.strides.truncate(batch);
        all.shape.extend([total(batch, batch + first), total(batch + first, rank)]);
        all.strides.extend([row, column]);
        return Ok(all);
    }
    let shape = [&view.shape[..batch], &[total(batch, batch + first), total(batch + first, rank)]].concat();
    cx.dense(view)?.reshape(&shape).ok_or_else(|| OpError::invalid("a dense copy"))
}
