use std::hash::{BuildHasher, Hasher};

use ocelli_tensor::Tensor;

use super::{Random, RandomKind};
use crate::TensorType;
use crate::operator::Outputs;
use crate::ops::numeric::result;
use crate::ops::util::optional;

/// SplitMix64.
struct Generator(u64);

impl Generator {
    fn new(seed: Option<f32>) -> Generator {
        // The keys of a fresh hasher are the randomness that the standard library offers.
        let fresh = || std::hash::RandomState::new().build_hasher().finish();
        Generator(seed.map_or_else(fresh, |s| u64::from(s.to_bits())))
    }

    /// Uniform in 0..1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.next()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.next()).cos()
    }
}

pub(super) fn evaluate(op: &Random, inputs: &[Option<Tensor>]) -> Outputs {
    let x = optional(inputs, 0);
    let ty = op.ty(x.map(|x| TensorType::new(x.dtype(), x.shape())).as_ref())?;
    let mut random = Generator::new(op.seed);
    let given = x.map(Tensor::to_f64s).unwrap_or_default();
    let y: Vec<f64> = match op.kind {
        RandomKind::Uniform { low, high } => {
            let (low, high) = (f64::from(low), f64::from(high));
            (0..ty.elems()).map(|_| low + (high - low) * random.next()).collect()
        }
        RandomKind::Normal { mean, scale } => {
            (0..ty.elems()).map(|_| f64::from(mean) + f64::from(scale) * random.normal()).collect()
        }
        RandomKind::Bernoulli => given.iter().map(|&p| f64::from(u8::from(random.next() < p))).collect(),
        RandomKind::Multinomial { sample_size } => {
            let classes = x.map_or(1, |x| x.shape()[1]);
            given.chunks(classes).flat_map(|row| draw(row, sample_size, &mut random)).collect()
        }
    };
    result(ty.dtype, &ty.shape, &y)
}

/// `count` indices drawn by unnormalized log-probabilities.
fn draw(logits: &[f64], count: usize, random: &mut Generator) -> Vec<f64> {
    let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logits.iter().map(|x| (x - max).exp()).collect();
    let total: f64 = weights.iter().sum();
    let one = |_| {
        let mut left = random.next() * total;
        let found = weights.iter().position(|w| {
            left -= w;
            left < 0.0
        });
        found.unwrap_or(weights.len() - 1) as f64
    };
    (0..count).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_distributions() {
        let n = 20_000;
        let run = |kind, seed| {
            let op = Random { kind, shape: Some(vec![n]), dtype: None, seed };
            evaluate(&op, &[]).unwrap().remove(0).to_f64s()
        };
        let mean = |x: &[f64]| x.iter().sum::<f64>() / n as f64;
        let uniform = run(RandomKind::Uniform { low: -1.0, high: 3.0 }, Some(2.0));
        assert!((mean(&uniform) - 1.0).abs() < 0.05 && uniform.iter().all(|x| (-1.0..=3.0).contains(x)));
        let normal = run(RandomKind::Normal { mean: 2.0, scale: 3.0 }, Some(2.0));
        let var = normal.iter().map(|x| (x - 2.0) * (x - 2.0)).sum::<f64>() / n as f64;
        assert!((mean(&normal) - 2.0).abs() < 0.1 && (var - 9.0).abs() < 0.4, "{var}");
        let kind = RandomKind::Uniform { low: 0.0, high: 1.0 };
        assert_eq!(run(kind, Some(1.0)), run(kind, Some(1.0)));
        assert_ne!(run(kind, None), run(kind, None));
    }
}
