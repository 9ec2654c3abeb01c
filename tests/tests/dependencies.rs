//! Which crate may use which. The table is the architecture: a line is added here together with its reason.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

struct Rule {
    name: &'static str,
    /// Crates that it may use directly. `thiserror` and `log` are allowed in every library.
    may: &'static [&'static str],
    /// Crates that must not be reached, not even through others.
    never: &'static [&'static str],
}

const RULES: &[Rule] = &[
    // `half` and `bytemuck`: typed views of bytes.
    Rule { name: "ocelli-tensor", may: &["bytemuck", "half"], never: &["wgpu", "naga", "image", "prost"] },
    Rule {
        name: "ocelli-shaders",
        may: &["ocelli-tensor", "naga"],
        never: &["wgpu", "image", "prost", "ocelli-graph"],
    },
    // `half` and `bytemuck`: the references compute on every element type.
    Rule {
        name: "ocelli-graph",
        may: &["ocelli-tensor", "ocelli-shaders", "half", "bytemuck"],
        never: &["wgpu", "image", "prost"],
    },
    // `memmap2`: weights stay mapped. `half` and `bytemuck`: typed fields of a tensor message.
    Rule {
        name: "ocelli-onnx",
        may: &["ocelli-tensor", "ocelli-graph", "prost", "bytes", "memmap2", "half", "bytemuck"],
        never: &["wgpu", "image"],
    },
    // `rayon`: packing weights and compiling pipelines. `pollster`: the blocking conveniences on native systems.
    Rule {
        name: "ocelli-runtime",
        may: &[
            "ocelli-tensor",
            "ocelli-shaders",
            "ocelli-graph",
            "wgpu",
            "futures-channel",
            "rayon",
            "pollster",
            "half",
            "bytemuck",
        ],
        never: &["image", "prost", "ocelli-onnx", "ocelli-vision"],
    },
    // `png`, `tiff`, `image-webp`, `zune-*`: the codecs below `image`, which has no way to most metadata and to floats and
    // ink as files hold them. `flate2`: strips of TIFF one by one, which `tiff` writes deflated only all at once. `moxcms`: ICC profiles. `ab_glyph`: labels on pictures. `serde`, `toml`, `sha2`: model
    // packages. `rayon`: rows in parallel.
    Rule {
        name: "ocelli-vision",
        may: &[
            "ocelli-tensor",
            "ocelli-graph",
            "image",
            "image-webp",
            "flate2",
            "moxcms",
            "png",
            "tiff",
            "zune-core",
            "zune-jpeg",
            "ab_glyph",
            "rayon",
            "serde",
            "sha2",
            "toml",
        ],
        never: &["wgpu", "prost"],
    },
    Rule {
        name: "ocelli",
        may: &[
            "ocelli-tensor",
            "ocelli-graph",
            "ocelli-onnx",
            "ocelli-runtime",
            "ocelli-shaders",
            "ocelli-vision",
            "wgpu",
            "pollster",
            "rayon",
            "serde",
            "serde_json",
            "sha2",
            "toml",
        ],
        never: &["clap", "env_logger"],
    },
    // What an application sees: the façade alone.
    Rule { name: "ocelli-examples", may: &["ocelli", "pollster"], never: &[] },
    // The command line sees the façade alone. `pollster`: it may block. `regex`: what `bench kernels --filter` takes.
    // `glob`: patterns of file names where no shell expands them. `toml`: the index of models. `ureq`: their downloads.
    Rule {
        name: "ocelli-cli",
        may: &[
            "ocelli",
            "clap",
            "ctrlc",
            "env_logger",
            "glob",
            "indicatif",
            "pollster",
            "regex",
            "serde",
            "serde_json",
            "toml",
            "ureq",
        ],
        never: &[],
    },
];

/// Not part of what is shipped: tools and tests.
const UNPUBLISHED: &[&str] = &["ocelli-testing", "ocelli-tests", "xtask"];

/// The dependencies as they are on this platform, which are those that the build has fetched.
fn metadata() -> Metadata {
    let rustc = std::process::Command::new("rustc").arg("-vV").output();
    let version = String::from_utf8(rustc.expect("rustc").stdout).expect("text");
    let host = version.lines().find_map(|l| l.strip_prefix("host: "));
    let options = ["--offline", "--filter-platform", host.expect("a host")];
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .other_options(options.map(str::to_owned).to_vec())
        .exec()
        .expect("cargo metadata")
}

fn package<'a>(metadata: &'a Metadata, id: &PackageId) -> &'a Package {
    let found = metadata.packages.iter().find(|p| p.id == *id);
    found.expect("a package of the resolve")
}

#[test]
fn direct_dependencies_are_in_the_table() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        if UNPUBLISHED.contains(&name) || name == "ocelli-egui-window" {
            continue;
        }
        let Some(rule) = RULES.iter().find(|r| r.name == name) else {
            wrong.push(format!("{name} is not in the table"));
            continue;
        };
        let normal = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
        for dependency in normal {
            let used = dependency.name.as_str();
            if !rule.may.contains(&used) && !["thiserror", "log"].contains(&used) {
                wrong.push(format!("{name} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not in the table of this file:\n{}", wrong.join("\n"));
}

#[test]
fn what_must_not_be_reached_is_not() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("a resolve");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|n| (&n.id, n)).collect();
    let mut wrong = Vec::new();
    for package_of in metadata.workspace_packages() {
        let Some(rule) = RULES.iter().find(|r| package_of.name == r.name) else {
            continue;
        };
        let mut seen = BTreeSet::new();
        let mut open = vec![&package_of.id];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let normal = |d: &&cargo_metadata::NodeDep| d.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
            open.extend(nodes[id].deps.iter().filter(normal).map(|d| &d.pkg));
        }
        for id in seen {
            let used = package(&metadata, id).name.as_str();
            if rule.never.contains(&used) {
                wrong.push(format!("{} reaches {used}", rule.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_application_and_the_engine_share_one_wgpu() {
    let metadata = metadata();
    for shared in ["wgpu", "naga"] {
        let versions: Vec<String> =
            metadata.packages.iter().filter(|p| p.name == shared).map(|p| p.version.to_string()).collect();
        assert_eq!(versions.len(), 1, "{shared}: {versions:?}");
    }
}
