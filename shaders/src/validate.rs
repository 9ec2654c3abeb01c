//! Offline checks of a composed kernel, without a GPU: naga validation with only the declared features, reflection
//! against the spec, and translation to SPIR-V, MSL and HLSL. Kernels with cooperative matrices are not for HLSL, whose writer
//! has no such type: the device of a DX12 adapter never offers the feature.

use naga::back::{hlsl, msl, spv};
use naga::valid::{Capabilities, ValidationFlags, Validator};

use crate::{Access, Feature, Kernel};

/// Sizes of what each back end wrote, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// SPIR-V 1.3.
    pub spirv: usize,
    /// Metal Shading Language 3.1.
    pub msl: usize,
    /// HLSL, shader model 6.2; 0 for kernels that are not for it.
    pub hlsl: usize,
}

/// Validates `kernel` and writes it for every back end; the error tells which check failed and why.
pub fn kernel(kernel: &Kernel) -> Result<Written, String> {
    let fail = |what: &str, why: String| format!("{}: {what}: {why}", kernel.name);
    let module =
        naga::front::wgsl::parse_str(&kernel.source).map_err(|e| fail("parse", e.emit_to_string(&kernel.source)))?;
    // Every back end has the conversion between two halves and a word (`pack2x16float`).
    let mut capabilities = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    for feature in &kernel.features {
        capabilities |= match feature {
            Feature::ShaderF16 => Capabilities::SHADER_FLOAT16,
            Feature::Subgroup => Capabilities::SUBGROUP,
            Feature::Int64 => Capabilities::SHADER_INT64,
            Feature::CooperativeMatrix => Capabilities::COOPERATIVE_MATRIX,
        };
    }
    let info = Validator::new(ValidationFlags::all(), capabilities)
        .validate(&module)
        .map_err(|e| fail("validate", e.emit_to_string(&kernel.source)))?;
    reflect(kernel, &module).map_err(|e| fail("spec", e))?;

    let spirv = spv::write_vec(&module, &info, &spv::Options { lang_version: (1, 3), ..Default::default() }, None)
        .map_err(|e| fail("SPIR-V", e.to_string()))?;
    let msl_options = msl::Options { lang_version: (3, 1), fake_missing_bindings: true, ..Default::default() };
    let (msl, _) = msl::write_string(&module, &info, &msl_options, &msl::PipelineOptions::default())
        .map_err(|e| fail("MSL", e.to_string()))?;
    if kernel.features.contains(&Feature::CooperativeMatrix) {
        return Ok(Written { spirv: spirv.len() * 4, msl: msl.len(), hlsl: 0 });
    }
    let hlsl_options =
        hlsl::Options { shader_model: hlsl::ShaderModel::V6_2, fake_missing_bindings: true, ..Default::default() };
    let mut hlsl = String::new();
    hlsl::Writer::new(&mut hlsl, &hlsl_options, &hlsl::PipelineOptions::default())
        .write(&module, &info, None)
        .map_err(|e| fail("HLSL", e.to_string()))?;
    Ok(Written { spirv: spirv.len() * 4, msl: msl.len(), hlsl: hlsl.len() })
}

/// Compares what the module declares with what the spec says.
fn reflect(kernel: &Kernel, module: &naga::Module) -> Result<(), String> {
    let [entry] = &module.entry_points[..] else {
        return Err(format!("{} entry points, expected one", module.entry_points.len()));
    };
    if entry.name != "main" || entry.workgroup_size != kernel.workgroup_size {
        return Err(format!(
            "entry `{}` {:?}, expected `main` {:?}",
            entry.name, entry.workgroup_size, kernel.workgroup_size
        ));
    }
    let mut found = 0;
    for (_, var) in module.global_variables.iter() {
        let Some(binding) = &var.binding else {
            continue;
        };
        let name = var.name.as_deref().unwrap_or("");
        match var.space {
            naga::AddressSpace::Uniform => {
                let size = module.types[var.ty].inner.size(module.to_ctx()).next_multiple_of(16);
                if binding.binding != 0 || size != kernel.params_bytes {
                    return Err(format!(
                        "uniform `{name}` at {} of {size} bytes, expected 0 of {}",
                        binding.binding, kernel.params_bytes
                    ));
                }
            }
            naga::AddressSpace::Storage { access } => {
                let spec = (binding.binding as usize).checked_sub(1).and_then(|i| kernel.bindings.get(i));
                let spec = spec.ok_or_else(|| format!("`{name}` at binding {} is not in the spec", binding.binding))?;
                let got = if access.contains(naga::StorageAccess::STORE) { Access::ReadWrite } else { Access::Read };
                if spec.name != name || spec.access != got {
                    return Err(format!(
                        "binding {} is `{name}` {got:?}, expected `{}` {:?}",
                        binding.binding, spec.name, spec.access
                    ));
                }
                found += 1;
            }
            _ => {}
        }
    }
    if found != kernel.bindings.len() {
        return Err(format!("{found} storage bindings, expected {}", kernel.bindings.len()));
    }
    Ok(())
}
