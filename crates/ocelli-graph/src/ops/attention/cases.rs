use super::Attention;
use crate::Case;
use crate::ops::util::{case_tensor, random_f32};
use ocelli_tensor::{DType, Tensor};

/// Cases of Attention: both layouts, grouped heads, masks, a cache, soft caps.
pub fn cases() -> Vec<Case> {
    let op = Attention::default();
    let qkv = |q: &[usize], k: &[usize], v: &[usize]| vec![random_f32(q, 1), random_f32(k, 2), random_f32(v, 3)];
    let heads = || qkv(&[2, 3, 5, 8], &[2, 3, 7, 8], &[2, 3, 7, 10]);
    let with = |mut inputs: Vec<Tensor>, more: &[Tensor]| {
        inputs.extend(more.iter().cloned());
        inputs
    };
    let bools: Vec<f64> = (0..35).map(|i| f64::from(u8::from(i % 3 != 0))).collect();
    vec![
        Case::new("heads", op, heads()),
        Case::new("flat", Attention { q_num_heads: 4, kv_num_heads: 2, ..op }, qkv(&[2, 6, 32], &[2, 5, 16], &[2, 5, 12])),
        Case::new("causal", Attention { is_causal: true, scale: Some(0.3), ..op }, heads()),
        Case::new("added_mask", op, with(heads(), &[random_f32(&[2, 1, 5, 7], 4)])),
        Case::new("bool_mask", op, with(heads(), &[case_tensor(DType::Bool, &[5, 7], &bools)])),
        Case::new("soft_cap", Attention { softcap: 2.0, ..op }, heads()),
        Case::new(
            "cache",
            Attention { is_causal: true, qk_matmul_output_mode: 3, ..op },
            with(
                qkv(&[1, 4, 3, 6], &[1, 2, 3, 6], &[1, 2, 3, 4]),
                &[random_f32(&[3, 8], 5), random_f32(&[1, 2, 5, 6], 6), random_f32(&[1, 2, 5, 4], 7)],
            ),
        )
        .outputs(4),
    ]
}
