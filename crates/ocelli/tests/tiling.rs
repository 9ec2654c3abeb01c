//! Tiles beside the whole picture, bit for bit, for every model that answers with a picture: those that are shipped and
//! those of the test data.
#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::{Path, PathBuf};

use ocelli::graph::TensorType;
use ocelli::graph::analysis::ReceptiveField;
use ocelli::graph::plan::GRANULE;
use ocelli::vision::package::{Fit, Layout, SizeRule};
use ocelli::vision::restore::{self, Answer, Cuts, Options};
use ocelli::vision::{Image, Package};
use ocelli::{DType, Dim, Engine, EngineOptions, Error, Model, Session, Tensor};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn engine() -> Engine {
    let device = std::env::var("OCELLI_DEVICE").ok();
    Engine::open(&EngineOptions { device, reproducible: true, ..Default::default() }).unwrap()
}

/// A model for pictures of any size, whatever size its file states.
struct Net {
    name: String,
    package: Package,
    session: Session,
    field: ReceptiveField,
}

impl Net {
    fn open(engine: &Engine, toml: &Path, folder: &Path) -> Option<Net> {
        let mut package = Package::read(toml, folder).unwrap();
        if !package.task.is_picture() {
            return None;
        }
        let model = Model::open(&package.stage_paths()[0]).unwrap();
        let mut graph = model.graph().clone();
        let axes = if package.input.layout == Layout::Nchw { [2, 3] } else { [1, 2] };
        let dims = graph.inputs[0].dims.as_mut().unwrap();
        let sizes = axes.map(|a| if let Dim::Fixed(n) = dims[a] { n } else { 64 });
        axes.into_iter().for_each(|a| dims[a] = Dim::Unknown);
        if package.input.size == SizeRule::Fixed {
            package.input.size = SizeRule::Any;
        }
        package.input.fit = Fit::Stretch;
        (package.input.width, package.input.height) = (None, None);
        let mut shape = vec![1; 4];
        shape[if axes[0] == 2 { 1 } else { 3 }] = package.input.color.channels();
        axes.into_iter().zip(sizes).for_each(|(a, n)| shape[a] = n);
        let mut types = vec![TensorType::new(DType::F32, shape)];
        // A noise level beside the picture.
        types.extend(package.input.noise.iter().map(|_| TensorType::new(DType::F32, vec![1; 4])));
        let field = ReceptiveField::of(model.graph(), 0, axes, &types).unwrap();
        let session = Session::new(engine, graph).unwrap();
        Some(Net { name: package.name.clone(), package, session, field })
    }

    fn run(&self, image: &Image, options: &Options) -> (Image, Cuts) {
        let out = restore::run_cut::<Error>(image, &self.package, options, |_, t: Tensor| {
            let level = self.package.input.noise.as_ref().map(|n| n.value(Some(25.0))).transpose()?;
            let level = level.map(|v| Tensor::from_vec(&[1; 4], vec![v])).transpose()?;
            let inputs: Vec<Tensor> = std::iter::once(t).chain(level).collect();
            Ok(Answer::Done(self.session.run(&inputs)?.remove(0)))
        });
        let out = out.unwrap_or_else(|e| panic!("{}: {e}", self.name));
        (out.image, out.cuts)
    }
}

/// All of them; those of the test data when it is there.
fn nets(engine: &Engine) -> Vec<Net> {
    let mut found = Vec::new();
    let shipped = Path::new(ROOT).join("assets/models");
    for folder in folders(&shipped) {
        found.extend(Net::open(engine, &folder.join("model.toml"), &folder));
    }
    let data = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(ROOT).join("../shared"), PathBuf::from);
    if !data.join("models").is_dir() {
        eprintln!("SKIPPED: models of the test data: none at {} (set OCELLI_TEST_DATA)", data.display());
        return found;
    }
    for folder in folders(&Path::new(ROOT).join("tests/packages")) {
        for toml in folders(&folder) {
            found.extend(Net::open(engine, &toml, &data.join("models")));
        }
    }
    found
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

/// Noise over a ramp: every pixel matters.
fn picture(width: usize, height: usize) -> Image {
    let mut state = 7u32;
    let data = (0..3 * width * height).map(|i| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state >> 8) / f64::from(1 << 24) * 0.6 + (i % width) as f64 / width as f64 * 0.4) as f32
    });
    let planes = ocelli::vision::Planes::new(3, height, width, data.collect()).unwrap();
    Image::from_planes(planes, ocelli::vision::Depth::F32).unwrap()
}

/// What is known of the architectures: halo where every pixel of the result depends on a part of the picture only, else the
/// operator that looks at all of it.
const KNOWN: &[(&str, Result<usize, &str>)] = &[
    ("dncnn-s25", Ok(17)),
    ("vdsr", Ok(20)),
    ("espcn-x2", Ok(4)),
    ("espcn-x3", Ok(4)),
    ("upconv7-photo-scale2", Ok(0)),
    ("noise1-model", Err("GlobalAveragePool")),
    ("scale2.0x-model", Err("GlobalAveragePool")),
];

#[test]
fn tiled_equals_untiled_bit_for_bit() {
    let engine = engine();
    let (mut equal, mut differ) = (0, 0);
    for net in nets(&engine) {
        if let Some((_, known)) = KNOWN.iter().find(|(name, _)| *name == net.name) {
            match known {
                Ok(halo) => assert_eq!(net.field.halo(), Some(*halo), "{}", net.name),
                Err(op) => {
                    assert!(net.field.global.iter().any(|g| g.op == *op), "{}: {:?}", net.name, net.field.global)
                }
            }
        }
        let Some(halo) = net.field.halo() else {
            eprintln!("{}: {:?}", net.name, net.field.global.iter().map(|g| (&g.node, g.op)).collect::<Vec<_>>());
            assert!(!net.field.global.is_empty(), "{}", net.name);
            continue;
        };
        let align = net.field.alignment(GRANULE);
        let pre = net.package.output.pre_upscale.max(1);
        // Two columns of tiles and three rows of them, of odd sizes.
        let least = 2 * halo + 2 * align + 2 * net.package.output.crop + net.package.input.multiple_of;
        let tile = least.next_multiple_of(8).max(24);
        let (mut width, height) = ((tile + tile / 2 - halo + 1) / pre, (2 * tile - 2 * halo + 5) / pre);
        if halo > 100 {
            // What sees so far is cut one way only, to keep to the memory of every adapter.
            width = 48;
        }
        let image = picture(width | 1, height | 1);
        let (whole, _) = net.run(&image, &Options::default());
        let options = Options { tile: Some((tile, tile)), halo: Some(halo), align, ..Options::default() };
        let (tiled, cuts) = net.run(&image, &options);
        eprintln!("{}: halo {halo} align {align} tile {tile} {}x{} {cuts:?}", net.name, image.width(), image.height());
        assert!(cuts.runs >= if halo > 100 { 2 } else { 4 }, "{}: {cuts:?}", net.name);
        assert_eq!(whole.planes().data().len(), tiled.planes().data().len());
        let off = whole.planes().data().iter().zip(tiled.planes().data()).filter(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!(
            off.count(),
            0,
            "{}: samples differ by up to {}",
            net.name,
            whole.planes().largest_difference(tiled.planes(), 0, 0)
        );
        assert_eq!(cuts.seam, 0.0, "{}", net.name);
        equal += 1;
        // Half of the halo is not enough: the comparison sees it, and the seam tells.
        if halo > 1 {
            let (cut, cuts) = net.run(&image, &Options { halo: Some(halo / 2), ..options });
            let error = whole.planes().largest_difference(cut.planes(), 0, 0);
            differ += usize::from(error > 0.0 && cuts.seam > 0.0);
        }
    }
    assert!(
        equal >= 4 && differ >= equal / 2,
        "{equal} models compared, {differ} of them differ with half of the halo"
    );
}
