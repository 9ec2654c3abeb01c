//! Profiles, EXIF, XMP, texts, resolution and orientation from each format to each.

use ocelli_vision::Image;
use ocelli_vision::image_io::read;

use crate::readers::{self, Seen};
use crate::{bytes, file, fixture, through_doubling, through_identity};

fn doubled(name: &str, ending: &str) -> Seen {
    readers::read(&file(&through_doubling(&read(fixture(name)).unwrap()), ending), ending)
}

fn xmp(seen: &Seen) -> String {
    String::from_utf8(seen.xmp.clone().expect("XMP")).unwrap()
}

/// From a source of a camera's fields, GPS, XMP with a size, a profile where `profile` says so.
fn check_described(name: &str, size: (usize, usize), dpi: u32, profile: bool) {
    for ending in ["png", "jpg", "webp", "tif"] {
        let seen = doubled(name, ending);
        let what = format!("{name} to {ending}");
        assert_eq!((seen.width, seen.height), size, "{what}");
        if profile {
            assert_eq!(seen.icc.as_ref(), Some(&bytes("wide.icc")), "{what}: not a byte of the profile changes");
        }
        let fields = readers::exif(seen.exif.as_ref().expect(&what));
        let expect = |tag: &str, value: &str| {
            assert_eq!(fields.get(tag).map(String::as_str), Some(value), "{what}: {tag} in {fields:?}");
        };
        expect("0:Make", "\"Ocelot\"");
        expect("0:Model", "\"Test camera\"");
        expect("0:PhotographicSensitivity", "200");
        expect("0:ExposureTime", "1/250");
        expect("0:GPSLatitudeRef", "N");
        expect("0:GPSLatitude", "47 deg 30 min 0 sec");
        // Of the picture as it now is.
        expect("0:PixelXDimension", &size.0.to_string());
        expect("0:PixelYDimension", &size.1.to_string());
        if ending == "tif" {
            assert!(matches!(seen.orientation, None | Some(1)), "{what}");
        } else {
            assert!(matches!(
                fields.get("0:Orientation").map(String::as_str),
                None | Some("row 0 at top and column 0 at left")
            ));
        }
        assert!(!fields.keys().any(|k| k.starts_with("1:")), "{what}: the thumbnail is gone: {fields:?}");
        let packet = xmp(&seen);
        assert!(packet.contains("Jemand") && packet.contains("A title"), "{what}");
        for (tag, value) in [("tiff:ImageWidth", size.0), ("tiff:ImageLength", size.1), ("tiff:Orientation", 1)] {
            assert!(packet.contains(&format!("<{tag}>{value}</{tag}>")), "{what}: {tag} {packet}");
        }
        if ending != "webp" {
            assert_eq!(seen.density, Some((dpi, dpi)), "{what}");
        }
    }
}

#[test]
fn metadata_go_from_every_format_to_every_other() {
    check_described("described.png", (14, 10), 300, false);
    check_described("described.jpg", (32, 24), 240, true);
    // The file asks for a quarter turn.
    check_described("described.tif", (10, 14), 300, true);
}

#[test]
fn a_thumbnail_was_there() {
    let original = bytes("described.jpg");
    assert!(readers::exif(&readers::jpeg(&original).exif.unwrap()).keys().any(|k| k.starts_with("1:")));
    let start_of_image = |file: &[u8]| file.windows(3).filter(|w| *w == [0xff, 0xd8, 0xff]).count();
    assert_eq!(start_of_image(&original), 2);
    let out = file(&through_identity(&read(fixture("described.jpg")).unwrap(), ""), "jpg");
    assert_eq!(start_of_image(&out), 1);
}

#[test]
fn webp_gives_its_metadata_to_all() {
    let image = read(fixture("described.webp")).unwrap();
    assert_eq!((image.width(), image.height()), (5, 7), "turned");
    for ending in ["png", "jpg", "webp", "tif"] {
        let seen = doubled("described.webp", ending);
        assert_eq!(seen.icc.as_ref(), Some(&bytes("wide.icc")), "{ending}");
        assert_eq!((seen.width, seen.height), (10, 14), "{ending}");
        let packet = xmp(&seen);
        assert!(packet.contains("tiff:Orientation=\"1\"") && packet.contains("tiff:ImageWidth=\"10\""), "{packet}");
        // EXIF with two fields; TIFF has them in its own directory.
        if ending != "tif" {
            let fields = readers::exif(&seen.exif.unwrap());
            assert_eq!(fields["0:Make"], "\"Ocelot\"", "{ending}");
            assert_eq!(fields["0:Orientation"], "row 0 at top and column 0 at left", "{ending}");
        }
    }
}

#[test]
fn texts_of_png_stay() {
    let seen = doubled("described.png", "png");
    assert_eq!(seen.texts["parameters"], "a cat, steps: 20");
    assert!(seen.texts.keys().all(|k| !k.contains("xmp") && !k.contains("profile")), "{:?}", seen.texts);
}

fn corner_colors(seen: &Seen) -> [usize; 3] {
    // The strongest channel left above, right above and below.
    let at = |x: usize, y: usize| {
        let p = &seen.samples[(y * seen.width + x) * 3..][..3];
        (0..3).max_by_key(|&c| p[c]).unwrap()
    };
    [at(6, 4), at(seen.width - 6, 4), at(seen.width / 2, seen.height - 4)]
}

#[test]
fn all_eight_orientations_are_applied_once() {
    for i in 1..=8 {
        let name = format!("turned{i}.jpg");
        // As the file is stored, other corners have these colours, but for the first.
        let stored = readers::jpeg(&bytes(&name));
        let upright = (stored.width, stored.height) == (48, 32) && corner_colors(&stored) == [0, 1, 2];
        assert_eq!(upright, i == 1, "{name}: the comparison can fail");
        let image = read(fixture(&name)).unwrap();
        for ending in ["png", "jpg", "webp", "tif"] {
            let seen = readers::read(&file(&through_identity(&image, ""), ending), ending);
            assert_eq!((seen.width, seen.height), (48, 32), "{name} {ending}");
            assert_eq!(corner_colors(&seen), [0, 1, 2], "{name} {ending}");
            if let Some(orientation) = seen.exif.as_ref().and_then(|e| readers::exif(e).remove("0:Orientation")) {
                assert_eq!(orientation, "row 0 at top and column 0 at left", "{name} {ending}");
            }
            assert!(xmp(&seen).contains("<tiff:Orientation>1</tiff:Orientation>"), "{name} {ending}");
        }
    }
}

#[test]
fn what_is_too_large_for_a_segment_is_split_or_left_out() {
    let mut icc = bytes("wide.icc");
    icc.resize(150_000, 7);
    let mut metadata = read(fixture("described.jpg")).unwrap().metadata().clone();
    metadata.icc = Some(icc.clone());
    metadata.xmp = Some(vec![b' '; 70_000]);
    let image = Image::filled_rgb(8, 8, [0.2, 0.5, 0.7]).with_metadata(metadata);
    let seen = readers::jpeg(&file(&image, "jpg"));
    assert_eq!(seen.icc, Some(icc));
    assert_eq!(seen.xmp, None);
    assert!(seen.exif.is_some());
}

#[test]
fn a_profile_for_other_colours_is_not_kept() {
    let mut metadata = read(fixture("wide.png")).unwrap().metadata().clone();
    metadata.exif = None;
    let gray = read(fixture("gray8.png")).unwrap().with_metadata(metadata);
    assert_eq!(readers::png(&file(&gray, "png")).icc, None);
}
