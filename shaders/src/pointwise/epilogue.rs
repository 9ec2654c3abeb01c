use super::Program;
use crate::{Access, Binding, Elem};

/// A program fused behind a kernel's accumulation. Input 0 of the program is the accumulated value; the others are
/// tensors that broadcast to the output by strides, addressed with four output coordinates (n, c, y, x).
///
/// The kernel imports `slot::epilogue` (buffers and the functions below) and, as the last fields of its `Params`,
/// `slot::epilogue_params`: for each further input `offset, stride_n, stride_c, stride_y, stride_x` as `u32`.
///
/// With [`Epilogue::split`] these strides of c are three, and the fields begin with `split_outer, split_inner, dst_c1, dst_c2`:
/// what belongs to channel c lies at `c / split_outer * stride_c + c % split_outer / split_inner * stride_c1 +
/// c % split_inner * stride_c2`, also in the output. That is how a pixel shuffle stores.
///
/// - `fn dst_channel(c: u32) -> u32`: where channel c of the output begins, for kernels of planes alone (they have `p.dst_c`);
/// - `fn epilogue(value: f32, n: u32, c: u32, y: u32, x: u32) -> f32`
/// - `fn epilogue_channel(n: u32, c: u32) -> EpilogueChannel`: the operands with one element per channel, to be read once
///   for several outputs of a channel;
/// - `fn epilogue_at(value: f32, channel: EpilogueChannel, n: u32, c: u32, y: u32, x: u32) -> f32`
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Epilogue {
    /// The program; it takes and returns `f32`.
    pub program: Program,
    /// Per further input: whether it has one element per channel (its strides of y and x are 0).
    pub per_channel: Vec<bool>,
    /// Whether channels step in three parts.
    pub split: bool,
}

impl Epilogue {
    /// The epilogue that returns the value itself.
    pub fn none() -> Epilogue {
        Epilogue {
            program: Program { inputs: vec![Elem::F32], steps: Vec::new() },
            per_channel: Vec::new(),
            split: false,
        }
    }

    /// Number of tensors that it reads beside the accumulated value.
    pub fn extra_inputs(&self) -> usize {
        self.program.inputs.len().saturating_sub(1)
    }

    /// Part of the kernel's name: empty without steps, else `,` and the program.
    pub fn suffix(&self) -> String {
        let split = if self.split { ",split" } else { "" };
        if self.program.steps.is_empty() {
            return split.to_owned();
        }
        let kinds: String = (0..self.extra_inputs()).map(|i| if self.is_per_channel(i) { 'c' } else { 'e' }).collect();
        let kinds = if kinds.is_empty() { kinds } else { format!(",{kinds}") };
        format!("{split},{}{kinds}", self.program.name())
    }

    fn is_per_channel(&self, i: usize) -> bool {
        self.per_channel.get(i).copied().unwrap_or(false)
    }

    /// Bindings that follow those of the kernel.
    pub fn bindings(&self) -> Vec<Binding> {
        let elem = |i: usize| self.program.inputs.get(i + 1).copied().unwrap_or(Elem::F32);
        (0..self.extra_inputs())
            .map(|i| Binding { name: format!("ep{i}"), elem: elem(i), access: Access::Read })
            .collect()
    }

    /// Bytes of the fields of `slot::epilogue_params`.
    pub fn params_bytes(&self) -> u32 {
        let fields = if self.split { 4 + 7 * self.extra_inputs() } else { 5 * self.extra_inputs() };
        fields as u32 * 4
    }

    /// Text of `slot::epilogue_params`.
    pub fn params(&self) -> String {
        let first = if self.split { "    split_outer: u32, split_inner: u32, dst_c1: u32, dst_c2: u32,\n" } else { "" };
        let parts = |i: usize| if self.split { format!(" ep{i}_c1: u32, ep{i}_c2: u32,") } else { String::new() };
        let fields = (0..self.extra_inputs()).map(|i| {
            format!("    ep{i}_offset: u32, ep{i}_n: u32, ep{i}_c: u32,{} ep{i}_y: u32, ep{i}_x: u32,\n", parts(i))
        });
        std::iter::once(first.to_owned()).chain(fields).collect()
    }

    /// Where channel `c` lies, as an expression of the strides that `name` has in the parameters.
    fn channel_place(&self, name: &str) -> String {
        if self.split {
            format!(
                "(c / p.split_outer * p.{name}_c + c % p.split_outer / p.split_inner * p.{name}_c1 + c % p.split_inner * p.{name}_c2)"
            )
        } else {
            format!("c * p.{name}_c")
        }
    }

    /// [`Epilogue::function`] with `dst_channel`, for kernels of planes.
    pub fn function_of_planes(&self, first_binding: usize) -> String {
        let place = self.channel_place("dst");
        format!("{}fn dst_channel(c: u32) -> u32 {{ return {place}; }}\n", self.function(first_binding))
    }

    /// Text of `slot::epilogue`; `first_binding` is the binding of the first further input.
    pub fn function(&self, first_binding: usize) -> String {
        let mut text = String::from("#import shared::math\nvar<private> zero_bits: u32 = 0u;\n");
        for (i, b) in self.bindings().iter().enumerate() {
            text.push_str(&format!(
                "@group(0) @binding({}) var<storage, read> {}: array<{}>;\n",
                first_binding + i,
                b.name,
                b.elem.wgsl()
            ));
        }
        let begin = |i: usize| format!("p.ep{i}_offset + n * p.ep{i}_n + {}", self.channel_place(&format!("ep{i}")));
        let (mut fields, mut values) = (String::new(), String::new());
        for i in 0..self.extra_inputs() {
            if self.is_per_channel(i) {
                let ty = self.program.inputs.get(i + 1).copied().unwrap_or(Elem::F32);
                fields.push_str(&format!("    i{}: {},\n", i + 1, ty.wgsl()));
                values.push_str(&format!(", ep{i}[{}]", begin(i)));
            } else if self.split {
                fields.push_str(&format!("    at{}: u32,\n", i + 1));
                values.push_str(&format!(", {}", begin(i)));
            }
        }
        text.push_str(&format!(
            "struct EpilogueChannel {{\n    unused: u32,\n{fields}}}\n\
             fn epilogue_channel(n: u32, c: u32) -> EpilogueChannel {{ return EpilogueChannel(0u{values}); }}\n\
             fn epilogue_at(value: f32, channel: EpilogueChannel, n: u32, c: u32, y: u32, x: u32) -> f32 {{\n"
        ));
        for i in 0..self.extra_inputs() {
            let value = if self.is_per_channel(i) {
                format!("channel.i{}", i + 1)
            } else {
                let first = if self.split { format!("channel.at{}", i + 1) } else { begin(i) };
                format!("ep{i}[{first} + y * p.ep{i}_y + x * p.ep{i}_x]")
            };
            text.push_str(&format!("    let i{} = {value};\n", i + 1));
        }
        let (body, result) = self.program.body(|i| if i == 0 { "value".to_owned() } else { format!("i{i}") });
        text.push_str(&format!("{body}    return {result};\n}}\n"));
        text.push_str(
            "fn epilogue(value: f32, n: u32, c: u32, y: u32, x: u32) -> f32 {\n    \
             return epilogue_at(value, epilogue_channel(n, c), n, c, y, x);\n}\n",
        );
        text
    }
}

/// Epilogues as models have them: none, a clip, PReLU with a slope per channel, a scaled residual, and two that store shuffled.
#[cfg(test)]
pub(crate) fn samples() -> Vec<Epilogue> {
    use super::{Arg, Fun, Literal, Step};
    let step = |fun, args: &[Arg]| Step { fun, args: args.to_vec(), ty: Elem::F32 };
    let number = |x: f32| Arg::Literal(Literal::f32(x));
    let clip =
        Program { inputs: vec![Elem::F32], steps: vec![step(Fun::Clip, &[Arg::Input(0), number(0.0), number(6.0)])] };
    let prelu = Program { inputs: vec![Elem::F32; 2], steps: vec![step(Fun::PRelu, &[Arg::Input(0), Arg::Input(1)])] };
    let residual = Program {
        inputs: vec![Elem::F32; 3],
        steps: vec![
            step(Fun::Mul, &[Arg::Input(0), Arg::Input(1)]),
            step(Fun::Add, &[Arg::Step(0), Arg::Input(2)]),
            step(Fun::Relu, &[Arg::Step(1)]),
        ],
    };
    vec![
        Epilogue::none(),
        Epilogue { program: clip, ..Epilogue::none() },
        Epilogue { program: prelu, per_channel: vec![true], split: false },
        Epilogue { program: residual.clone(), per_channel: vec![true, false], split: false },
        Epilogue { split: true, ..Epilogue::none() },
        Epilogue { program: residual, per_channel: vec![true, false], split: true },
    ]
}
