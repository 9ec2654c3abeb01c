//! 4- and 2-bit integers, several to a byte, the first in the lowest bits.

use crate::proto::data_type;

/// Width and sign of packed integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packing {
    bits: u32,
    signed: bool,
}

impl Packing {
    /// The packing of a data type; `None` when its elements are whole bytes.
    pub(super) fn of(kind: i32) -> Option<Packing> {
        let (bits, signed) = match kind {
            data_type::UINT4 => (4, false),
            data_type::INT4 => (4, true),
            data_type::UINT2 => (2, false),
            data_type::INT2 => (2, true),
            _ => return None,
        };
        Some(Packing { bits, signed })
    }

    /// One byte (two's complement where signed) for each of `elems` elements.
    pub(super) fn unpack(self, packed: &[u8], elems: usize) -> Result<Vec<u8>, String> {
        let per_byte: usize = if self.bits == 4 { 2 } else { 4 };
        let expected = elems.div_ceil(per_byte);
        if packed.len() != expected {
            return Err(format!(
                "{expected} bytes needed for {elems} elements of {} bits, got {}",
                self.bits,
                packed.len()
            ));
        }
        let shift = 8 - self.bits;
        let mut out = Vec::with_capacity(elems);
        for &byte in packed {
            for i in 0..8 / self.bits {
                if out.len() == elems {
                    break;
                }
                // The element at the top of the byte; an arithmetic shift then extends its sign.
                let top = byte << (shift - i * self.bits);
                out.push(if self.signed { (i8::from_le_bytes([top]) >> shift).to_le_bytes()[0] } else { top >> shift });
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nibbles_come_low_first_with_their_sign() {
        let unsigned = Packing::of(data_type::UINT4).unwrap();
        assert_eq!(unsigned.unpack(&[0xF1, 0x0A], 3).unwrap(), [1, 15, 10]);
        let signed = Packing::of(data_type::INT4).unwrap();
        let got: Vec<i8> = signed.unpack(&[0xF1, 0x08], 3).unwrap().iter().map(|&b| i8::from_le_bytes([b])).collect();
        assert_eq!(got, [1, -1, -8]);
        assert!(signed.unpack(&[0], 3).is_err());
    }

    #[test]
    fn pairs_of_bits() {
        let signed = Packing::of(data_type::INT2).unwrap();
        let got: Vec<i8> =
            signed.unpack(&[0b11_10_01_00], 4).unwrap().iter().map(|&b| i8::from_le_bytes([b])).collect();
        assert_eq!(got, [0, 1, -2, -1]);
        let unsigned = Packing::of(data_type::UINT2).unwrap();
        assert_eq!(unsigned.unpack(&[0b11_10_01_00], 4).unwrap(), [0, 1, 2, 3]);
    }
}
