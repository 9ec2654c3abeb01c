//! What a truncated halo costs is what tiles of other pictures show, and not more.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};

use ocelli::tasks::{RestoreOptions, Task};
use ocelli::vision::{Channels, Depth, Image, Package, Planes, image_io};
use ocelli::{Engine, EngineOptions};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Photographs where they are, and what is harder than those.
fn pictures(channels: Channels) -> Vec<Image> {
    let mut all = Vec::new();
    let data = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(ROOT).join("../shared"), PathBuf::from);
    for name in ["baby", "butterfly"] {
        match image_io::read(data.join(format!("images/set5/{name}_GT.bmp"))) {
            Ok(photo) => all.push(photo.crop(30, 40, 130, 110).unwrap()),
            Err(e) => eprintln!("SKIPPED: {e}"),
        }
    }
    let chess = (0..3 * 110 * 130).map(|i| ((i / 130 % 110 / 7 + i % 130 / 5) % 2) as f32).collect();
    all.push(Image::from_planes(Planes::new(3, 110, 130, chess).unwrap(), Depth::F32).unwrap());
    let gray = |image: Image| {
        if channels == Channels::Gray { Image::from_planes(image.gray_plane(), Depth::F32).unwrap() } else { image }
    };
    all.into_iter().map(|image| gray(image).with_depth(Depth::F32)).collect()
}

#[test]
fn the_bound_holds_on_other_pictures_and_is_not_idle() {
    let device = std::env::var("OCELLI_DEVICE").ok();
    let engine = Engine::open(&EngineOptions { device, reproducible: true, ..Default::default() }).unwrap();
    let data = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(ROOT).join("../shared"), PathBuf::from);
    let mut packages = vec![Package::load(Path::new(ROOT).join("assets/models/ocelli-sr-x2")).unwrap()];
    if data.join("models").is_dir() {
        let toml = Path::new(ROOT).join("tests/packages");
        let found = ["espcn-tf/espcn_x2.toml", "dncnn/dncnn_s25.toml"].map(|name| toml.join(name));
        packages.extend(found.iter().filter(|p| p.is_file()).map(|p| Package::read(p, &data.join("models")).unwrap()));
    }
    let mut compared = 0;
    for package in packages {
        let name = package.name.clone();
        let channels = if package.input.color.channels() == 3 { Channels::Rgb } else { Channels::Gray };
        let task = Task::from_package(&engine, package).unwrap();
        let Some(bounds) = task.truncation(&mut |_| true).unwrap() else {
            eprintln!("{name}: not measured");
            continue;
        };
        assert_eq!(Some(bounds.needed), task.receptive_field().unwrap().halo(), "{name}");
        assert_eq!(bounds.difference(bounds.needed), 0.0);
        assert_eq!(bounds.difference(bounds.least_halo(0.01)), bounds.difference(bounds.least_halo(0.01)).min(0.01));
        let mut last = f32::INFINITY;
        let pictures: Vec<(Image, Image)> = pictures(channels)
            .into_iter()
            .map(|p| {
                let whole = task.restore(&p, &RestoreOptions::default(), &mut |_| true).unwrap();
                (p, whole)
            })
            .collect();
        for halo in [0, bounds.needed / 4, bounds.needed / 2, bounds.needed - 1] {
            let bound = bounds.difference(halo);
            assert!(bound <= last, "{name}: a larger halo is never worse");
            last = bound;
            let mut most = 0.0f32;
            for (picture, whole) in &pictures {
                let options = RestoreOptions { tile: Some(80), halo: Some(halo), ..RestoreOptions::default() };
                let tiled = task.restore_cut(picture, &options, &mut |_| true).unwrap();
                assert!(tiled.cuts.tiled);
                most = most.max(whole.planes().largest_difference(tiled.image.planes(), 0, 0));
            }
            eprintln!("{name}: halo {halo}: {:.4} of 255 seen, {:.4} stated", most * 255.0, bound * 255.0);
            assert!(most <= bound, "{name}: halo {halo}: {most} seen, {bound} stated");
            // Stated for what is hardest, but of that order.
            assert!(halo > 0 || most > bound / 100.0, "{name}: {most} seen, {bound} stated");
            compared += 1;
        }
    }
    assert!(compared >= 4);
}
