use std::fmt;

use crate::Text;

/// Element type of a storage buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Elem {
    /// 32-bit float; also holds f16 and bf16 tensors.
    F32,
    /// 32-bit signed integer; also holds the narrower signed integers and 64-bit indices.
    I32,
    /// 32-bit unsigned integer; also holds the narrower unsigned integers and bool (0 or 1).
    U32,
}

impl Elem {
    /// The WGSL type.
    pub const fn wgsl(self) -> &'static str {
        match self {
            Elem::F32 => "f32",
            Elem::I32 => "i32",
            Elem::U32 => "u32",
        }
    }
}

impl fmt::Display for Elem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wgsl())
    }
}

/// How a kernel uses a storage buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// `var<storage, read>`
    Read,
    /// `var<storage, read_write>`
    ReadWrite,
}

/// One storage buffer of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Name of the variable in WGSL.
    pub name: String,
    /// Element type; a kernel may view it as vectors of four.
    pub elem: Elem,
    /// Read or read-write.
    pub access: Access,
}

/// Optional device features that a variant needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    /// `enable f16;`
    ShaderF16,
    /// Subgroup operations.
    Subgroup,
    /// 64-bit integers.
    Int64,
    /// Matrices that a subgroup multiplies together; no back end for HLSL has them.
    CooperativeMatrix,
}

/// One composed variant of a kernel, ready to become a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Readable and unique: label, cache key and name in dumps, such as `conv.direct[relu,k3,s1]`.
    pub name: String,
    /// The composed WGSL.
    pub source: Text,
    /// Storage buffers at bindings 1, 2, ...
    pub bindings: Vec<Binding>,
    /// Workgroup size.
    pub workgroup_size: [u32; 3],
    /// Bytes of the uniform at binding 0 (a multiple of 16).
    pub params_bytes: u32,
    /// Features that it cannot do without.
    pub features: Vec<Feature>,
    /// Whether it reads or writes where the elements of a tensor say, so that no plan can prove its indices.
    pub indexed_by_data: bool,
}

/// Most workgroups that one dimension of a dispatch may have (the WebGPU default limit).
pub const MAX_WORKGROUPS: u32 = 65_535;

/// Workgroups for `invocations` in a row of `workgroup_size` each, folded into y past [`MAX_WORKGROUPS`].
/// Kernels recover the row index with `grid_index` of `shared/grid.wgsl`.
pub fn linear_grid(invocations: usize, workgroup_size: u32) -> [u32; 3] {
    let groups = invocations.div_ceil(workgroup_size as usize).max(1);
    let y = groups.div_ceil(MAX_WORKGROUPS as usize);
    let x = groups.div_ceil(y);
    [x as u32, y as u32, 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_grid_covers_and_stays_within_limits() {
        for n in [0, 1, 64, 65, 64 * 65_535, 64 * 65_535 + 1, 1_000_000_007] {
            let [x, y, z] = linear_grid(n, 64);
            assert!(x <= MAX_WORKGROUPS && y <= MAX_WORKGROUPS && z == 1);
            assert!(u64::from(x) * u64::from(y) * 64 >= n as u64);
        }
    }
}
