//! The import-only sources.

/// Text of an import such as `shared::grid`.
pub(super) fn find(path: &str) -> Option<&'static str> {
    Some(match path {
        "shared::grid" => include_str!("../shared/grid.wgsl"),
        "shared::math" => include_str!("../shared/math.wgsl"),
        "shared::quad" => include_str!("../shared/quad.wgsl"),
        _ => return None,
    })
}
