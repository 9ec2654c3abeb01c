//! Products in blocks: a workgroup computes a block of rows and columns, and brings slices of both operands into workgroup
//! memory for all of its invocations. That is what wins on GPUs, where workgroup memory is fast and loads are shared.
//!
//! A kernel supplies, in its own text, `fn fetch_a(k, row) -> vec4<f32>`, `fn fetch_b(k, column) -> vec4<f32>` (zeros outside
//! of the operand) and `fn put(row, column, v0, v1, v2, v3)`, which takes four rows of four columns and stores those that
//! exist. [`Block::memory`] and [`Block::product`] are the rest: the slices for the next step are fetched into registers while
//! the present one is multiplied. Rows and columns of `fetch` and `put` are multiples of four but for [`Fetch::Across`].

mod cooperative;
mod registers;

use std::fmt::Write as _;

use crate::Feature;

/// How the products of a block are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arithmetic {
    /// A tile of accumulators in the registers of each invocation, in `f32`.
    Registers {
        /// Rows: 4 or 8.
        m: u32,
        /// Columns: 4 or 8.
        n: u32,
    },
    /// The same with operands rounded to `f16`, and products and sums of a slice in `f16`, which are added up in `f32`.
    Halves {
        /// Rows: 4 or 8.
        m: u32,
        /// Columns: 4 or 8.
        n: u32,
    },
    /// Matrices that a subgroup multiplies together: operands are rounded to `f16`, sums are `f32`.
    Cooperative {
        /// Rows and columns of a matrix: 8 or 16.
        size: u32,
        /// Invocations of the smallest subgroup that may come; larger ones are right as well.
        subgroup: u32,
        /// Rows of the block that belong to one subgroup.
        m: u32,
        /// Columns of the block that belong to one subgroup.
        n: u32,
    },
}

/// Sizes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block {
    /// Rows.
    pub m: u32,
    /// Columns.
    pub n: u32,
    /// Depth of a slice.
    pub k: u32,
    /// How it is computed.
    pub arithmetic: Arithmetic,
}

/// The blocks in 32 bits, the largest first.
pub const BLOCKS: [Block; 3] = [
    Block { m: 128, n: 128, k: 8, arithmetic: Arithmetic::Registers { m: 8, n: 8 } },
    Block { m: 64, n: 64, k: 16, arithmetic: Arithmetic::Registers { m: 8, n: 8 } },
    Block { m: 32, n: 32, k: 16, arithmetic: Arithmetic::Registers { m: 4, n: 4 } },
];

/// The blocks in 16 bits: slices are short, because what they add up to is rounded.
pub const HALF_BLOCKS: [Block; 2] = [
    Block { m: 128, n: 128, k: 8, arithmetic: Arithmetic::Halves { m: 8, n: 8 } },
    Block { m: 64, n: 64, k: 16, arithmetic: Arithmetic::Halves { m: 8, n: 8 } },
];

/// What a call of a fetch function gives, and which part of a slice neighbouring invocations take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fetch {
    /// Four neighbouring rows (columns) at one k; neighbouring invocations take neighbouring rows.
    Along,
    /// Four neighbouring rows (columns) at one k; neighbouring invocations take neighbouring k.
    Deep,
    /// Four neighbouring k of one row (column).
    Across,
}

/// The two operands of a product.
#[derive(Clone, Copy)]
struct Operand {
    /// `a` or `b`.
    name: &'static str,
    /// First row or column of the workgroup's block.
    first: &'static str,
    /// Rows or columns of a block.
    extent: u32,
    fetch: Fetch,
}

impl Block {
    /// The block for matrices of `size` in subgroups of `subgroup` invocations or more; `large` for products that fill the
    /// device with blocks of 128.
    pub const fn cooperative(size: u32, subgroup: u32, large: bool) -> Block {
        if large {
            Block { m: 128, n: 128, k: 16, arithmetic: Arithmetic::Cooperative { size, subgroup, m: 64, n: 64 } }
        } else {
            Block { m: 64, n: 64, k: 32, arithmetic: Arithmetic::Cooperative { size, subgroup, m: 32, n: 32 } }
        }
    }

    /// Invocations of a workgroup.
    pub const fn invocations(&self) -> u32 {
        match self.arithmetic {
            Arithmetic::Registers { m, n } | Arithmetic::Halves { m, n } => (self.m / m) * (self.n / n),
            Arithmetic::Cooperative { subgroup, m, n, .. } => (self.m / m) * (self.n / n) * subgroup,
        }
    }

    /// Whether subgroups multiply matrices together.
    pub const fn is_cooperative(&self) -> bool {
        matches!(self.arithmetic, Arithmetic::Cooperative { .. })
    }

    /// Whether operands are rounded to `f16`.
    pub const fn rounds(&self) -> bool {
        !matches!(self.arithmetic, Arithmetic::Registers { .. })
    }

    /// Whether sums are rounded to `f16` as well.
    pub const fn sums_halves(&self) -> bool {
        matches!(self.arithmetic, Arithmetic::Halves { .. })
    }

    /// Part of a kernel's name.
    pub fn name(&self) -> String {
        let sizes = format!("{}x{}x{}", self.m, self.n, self.k);
        match self.arithmetic {
            Arithmetic::Registers { m, n } => format!("{sizes},{m}x{n}"),
            Arithmetic::Halves { m, n } => format!("{sizes},{m}x{n},f16"),
            Arithmetic::Cooperative { size, subgroup, .. } => format!("{sizes},coop{size},sg{subgroup}"),
        }
    }

    /// Name among candidates.
    pub fn label(&self) -> String {
        let kind = match self.arithmetic {
            Arithmetic::Registers { .. } => "tiled",
            Arithmetic::Halves { .. } => "half",
            Arithmetic::Cooperative { .. } => "coop",
        };
        format!("{kind} {}x{}", self.m, self.n)
    }

    /// What the kernel needs.
    pub fn features(&self) -> Vec<Feature> {
        match self.arithmetic {
            Arithmetic::Registers { .. } => Vec::new(),
            Arithmetic::Halves { .. } => vec![Feature::ShaderF16],
            Arithmetic::Cooperative { .. } => vec![Feature::ShaderF16, Feature::Subgroup, Feature::CooperativeMatrix],
        }
    }

    /// Text of `slot::enable`, the first of the source.
    pub fn enable(&self) -> &'static str {
        match self.arithmetic {
            Arithmetic::Registers { .. } => "",
            Arithmetic::Halves { .. } => "enable f16;\n",
            Arithmetic::Cooperative { .. } => "enable f16;\nenable wgpu_cooperative_matrix;\n",
        }
    }

    /// Text of `slot::dimensions`: the constants `BLOCK_M`, `BLOCK_N` and `INVOCATIONS`.
    pub fn dimensions(&self) -> String {
        format!(
            "const BLOCK_M: u32 = {};\nconst BLOCK_N: u32 = {};\nconst INVOCATIONS: u32 = {};\n",
            self.m,
            self.n,
            self.invocations()
        )
    }

    /// Text of `slot::builtins`: further arguments of `main`.
    pub fn builtins(&self) -> &'static str {
        if self.is_cooperative() {
            "    @builtin(subgroup_id) subgroup: u32,\n    @builtin(num_subgroups) subgroups: u32,\n    \
             @builtin(subgroup_invocation_id) lane: u32,\n    @builtin(subgroup_size) lanes: u32,\n"
        } else {
            ""
        }
    }

    /// Text of `slot::memory`: the workgroup memory.
    pub fn memory(&self) -> String {
        match self.arithmetic {
            Arithmetic::Registers { .. } => registers::memory(self, "f32"),
            Arithmetic::Halves { .. } => registers::memory(self, "f16"),
            Arithmetic::Cooperative { size, m, n, .. } => cooperative::memory(self, size, m, n),
        }
    }

    /// Bytes of workgroup memory.
    pub fn memory_bytes(&self) -> u32 {
        match self.arithmetic {
            Arithmetic::Registers { .. } => self.k * (registers::pitch(self.m) + registers::pitch(self.n)) * 16,
            Arithmetic::Halves { .. } => self.k * (registers::pitch(self.m) + registers::pitch(self.n)) * 8,
            Arithmetic::Cooperative { size, m, n, .. } => {
                let tiles = self.k * (cooperative::pitch(self.m) + cooperative::pitch(self.n)) * 2;
                tiles + (self.m / m) * (self.n / n) * size * size * 4
            }
        }
    }

    /// Text of `slot::product`: from `row0`, `col0` (the workgroup's first row and column), `depth` (how many k there are) and
    /// `local` (the invocation's index) to calls of `put`.
    pub fn product(&self, a: Fetch, b: Fetch) -> String {
        let a = Operand { name: "a", first: "row0", extent: self.m, fetch: a };
        let b = Operand { name: "b", first: "col0", extent: self.n, fetch: b };
        match self.arithmetic {
            Arithmetic::Registers { m, n } => registers::product(self, &a, &b, m, n, "f32"),
            Arithmetic::Halves { m, n } => registers::product(self, &a, &b, m, n, "f16"),
            Arithmetic::Cooperative { size, m, n, .. } => cooperative::product(self, &a, &b, size, m, n),
        }
    }

    /// The loop over slices around `multiply`, which multiplies the slices in workgroup memory. `keep(name, k, four,
    /// value)` is the statement that puts `value` at depth `k`, rows (columns) `4 * four` and on.
    fn slices(
        &self,
        operands: [&Operand; 2],
        keep: impl Fn(&Operand, &str, &str, &str) -> String,
        multiply: &str,
    ) -> String {
        let (mut declare, mut first, mut store) = (String::new(), String::new(), String::new());
        for o in operands {
            let depth = if o.fetch == Fetch::Across { self.k / 4 } else { self.k };
            let (fours, items, all) = (o.extent / 4, depth * (o.extent / 4), self.invocations());
            let parts: &[&str] = if o.fetch == Fetch::Across { &["_0", "_1", "_2", "_3"] } else { &[""] };
            for i in 0..items.div_ceil(all) {
                let r = format!("{}{i}", o.name);
                let (k, four) = match o.fetch {
                    Fetch::Along => (format!("item{r} / {fours}u"), format!("item{r} % {fours}u")),
                    Fetch::Deep | Fetch::Across => (format!("item{r} % {depth}u"), format!("item{r} / {depth}u")),
                };
                let step = if o.fetch == Fetch::Across { " * 4u" } else { "" };
                let _ = writeln!(declare, "    let item{r} = local + {}u;", i * all);
                let _ = writeln!(declare, "    let k{r} = ({k}){step};\n    let four{r} = {four};");
                for part in parts {
                    let _ = writeln!(declare, "    var {r}{part} = vec4<f32>(0.0);");
                }
                let guard = |text: String| {
                    if (i + 1) * all > items { format!("    if item{r} < {items}u {{\n{text}    }}\n") } else { text }
                };
                let mut fetches = String::new();
                for (j, part) in parts.iter().enumerate() {
                    let at = format!("{} + four{r} * 4u + {j}u", o.first);
                    let _ = writeln!(fetches, "        {r}{part} = fetch_{}(at + k{r}, {at});", o.name);
                }
                first.push_str(&guard(fetches));
                let mut stores = String::new();
                if o.fetch == Fetch::Across {
                    for c in 0..4 {
                        let value = format!("vec4<f32>({r}_0[{c}], {r}_1[{c}], {r}_2[{c}], {r}_3[{c}])");
                        stores.push_str(&keep(o, &format!("(k{r} + {c}u)"), &format!("four{r}"), &value));
                    }
                } else {
                    stores.push_str(&keep(o, &format!("k{r}"), &format!("four{r}"), &r));
                }
                store.push_str(&guard(stores));
            }
        }
        format!(
            "{declare}{}    for (var at = 0u; at < depth; at += {k}u) {{\n    workgroupBarrier();\n{store}    \
             workgroupBarrier();\n    if at + {k}u < depth {{\n{}    }}\n{multiply}    }}\n",
            first.replace("(at + ", "("),
            first.replace("(at + ", &format!("(at + {}u + ", self.k)),
            k = self.k,
        )
    }
}

/// Blocks as adapters need them.
#[cfg(test)]
pub(crate) fn samples() -> Vec<Block> {
    let cooperative = [(8, 8, false), (8, 32, true), (16, 32, false), (16, 64, true), (16, 16, false)];
    let all = cooperative.map(|(size, subgroup, large)| Block::cooperative(size, subgroup, large));
    BLOCKS.into_iter().chain(HALF_BLOCKS).chain(all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least that every WebGPU adapter has, and slices that the invocations share evenly: a kernel may count on an
    /// invocation taking the same columns in every slice.
    #[test]
    fn blocks_fit_the_portable_limits() {
        for block in samples() {
            assert!(block.invocations() <= 256 && block.memory_bytes() <= 16 << 10, "{block:?}");
            assert_eq!(block.invocations() % (block.n / 4), 0, "{block:?}");
        }
    }
}
