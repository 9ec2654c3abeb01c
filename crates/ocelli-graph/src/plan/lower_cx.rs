use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ocelli_shaders::{Access, Elem, Kernel, Params, Store};
use ocelli_tensor::Tensor;

use super::bytes::Bytes;
use super::stores::Stores;
use super::{Buffer, BufferId, BufferKind, KernelCall, Packed, Precision, Recording, Target, View, storage};
use crate::{Graph, Node, NodeId, OpError, TensorType, ValueId};

/// Which layouts a kernel can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Any strides.
    Strided,
    /// The last dimension without gaps, the others with any strides that are not negative.
    Rows,
    /// Each item of the first dimension without gaps, at any offset and distance.
    Items,
    /// Row-major without gaps, at offset 0.
    Dense,
}

/// A dispatch to be recorded.
pub struct Dispatch<'a> {
    /// The kernel.
    pub kernel: Kernel,
    /// Its uniform.
    pub params: Params,
    /// Views in the order of the kernel's bindings.
    pub views: &'a [&'a View],
    /// Workgroups.
    pub workgroups: [u32; 3],
    /// Floating-point operations.
    pub flops: u64,
}

/// The recording under construction, and where each value lies.
#[derive(Default)]
pub(super) struct Builder {
    pub recording: Recording,
    /// Where values lie that exist already.
    pub views: BTreeMap<ValueId, View>,
    /// Where values should be written, because a reader (Concat) wants them there.
    pub destinations: BTreeMap<ValueId, View>,
    /// Where values lie packed.
    pub bytes: BTreeMap<ValueId, Bytes>,
    /// Values of which a copy lies at their destination.
    pub placed: BTreeSet<ValueId>,
    /// How values are kept.
    pub stores: Stores,
    kernels: BTreeMap<String, Arc<Kernel>>,
}

/// What an operator sees while it is lowered: its types, constants and views, and the recording to append to.
pub struct LowerCx<'a> {
    pub(super) graph: &'a Graph,
    pub(super) node: &'a Node,
    pub(super) target: &'a Target,
    pub(super) builder: &'a mut Builder,
}

impl Builder {
    /// A builder for values that are kept as `stores` says.
    pub(super) fn new(stores: Stores) -> Builder {
        Builder { stores, ..Builder::default() }
    }

    pub(super) fn buffer(&mut self, kind: BufferKind, elem: Elem, elems: usize) -> BufferId {
        self.recording.buffers.push(Buffer { kind, elem, store: Store::Full, elems });
        BufferId(self.recording.buffers.len() as u32 - 1)
    }

    /// A dense view of a new buffer whose elements lie as `store` says.
    pub(super) fn stored(&mut self, kind: BufferKind, elem: Elem, store: Store, shape: &[usize]) -> View {
        self.recording.buffers.push(Buffer { kind, elem, store, elems: shape.iter().product() });
        View::dense(BufferId(self.recording.buffers.len() as u32 - 1), elem, shape).with_store(store)
    }

    /// The view of a value: where it lies, or a new input or constant buffer.
    pub(super) fn view(&mut self, graph: &Graph, id: ValueId) -> Result<View, OpError> {
        if let Some(view) = self.views.get(&id) {
            return Ok(view.clone());
        }
        let value = graph.value(id);
        let ty = value.ty.as_ref().ok_or_else(|| OpError::invalid(format!("`{}` has no type", value.name)))?;
        let elem = storage(ty.dtype).ok_or_else(|| OpError::host_only(format!("{} has no device type", ty.dtype)))?;
        let buffer = match &value.constant {
            Some(tensor) => {
                let packed = widened(tensor, elem)?;
                self.buffer(BufferKind::Constant(packed), elem, ty.elems())
            }
            None => {
                let buffer = self.buffer(BufferKind::Input, elem, ty.elems());
                self.recording.inputs.push((id, buffer));
                buffer
            }
        };
        let view = View::dense(buffer, elem, &ty.shape);
        self.views.insert(id, view.clone());
        Ok(view)
    }
}

/// A constant as 4-byte words; 64-bit integers must fit in 32 bits.
fn widened(tensor: &Tensor, elem: Elem) -> Result<Packed, OpError> {
    if tensor.dtype() == ocelli_tensor::DType::I64 && tensor.to_i64s().iter().any(|&x| i32::try_from(x).is_err()) {
        return Err(OpError::host_only("a 64-bit constant beyond 32 bits"));
    }
    let tensor = tensor.clone();
    let make = move || device_words(&tensor, elem);
    Ok(Packed { label: "as is".to_owned(), make: Arc::new(make) })
}

/// The elements of `tensor` as little-endian words of type `elem`, the form that device buffers hold.
pub fn device_words(tensor: &Tensor, elem: Elem) -> Vec<u8> {
    match elem {
        Elem::F32 => bytemuck::allocation::pod_collect_to_vec(&tensor.to_f32s()),
        Elem::I32 => {
            bytemuck::allocation::pod_collect_to_vec(&tensor.to_i64s().iter().map(|&x| x as i32).collect::<Vec<_>>())
        }
        Elem::U32 => {
            bytemuck::allocation::pod_collect_to_vec(&tensor.to_i64s().iter().map(|&x| x as u32).collect::<Vec<_>>())
        }
    }
}

impl<'a> LowerCx<'a> {
    /// What the device can do.
    pub fn target(&self) -> &'a Target {
        self.target
    }

    /// Whether a kernel may round the elements of `view` to `f16`: they are kept so anyway, or are constants, or the whole
    /// plan is in 32 bits and the target allows it. A value that left 16 bits because it does not fit must not be rounded.
    pub fn may_round(&self, view: &View) -> bool {
        let buffer = self.builder.recording.buffers.get(view.buffer.0 as usize);
        let constant = buffer.is_some_and(|b| matches!(b.kind, BufferKind::Constant(_)));
        self.target.precision == Precision::F32 || constant || view.store.is_half()
    }

    /// Chooses between `candidates`, the one that a cost model prefers first, for the computation that `key` names:
    /// the fastest as measured where the target knows, else the first.
    pub fn choose(&mut self, key: String, candidates: Vec<String>) -> String {
        let key = match self.target.precision {
            Precision::F32 => key,
            Precision::F16 => format!("{key} f16"),
        };
        let at = self.graph.nodes.iter().position(|n| std::ptr::eq(n, self.node)).unwrap_or_default();
        let decision = self.target.decide(NodeId(at as u32), key, candidates);
        let taken = decision.taken.clone();
        if self.builder.recording.decisions.iter().all(|d| d.key != decision.key) {
            self.builder.recording.decisions.push(decision);
        }
        taken
    }

    /// The type for which a variant is chosen in place of `ty`: itself or, for a reproducible target, one picture whose rows
    /// and columns are [`NOMINAL`](super::NOMINAL).
    pub fn nominal(&self, ty: &TensorType) -> TensorType {
        let mut ty = ty.clone();
        if self.target.reproducible && ty.rank() >= 3 {
            ty.shape[0] = 1;
            ty.shape[2..].fill(super::NOMINAL);
        }
        ty
    }

    /// The node.
    pub fn node(&self) -> &'a Node {
        self.node
    }

    fn input_id(&self, i: usize) -> Option<ValueId> {
        self.node.inputs.get(i).copied().flatten()
    }

    /// Whether input `i` is given.
    pub fn has_input(&self, i: usize) -> bool {
        self.input_id(i).is_some()
    }

    /// Type of input `i`.
    pub fn input_type(&self, i: usize) -> Result<&'a TensorType, OpError> {
        self.input_id(i)
            .and_then(|id| self.graph.ty(id))
            .ok_or_else(|| OpError::invalid(format!("input {i} is missing or has no type")))
    }

    /// Value of input `i`, if it is a constant.
    pub fn constant(&self, i: usize) -> Option<&'a Tensor> {
        self.input_id(i).and_then(|id| self.graph.constant(id))
    }

    /// Type of output `i`.
    pub fn output_type(&self, i: usize) -> Result<&'a TensorType, OpError> {
        let id = self.node.outputs.get(i).copied().flatten();
        id.and_then(|id| self.graph.ty(id))
            .ok_or_else(|| OpError::invalid(format!("output {i} is missing or has no type")))
    }

    /// Whether the node has output `i` and somebody may read it.
    pub fn has_output(&self, i: usize) -> bool {
        self.node.outputs.get(i).copied().flatten().is_some()
    }

    /// Where input `i` lies.
    pub fn input(&mut self, i: usize) -> Result<View, OpError> {
        let id = self.input_id(i).ok_or_else(|| OpError::invalid(format!("input {i} is missing")))?;
        self.words(id)
    }

    /// Input `i` in row-major order without gaps, copied if need be. The offset may be anything.
    pub fn dense_input(&mut self, i: usize) -> Result<View, OpError> {
        let view = self.input(i)?;
        self.dense(&view)
    }

    /// `view`, or a dense copy of it.
    pub fn dense(&mut self, view: &View) -> Result<View, OpError> {
        if view.is_dense() {
            return Ok(view.clone());
        }
        let out = self.builder.stored(BufferKind::Scratch(0), view.elem, view.store, &view.shape);
        self.copy(view, &out)?;
        Ok(out)
    }

    /// `view`, or a copy whose last dimension has no gaps and whose strides are not negative.
    pub fn rows(&mut self, view: &View) -> Result<View, OpError> {
        let last = view.shape.len().saturating_sub(1);
        if view.is_forward() && view.dense_from(last) {
            return Ok(view.clone());
        }
        self.dense(view)
    }

    /// A new intermediate, dense.
    pub fn scratch(&mut self, elem: Elem, shape: &[usize]) -> View {
        let buffer = self.builder.buffer(BufferKind::Scratch(0), elem, shape.iter().product());
        View::dense(buffer, elem, shape)
    }

    /// A constant of `elems` words that `make` produces when the recording is prepared.
    pub fn packed(
        &mut self,
        label: &str,
        elem: Elem,
        shape: &[usize],
        make: impl Fn() -> Vec<u8> + Send + Sync + 'static,
    ) -> View {
        let packed = Packed { label: label.to_owned(), make: Arc::new(make) };
        let buffer = self.builder.buffer(BufferKind::Constant(packed), elem, shape.iter().product());
        View::dense(buffer, elem, shape)
    }

    /// A place for output `i` that a kernel can write: the part of a larger buffer that a later Concat wants, when the
    /// kernel `accepts` its strides and reads nothing of that buffer (`reads`); else a new dense buffer.
    pub fn output(&mut self, i: usize, accepts: Accepts, reads: &[&View]) -> Result<View, OpError> {
        let id = self.node.outputs.get(i).copied().flatten();
        let ty = self.output_type(i)?;
        let elem = storage(ty.dtype).ok_or_else(|| OpError::host_only(format!("{} has no device type", ty.dtype)))?;
        let store = id.map_or(Store::Full, |id| self.builder.stores.of(id));
        let wanted = id.and_then(|id| self.builder.destinations.get(&id)).filter(|d| {
            let fits = match accepts {
                Accepts::Strided => true,
                Accepts::Rows => d.is_forward() && d.dense_from(d.shape.len().saturating_sub(1)),
                Accepts::Items => d.is_forward() && d.dense_from(d.shape.len().min(1)),
                Accepts::Dense => d.offset == 0 && d.is_dense(),
            };
            fits && d.elem == elem
                && d.store.holds(store)
                && d.shape == ty.shape
                && reads.iter().all(|r| r.buffer != d.buffer)
        });
        let view = match wanted {
            Some(view) => view.clone(),
            None => self.builder.stored(BufferKind::Scratch(0), elem, store, &ty.shape),
        };
        self.set_output(i, view.clone());
        Ok(view)
    }

    /// The place for output `i`, planes, where a later reader wants its channels in parts: a view `[N, parts..., H, W]` with two
    /// or three parts of any strides that are not negative, in a buffer of which the kernel reads nothing (`reads`).
    pub fn output_in_parts(&mut self, i: usize, reads: &[&View]) -> Option<View> {
        let id = self.node.outputs.get(i).copied().flatten()?;
        let ty = self.output_type(i).ok()?;
        let view = self.builder.destinations.get(&id).filter(|d| {
            d.shape.len() > ty.rank()
                && storage(ty.dtype) == Some(d.elem)
                && d.store.holds(self.builder.stores.of(id))
                && reads.iter().all(|r| r.buffer != d.buffer)
        })?;
        let view = view.clone();
        self.set_output(i, view.clone());
        Some(view)
    }

    /// Makes input `i` lie at `to`: copies it, unless it is there already or an earlier Concat copied it there.
    pub fn place_input(&mut self, i: usize, to: &View) -> Result<(), OpError> {
        let part = self.input(i)?;
        let id = self.input_id(i);
        let wished = id.filter(|id| self.builder.destinations.get(id).is_some_and(|d| d.is_same(to)));
        if part.is_same(to) || wished.is_some_and(|id| self.builder.placed.contains(&id)) {
            return Ok(());
        }
        if part.buffer == to.buffer {
            // One call cannot read and write a buffer.
            let between = self.builder.stored(BufferKind::Scratch(0), part.elem, part.store, &part.shape);
            self.copy(&part, &between)?;
            self.copy(&between, to)?;
        } else {
            self.copy(&part, to)?;
        }
        self.builder.placed.extend(wished);
        Ok(())
    }

    /// Says where output `i` lies: a view of something that exists, without any copy.
    pub fn set_output(&mut self, i: usize, view: View) {
        if let Some(id) = self.node.outputs.get(i).copied().flatten() {
            self.builder.views.insert(id, view);
        }
    }

    /// [`LowerCx::dispatch`] of a kernel that touches only the share `part / whole` of the views `shared`, so that its bytes
    /// are told right.
    pub fn dispatch_part(
        &mut self,
        d: Dispatch<'_>,
        shared: &[&View],
        part: usize,
        whole: usize,
    ) -> Result<(), OpError> {
        let calls = self.builder.recording.calls.len();
        self.dispatch(d)?;
        let all: u64 = shared.iter().map(|v| v.bytes()).sum();
        if let Some(call) = self.builder.recording.calls.get_mut(calls) {
            call.bytes -= all - all * part.min(whole) as u64 / whole.max(1) as u64;
        }
        Ok(())
    }

    /// Records a dispatch.
    pub fn dispatch(&mut self, d: Dispatch<'_>) -> Result<(), OpError> {
        if d.views.len() != d.kernel.bindings.len() {
            return Err(OpError::invalid(format!(
                "{} takes {} buffers, got {}",
                d.kernel.name,
                d.kernel.bindings.len(),
                d.views.len()
            )));
        }
        for (view, binding) in d.views.iter().zip(&d.kernel.bindings) {
            let elems = self.builder.recording.buffers.get(view.buffer.0 as usize).map_or(0, |b| b.elems);
            if !view.lies_within(elems) {
                return Err(OpError::invalid(format!(
                    "`{}` of {} reaches beyond its buffer of {elems} elements: {view:?}",
                    binding.name, d.kernel.name
                )));
            }
        }
        if d.workgroups.iter().any(|&w| w > ocelli_shaders::MAX_WORKGROUPS) {
            return Err(OpError::unsupported(format!("{:?} workgroups of {}", d.workgroups, d.kernel.name)));
        }
        if d.workgroups.contains(&0) {
            return Ok(());
        }
        let params = d.params.into_bytes();
        if params.len() != d.kernel.params_bytes as usize {
            return Err(OpError::invalid(format!(
                "{} takes {} bytes of parameters, got {}",
                d.kernel.name,
                d.kernel.params_bytes,
                params.len()
            )));
        }
        let bytes = d.views.iter().map(|v| v.bytes()).sum();
        let kernel = self.stored(d.kernel, d.views)?;
        self.builder.recording.calls.push(KernelCall {
            kernel,
            params,
            bindings: d.views.iter().map(|v| v.buffer).collect(),
            workgroups: d.workgroups,
            origin: self.node.name.clone(),
            flops: d.flops,
            bytes,
        });
        Ok(())
    }

    /// The variant of `kernel` whose buffers lie as the views say.
    fn stored(&mut self, kernel: Kernel, views: &[&View]) -> Result<Arc<Kernel>, OpError> {
        let stores: Vec<Store> = views
            .iter()
            .zip(&kernel.bindings)
            .map(|(v, b)| if v.store == Store::Checked && b.access == Access::Read { Store::Full } else { v.store })
            .collect();
        let kernel = kernel.stored(&stores).map_err(|e| OpError::invalid(e.to_string()))?;
        Ok(self.builder.kernels.entry(kernel.name.clone()).or_insert_with(|| Arc::new(kernel)).clone())
    }
}
