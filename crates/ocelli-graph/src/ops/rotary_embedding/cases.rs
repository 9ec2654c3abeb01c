use super::RotaryEmbedding;
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::Tensor;

/// Cases of RotaryEmbedding: both layouts, interleaved, a part of the features.
pub fn cases() -> Vec<Case> {
    let ids = || Tensor::from_vec(&[2, 3], vec![0i64, 4, 2, 1, 5, 3]).unwrap_or_else(|_| Tensor::scalar(0i64));
    let case = |name: &str, op: RotaryEmbedding, x: &[usize], cache: &[usize], with_ids: bool| {
        let mut inputs = vec![random_f32(x, 1), random_f32(cache, 2), random_f32(cache, 3)];
        if with_ids {
            inputs.push(ids());
        }
        Case::new(name, op, inputs)
    };
    let op = RotaryEmbedding::default();
    vec![
        case("heads", op, &[2, 4, 3, 8], &[6, 4], true),
        case("flat_interleaved", RotaryEmbedding { interleaved: true, num_heads: 2, ..op }, &[2, 3, 12], &[2, 3, 3], false),
        case("partial", RotaryEmbedding { rotary_embedding_dim: 4, ..op }, &[2, 1, 3, 10], &[6, 2], true),
    ]
}
