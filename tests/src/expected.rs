use std::collections::BTreeMap;

/// Failures that are known, with the reason of each. One line each:
///
/// ```text
/// # comment
/// test_name            reason
/// test_prefix_*        reason
/// op:Name              reason
/// ```
///
/// `op:` lines name operators (or kinds of tensor) that the importer does not know.
#[derive(Debug, Default)]
pub struct ExpectedFailures {
    tests: BTreeMap<String, String>,
    prefixes: BTreeMap<String, String>,
    ops: BTreeMap<String, String>,
}

impl ExpectedFailures {
    /// Reads the list; a line without reason is an error, and so is one that stands twice.
    pub fn parse(text: &str) -> Result<ExpectedFailures, String> {
        let mut list = ExpectedFailures::default();
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, reason) = line
                .split_once(char::is_whitespace)
                .ok_or_else(|| format!("line {}: `{line}` has no reason", i + 1))?;
            let reason = reason.trim().to_owned();
            let old = if let Some(op) = name.strip_prefix("op:") {
                list.ops.insert(op.to_owned(), reason)
            } else if let Some(prefix) = name.strip_suffix('*') {
                list.prefixes.insert(prefix.to_owned(), reason)
            } else {
                list.tests.insert(name.to_owned(), reason)
            };
            if old.is_some() {
                return Err(format!("line {}: `{name}` stands twice", i + 1));
            }
        }
        Ok(list)
    }

    /// Why this test is expected to fail.
    pub fn reason(&self, test: &str) -> Option<&str> {
        let exact = self.tests.get(test);
        let prefix = || {
            let found = self.prefixes.iter().find(|(p, _)| test.starts_with(*p));
            found.map(|(_, reason)| reason)
        };
        exact.or_else(prefix).map(String::as_str)
    }

    /// Whether this operator is declared as not supported.
    pub fn op(&self, name: &str) -> bool {
        self.ops.contains_key(name)
    }

    /// Lines that no longer apply: operators not in `ops` and tests not in `tests`.
    pub fn stale(&self, tests: &[String], ops: &[String]) -> Vec<String> {
        let gone = |name: &&String| !tests.contains(name);
        let mut lines: Vec<String> = self.tests.keys().filter(gone).cloned().collect();
        let empty = |prefix: &&String| !tests.iter().any(|t| t.starts_with(prefix.as_str()));
        lines.extend(self.prefixes.keys().filter(empty).map(|p| format!("{p}*")));
        let known = |op: &&String| !ops.contains(op);
        lines.extend(self.ops.keys().filter(known).map(|op| format!("op:{op}")));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_matches() {
        let list = ExpectedFailures::parse("# c\na  why\nb_*  more why\nop:X  later\n");
        let list = list.expect("a valid list");
        assert_eq!(list.reason("a"), Some("why"));
        assert_eq!(list.reason("b_1"), Some("more why"));
        assert_eq!(list.reason("c"), None);
        assert!(list.op("X") && !list.op("Y"));
        let all = ["a".to_owned(), "b_2".to_owned()];
        assert!(list.stale(&all, &["X".to_owned()]).is_empty());
        assert_eq!(list.stale(&[], &[]), ["a", "b_*", "op:X"]);
    }

    #[test]
    fn refuses_a_line_without_reason_and_a_second_one() {
        assert!(ExpectedFailures::parse("a").is_err());
        assert!(ExpectedFailures::parse("a x\na y").is_err());
    }
}
