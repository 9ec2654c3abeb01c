use std::path::Path;

use ocelli_tensor::Dim;
use ocelli_vision::{Package, Task};

use crate::{Error, Model, concrete_types};

/// A package for a model that comes without one, from what its graph says; the second result says what was assumed.
/// Only tasks that answer with a picture can be guessed.
pub fn infer_package(model: &Model, task: Task, name: &str) -> Result<(Package, Vec<String>), Error> {
    if !task.is_picture() {
        return Err(Error::Usage(format!(
            "`{name}` has no model.toml, and how to read a {} model cannot be guessed; see docs/model-packages.md",
            task.name()
        )));
    }
    let graph = model.graph();
    let [input] = &graph.inputs[..] else {
        return Err(Error::Usage(format!("`{name}` has {} inputs; a model.toml is needed", graph.inputs.len())));
    };
    let dims = input.dims.clone().unwrap_or_default();
    let (layout, channels) = match &dims[..] {
        [_, Dim::Fixed(c @ (1 | 3)), _, _] => ("nchw", *c),
        [_, _, _, Dim::Fixed(c @ (1 | 3))] => ("nhwc", *c),
        [_, _, _, _] => ("nchw", 3),
        _ => {
            return Err(Error::Usage(format!("`{name}`: expected one input of rank 4; a model.toml is needed")));
        }
    };
    let shape: Vec<usize> = (0..4)
        .map(|i| match &dims[i] {
            Dim::Fixed(n) => *n,
            _ if (layout == "nchw" && i == 1) || (layout == "nhwc" && i == 3) => channels,
            _ if i == 0 => 1,
            _ => 64,
        })
        .collect();
    let (h, w) = if layout == "nchw" { (2, 3) } else { (1, 2) };
    let given = vec![(graph.value(input.value).name.clone(), shape.clone())];
    let (types, _) = concrete_types(graph, &given)?;
    let report = ocelli_runtime::report(graph, &types, &ocelli_graph::plan::Target::default())?;
    let out = report.outputs.first().and_then(|(_, ty)| ty.clone());
    let scale = match out.as_ref().map(|t| &t.shape[..]) {
        Some([_, _, oh, ow]) if layout == "nchw" && oh % shape[h] == 0 && oh / shape[h] == ow / shape[w] => {
            oh / shape[h]
        }
        Some([_, oh, ow, _]) if layout == "nhwc" && oh % shape[h] == 0 && oh / shape[h] == ow / shape[w] => {
            oh / shape[h]
        }
        _ => {
            return Err(Error::Usage(format!(
                "`{name}`: the result is not a whole multiple of the input; a model.toml is needed"
            )));
        }
    };
    let color = match (channels, task) {
        (1, Task::Upscale) => "y",
        (1, _) => "each",
        _ => "rgb",
    };
    let fixed = matches!((&dims[h], &dims[w]), (Dim::Fixed(_), Dim::Fixed(_)));
    let (size, fit) = if fixed { ("fixed", "tile") } else { ("any", "stretch") };
    let text = format!(
        "name = {name:?}\ntask = \"{}\"\nfile = \"model.onnx\"\n[input]\nlayout = \"{layout}\"\ncolor = \"{color}\"\n\
         size = \"{size}\"\nfit = \"{fit}\"\n[output]\nscale = {scale}\n",
        task.name()
    );
    let package = Package::parse(&text, Path::new(name))?;
    let assumed = vec![format!("no model.toml: assumed {layout}, {color}, values 0..1, scale {scale}")];
    Ok((package, assumed))
}
