//! ICC profiles: what a picture's values mean, and how to come from there to sRGB or to linear light.
//!
//! Profiles of curves and a matrix, and grey ones, are computed here in `f64` and without tables, so that 16 bits stay
//! 16 bits; profiles of lookup tables, such as those of printers, go through `moxcms`.

use moxcms::{ColorProfile, DataColorSpace, Layout, ToneReprCurve, TransformOptions};

use crate::error::{self, Result};
use crate::planes::Planes;
use crate::profile_write::{BT709, P3, Primaries, SRGB_CURVE, profile};

/// The colour space of the values that a profile describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// One channel.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Cyan, magenta, yellow, black.
    Cmyk,
}

/// The colour space that an ICC profile names in its header; `None` for any other.
pub fn space(icc: &[u8]) -> Option<Space> {
    match icc.get(16..20)? {
        b"GRAY" => Some(Space::Gray),
        b"RGB " => Some(Space::Rgb),
        b"CMYK" => Some(Space::Cmyk),
        _ => None,
    }
}

/// From encoded values to linear light and back. Below black and above white it goes on, so that nothing is cut off.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// `(a x + b)^g + e` from `d` on, `c x + f` below: the parametric curve of ICC.1, section 10.18.
    Parametric([f64; 7]),
    /// Equidistant values, linear in between, never falling.
    Table(Vec<f64>),
}

impl Curve {
    /// The identity.
    pub const LINEAR: Curve = Curve::power(1.0);

    /// The curve of IEC 61966-2-1.
    pub const SRGB: Curve = Curve::Parametric([2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045, 0.0, 0.0]);

    /// `x^gamma`.
    pub const fn power(gamma: f64) -> Curve {
        Curve::Parametric([gamma, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    }

    fn from_icc(curve: &ToneReprCurve) -> Option<Curve> {
        let curve = match curve {
            ToneReprCurve::Lut(values) => match &values[..] {
                [] => Curve::LINEAR,
                [gamma] => Curve::power(f64::from(*gamma) / 256.0),
                many => {
                    let mut top = 0.0f64;
                    Curve::Table(
                        many.iter()
                            .map(|&v| {
                                top = top.max(f64::from(v) / 65535.0);
                                top
                            })
                            .collect(),
                    )
                }
            },
            ToneReprCurve::Parametric(p) => {
                let p: Vec<f64> = p.iter().map(|&v| f64::from(v)).collect();
                Curve::Parametric(match p[..] {
                    [g] => [g, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                    [g, a, b] => [g, a, b, 0.0, -b / a, 0.0, 0.0],
                    [g, a, b, c] => [g, a, b, 0.0, -b / a, c, c],
                    [g, a, b, c, d] => [g, a, b, c, d, 0.0, 0.0],
                    [g, a, b, c, d, e, f] => [g, a, b, c, d, e, f],
                    _ => return None,
                })
            }
        };
        // A curve that goes nowhere has no way back.
        let usable = curve.decode(0.0).is_finite() && curve.decode(1.0) > curve.decode(0.0);
        usable.then_some(curve)
    }

    /// Linear light of an encoded value.
    pub fn decode(&self, x: f64) -> f64 {
        match self {
            _ if x < 0.0 => 2.0 * self.decode(0.0) - self.decode(-x),
            Curve::Parametric([g, a, b, c, d, e, f]) => {
                if x >= *d {
                    (a * x + b).max(0.0).powf(*g) + e
                } else {
                    c * x + f
                }
            }
            Curve::Table(v) => {
                let last = v.len() - 1;
                let at = x * last as f64;
                let i = (at as usize).min(last - 1);
                v[i] + (v[i + 1] - v[i]) * (at - i as f64)
            }
        }
    }

    /// The encoded value of linear light: the inverse of [`Curve::decode`].
    pub fn encode(&self, y: f64) -> f64 {
        let black = self.decode(0.0);
        if y < black {
            return -self.encode(2.0 * black - y);
        }
        match self {
            Curve::Parametric([g, a, b, c, d, e, f]) => {
                if y >= (a * d + b).max(0.0).powf(*g) + e || *c == 0.0 {
                    ((y - e).max(0.0).powf(1.0 / g) - b) / a
                } else {
                    (y - f) / c
                }
            }
            Curve::Table(v) => {
                let last = v.len() - 1;
                // The last pair that begins at or below `y` and rises.
                let mut i = v.partition_point(|&t| t <= y).clamp(1, last) - 1;
                while i > 0 && v[i + 1] == v[i] {
                    i -= 1;
                }
                let rise = v[i + 1] - v[i];
                let part = if rise > 0.0 { (y - v[i]) / rise } else { 0.0 };
                (i as f64 + part) / last as f64
            }
        }
    }

    /// Whether half the encoded range is about half the light.
    fn is_linear(&self) -> bool {
        (self.decode(0.5) - 0.5).abs() < 0.06
    }
}

/// The curves of a picture's channels, one for grey, three for colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves(Vec<Curve>);

impl Curves {
    /// The curves of a profile, or those of sRGB where there is none; `None` for profiles of lookup tables.
    pub fn of(icc: Option<&[u8]>) -> Option<Curves> {
        let Some(icc) = icc else { return Some(Curves(vec![Curve::SRGB])) };
        let read = parse(icc).ok()?;
        let list = match read.color_space {
            DataColorSpace::Gray => vec![read.gray_trc?],
            DataColorSpace::Rgb => vec![read.red_trc?, read.green_trc?, read.blue_trc?],
            _ => return None,
        };
        list.iter().map(Curve::from_icc).collect::<Option<Vec<_>>>().map(Curves)
    }

    /// Whether values are linear light already.
    pub fn are_linear(&self) -> bool {
        self.0.iter().all(Curve::is_linear)
    }

    /// Every plane through `from`'s decoding, then `to`'s encoding; the plane's own curve, the only one otherwise.
    pub fn convert(from: &Curves, to: &Curves, planes: &mut Planes) {
        for c in 0..planes.channels() {
            let pick = |list: &[Curve]| list[c.min(list.len() - 1)].clone();
            let (from, to) = (pick(&from.0), pick(&to.0));
            if from != to {
                planes.plane_mut(c).iter_mut().for_each(|v| *v = to.encode(from.decode(f64::from(*v))) as f32);
            }
        }
    }

    /// Linear light.
    pub fn linear() -> Curves {
        Curves(vec![Curve::LINEAR])
    }

    /// The curve of sRGB.
    pub fn srgb() -> Curves {
        Curves(vec![Curve::SRGB])
    }
}

fn parse(icc: &[u8]) -> Result<ColorProfile> {
    ColorProfile::new_from_slice(icc).map_err(|e| error::argument(format!("the ICC profile cannot be used: {e}")))
}

/// Grey or RGB planes in the colours of `icc` to sRGB (grey: to the curve of sRGB).
pub fn to_srgb(planes: &mut Planes, icc: &[u8]) -> Result<()> {
    let profile = parse(icc)?;
    let curves = Curves::of(Some(icc));
    match (profile.color_space, planes.channels(), curves) {
        (DataColorSpace::Gray, 1, Some(curves)) => {
            Curves::convert(&curves, &Curves::srgb(), planes);
            Ok(())
        }
        (DataColorSpace::Rgb, 3, Some(curves)) if profile.pcs == DataColorSpace::Xyz && !has_tables(&profile) => {
            let to = profile.transform_matrix(&ColorProfile::new_srgb()).v;
            let pick = |c: usize| &curves.0[c.min(curves.0.len() - 1)];
            let n = planes.width() * planes.height();
            let data = planes.data_mut();
            for i in 0..n {
                let rgb = [0, 1, 2].map(|c| pick(c).decode(f64::from(data[c * n + i])));
                for (c, row) in to.iter().enumerate() {
                    let light: f64 = row.iter().zip(rgb).map(|(m, v)| m * v).sum();
                    data[c * n + i] = Curve::SRGB.encode(light) as f32;
                }
            }
            Ok(())
        }
        (DataColorSpace::Rgb, 3, _) => through_tables(planes, &profile, Layout::Rgb).map(|out| *planes = out),
        (other, n, _) => Err(error::argument(format!("an ICC profile for {other:?} on a picture of {n} channels"))),
    }
}

/// Four planes of ink, 1 the most, to sRGB: through the profile, or else by `(1 - ink) (1 - black)`.
pub fn cmyk_to_srgb(ink: &Planes, icc: Option<&[u8]>) -> Result<Planes> {
    if let Some(icc) = icc {
        return through_tables(ink, &parse(icc)?, Layout::Rgba);
    }
    let mut out = ink.select(0, 3);
    let black = ink.plane(3);
    for c in 0..3 {
        for (v, k) in out.plane_mut(c).iter_mut().zip(black) {
            *v = (1.0 - *v) * (1.0 - k);
        }
    }
    Ok(out)
}

fn has_tables(profile: &ColorProfile) -> bool {
    profile.lut_a_to_b_perceptual.is_some() || profile.lut_a_to_b_colorimetric.is_some()
}

fn through_tables(planes: &Planes, from: &ColorProfile, layout: Layout) -> Result<Planes> {
    let bad = |e: moxcms::CmsError| error::argument(format!("the ICC profile cannot be used: {e}"));
    let options = TransformOptions { rendering_intent: from.rendering_intent, ..TransformOptions::default() };
    let transform = from.create_transform_f32(layout, &ColorProfile::new_srgb(), Layout::Rgb, options).map_err(bad)?;
    let (n, channels) = (planes.width() * planes.height(), planes.channels());
    let mut out = Planes::filled(3, planes.height(), planes.width(), 0.0);
    let mut row = vec![0.0f32; planes.width() * channels];
    let mut rgb = vec![0.0f32; planes.width() * 3];
    for y in 0..planes.height() {
        for (i, v) in row.iter_mut().enumerate() {
            *v = planes.data()[i % channels * n + y * planes.width() + i / channels];
        }
        transform.transform(&row, &mut rgb).map_err(bad)?;
        for (i, v) in rgb.iter().enumerate() {
            out.data_mut()[i % 3 * n + y * planes.width() + i / 3] = *v;
        }
    }
    Ok(out)
}

/// A profile that says sRGB.
pub fn srgb() -> Vec<u8> {
    profile("sRGB", &SRGB_CURVE, Some(BT709))
}

/// A profile that says Display P3.
pub fn display_p3() -> Vec<u8> {
    profile("Display P3", &SRGB_CURVE, Some(P3))
}

/// A profile for grey with the curve of sRGB.
pub fn srgb_gray() -> Vec<u8> {
    profile("Grey of sRGB", &SRGB_CURVE, None)
}

/// A profile of `light = value^gamma` and, for colours, primaries and white; `None` where these are those of sRGB, or make
/// no sense.
pub(crate) fn from_gamma(gamma: f64, primaries: Option<Primaries>, is_gray: bool) -> Option<Vec<u8>> {
    let chosen = primaries.unwrap_or(BT709);
    let close = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 0.002 && (a.1 - b.1).abs() < 0.002;
    let is_srgb = is_gray || chosen.iter().zip(BT709).all(|(a, b)| close(*a, b));
    let sound = |p: &(f64, f64)| (0.0..=1.0).contains(&p.0) && (0.001..=1.0).contains(&p.1);
    // 1/2.2 is what sRGB pictures say of themselves.
    if !(0.1..=10.0).contains(&gamma) || !chosen.iter().all(sound) || ((gamma - 2.2).abs() < 0.011 && is_srgb) {
        return None;
    }
    Some(profile("By gAMA and cHRM", &[gamma], (!is_gray).then_some(chosen)))
}
