use ocelli_shaders::kernels::tiles::{BLOCKS, Block, HALF_BLOCKS};

use crate::plan::Target;

/// Workgroups that keep a GPU busy: fewer take as long as these.
const BUSY: u64 = 64;

/// The blocks in which this adapter could compute `batch` products of `m` rows and `n` columns, the one that promises most
/// first; those of cooperative matrices in front. Software adapters get one of each kind, since compiling costs them more
/// than a better size saves.
pub(crate) fn blocks(target: &Target, batch: usize, m: usize, n: usize) -> Vec<Block> {
    if !target.blocks {
        return Vec::new();
    }
    let sorted = |mut all: Vec<Block>| {
        all.sort_by_key(|b| cost(b, batch, m, n));
        all.truncate(if target.software { 1 } else { all.len() });
        all
    };
    let matrices = target.cooperative_size().map_or_else(Vec::new, |size| {
        sorted([true, false].map(|large| Block::cooperative(size, target.subgroup_min, large)).to_vec())
    });
    let halves = target.native_f16 && target.allow_f16 && !target.software;
    let halves = if halves { sorted(HALF_BLOCKS.to_vec()) } else { Vec::new() };
    matrices.into_iter().chain(sorted(BLOCKS.to_vec())).chain(halves).collect()
}

/// Time in arbitrary units: multiplications, with what is computed for nothing, and what each brings into workgroup memory.
fn cost(block: &Block, batch: usize, m: usize, n: usize) -> u64 {
    let groups = (m.div_ceil(block.m as usize) * n.div_ceil(block.n as usize) * batch) as u64;
    let area = u64::from(block.m * block.n);
    groups.max(BUSY) * (area + 16 * u64::from(block.m + block.n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(m: usize, n: usize) -> (u32, u32) {
        let target = Target { blocks: true, ..Target::default() };
        let block = blocks(&target, 1, m, n)[0];
        (block.m, block.n)
    }

    #[test]
    fn blocks_fill_the_device_before_they_grow() {
        assert_eq!(first(4096, 4096), (128, 128));
        assert_eq!(first(64, 128 * 128), (64, 64));
        assert_eq!(first(512, 14 * 14), (32, 32));
    }

    #[test]
    fn matrices_need_permission_and_subgroups() {
        let target = Target { blocks: true, cooperative: Some(16), subgroup_min: 32, ..Target::default() };
        let has = |t: &Target| blocks(t, 1, 512, 512)[0].is_cooperative();
        assert!(!has(&target));
        assert!(has(&Target { allow_f16: true, ..target.clone() }));
        assert!(!has(&Target { allow_f16: true, subgroup_min: 4, ..target.clone() }));
        assert!(!has(&Target { allow_f16: true, cooperative: None, ..target }));
    }
}
