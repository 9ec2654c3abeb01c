use std::path::Path;

use ocelli_graph::{Graph, Operator, TensorType};
use ocelli_tensor::Dim;
use ocelli_vision::{Package, Task};

use crate::{Error, Model};

/// Rows and columns that models of any size are tried with.
const TRIED: [(usize, usize); 2] = [(128, 192), (192, 320)];

/// Divisors of both sides that are tried.
const MULTIPLES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// Most that a model takes away on each side, in pixels of its input.
const MAX_CROP: usize = 128;

/// A package for a model that comes without one, from what its graph says; the second result says what was assumed.
///
/// The layout, the size rule and what a result means are computed from the graph; no graph tells the range of the values
/// and the order of the colours. How a detector or a pose model is read cannot be guessed.
///
/// Errors: the model has no single input of rank 4, or answers with what the task does not.
pub fn infer_package(model: &Model, task: Task, name: &str) -> Result<(Package, Vec<String>), Error> {
    let look = Look::at(model.graph(), name)?;
    let (keys, output) = match task {
        Task::Upscale | Task::Denoise | Task::Enhance | Task::Style => look.picture(task)?,
        Task::Classify => look.classes()?,
        Task::Segment => look.mask()?,
        Task::Detect | Task::Pose => {
            return Err(look.wrong(format!("how to read a {} model cannot be guessed", task.name())));
        }
    };
    let color = match (look.channels, task) {
        (1, Task::Upscale) => "y",
        (1, Task::Classify | Task::Segment) => "gray",
        (1, _) => "each",
        _ => "rgb",
    };
    let layout = look.layout;
    let text = format!(
        "name = {name:?}\ntask = \"{}\"\nfile = \"model.onnx\"\n[input]\nlayout = \"{layout}\"\ncolor = \"{color}\"\n{keys}",
        task.name()
    );
    let package = Package::parse(&text, Path::new(name))?;
    Ok((package, vec![format!("no model.toml: found {layout}, {output}; assumed {color}, values 0..1")]))
}

/// What is seen of a model.
struct Look<'a> {
    graph: &'a Graph,
    name: &'a str,
    layout: &'static str,
    channels: usize,
    /// Rows and columns, where the file states them.
    fixed: Option<(usize, usize)>,
}

impl<'a> Look<'a> {
    fn at(graph: &'a Graph, name: &'a str) -> Result<Look<'a>, Error> {
        let mut look = Look { graph, name, layout: "nchw", channels: 3, fixed: None };
        let [input] = &graph.inputs[..] else {
            return Err(look.wrong(format!("it has {} inputs", graph.inputs.len())));
        };
        let dims = input.dims.clone().unwrap_or_default();
        (look.layout, look.channels) = match &dims[..] {
            [_, Dim::Fixed(c @ (1 | 3)), _, _] => ("nchw", *c),
            [_, _, _, Dim::Fixed(c @ (1 | 3))] => ("nhwc", *c),
            [_, Dim::Fixed(c), _, _] => return Err(look.wrong(format!("its input has {c} channels, expected 1 or 3"))),
            [_, _, _, _] => ("nchw", 3),
            _ => return Err(look.wrong(format!("its input has rank {}, expected 4", dims.len()))),
        };
        let (h, w) = if look.layout == "nchw" { (2, 3) } else { (1, 2) };
        look.fixed = match (&dims[h], &dims[w]) {
            (Dim::Fixed(h), Dim::Fixed(w)) => Some((*h, *w)),
            _ => None,
        };
        Ok(look)
    }

    fn wrong(&self, what: String) -> Error {
        Error::Usage(format!("`{}` has no model.toml, and {what}; see docs/model-packages.md", self.name))
    }

    /// Shape of the first result for a picture of this size; `None` where the model takes no such picture.
    fn result(&self, rows: usize, columns: usize) -> Option<Vec<usize>> {
        let shape = if self.layout == "nchw" {
            vec![1, self.channels, rows, columns]
        } else {
            vec![1, rows, columns, self.channels]
        };
        let types = [TensorType::new(self.graph.inputs[0].dtype, shape)];
        let report = ocelli_runtime::report(self.graph, &types, &ocelli_graph::plan::Target::default());
        report.ok()?.outputs.first()?.1.as_ref().map(|t| t.shape.clone())
    }

    /// Channels, rows and columns of the first result.
    fn planes(&self, rows: usize, columns: usize) -> Option<(usize, usize, usize)> {
        match (&self.result(rows, columns)?[..], self.layout) {
            ([_, c, h, w], "nchw") | ([_, h, w, c], _) => Some((*c, *h, *w)),
            _ => None,
        }
    }

    /// Keys and a line for people, for a model that answers with a picture.
    fn picture(&self, task: Task) -> Result<(String, String), Error> {
        let unlike = || self.wrong("the result is no picture in proportion to the input".to_owned());
        let (scale, crop) = self.proportion().ok_or_else(unlike)?;
        if scale == 0 || scale > 16 {
            return Err(unlike());
        }
        let (size, said) = if let Some((h, w)) = self.fixed {
            // What paints anew looks at the whole picture.
            let fit = if task == Task::Style { "stretch" } else { "tile" };
            (format!("size = \"fixed\"\nfit = \"{fit}\"\n"), format!("{w}x{h}"))
        } else {
            let grown = |n: usize| n.checked_sub(2 * crop).map(|n| n * scale);
            let takes = |m: usize| {
                let (h, w) = (128 + m, 192 + m);
                let got = self.planes(h, w).map(|(_, oh, ow)| (Some(oh), Some(ow)));
                got == Some((grown(h), grown(w)))
            };
            match MULTIPLES.into_iter().find(|m| takes(*m)) {
                Some(1) => (String::new(), "any size".to_owned()),
                Some(m) => (format!("size = \"multiple\"\nmultiple_of = {m}\n"), format!("multiples of {m}")),
                None => return Err(unlike()),
            }
        };
        let eaten = if crop > 0 { format!(", {crop} pixels taken away on each side") } else { String::new() };
        Ok((format!("{size}[output]\nscale = {scale}\ncrop = {crop}\n"), format!("{said}, scale {scale}{eaten}")))
    }

    /// How much larger a result is, and how many pixels of the input are missing on each side.
    fn proportion(&self) -> Option<(usize, usize)> {
        let exact = |n: usize, out: usize, scale: usize| {
            let missing = (n * scale).checked_sub(out)?;
            (missing % (2 * scale) == 0).then_some(missing / (2 * scale)).filter(|c| *c <= MAX_CROP)
        };
        if let Some((h, w)) = self.fixed {
            let (c, oh, ow) = self.planes(h, w)?;
            let scale = oh.div_ceil(h.max(1)).max(1);
            let crop = exact(h, oh, scale)?;
            return (crop == exact(w, ow, scale)? && matches!(c, 1 | 3)).then_some((scale, crop));
        }
        let [(h0, w0), (h1, w1)] = TRIED;
        let ((c, oh0, ow0), (_, oh1, ow1)) = (self.planes(h0, w0)?, self.planes(h1, w1)?);
        let slope = |out: usize, n: usize| (out % n == 0).then_some(out / n);
        let scale = slope(oh1.checked_sub(oh0)?, h1 - h0)?;
        let same = Some(scale) == slope(ow1.checked_sub(ow0)?, w1 - w0);
        let crop = if scale > 0 { exact(h0, oh0, scale)? } else { return None };
        (same && crop == exact(w0, ow0, scale)? && matches!(c, 1 | 3)).then_some((scale, crop))
    }

    /// Keys and a line for people, for a model that answers with scores of classes.
    fn classes(&self) -> Result<(String, String), Error> {
        let (h, w) = self.fixed.unwrap_or((224, 224));
        let shape = self.result(h, w).unwrap_or_default();
        let count: usize = shape.iter().product();
        if shape.len() < 2 || shape[0] != 1 || count < 2 || !shape.contains(&count) {
            return Err(self.wrong(format!("the result is {shape:?}, expected one row of scores")));
        }
        let (activation, said) = match self.last() {
            "Softmax" | "Sigmoid" => ("none", "probabilities"),
            "LogSoftmax" => ("exp", "log-probabilities"),
            _ => ("softmax", "scores"),
        };
        let size = match self.fixed {
            Some(_) => "size = \"fixed\"\n".to_owned(),
            None => format!("size = \"fixed\"\nwidth = {w}\nheight = {h}\n"),
        };
        let keys = format!("{size}fit = \"crop\"\n[classify]\nactivation = \"{activation}\"\n");
        Ok((keys, format!("{w}x{h}, {said} of {count} classes")))
    }

    /// Keys and a line for people, for a model that answers with scores of every pixel.
    fn mask(&self) -> Result<(String, String), Error> {
        let (h, w) = self.fixed.unwrap_or((256, 256));
        let Some((c, _, _)) = self.planes(h, w) else {
            return Err(self.wrong("the result is no picture of scores".to_owned()));
        };
        let size = match self.fixed {
            Some(_) => "size = \"fixed\"\n".to_owned(),
            None => format!("size = \"fixed\"\nwidth = {w}\nheight = {h}\n"),
        };
        let (section, said) = if c > 1 {
            ("kind = \"argmax\"\n", format!("{c} classes"))
        } else if matches!(self.last(), "Sigmoid" | "HardSigmoid" | "Clip") {
            ("kind = \"binary\"\n", "a probability".to_owned())
        } else {
            ("kind = \"binary\"\nactivation = \"sigmoid\"\n", "one score".to_owned())
        };
        Ok((format!("{size}fit = \"stretch\"\n[segment]\n{section}"), format!("{w}x{h}, {said} for every pixel")))
    }

    /// The operator that computes the first result, but for those that only move values.
    fn last(&self) -> &'static str {
        let producers = self.graph.producers();
        let mut value = self.graph.outputs.first().copied();
        while let Some(node) = value.and_then(|v| producers.get(v.0 as usize).copied().flatten()) {
            let Some(node) = self.graph.nodes.get(node.0 as usize) else { break };
            let name = node.op.name();
            if !matches!(name, "Identity" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Transpose" | "Cast") {
                return name;
            }
            value = node.inputs.first().copied().flatten();
        }
        ""
    }
}
