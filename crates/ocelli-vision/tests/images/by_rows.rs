//! Pictures that are read and written row by row: the same samples, the same metadata, and errors where the whole file has
//! one.

use std::path::{Path, PathBuf};

use ocelli_vision::image_io::{
    Opened, PartFile, ReadOptions, RowReader, WriteOptions, open_rows, part_path, read, write, write_rows,
};
use ocelli_vision::{Depth, Image, Planes, VisionError};

use crate::rows::{Samples, rows};
use crate::{bytes, fixture, readers};

/// Files that go row by row; all other PNG and TIFF files of the table say why they do not.
const BY_ROWS: [&str; 13] = [
    "gray1.png",
    "gray8.png",
    "gray16.png",
    "rgb8.png",
    "rgb16.png",
    "gray8.tif",
    "gray16.tif",
    "rgb8.tif",
    "rgb16.tif",
    "big.tif",
    "float1.tif",
    "float3.tif",
    "float-tiled.tif",
];

fn opened(path: &Path) -> Result<RowReader, String> {
    match open_rows(path, &ReadOptions::default()).unwrap() {
        Opened::Rows(rows) => Ok(*rows),
        Opened::Whole(reason) => Err(reason),
    }
}

fn all_rows(rows: &mut RowReader) -> Result<Image, VisionError> {
    let head = rows.head().clone();
    let mut planes = Planes::filled(head.channels.count(), head.height, head.width, -1.0);
    let mut at = 0;
    while let Some(part) = rows.next_rows()? {
        planes.paste(&part, 0, at);
        at += part.height();
    }
    assert_eq!(at, head.height);
    Ok(Image::new(planes, head.channels, head.depth)?.with_metadata(head.metadata))
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ocelli-rows-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_sample_comes_and_goes_in_rows() {
    let folder = folder("samples");
    for (name, channels, depth, samples) in rows() {
        if ![".png", ".tif"].contains(&&name[name.len() - 4..]) {
            assert!(opened(&fixture(name)).is_err_and(|r| r.contains("only PNG and TIFF")));
            continue;
        }
        let mut reader = match opened(&fixture(name)) {
            Ok(reader) => reader,
            Err(reason) => {
                assert!(!BY_ROWS.contains(&name), "{name}: {reason}");
                continue;
            }
        };
        assert!(BY_ROWS.contains(&name), "{name}");
        let image = all_rows(&mut reader).unwrap();
        assert_eq!((image.channels(), image.depth()), (channels, depth), "{name}");
        let whole = |bits: usize| -> Vec<u32> {
            if bits == 16 {
                image.to_u16().into_iter().map(u32::from).collect()
            } else {
                image.to_u8().into_iter().map(u32::from).collect()
            }
        };
        let bits = if depth == Depth::U16 { 16 } else { 8 };
        match &samples {
            Samples::Whole(expected) => assert_eq!(whole(bits), *expected, "{name}"),
            Samples::Floats(expected) => assert_eq!(image.to_f32(), *expected, "{name}"),
        }
        let Samples::Whole(expected) = samples else { continue };
        for ending in ["png", "tif"] {
            let out = folder.join(format!("{name}.{ending}"));
            // Two rows, then the others.
            write_rows::<_, VisionError>(&out, &image.head(), &WriteOptions::default(), |put| {
                put(image.planes().crop(0, 0, image.width(), 2)?)?;
                put(image.planes().crop(0, 2, image.width(), image.height() - 2)?)
            })
            .unwrap();
            let seen = readers::read(&std::fs::read(&out).unwrap(), ending);
            assert_eq!((seen.bits, seen.samples), (bits, expected.clone()), "{name} to {ending}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn metadata_and_conversions_are_those_of_the_whole_picture() {
    let folder = folder("described");
    let tiff = folder.join("described.tif");
    write(&tiff, &read(fixture("described.png")).unwrap()).unwrap();
    let pngs = ["described.png", "wide.png", "gray-profile.png", "gamma-wide.png", "gamma-linear.png"];
    for path in pngs.into_iter().map(fixture).chain([tiff]) {
        let name = path.display();
        let image = read(&path).unwrap();
        assert!(image.icc().is_some() || image.exif().is_some(), "{name}");
        let mut rows = opened(&path).unwrap_or_else(|r| panic!("{name}: {r}"));
        assert_eq!(rows.head(), &image.head(), "{name}");
        assert!(all_rows(&mut rows).unwrap() == image, "{name}");
        let converted = image.into_srgb().unwrap();
        let mut rows = opened(&path).unwrap().into_srgb().unwrap();
        assert!(all_rows(&mut rows).unwrap() == converted, "{name}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Chunks of a PNG: type and all bytes.
fn chunks(file: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut all = Vec::new();
    let mut at = 8;
    while at < file.len() {
        let n = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize + 12;
        all.push((&file[at + 4..at + 8], &file[at..at + n]));
        at += n;
    }
    all
}

#[test]
fn texts_behind_the_rows_are_read_before_them() {
    let folder = folder("late");
    let file = bytes("described.png");
    let late = |kind: &[u8]| [&b"eXIf"[..], b"tEXt", b"zTXt", b"iTXt"].contains(&kind);
    let all = chunks(&file);
    assert!(all.iter().any(|(kind, _)| late(kind)));
    let mut moved = file[..8].to_vec();
    let end = all.len() - 1;
    for (_, bytes) in
        all[..end].iter().filter(|c| !late(c.0)).chain(all[..end].iter().filter(|c| late(c.0))).chain(&all[end..])
    {
        moved.extend_from_slice(bytes);
    }
    assert_eq!(moved.len(), file.len());
    let path = folder.join("late.png");
    std::fs::write(&path, &moved).unwrap();
    let rows = opened(&path).unwrap();
    assert_eq!(rows.head().metadata, read(fixture("described.png")).unwrap().head().metadata);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_not_read_in_rows_says_why() {
    for (name, why) in [
        ("interlaced.png", "interlaced"),
        ("rgba8.png", "alpha"),
        ("palette.png", "alpha"),
        ("animated.png", "animated"),
        ("planar.tif", "one after the other"),
        ("palette.tif", "grey or RGB"),
        ("cmyk.tif", "grey or RGB"),
        ("premultiplied.tif", "alpha"),
        ("turned3.jpg", "only PNG and TIFF"),
    ] {
        let reason = opened(&fixture(name)).err().unwrap_or_default();
        assert!(reason.contains(why), "{name}: {reason:?}");
    }
}

#[test]
fn damaged_files_are_an_error_and_never_a_panic() {
    let folder = folder("damaged");
    let path = folder.join("x");
    let mut state = 5u32;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let read_all = |file: &[u8]| {
        std::fs::write(&path, file).unwrap();
        match open_rows(&path, &ReadOptions::default()) {
            Ok(Opened::Rows(mut rows)) => all_rows(&mut rows).map(|_| ()),
            Ok(Opened::Whole(_)) => Ok(()),
            Err(e) => Err(e),
        }
    };
    for name in BY_ROWS {
        let whole = bytes(name);
        read_all(&whole).unwrap();
        let end = if name.ends_with("png") { whole.len() - 12 } else { whole.len() / 2 };
        for n in (0..end).step_by((whole.len() / 40).max(1)) {
            assert!(read_all(&whole[..n]).is_err(), "{name} cut to {n} of {} bytes", whole.len());
        }
        for _ in 0..60 {
            let mut file = whole.clone();
            let at = next(file.len());
            file[at] ^= 1 << next(8);
            // Whatever it is, it is told.
            let _ = read_all(&file);
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn rows_that_do_not_come_leave_no_file() {
    let folder = folder("missing");
    let image = read(fixture("rgb8.png")).unwrap();
    for ending in ["png", "tif"] {
        let out = folder.join(format!("x.{ending}"));
        let write = |n: usize| {
            write_rows::<_, VisionError>(&out, &image.head(), &WriteOptions::default(), |put| {
                (0..n).try_for_each(|y| put(image.planes().crop(0, y % image.height(), image.width(), 1)?))
            })
        };
        for wrong in [0, image.height() - 1, image.height() + 1] {
            let error = write(wrong).unwrap_err().to_string();
            assert!(error.contains("rows of 7"), "{error}");
        }
        let stopped = write_rows::<(), VisionError>(&out, &image.head(), &WriteOptions::default(), |put| {
            put(image.planes().crop(0, 0, image.width(), 1)?)?;
            Err(VisionError::Argument("stop".to_owned()))
        });
        assert_eq!(stopped.unwrap_err().to_string(), "stop");
        assert!(names(&folder).is_empty(), "{:?}", names(&folder));
        write(image.height()).unwrap();
        std::fs::remove_file(&out).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn finished_rows_outlive_a_run() {
    let folder = folder("part");
    for (name, ending, options) in [
        ("rgb16.png", "tif", WriteOptions::default()),
        ("float3.tif", "tif", WriteOptions::default()),
        ("rgb16.png", "png", WriteOptions { depth: Some(Depth::U8), ..WriteOptions::default() }),
    ] {
        let (input, out) = (fixture(name), folder.join(format!("x.{ending}")));
        let image = read(&input).unwrap();
        let row = |y: usize| image.planes().crop(0, y, image.width(), 1).unwrap();
        let open = |making: &str| PartFile::open(&out, &input, &image.head(), &options, making).unwrap();
        let mut first = open("a");
        first.put(row(0)).unwrap();
        first.put(row(1)).unwrap();
        drop(first);
        // The beginning of a row that was not told of does not count.
        let mut torn = std::fs::read(part_path(&out)).unwrap();
        torn.extend([9; 5]);
        std::fs::write(part_path(&out), torn).unwrap();
        let mut second = open("a");
        assert_eq!(second.rows(), 2, "{name}");
        (2..image.height()).for_each(|y| second.put(row(y)).unwrap());
        second.finish::<VisionError>(&out, &options, &mut || Ok(())).unwrap();
        assert_eq!(names(&folder), [format!("x.{ending}")], "the part is gone");
        let straight = folder.join(format!("straight.{ending}"));
        write_rows::<_, VisionError>(&straight, &image.head(), &options, |put| put(image.planes().clone())).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&straight).unwrap(), "{name}");
        // Rows of something else are not taken up.
        let mut other = open("a");
        other.put(row(0)).unwrap();
        drop(other);
        assert_eq!(open("b").rows(), 0);
        for path in [&out, &straight, &part_path(&out)] {
            std::fs::remove_file(path).unwrap();
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
