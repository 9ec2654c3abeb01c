//! Sliding windows, shared by convolution and pooling: kernel, strides, dilations and pads per spatial dimension.

pub use super::bounds::bounded;
use crate::OpError;

/// How pads are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AutoPad {
    /// As given.
    #[default]
    NotSet,
    /// Output size is ceil(input / stride); an odd pad goes to the end.
    SameUpper,
    /// The same, with an odd pad at the beginning.
    SameLower,
    /// No pads.
    Valid,
}

/// A sliding window. Empty vectors mean the default of 1 (strides, dilations) or 0 (pads).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Kernel size per spatial dimension.
    pub kernel: Vec<usize>,
    /// Strides.
    pub strides: Vec<usize>,
    /// Dilations.
    pub dilations: Vec<usize>,
    /// Pads at the beginnings, then at the ends; negative ones crop.
    pub pads: Vec<i64>,
    /// Automatic pads.
    pub auto_pad: AutoPad,
}

impl Window {
    /// The window with every field filled for an input of spatial size `input`; `kernel` is used when none is set.
    pub fn resolve(&self, input: &[usize], kernel: &[usize]) -> Result<Window, OpError> {
        let n = input.len();
        let or_ones = |name: &str, v: &[usize]| match v {
            [] => Ok(vec![1; n]),
            v if v.len() == n && v.iter().all(|&x| (1..1 << 31).contains(&x)) => Ok(v.to_vec()),
            v => Err(OpError::invalid(format!("{name} {v:?}: expected {n} positive numbers"))),
        };
        let kernel = or_ones("kernel_shape", if self.kernel.is_empty() { kernel } else { &self.kernel })?;
        let strides = or_ones("strides", &self.strides)?;
        let dilations = or_ones("dilations", &self.dilations)?;
        let pads = match self.auto_pad {
            AutoPad::NotSet if self.pads.is_empty() => vec![0; 2 * n],
            AutoPad::NotSet if self.pads.len() == 2 * n => self.pads.clone(),
            AutoPad::NotSet => {
                return Err(OpError::invalid(format!("pads {:?}: expected {} numbers", self.pads, 2 * n)));
            }
            AutoPad::Valid => vec![0; 2 * n],
            AutoPad::SameUpper | AutoPad::SameLower => {
                let mut pads = vec![0i64; 2 * n];
                for i in 0..n {
                    let out = input[i].div_ceil(strides[i]).max(1);
                    let reach = (kernel[i] - 1).saturating_mul(dilations[i]).saturating_add(1);
                    let total = ((out - 1).saturating_mul(strides[i]).saturating_add(reach)).saturating_sub(input[i]);
                    let less = (total / 2) as i64;
                    let more = total as i64 - less;
                    (pads[i], pads[n + i]) =
                        if self.auto_pad == AutoPad::SameUpper { (less, more) } else { (more, less) };
                }
                pads
            }
        };
        if pads.iter().any(|p| p.unsigned_abs() >= 1 << 31) {
            return Err(OpError::invalid(format!("pads {pads:?} are too large")));
        }
        Ok(Window { kernel, strides, dilations, pads, auto_pad: AutoPad::NotSet })
    }

    /// Extent of the dilated kernel along dimension `i`; the window must be resolved.
    pub fn reach(&self, i: usize) -> usize {
        (self.kernel[i] - 1) * self.dilations[i] + 1
    }

    /// Output size (floor mode) of a resolved window. A kernel that does not fit is an error.
    pub fn output_size(&self, input: &[usize]) -> Result<Vec<usize>, OpError> {
        let n = input.len();
        (0..n)
            .map(|i| {
                let padded = input[i] as i64 + self.pads[i] + self.pads[n + i];
                let space = padded - self.reach(i) as i64;
                if space < 0 {
                    return Err(OpError::invalid(format!(
                        "a kernel of {} does not fit the padded input of {padded}",
                        self.reach(i)
                    )));
                }
                Ok(space as usize / self.strides[i] + 1)
            })
            .collect()
    }

    /// Output size of pooling. With `ceil`, a last window that hangs over the end counts, unless it would begin in the
    /// pads at the end; `auto_pad` is that of the operator, because `VALID` never has such a window.
    pub fn pooled_size(&self, input: &[usize], ceil: bool, auto_pad: AutoPad) -> Result<Vec<usize>, OpError> {
        if !ceil || auto_pad == AutoPad::Valid {
            return self.output_size(input);
        }
        let n = input.len();
        (0..n)
            .map(|i| {
                let (size, stride) = (input[i] as i64, self.strides[i] as i64);
                let space = size + self.pads[i] + self.pads[n + i] - self.reach(i) as i64;
                let mut out = (space + stride - 1).div_euclid(stride) + 1;
                if (out - 1) * stride >= size + self.pads[i] {
                    out -= 1;
                }
                usize::try_from(out).ok().filter(|&o| o > 0).ok_or_else(|| {
                    OpError::invalid(format!(
                        "a kernel of {} does not fit the padded input of {}",
                        self.reach(i),
                        space + self.reach(i) as i64
                    ))
                })
            })
            .collect()
    }
}
