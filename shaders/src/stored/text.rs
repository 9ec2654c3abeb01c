//! The change of the text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Store;
use crate::compose::ComposeError;
use crate::{Access, Binding};

/// Element of a buffer as the kernel declares it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    /// `f32`
    One,
    /// `vec4<f32>`
    Four,
    /// `Quad` of `shared/quad.wgsl`, whatever it stands for.
    Quad,
}

/// `source` with the declarations of `buffers` and every access to them in their new form.
pub(super) fn rewrite(file: &str, source: &str, buffers: &[(&Binding, Store)]) -> Result<String, ComposeError> {
    let error = |line: usize, message: String| ComposeError { file: file.to_owned(), line, message };
    let mut named: BTreeMap<&str, (&Binding, Store)> = BTreeMap::new();
    for (binding, store) in buffers {
        if *store != Store::Full {
            named.insert(&binding.name, (binding, *store));
        }
    }
    let aliases = aliases(source);
    let mut found = Vec::new();
    // Directives stay in front of all declarations.
    let mut directives = String::new();
    let mut body = String::with_capacity(source.len());
    for (i, line) in source.lines().enumerate() {
        match declared(line).and_then(|(name, ty)| Some((named.get(name)?, ty))) {
            Some(((binding, store), ty)) => {
                let element = element(ty, &aliases)
                    .ok_or_else(|| error(i + 1, format!("`{}` holds {ty}, which has no other form", binding.name)))?;
                found.push((line.split("var<").next().unwrap_or(""), *binding, *store, element));
            }
            None if line.starts_with("enable ") => {
                directives.push_str(line);
                directives.push('\n');
            }
            None => {
                body.push_str(line.split("//").next().unwrap_or(""));
                body.push('\n');
            }
        }
    }
    let body = Accesses { named: &named, file }.change(&body)?;
    let mut out = String::with_capacity(body.len() + 2048);
    out.push_str(&directives);
    for (prefix, binding, store, element) in found {
        let reads = body.contains(&format!("{}_load(", binding.name));
        if reads && matches!(store, Store::Unorm8 | Store::Unorm16) {
            return Err(error(1, format!("`{}` is read, and samples of a picture are written alone", binding.name)));
        }
        declare(&mut out, prefix, binding, store, element, reads);
    }
    out.push_str(&body);
    Ok(out)
}

/// `alias NAME = TYPE;` of the source.
fn aliases(source: &str) -> BTreeMap<&str, &str> {
    source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("alias ")?.strip_suffix(';')?.split_once('='))
        .map(|(name, ty)| (name.trim(), ty.trim()))
        .collect()
}

/// Name and element type of a storage buffer that the line declares.
fn declared(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start().strip_prefix("@group(0)")?;
    let (_, rest) = rest.split_once("var<storage")?;
    let (_, rest) = rest.split_once('>')?;
    let (name, ty) = rest.split_once(':')?;
    let ty = ty.trim().strip_suffix(';')?.strip_prefix("array<")?.strip_suffix('>')?;
    Some((name.trim(), ty))
}

fn element(ty: &str, aliases: &BTreeMap<&str, &str>) -> Option<Element> {
    if ty == "Quad" {
        return Some(Element::Quad);
    }
    match aliases.get(ty).copied().unwrap_or(ty) {
        "f32" => Some(Element::One),
        "vec4<f32>" => Some(Element::Four),
        _ => None,
    }
}

/// The declaration with the functions `NAME_load` (if the kernel `reads` it) and `NAME_store` (if it may write it).
fn declare(out: &mut String, prefix: &str, binding: &Binding, store: Store, element: Element, reads: bool) {
    let name = &binding.name;
    let writes = binding.access == Access::ReadWrite;
    let access = if writes { "read_write" } else { "read" };
    let ty = match element {
        Element::One => "f32",
        Element::Four => "vec4<f32>",
        Element::Quad => "Quad",
    };
    // Single elements share a word with neighbours that another invocation may write.
    let packs = matches!(store, Store::Packed | Store::Unorm8 | Store::Unorm16);
    let shared = packs && element == Element::One && writes;
    let held = match (store, element) {
        _ if shared => "atomic<u32>",
        (Store::Packed, Element::One) | (Store::Unorm8, _) => "u32",
        (Store::Packed | Store::Unorm16, _) => "vec2<u32>",
        (Store::Native, Element::One) => "f16",
        (Store::Native, _) => "vec4<f16>",
        _ => ty,
    };
    let _ = writeln!(out, "{prefix}var<storage, {access}> {name}: array<{held}>;");
    let word = if shared { format!("atomicLoad(&{name}[i >> 1u])") } else { format!("{name}[i >> 1u]") };
    let four = match store {
        Store::Packed => {
            format!("let w = {name}[i];\n    let v = vec4<f32>(unpack2x16float(w.x), unpack2x16float(w.y));")
        }
        _ => format!("let v = vec4<f32>({name}[i]);"),
    };
    let load = match (store, element) {
        (Store::Packed, Element::One) => format!("return unpack2x16float({word} >> ((i & 1u) * 16u)).x;"),
        (Store::Native, Element::One) => format!("return f32({name}[i]);"),
        (Store::Packed | Store::Native, Element::Four) => format!("{four}\n    return v;"),
        (Store::Packed | Store::Native, Element::Quad) => format!("{four}\n    return quad(v);"),
        _ => format!("return {name}[i];"),
    };
    if reads {
        let _ = writeln!(out, "fn {name}_load(i: u32) -> {ty} {{\n    {load}\n}}");
    }
    if !writes {
        return;
    }
    let vector = match element {
        Element::One => "vec4<f32>(value)",
        Element::Four => "value",
        Element::Quad => "floats(value)",
    };
    let note = if store.is_half() { "note_half" } else { "note_full" };
    let put = match (store, element) {
        (Store::Packed, Element::One) => lone(name, 2, "pack2x16float(vec2<f32>(value, 0.0)) & 0xffffu"),
        (Store::Unorm16, Element::One) => lone(name, 2, "u32(clamp(value, 0.0, 1.0) * 65535.0 + 0.5)"),
        (Store::Unorm8, Element::One) => lone(name, 4, "u32(clamp(value, 0.0, 1.0) * 255.0 + 0.5)"),
        (Store::Unorm16, _) => format!(
            "let c = vec4<u32>(clamp(v, vec4<f32>(0.0), vec4<f32>(1.0)) * 65535.0 + 0.5);\n    \
             {name}[i] = c.xz | (c.yw << vec2<u32>(16u));"
        ),
        (Store::Unorm8, _) => format!(
            "let c = vec4<u32>(clamp(v, vec4<f32>(0.0), vec4<f32>(1.0)) * 255.0 + 0.5);\n    \
             {name}[i] = c.x | (c.y << 8u) | (c.z << 16u) | (c.w << 24u);"
        ),
        (Store::Packed, _) => format!("{name}[i] = vec2<u32>(pack2x16float(v.xy), pack2x16float(v.zw));"),
        (Store::Native, Element::One) => format!("{name}[i] = f16(value);"),
        (Store::Native, _) => format!("{name}[i] = vec4<f16>(v);"),
        _ => format!("{name}[i] = value;"),
    };
    let _ =
        writeln!(out, "fn {name}_store(i: u32, value: {ty}) {{\n    let v = {vector};\n    {note}(v);\n    {put}\n}}");
}

/// Stores the bits `code` as element `i` of buffer `name`, where `n` elements share a word that other invocations may write.
fn lone(name: &str, n: u32, code: &str) -> String {
    let (shift, bits) = (n.trailing_zeros(), 32 / n);
    let mask = u32::MAX >> (32 - bits);
    format!(
        "let shift = (i & {}u) * {bits}u;\n    \
         let code = {code};\n    \
         atomicAnd(&{name}[i >> {shift}u], ~({mask:#x}u << shift));\n    \
         atomicOr(&{name}[i >> {shift}u], code << shift);",
        n - 1
    )
}

struct Accesses<'a> {
    named: &'a BTreeMap<&'a str, (&'a Binding, Store)>,
    file: &'a str,
}

impl Accesses<'_> {
    /// `text` with every access as a call.
    fn change(&self, text: &str) -> Result<String, ComposeError> {
        let mut out = String::with_capacity(text.len() * 2);
        let mut at = 0;
        while let Some((start, name)) = next_name(text, at) {
            out.push_str(&text[at..start]);
            let after = start + name.len();
            at = after;
            let is_member = text[..start].trim_end().ends_with('.');
            if is_member || !self.named.contains_key(name) {
                out.push_str(name);
                continue;
            }
            let fail = |message: String| ComposeError {
                file: self.file.to_owned(),
                line: text[..start].lines().count().max(1),
                message,
            };
            let rest = text[after..].trim_start();
            let Some(inside) = rest.strip_prefix('[') else {
                if text[..start].trim_end().ends_with('&') {
                    return Err(fail(format!("`{name}` is used otherwise than by elements")));
                }
                // A local of the same name.
                out.push_str(name);
                continue;
            };
            let open = text.len() - inside.len();
            let close = open + closing(inside).ok_or_else(|| fail(format!("`{name}[` is never closed")))?;
            let index = self.change(&text[open..close])?;
            at = close + 1;
            let behind = text[at..].trim_start();
            if let Some(value) = behind.strip_prefix('=').filter(|v| !v.starts_with('=')) {
                let begin = text.len() - value.len();
                let end = begin + value.find(';').ok_or_else(|| fail(format!("a store to `{name}` has no end")))?;
                let value = self.change(&text[begin..end])?;
                out.push_str(&format!("{name}_store(u32({index}), {})", value.trim()));
                at = end;
            } else if ["+=", "-=", "*=", "/=", "|=", "&="].iter().any(|op| behind.starts_with(op)) {
                return Err(fail(format!("`{name}` is updated in place")));
            } else {
                out.push_str(&format!("{name}_load(u32({index}))"));
            }
        }
        out.push_str(&text[at..]);
        Ok(out)
    }
}

/// The next identifier at or after `from`, and where it begins.
fn next_name(text: &str, from: usize) -> Option<(usize, &str)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut start = from;
    loop {
        start += text[start..].find(is_word)?;
        let len = text[start..].find(|c| !is_word(c)).unwrap_or(text.len() - start);
        let word = &text[start..start + len];
        if !word.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((start, word));
        }
        start += len;
    }
}

/// Where the bracket that is open before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (i, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 0 => return Some(i),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}
