use std::collections::BTreeMap;

use crate::OpError;

/// A dimension of an equation: one that `...` stands for, counted from the right, or a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// Sorts before letters and, within, from left to right.
    Dots(std::cmp::Reverse<usize>),
    Letter(char),
}

/// An equation with the shapes that it is applied to.
#[derive(Clone, Debug)]
pub(crate) struct Contraction {
    /// Labels of each operand's dimensions.
    pub operands: Vec<Vec<Label>>,
    /// Labels of the output's dimensions, all different.
    pub output: Vec<Label>,
    /// Size of each label.
    pub sizes: BTreeMap<Label, usize>,
}

impl Contraction {
    pub fn new(equation: &str, shapes: &[&[usize]]) -> Result<Contraction, OpError> {
        let bad = |what: String| OpError::invalid(format!("equation `{equation}`: {what}"));
        let text: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (&text[..], None),
        };
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != shapes.len() {
            return Err(bad(format!("{} terms for {} operands", terms.len(), shapes.len())));
        }
        let (mut operands, mut sizes, mut dots) = (Vec::new(), BTreeMap::new(), 0);
        let mut counts: BTreeMap<Label, usize> = BTreeMap::new();
        for (term, shape) in terms.into_iter().zip(shapes) {
            let letters = term.replace("...", "").chars().count();
            let hidden = if term.contains("...") { shape.len().checked_sub(letters) } else { Some(0) };
            let hidden = hidden.ok_or_else(|| bad(format!("`{term}` has more letters than {shape:?} dimensions")))?;
            dots = dots.max(hidden);
            let labels = labels(term, hidden).map_err(bad)?;
            if labels.len() != shape.len() {
                return Err(bad(format!("`{term}` does not fit the dimensions {shape:?}")));
            }
            for (&label, &size) in labels.iter().zip(*shape) {
                *counts.entry(label).or_insert(0) += 1;
                let known = sizes.entry(label).or_insert(size);
                if *known == 1 {
                    *known = size;
                } else if *known != size && size != 1 {
                    return Err(bad(format!("{label:?} is both {known} and {size}")));
                }
            }
            operands.push(labels);
        }
        let output = match right {
            Some(right) => labels(right, if right.contains("...") { dots } else { 0 }).map_err(bad)?,
            None => {
                let once = |(label, count): (&Label, &usize)| {
                    (matches!(label, Label::Dots(_)) || *count == 1).then_some(*label)
                };
                counts.iter().filter_map(once).collect()
            }
        };
        for (i, label) in output.iter().enumerate() {
            if !sizes.contains_key(label) || output[..i].contains(label) {
                return Err(bad(format!("the output repeats or invents {label:?}")));
            }
        }
        Ok(Contraction { operands, output, sizes })
    }

    /// Size of a label.
    pub fn size(&self, label: Label) -> usize {
        self.sizes.get(&label).copied().unwrap_or(1)
    }

    /// Shape of the output.
    pub fn output_shape(&self) -> Vec<usize> {
        self.output.iter().map(|&l| self.size(l)).collect()
    }

    /// Labels that the output lacks.
    pub fn summed(&self) -> Vec<Label> {
        self.sizes.keys().copied().filter(|l| !self.output.contains(l)).collect()
    }
}

/// The labels of a term whose `...` stands for `hidden` dimensions.
fn labels(term: &str, hidden: usize) -> Result<Vec<Label>, String> {
    let letters = |text: &str| {
        text.chars()
            .map(|c| c.is_ascii_alphabetic().then_some(Label::Letter(c)).ok_or_else(|| format!("`{c}` is no letter")))
            .collect::<Result<Vec<_>, _>>()
    };
    let Some((before, after)) = term.split_once("...") else { return letters(term) };
    let mut all = letters(before)?;
    all.extend((0..hidden).rev().map(|i| Label::Dots(std::cmp::Reverse(i))));
    all.extend(letters(after)?);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn implicit_outputs_and_dots() {
        let c = Contraction::new("...ij, jk...", &[&[1, 5, 2, 3], &[3, 4, 7, 5]]).unwrap();
        assert_eq!(c.output_shape(), [7, 5, 2, 4]);
        assert_eq!(c.summed(), [Label::Letter('j')]);
        assert_eq!(Contraction::new("ii->i", &[&[3, 3]]).unwrap().output_shape(), [3]);
    }

    #[test]
    fn errors() {
        for (equation, shapes) in [
            ("ij,jk->ik", &[&[2usize, 3][..]][..]),
            ("ij->ik", &[&[2, 3]]),
            ("ij->ii", &[&[2, 3]]),
            ("ii", &[&[2, 3]]),
            ("i-", &[&[2, 3]]),
            ("ijk...", &[&[2, 3]]),
            ("i......", &[&[2, 3]]),
        ] {
            assert!(Contraction::new(equation, shapes).is_err(), "{equation}");
        }
    }
}
