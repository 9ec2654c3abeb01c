use ocelli::{Error, RuntimeError};

/// Lists the adapters.
pub fn run(json: bool) -> Result<u8, Error> {
    let all = pollster::block_on(ocelli::adapters());
    if json {
        let rows: Vec<serde_json::Value> = all
            .iter()
            .map(|a| {
                serde_json::json!({
                    "index": a.index, "name": a.name, "backend": a.backend, "kind": a.kind, "driver": a.driver,
                    "max_binding_bytes": a.max_binding_bytes, "workgroup_memory_bytes": a.workgroup_memory_bytes,
                    "features": a.features,
                })
            })
            .collect();
        println!("{}", serde_json::Value::Array(rows));
    } else {
        for a in &all {
            println!("{}  {} ({}, {}) {}", a.index, a.name, a.kind, a.backend, a.driver);
            println!(
                "   buffers up to {} MiB, {} KiB workgroup memory, {}",
                a.max_binding_bytes >> 20,
                a.workgroup_memory_bytes >> 10,
                a.features.join(", ")
            );
        }
    }
    if all.is_empty() {
        return Err(RuntimeError::NoAdapter("no Vulkan, Metal or DX12 driver answers".to_owned()).into());
    }
    Ok(0)
}
