//! EXIF blocks.
//!
//! A block that a file brings is edited in place and never laid out anew, so that maker notes, whose offsets nobody
//! but the maker knows, stay readable. Only between TIFF files, which spread the fields over their own directories,
//! and the other formats is a block taken apart or built.

use super::exif_tags::{Directories, EXIF_POINTER, Field, GPS_POINTER, INTEROP_POINTER, Place, element_bytes};

const ORIENTATION: u16 = 0x0112;
const WIDTHS: [u16; 2] = [0x0100, 0xa002];
const HEIGHTS: [u16; 2] = [0x0101, 0xa003];
const COLOR_SPACE: u16 = 0xa001;

/// Fields of the first directory of a TIFF file that describe the picture and not how it is stored.
const DESCRIPTIVE: [u16; 19] = [
    0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x013c, 0x4746, 0x4749, 0x8298, 0x9003, 0x9c9b, 0x9c9c, 0x9c9d,
    0x9c9e, 0x9c9f, 0x011a, 0x011b, 0x0128,
];

/// The directories of a block: first, EXIF, GPS, interoperability.
fn all(d: &Directories<'_>) -> Vec<usize> {
    let Some(first) = d.first() else { return Vec::new() };
    let exif = d.below(first, EXIF_POINTER);
    let interop = exif.and_then(|at| d.below(at, INTEROP_POINTER));
    [Some(first), exif, d.below(first, GPS_POINTER), interop].into_iter().flatten().collect()
}

/// The orientation that the block asks for, 1 to 8.
pub fn orientation(block: &[u8]) -> Option<u8> {
    let d = Directories::open(block)?;
    let place = d.find(d.first()?, ORIENTATION)?;
    let value = d.number(&place)?;
    (1..=8).contains(&value).then_some(value as u8)
}

/// Makes the block ask for no turning, if it says anything about it.
pub fn reset_orientation(block: &mut [u8]) {
    let place = Directories::open(block).and_then(|d| d.find(d.first()?, ORIENTATION));
    if let Some(place) = place {
        put(block, &place, 1);
    }
}

/// Sets width and height wherever the block states them.
pub fn set_size(block: &mut [u8], width: usize, height: usize) {
    let Some(d) = Directories::open(block) else { return };
    let mut edits = Vec::new();
    for at in all(&d) {
        for place in d.fields(at).map(|(places, _)| places).unwrap_or_default() {
            if WIDTHS.contains(&place.tag) {
                edits.push((place, width));
            } else if HEIGHTS.contains(&place.tag) {
                edits.push((place, height));
            }
        }
    }
    for (place, value) in edits {
        put(block, &place, value as u32);
    }
}

/// Makes the block say that the samples are sRGB, if it says anything about it.
pub fn set_srgb(block: &mut [u8]) {
    let place = Directories::open(block).and_then(|d| d.find(d.below(d.first()?, EXIF_POINTER)?, COLOR_SPACE));
    if let Some(place) = place {
        put(block, &place, 1);
    }
}

/// One whole number in the place of a short or long; a short becomes long where the number asks for it.
fn put(block: &mut [u8], place: &Place, value: u32) {
    let Some(big) = Directories::open(block).map(|d| d.big_endian) else { return };
    if ![3, 4].contains(&place.kind) || place.value.len() != element_bytes(place.kind).unwrap_or(0) {
        return;
    }
    let long = place.kind == 4 || value > 0xffff;
    let kind = if long { 4u16 } else { 3 };
    let (kind, short, value) = if big {
        (kind.to_be_bytes(), (value as u16).to_be_bytes(), value.to_be_bytes())
    } else {
        (kind.to_le_bytes(), (value as u16).to_le_bytes(), value.to_le_bytes())
    };
    let at = place.entry;
    block[at + 2..at + 4].copy_from_slice(&kind);
    if long {
        block[at + 8..at + 12].copy_from_slice(&value);
    } else {
        block[at + 8..at + 10].copy_from_slice(&short);
        block[at + 10..at + 12].fill(0);
    }
}

/// Removes the thumbnail, which shows another picture than the one that will be written: the link to its directory, its
/// bytes, and the end of the block where nothing else lies there.
pub fn drop_thumbnail(block: &mut Vec<u8>) {
    let Some(d) = Directories::open(block) else { return };
    let Some((_, link)) = d.first().and_then(|at| d.fields(at)) else { return };
    let Some(at) = d.u32_at(link).filter(|&at| at != 0) else { return };
    let number = |tag| d.find(at as usize, tag).and_then(|p| d.number(&p)).map(|n| n as usize);
    let image = number(0x0201).zip(number(0x0202)).map(|(start, len)| start..start.saturating_add(len));
    // What the rest of the block reaches.
    let end = all(&d)
        .into_iter()
        .filter_map(|at| d.fields(at))
        .flat_map(|(places, link)| places.into_iter().map(|p| p.value.end).chain([link + 4]))
        .max()
        .unwrap_or(0);
    block[link..link + 4].fill(0);
    if let Some(bytes) = image.and_then(|range| block.get_mut(range)) {
        bytes.fill(0);
    }
    block.truncate(end.max(link + 4));
}

/// What a classic TIFF file says about its picture, as a block; `None` when it says nothing.
pub fn from_tiff(file: &[u8]) -> Option<Vec<u8>> {
    let d = Directories::open(file)?;
    let first = d.first()?;
    let mut main: Vec<Field> = d.values(first).into_iter().filter(|f| DESCRIPTIVE.contains(&f.tag)).collect();
    let exif = d.below(first, EXIF_POINTER).map(|at| d.values(at)).unwrap_or_default();
    let gps = d.below(first, GPS_POINTER).map(|at| d.values(at)).unwrap_or_default();
    let interop = d.below(first, EXIF_POINTER).and_then(|at| d.below(at, INTEROP_POINTER));
    let interop = interop.map(|at| d.values(at)).unwrap_or_default();
    main.retain(|f| ![EXIF_POINTER, GPS_POINTER].contains(&f.tag));
    // A resolution alone is not worth a block: it is kept beside.
    let says = |f: &Field| ![0x011a, 0x011b, 0x0128].contains(&f.tag);
    if !main.iter().any(says) && exif.is_empty() && gps.is_empty() {
        return None;
    }
    Some(build(d.big_endian, main, exif, gps, interop))
}

/// The fields of a block for the directories of a TIFF file: descriptive ones, EXIF, GPS, interoperability. Values are
/// in native byte order.
pub fn to_tiff(block: &[u8]) -> Option<[Vec<Field>; 4]> {
    let d = Directories::open(block)?;
    let first = d.first()?;
    let read = |at: Option<usize>| {
        let mut fields = at.map(|at| d.values(at)).unwrap_or_default();
        fields.retain(|f| ![EXIF_POINTER, GPS_POINTER, INTEROP_POINTER].contains(&f.tag));
        if d.big_endian != cfg!(target_endian = "big") {
            fields.iter_mut().for_each(swap);
        }
        fields
    };
    let mut main = read(Some(first));
    main.retain(|f| DESCRIPTIVE.contains(&f.tag));
    let exif = d.below(first, EXIF_POINTER);
    let interop = exif.and_then(|at| d.below(at, INTEROP_POINTER));
    Some([main, read(exif), read(d.below(first, GPS_POINTER)), read(interop)])
}

/// Turns the bytes of each element around.
fn swap(field: &mut Field) {
    let word = match field.kind {
        5 | 10 => 4,
        kind => element_bytes(kind).unwrap_or(1),
    };
    if word > 1 {
        field.value.chunks_exact_mut(word).for_each(<[u8]>::reverse);
    }
}

fn build(big: bool, mut main: Vec<Field>, mut exif: Vec<Field>, gps: Vec<Field>, interop: Vec<Field>) -> Vec<u8> {
    let u16s = |v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() };
    let u32s = |v: u32| if big { v.to_be_bytes() } else { v.to_le_bytes() };
    let pointer = |tag| Field { tag, kind: 4, value: vec![0; 4] };
    exif.retain(|f| f.tag != INTEROP_POINTER);
    if !interop.is_empty() {
        exif.push(pointer(INTEROP_POINTER));
    }
    if !exif.is_empty() {
        main.push(pointer(EXIF_POINTER));
    }
    if !gps.is_empty() {
        main.push(pointer(GPS_POINTER));
    }
    let mut out = if big { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
    out.extend(u32s(8));
    // A directory, with the places of its pointers, which are filled when what they point to has been laid out.
    let mut waiting: Vec<(u16, usize)> = Vec::new();
    for (tag, mut fields) in [(0, main), (EXIF_POINTER, exif), (GPS_POINTER, gps), (INTEROP_POINTER, interop)] {
        if fields.is_empty() && tag != 0 {
            continue;
        }
        if let Some(i) = waiting.iter().position(|w| w.0 == tag) {
            let (_, at) = waiting.remove(i);
            let here = u32s(out.len() as u32);
            out[at..at + 4].copy_from_slice(&here);
        }
        fields.sort_by_key(|f| f.tag);
        fields.dedup_by_key(|f| f.tag);
        let start = out.len();
        let mut values = start + 2 + 12 * fields.len() + 4;
        let mut tail = Vec::new();
        out.extend(u16s(fields.len() as u16));
        for f in &fields {
            let count = f.value.len() / element_bytes(f.kind).unwrap_or(1);
            out.extend(u16s(f.tag));
            out.extend(u16s(f.kind));
            out.extend(u32s(count as u32));
            if [EXIF_POINTER, GPS_POINTER, INTEROP_POINTER].contains(&f.tag) {
                waiting.push((f.tag, out.len()));
            }
            if f.value.len() <= 4 {
                out.extend(&f.value);
                out.resize(out.len() + 4 - f.value.len(), 0);
            } else {
                out.extend(u32s(values as u32));
                tail.extend(&f.value);
                tail.resize(tail.len().next_multiple_of(2), 0);
                values = start + 2 + 12 * fields.len() + 4 + tail.len();
            }
        }
        out.extend(u32s(0));
        out.extend(tail);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block in either byte order with a model, a size, an orientation, a version and a thumbnail.
    fn block(big: bool) -> Vec<u8> {
        let short = |v: u16| if big { v.to_be_bytes() } else { v.to_le_bytes() }.to_vec();
        let long = |v: u32| if big { v.to_be_bytes() } else { v.to_le_bytes() };
        let field = |tag, kind, value: Vec<u8>| Field { tag, kind, value };
        let main = vec![field(0x0110, 2, b"A camera\0".to_vec()), field(ORIENTATION, 3, short(6))];
        let exif =
            vec![field(0xa002, 3, short(40)), field(0xa003, 4, long(30).to_vec()), field(0x9000, 7, b"0232".to_vec())];
        let mut out = build(big, main, exif, vec![field(1, 2, b"N\0".to_vec())], vec![]);
        let d = Directories::open(&out).unwrap();
        let link = d.fields(8).unwrap().1;
        let at = out.len();
        out[link..link + 4].copy_from_slice(&long(at as u32));
        let image = (at + 2 + 24 + 4) as u32;
        out.extend(short(2));
        for (tag, value) in [(0x0201, image), (0x0202, 5)] {
            out.extend([short(tag), short(4)].concat());
            out.extend([long(1), long(value)].concat());
        }
        out.extend(long(0));
        out.extend(b"thumb");
        out
    }

    /// What an independent reader finds.
    fn read(block: &[u8]) -> Vec<(String, String)> {
        let exif = exif::Reader::new().read_raw(block.to_vec()).unwrap();
        exif.fields().map(|f| (format!("{}:{}", f.ifd_num.index(), f.tag), f.display_value().to_string())).collect()
    }

    fn has(found: &[(String, String)], tag: &str, value: &str) -> bool {
        found.iter().any(|(t, v)| t == tag && v == value)
    }

    #[test]
    fn edits_touch_nothing_else() {
        for big in [false, true] {
            let mut b = block(big);
            assert_eq!(orientation(&b), Some(6));
            assert!(b.windows(5).any(|w| w == b"thumb"));
            let before = read(&b);
            assert!(before.iter().any(|(tag, _)| tag.starts_with("1:")), "{before:?}");
            reset_orientation(&mut b);
            drop_thumbnail(&mut b);
            set_size(&mut b, 100_000, 60);
            assert_eq!(orientation(&b), Some(1));
            assert!(!b.windows(5).any(|w| w == b"thumb"));
            let found = read(&b);
            assert!(has(&found, "0:PixelXDimension", "100000"), "{found:?}");
            assert!(has(&found, "0:PixelYDimension", "60"), "{found:?}");
            assert!(has(&found, "0:Model", "\"A camera\""), "{found:?}");
            assert!(has(&found, "0:ExifVersion", "2.32"), "{found:?}");
            assert!(has(&found, "0:GPSLatitudeRef", "N"), "{found:?}");
            assert!(!found.iter().any(|(tag, _)| tag.starts_with("1:")), "{found:?}");
        }
    }

    #[test]
    fn a_block_goes_through_a_tiff_file_in_both_byte_orders() {
        for big in [false, true] {
            let mut b = block(big);
            drop_thumbnail(&mut b);
            let [main, exif, gps, interop] = to_tiff(&b).unwrap();
            let again = build(cfg!(target_endian = "big"), main, exif, gps, interop);
            let mut expected = read(&b);
            expected.retain(|(tag, _)| tag != "0:Orientation");
            assert_eq!(read(&again), expected);
            assert_eq!(from_tiff(&again).as_deref(), Some(&again[..]));
        }
    }

    #[test]
    fn broken_blocks_are_left_alone() {
        let whole = block(false);
        for n in 0..whole.len() {
            let mut cut = whole[..n].to_vec();
            orientation(&cut);
            reset_orientation(&mut cut);
            set_size(&mut cut, 9, 9);
            set_srgb(&mut cut);
            drop_thumbnail(&mut cut);
            to_tiff(&cut);
            from_tiff(&cut);
        }
        // Every byte as large as can be: offsets point outside, counts overflow.
        for i in 0..whole.len() {
            let mut b = whole.clone();
            b[i] = 0xff;
            set_size(&mut b, 9, 9);
            reset_orientation(&mut b);
            drop_thumbnail(&mut b);
        }
    }
}
