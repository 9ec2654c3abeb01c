//! Validates every kernel that the cases of the operators use and prints what each back end writes, in bytes.

use std::process::ExitCode;

use ocelli_shaders::validate;

fn main() -> ExitCode {
    let kernels = match ocelli_tests::kernels() {
        Ok(kernels) => kernels,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    };
    println!("{:>8} {:>8} {:>8}  kernel", "SPIR-V", "MSL", "HLSL");
    let mut failed = 0;
    for kernel in kernels.values() {
        match validate::kernel(kernel) {
            Ok(w) => println!("{:>8} {:>8} {:>8}  {}", w.spirv, w.msl, w.hlsl, kernel.name),
            Err(e) => {
                failed += 1;
                println!("FAILED {e}");
            }
        }
    }
    println!("{} kernels, {failed} failed", kernels.len());
    ExitCode::from(u8::from(failed > 0))
}
