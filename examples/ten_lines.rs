//! Any ONNX model on the GPU: `cargo run -p ocelli-examples --bin ten-lines -- MODEL.onnx`.

use ocelli::{Engine, EngineOptions, Error, Model, Tensor, concrete_types};

fn main() -> Result<(), Error> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "assets/models/ocelli-sr-x2/model.onnx".to_owned());
    let engine = Engine::open(&EngineOptions::default())?;
    let model = Model::open(path)?;
    let session = model.session(&engine)?;
    let (types, _) = concrete_types(model.graph(), &[])?;
    let inputs = types.iter().map(|t| Tensor::zeros(t.dtype, &t.shape)).collect::<Result<Vec<_>, _>>()?;
    for (name, tensor) in session.output_names().into_iter().zip(session.run(&inputs)?) {
        println!("{name}: {tensor:?}");
    }
    Ok(())
}
