/// Bytes of a uniform `Params` struct, written field by field in declaration order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<u8>);

impl Params {
    /// An empty struct.
    pub fn new() -> Params {
        Params::default()
    }

    /// Appends a `u32` field.
    #[must_use]
    pub fn u32(mut self, x: usize) -> Params {
        self.0.extend_from_slice(&(x as u32).to_le_bytes());
        self
    }

    /// Appends an `i32` field.
    #[must_use]
    pub fn i32(mut self, x: i64) -> Params {
        self.0.extend_from_slice(&(x as i32).to_le_bytes());
        self
    }

    /// Appends an `f32` field.
    #[must_use]
    pub fn f32(mut self, x: f32) -> Params {
        self.0.extend_from_slice(&x.to_le_bytes());
        self
    }

    /// Pads with zeros to a multiple of 16 bytes, which precedes an `array<vec4<..>>` field and ends the struct.
    #[must_use]
    pub fn align16(mut self) -> Params {
        self.0.resize(self.0.len().next_multiple_of(16), 0);
        self
    }

    /// The bytes, padded to a multiple of 16.
    pub fn into_bytes(self) -> Vec<u8> {
        self.align16().0
    }
}
