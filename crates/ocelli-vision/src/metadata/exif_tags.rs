//! The directories of a TIFF structure, which is what an EXIF block is too.

use std::ops::Range;

pub const EXIF_POINTER: u16 = 0x8769;
pub const GPS_POINTER: u16 = 0x8825;
pub const INTEROP_POINTER: u16 = 0xa005;

/// A field with its value in the byte order of the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Tag.
    pub tag: u16,
    /// Type: 1 to 13.
    pub kind: u16,
    /// Value, a whole number of elements.
    pub value: Vec<u8>,
}

/// Bytes of one element of each type of the TIFF 6.0 specification.
pub fn element_bytes(kind: u16) -> Option<usize> {
    [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4].get(usize::from(kind).checked_sub(1)?).copied()
}

/// A TIFF structure; every access is checked.
#[derive(Clone, Copy)]
pub struct Directories<'a> {
    bytes: &'a [u8],
    pub big_endian: bool,
}

/// Where a field lies.
#[derive(Clone, Debug)]
pub struct Place {
    pub tag: u16,
    pub kind: u16,
    /// The twelve bytes of the directory entry.
    pub entry: usize,
    /// The value, inside the entry or elsewhere.
    pub value: Range<usize>,
}

impl<'a> Directories<'a> {
    /// `None` when the bytes do not begin like classic TIFF.
    pub fn open(bytes: &'a [u8]) -> Option<Directories<'a>> {
        let big_endian = match bytes.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        Some(Directories { bytes, big_endian })
    }

    pub fn u16_at(&self, at: usize) -> Option<u16> {
        let b: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) })
    }

    pub fn u32_at(&self, at: usize) -> Option<u32> {
        let b: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) })
    }

    /// Offset of the first directory.
    pub fn first(&self) -> Option<usize> {
        self.u32_at(4).map(|at| at as usize)
    }

    /// The readable fields of the directory at `at`, and the offset at which that of the next directory stands.
    pub fn fields(&self, at: usize) -> Option<(Vec<Place>, usize)> {
        let count = usize::from(self.u16_at(at)?);
        let places = (0..count).filter_map(|i| self.place(at + 2 + 12 * i)).collect();
        Some((places, at + 2 + 12 * count))
    }

    fn place(&self, entry: usize) -> Option<Place> {
        self.bytes.get(entry..entry.checked_add(12)?)?;
        let (tag, kind) = (self.u16_at(entry)?, self.u16_at(entry + 2)?);
        let len = element_bytes(kind)?.checked_mul(self.u32_at(entry + 4)? as usize)?;
        let start = if len <= 4 { entry + 8 } else { self.u32_at(entry + 8)? as usize };
        let value = start..start.checked_add(len)?;
        self.bytes.get(value.clone())?;
        Some(Place { tag, kind, entry, value })
    }

    /// The first field of the directory at `at` with this tag.
    pub fn find(&self, at: usize, tag: u16) -> Option<Place> {
        self.fields(at)?.0.into_iter().find(|p| p.tag == tag)
    }

    /// A whole number of a field of type byte, short or long.
    pub fn number(&self, place: &Place) -> Option<u32> {
        match place.kind {
            1 => self.bytes.get(place.value.start).map(|&b| u32::from(b)),
            3 => self.u16_at(place.value.start).map(u32::from),
            4 | 13 => self.u32_at(place.value.start),
            _ => None,
        }
    }

    /// The directory that a pointer in the directory at `at` leads to.
    pub fn below(&self, at: usize, pointer: u16) -> Option<usize> {
        let place = self.find(at, pointer)?;
        self.number(&place).map(|at| at as usize)
    }

    /// The fields of a directory with their values, which together are no longer than the block: in a sound one they lie
    /// side by side, and a broken one must not grow in memory.
    pub fn values(&self, at: usize) -> Vec<Field> {
        let places = self.fields(at).map(|(places, _)| places).unwrap_or_default();
        let mut left = self.bytes.len();
        let within = |p: Place| {
            left = left.checked_sub(p.value.len())?;
            Some(Field { tag: p.tag, kind: p.kind, value: self.bytes[p.value].to_vec() })
        };
        places.into_iter().map_while(within).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_share_their_bytes_do_not_add_up() {
        // A thousand fields that each claim 10,000 bytes of the same block.
        let mut block = b"II*\0\x08\0\0\0".to_vec();
        block.extend(1000u16.to_le_bytes());
        for tag in 0..1000u16 {
            block.extend([tag.to_le_bytes(), 7u16.to_le_bytes()].concat());
            block.extend([10_000u32.to_le_bytes(), 8u32.to_le_bytes()].concat());
        }
        let d = Directories::open(&block).unwrap();
        assert_eq!(d.fields(8).unwrap().0.len(), 1000);
        let values = d.values(8);
        assert_eq!(values.len(), block.len() / 10_000);
    }
}
