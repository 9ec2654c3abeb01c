use super::Spectral;
use crate::Case;
use crate::ops::util::random_f32;
use ocelli_tensor::{DType, Tensor};

/// Cases of the spectral operators.
pub fn cases() -> Vec<Case> {
    let dft = |inverse, onesided| Spectral::Dft { inverse, onesided };
    vec![
        Case::new("dft_real", dft(false, false), vec![random_f32(&[2, 9, 1], 1)]),
        Case::new("dft_onesided", dft(false, true), vec![random_f32(&[2, 10, 3, 1], 2), Tensor::scalar(8i64), Tensor::scalar(1i64)])
            .constants_from(1),
        Case::new("dft_inverse", dft(true, false), vec![random_f32(&[3, 7, 2], 3)]),
        Case::new("stft", Spectral::Stft { onesided: true }, vec![random_f32(&[2, 40, 1], 4), Tensor::scalar(6i64), random_f32(&[16], 5)])
            .constants_from(1),
        Case::new(
            "mel",
            Spectral::MelWeightMatrix { output_datatype: DType::F32 },
            vec![
                Tensor::scalar(8i64),
                Tensor::scalar(32i64),
                Tensor::scalar(8192i64),
                Tensor::scalar(0.0f32),
                Tensor::scalar(4096.0f32),
            ],
        )
        .constants_from(0),
    ]
}
