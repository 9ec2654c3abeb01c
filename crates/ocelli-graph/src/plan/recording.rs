use std::fmt;
use std::sync::Arc;

use ocelli_shaders::{Access, Elem, Kernel, Store};

use super::Decision;
use crate::ValueId;

/// Index of a buffer in its recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub u32);

/// Data made once, when a recording is prepared on a device.
#[derive(Clone)]
pub struct Packed {
    /// What it is, such as `weight oihw->goihw8`.
    pub label: String,
    /// Makes the bytes: `elems * 4` of them.
    pub make: Arc<dyn Fn() -> Vec<u8> + Send + Sync>,
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// What a buffer is for.
#[derive(Clone, Debug)]
pub enum BufferKind {
    /// Written by the caller before the run.
    Input,
    /// Holds packed constants.
    Constant(Packed),
    /// Intermediate, in this memory slot.
    Scratch(usize),
    /// Read by the caller after the run.
    Output,
}

/// A buffer of a recording.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// What it is for.
    pub kind: BufferKind,
    /// Element type.
    pub elem: Elem,
    /// How its elements lie.
    pub store: Store,
    /// Number of elements.
    pub elems: usize,
}

impl Buffer {
    /// Size in bytes, at least one vector of four.
    pub fn bytes(&self) -> u64 {
        (self.elems.max(1) as u64 * self.store.bytes()).next_multiple_of(16)
    }
}

/// One dispatch.
#[derive(Clone, Debug)]
pub struct KernelCall {
    /// The kernel.
    pub kernel: Arc<Kernel>,
    /// Bytes of its uniform.
    pub params: Vec<u8>,
    /// Buffers in the order of the kernel's bindings, without a range report at the end.
    pub bindings: Vec<BufferId>,
    /// Workgroups.
    pub workgroups: [u32; 3],
    /// ONNX name of the node that it computes.
    pub origin: String,
    /// Floating-point operations (a multiply-add is two).
    pub flops: u64,
    /// Bytes that must be read and written at least.
    pub bytes: u64,
}

/// Kernel calls in order, on planned memory.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// All buffers, indexed by [`BufferId`].
    pub buffers: Vec<Buffer>,
    /// Bytes of each memory slot that scratch buffers share.
    pub slots: Vec<u64>,
    /// The calls.
    pub calls: Vec<KernelCall>,
    /// Values that must be uploaded.
    pub inputs: Vec<(ValueId, BufferId)>,
    /// Values that it produces.
    pub outputs: Vec<(ValueId, BufferId)>,
    /// Choices between variants, each once.
    pub decisions: Vec<Decision>,
}

impl Recording {
    /// Floating-point operations of all calls.
    pub fn flops(&self) -> u64 {
        self.calls.iter().map(|c| c.flops).sum()
    }

    /// Checks what a device demands of every call: memory that it writes is bound once (usage is tracked per whole buffer,
    /// and scratch buffers of one slot are one), and is neither an input nor a constant. The slots must be assigned.
    pub fn verify(&self) -> Result<(), String> {
        for call in &self.calls {
            let fail = |what: String| Err(format!("{} of `{}` {what}", call.kernel.name, call.origin));
            for (i, (id, binding)) in call.bindings.iter().zip(&call.kernel.bindings).enumerate() {
                if binding.access == Access::Read {
                    continue;
                }
                let Some(written) = self.buffers.get(id.0 as usize) else {
                    return fail(format!("binds b{}, which does not exist", id.0));
                };
                if matches!(written.kind, BufferKind::Input | BufferKind::Constant(_)) {
                    return fail(format!("writes b{}, which is {:?}", id.0, written.kind));
                }
                let same = |other: &BufferId| match (&written.kind, self.buffers.get(other.0 as usize).map(|b| &b.kind))
                {
                    (BufferKind::Scratch(a), Some(BufferKind::Scratch(b))) => a == b,
                    _ => id == other,
                };
                if let Some((_, other)) = call.bindings.iter().enumerate().find(|(j, other)| *j != i && same(other)) {
                    return fail(format!("writes b{} and binds the same memory as b{}", id.0, other.0));
                }
            }
        }
        Ok(())
    }

    /// How the elements of an output lie; [`Store::Full`] for a value that it does not produce.
    pub fn output_store(&self, value: ValueId) -> Store {
        let buffer = self.outputs.iter().find(|(v, _)| *v == value).and_then(|(_, b)| self.buffers.get(b.0 as usize));
        buffer.map_or(Store::Full, |b| b.store)
    }

    /// Bytes of device memory: constants, inputs and outputs, and the slots.
    pub fn memory_bytes(&self) -> u64 {
        let own =
            self.buffers.iter().filter(|b| !matches!(b.kind, BufferKind::Scratch(_))).map(Buffer::bytes).sum::<u64>();
        own + self.slots.iter().sum::<u64>()
    }

    /// Bytes of device memory that the order of the calls needs at least: [`Recording::memory_bytes`] of a device without
    /// gaps in its slots.
    pub fn least_memory_bytes(&self) -> u64 {
        self.memory_bytes() - self.slots.iter().sum::<u64>() + super::memory::least_scratch_bytes(self)
    }
}

impl fmt::Display for Recording {
    /// One line per buffer and call; equal recordings print equal bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, b) in self.buffers.iter().enumerate() {
            let elem = match b.store {
                Store::Full | Store::Checked => b.elem.wgsl(),
                Store::Packed | Store::Native => "f16",
                Store::Unorm8 => "unorm8",
                Store::Unorm16 => "unorm16",
            };
            writeln!(f, "b{i}: {elem}[{}] {:?}", b.elems, b.kind)?;
        }
        for call in &self.calls {
            let bindings: Vec<String> = call.bindings.iter().map(|b| format!("b{}", b.0)).collect();
            let [x, y, z] = call.workgroups;
            writeln!(f, "{} ({}) {x}x{y}x{z}  # {}", call.kernel.name, bindings.join(", "), call.origin)?;
        }
        Ok(())
    }
}
