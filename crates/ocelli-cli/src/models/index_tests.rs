#![allow(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::path::PathBuf;

use super::*;
use crate::shipped;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Every description below `tests/packages` by its checksum.
fn descriptions() -> Vec<(String, toml::Table)> {
    let folders = std::fs::read_dir(Path::new(ROOT).join("tests/packages")).unwrap();
    let files = folders.flat_map(|f| std::fs::read_dir(f.unwrap().path()).unwrap());
    let tables = files.map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap().parse::<toml::Table>().unwrap());
    tables.map(|t| (t["sha256"].as_str().unwrap().to_owned(), t)).collect()
}

/// Descriptions are those that the tests run on real pictures; names are chosen for people.
#[test]
fn descriptions_are_those_that_the_tests_use() {
    let tested = descriptions();
    let index = Index::load(None).unwrap();
    assert!(index.entries.len() >= 15);
    for entry in &index.entries {
        let mut got: toml::Table = entry.toml.parse().unwrap();
        let (_, wanted) = tested.iter().find(|(sha256, _)| *sha256 == entry.package.sha256).unwrap();
        let mut wanted = wanted.clone();
        for table in [&mut got, &mut wanted] {
            table.remove("name");
            table.remove("file");
        }
        assert_eq!(got, wanted, "{}", entry.package.name);
        assert!(entry.url.starts_with("https://") && !entry.package.licence.is_empty(), "{}", entry.package.name);
        assert!(shipped::ALL.iter().all(|s| s.name != entry.package.name));
    }
}

/// Sizes and checksums are those of the files that the tests have.
#[test]
fn files_are_those_that_the_tests_have() {
    let data = std::env::var_os("OCELLI_TEST_DATA").map_or_else(|| Path::new(ROOT).join("../shared"), PathBuf::from);
    if !data.join("models").is_dir() {
        eprintln!("SKIPPED: no test data at {} (set OCELLI_TEST_DATA)", data.display());
        return;
    }
    let tested = descriptions();
    for entry in Index::load(None).unwrap().entries {
        let (_, table) = tested.iter().find(|(sha256, _)| *sha256 == entry.package.sha256).unwrap();
        let file = data.join("models").join(table["file"].as_str().unwrap());
        assert_eq!(std::fs::metadata(&file).unwrap().len(), entry.size_bytes, "{}", entry.package.name);
        let sha256 = ocelli::vision::package::sha256_of_file(&file).unwrap();
        assert_eq!(sha256, entry.package.sha256, "{}", entry.package.name);
    }
}

fn index(name: &str, url: &str, size: &str, more: &str) -> Result<Index, Error> {
    let sha256 = "0".repeat(64);
    let text = format!(
        "[[model]]\nurl = {url:?}\nsize_bytes = {size}\n[model.package]\nname = {name:?}\ntask = \"denoise\"\n\
         file = \"model.onnx\"\nsha256 = \"{sha256}\"\n{more}"
    );
    Index::parse(&text, "test")
}

#[test]
fn hostile_entries_are_refused() {
    let url = "https://example.org/a.onnx";
    assert!(index("a-model_2.0", url, "1", "").is_ok());
    for name in
        ["", "..", ".a", "a/b", "a\\b", "../a", "/a", "C:a", "a b", "A", "nul", "con.x", "com1", "a.", "ä", "-a"]
    {
        assert!(index(name, url, "1", "").is_err(), "{name:?}");
    }
    assert!(index(&"a".repeat(65), url, "1", "").is_err());
    for url in ["file:///etc/passwd", "ftp://example.org/a", "example.org/a", "https://example.org/a b", "https://a\n"]
    {
        assert!(index("a", url, "1", "").is_err(), "{url:?}");
    }
    for size in ["0", "-1", "99999999999999"] {
        assert!(index("a", url, size, "").is_err(), "{size}");
    }
    assert!(index("a", url, "1", "unknown = 1\n").is_err());
    let two = "[[model]]\nurl = \"https://a\"\nsize_bytes = 1\n[model.package]\nname = \"a\"\ntask = \"denoise\"\n\
               file = \"model.onnx\"\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
    assert!(index("b", url, "1", two).is_ok());
    let Err(error) = index("a", url, "1", two) else { panic!("accepted") };
    assert!(error.to_string().contains("two models named \"a\""), "{error}");
    let Err(error) = Index::parse(&two.replace("model.onnx", "other.onnx"), "test") else { panic!("accepted") };
    assert!(error.to_string().contains("other.onnx"), "{error}");
}
