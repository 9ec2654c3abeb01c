//! ICC profiles of our own: version 4, one curve, and primaries for colours.

use moxcms::{Chromaticity, ColorPrimaries, ColorProfile, XyY};

/// `x, y` of red, green, blue and white.
pub type Primaries = [(f64, f64); 4];

/// ITU-R BT.709 and sRGB.
pub const BT709: Primaries = [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06), (0.3127, 0.3290)];

/// Display P3.
pub const P3: Primaries = [(0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.3127, 0.3290)];

/// Parameters of the curve of sRGB, for `para` of type 3.
pub const SRGB_CURVE: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045];

fn fixed(out: &mut Vec<u8>, values: &[f64]) {
    for v in values {
        out.extend(((v * 65536.0).round() as i32).to_be_bytes());
    }
}

fn text(text: &str) -> Vec<u8> {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut out = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".to_vec();
    out.extend((utf16.len() as u32).to_be_bytes());
    out.extend(28u32.to_be_bytes());
    out.extend(utf16);
    out
}

fn xyz(values: [f64; 3]) -> Vec<u8> {
    let mut out = b"XYZ \0\0\0\0".to_vec();
    fixed(&mut out, &values);
    out
}

/// `curve`: one exponent, or the five parameters of [`SRGB_CURVE`]. Without primaries a profile for grey.
pub fn profile(name: &str, curve: &[f64], primaries: Option<Primaries>) -> Vec<u8> {
    let white = [0.9642, 1.0, 0.8249];
    let mut para = b"para\0\0\0\0".to_vec();
    para.extend(if curve.len() == 1 { [0, 0, 0, 0] } else { [0, 3, 0, 0] });
    fixed(&mut para, curve);
    let mut tags = vec![(b"desc", text(name)), (b"cprt", text("No copyright, use freely")), (b"wtpt", xyz(white))];
    if let Some([r, g, b, w]) = primaries {
        let at = |(x, y): (f64, f64)| Chromaticity::new(x as f32, y as f32);
        let mut colors = ColorProfile::new_srgb();
        let primaries = ColorPrimaries { red: at(r), green: at(g), blue: at(b) };
        colors.update_rgb_colorimetry(XyY { x: w.0, y: w.1, yb: 1.0 }, primaries);
        for (tag, c) in
            [(b"rXYZ", colors.red_colorant), (b"gXYZ", colors.green_colorant), (b"bXYZ", colors.blue_colorant)]
        {
            tags.push((tag, xyz([c.x, c.y, c.z])));
        }
        tags.extend([b"rTRC", b"gTRC", b"bTRC"].map(|tag| (tag, para.clone())));
    } else {
        tags.push((b"kTRC", para));
    }
    let mut table = (tags.len() as u32).to_be_bytes().to_vec();
    let mut body: Vec<u8> = Vec::new();
    let start = 128 + 4 + 12 * tags.len();
    for (tag, data) in &tags {
        table.extend(*tag);
        table.extend(((start + body.len()) as u32).to_be_bytes());
        table.extend((data.len() as u32).to_be_bytes());
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let mut out = ((start + body.len()) as u32).to_be_bytes().to_vec();
    out.extend([0, 0, 0, 0, 4, 0x30, 0, 0]);
    out.extend(if primaries.is_some() { b"mntrRGB XYZ " } else { b"mntrGRAYXYZ " });
    // The first of January 2026.
    out.extend([2026u16, 1, 1, 0, 0, 0].iter().flat_map(|v| v.to_be_bytes()));
    out.extend(b"acsp");
    out.resize(68, 0);
    fixed(&mut out, &white);
    out.resize(128, 0);
    out.extend(table);
    out.extend(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_laid_out_as_the_specification_says() {
        for icc in [profile("a", &SRGB_CURVE, Some(BT709)), profile("b", &[1.8], None)] {
            let u32_at = |at: usize| u32::from_be_bytes(icc[at..at + 4].try_into().unwrap()) as usize;
            assert_eq!(u32_at(0), icc.len());
            assert_eq!(&icc[36..40], b"acsp");
            // D50, to the bit.
            assert_eq!((u32_at(68), u32_at(72), u32_at(76)), (0xf6d6, 0x10000, 0xd32d));
            for i in 0..u32_at(128) {
                let (at, length) = (u32_at(136 + 12 * i), u32_at(140 + 12 * i));
                assert!(at % 4 == 0 && at + length <= icc.len());
            }
        }
        // The colorants of sRGB as the ICC publishes them, to their last digit but one.
        let icc = profile("a", &SRGB_CURVE, Some(BT709));
        let at = icc.windows(8).position(|w| w == b"XYZ \0\0\0\0").unwrap();
        let numbers = |at: usize| {
            [0, 4, 8].map(|k| f64::from(i32::from_be_bytes(icc[at + k..at + k + 4].try_into().unwrap())) / 65536.0)
        };
        let red = numbers(at + 20 + 8);
        for (a, b) in red.iter().zip([0.43607, 0.22249, 0.01392]) {
            assert!((a - b).abs() < 2e-4, "{red:?}");
        }
    }
}
