//! The strict preprocessor: `#import`, `#if`, `#else`, `#endif` and generated constants.
//!
//! - `#import shared::grid` inserts `src/shared/grid.wgsl` once. `#import slot::NAME` inserts the text that the spec bound to
//!   that slot.
//! - `#if NAME` / `#if !NAME` / `#else` / `#endif` keep or drop lines by a boolean flag; they nest.
//! - [`Source::constant`] and [`Source::alias`] go into a header at the top.
//!
//! Unknown imports, cycles, unknown or unused flags and slots, and unbalanced blocks are errors.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::Text;

mod shared;

/// What is wrong with a kernel source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct ComposeError {
    /// Name of the source.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// A kernel source with everything that its variant binds.
#[derive(Clone, Debug, Default)]
pub struct Source {
    file: String,
    text: String,
    header: String,
    flags: BTreeMap<String, bool>,
    slots: BTreeMap<String, String>,
}

impl Source {
    /// A source named `file` for errors.
    pub fn new(file: &str, text: &str) -> Source {
        Source { file: file.to_owned(), text: text.to_owned(), ..Source::default() }
    }

    /// Defines `const NAME: TYPE = VALUE;` in the header.
    #[must_use]
    pub fn constant(mut self, name: &str, ty: &str, value: impl std::fmt::Display) -> Source {
        let _ = writeln!(self.header, "const {name}: {ty} = {value};");
        self
    }

    /// Defines `alias NAME = TYPE;` in the header.
    #[must_use]
    pub fn alias(mut self, name: &str, ty: &str) -> Source {
        let _ = writeln!(self.header, "alias {name} = {ty};");
        self
    }

    /// Sets the flag that `#if NAME` asks for.
    #[must_use]
    pub fn flag(mut self, name: &str, on: bool) -> Source {
        self.flags.insert(name.to_owned(), on);
        self
    }

    /// Binds the text that `#import slot::NAME` inserts.
    #[must_use]
    pub fn slot(mut self, name: &str, text: impl Into<String>) -> Source {
        self.slots.insert(name.to_owned(), text.into());
        self
    }

    /// The composed WGSL.
    pub fn compose(self) -> Result<String, ComposeError> {
        let mut state = State { source: &self, done: BTreeSet::new(), stack: Vec::new(), used: BTreeSet::new() };
        let mut body = String::new();
        state.expand(&self.file, &self.text, &mut body)?;
        for name in self.flags.keys().map(|f| format!("#if {f}")).chain(self.slots.keys().map(|s| format!("slot::{s}")))
        {
            if !state.used.contains(&name) {
                return Err(ComposeError {
                    file: self.file.clone(),
                    line: 1,
                    message: format!("`{name}` is bound but never used"),
                });
            }
        }
        Ok(format!("{}{}", self.header, body))
    }

    /// The composed WGSL; what is wrong with it as a comment that does not compile, since only a mistake in a spec can be.
    pub fn composed(self) -> String {
        self.compose().unwrap_or_else(|e| format!("// {e}"))
    }

    /// [`Source::composed`] when it is first read.
    pub fn text(self) -> Text {
        Text::new(move || self.clone().composed())
    }
}

struct State<'a> {
    source: &'a Source,
    done: BTreeSet<String>,
    stack: Vec<String>,
    used: BTreeSet<String>,
}

impl State<'_> {
    fn expand(&mut self, file: &str, text: &str, out: &mut String) -> Result<(), ComposeError> {
        // Each open block: (line it began on, whether its lines are kept, whether #else was seen).
        let mut blocks: Vec<(usize, bool, bool)> = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let error = |message: String| ComposeError { file: file.to_owned(), line: i + 1, message };
            let kept = blocks.iter().all(|b| b.1);
            let Some(directive) = line.trim_start().strip_prefix('#') else {
                if kept {
                    out.push_str(line);
                    out.push('\n');
                }
                continue;
            };
            let mut words = directive.split_whitespace();
            match (words.next().unwrap_or(""), words.next(), words.next()) {
                ("if", Some(name), None) => {
                    let (flag, wanted) = name.strip_prefix('!').map_or((name, true), |n| (n, false));
                    let on = self.source.flags.get(flag).ok_or_else(|| error(format!("unknown flag `{flag}`")))?;
                    self.used.insert(format!("#if {flag}"));
                    blocks.push((i + 1, *on == wanted, false));
                }
                ("else", None, None) => match blocks.last_mut() {
                    Some(block) if !block.2 => (block.1, block.2) = (!block.1, true),
                    _ => return Err(error("`#else` without an open `#if`".to_owned())),
                },
                ("endif", None, None) => {
                    blocks.pop().ok_or_else(|| error("`#endif` without an open `#if`".to_owned()))?;
                }
                ("import", Some(path), None) => {
                    if kept {
                        self.import(path, out).map_err(|e| match e {
                            Ok(inner) => inner,
                            Err(message) => error(message),
                        })?;
                    }
                }
                _ => return Err(error(format!("unknown directive `{}`", line.trim()))),
            }
        }
        match blocks.first() {
            Some(block) => {
                Err(ComposeError { file: file.to_owned(), line: block.0, message: "`#if` is never closed".to_owned() })
            }
            None => Ok(()),
        }
    }

    /// Inserts what `path` names. The error is one of the imported file, or a message about this import.
    fn import(&mut self, path: &str, out: &mut String) -> Result<(), Result<ComposeError, String>> {
        let text = if let Some(slot) = path.strip_prefix("slot::") {
            self.used.insert(path.to_owned());
            self.source.slots.get(slot).cloned().ok_or_else(|| Err(format!("no text is bound to slot `{slot}`")))?
        } else {
            shared::find(path).ok_or_else(|| Err(format!("unknown import `{path}`")))?.to_owned()
        };
        if self.stack.iter().any(|p| p == path) {
            return Err(Err(format!("import cycle through `{path}`")));
        }
        if !self.done.insert(path.to_owned()) {
            return Ok(());
        }
        self.stack.push(path.to_owned());
        let result = self.expand(path, &text, out).map_err(Ok);
        self.stack.pop();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compose(text: &str) -> Result<String, ComposeError> {
        Source::new("test.wgsl", text).compose()
    }

    #[test]
    fn keeps_the_lines_of_the_flags_that_are_on() {
        let text = "a\n#if X\nb\n#if !Y\nc\n#else\nd\n#endif\n#else\ne\n#endif\nf";
        let run = |x, y| Source::new("t", text).flag("X", x).flag("Y", y).compose().unwrap().replace('\n', "");
        assert_eq!([run(true, true), run(true, false), run(false, true)], ["abdf", "abcf", "aef"]);
    }

    #[test]
    fn inserts_imports_once_and_slots() {
        let out = Source::new("t", "#import slot::f\n#import slot::f\nx")
            .slot("f", "fn f() {}")
            .constant("N", "u32", 4)
            .compose();
        assert_eq!(out.unwrap(), "const N: u32 = 4;\nfn f() {}\nx\n");
    }

    #[test]
    fn errors_name_file_and_line() {
        for (text, line, part) in [
            ("a\n#import shared::nothing", 2, "unknown import"),
            ("#if X\n#endif", 1, "unknown flag `X`"),
            ("a\n#endif", 2, "without an open"),
            ("#else", 1, "without an open"),
            ("#define X", 1, "unknown directive"),
            ("#import slot::f", 1, "no text is bound"),
        ] {
            let e = compose(text).unwrap_err();
            assert_eq!((e.file.as_str(), e.line), ("test.wgsl", line), "{text}");
            assert!(e.message.contains(part), "{e}");
        }
        let e = Source::new("t", "#if X\n").flag("X", false).compose().unwrap_err();
        assert!(e.message.contains("never closed"));
        let e = Source::new("t", "").flag("X", false).compose().unwrap_err();
        assert!(e.message.contains("never used"));
        let e = Source::new("t", "#import slot::a").slot("a", "#import slot::a").compose().unwrap_err();
        assert!(e.message.contains("cycle"), "{e}");
    }
}
