//! A writer of the few SVG elements that a plot needs.

use std::fmt::Write as _;

/// Text colour.
pub const INK: &str = "#1f2933";
/// Colour of what is less important.
pub const FAINT: &str = "#66727f";
/// Colour of grid lines.
pub const GRID: &str = "#e3e8ee";

/// Where a text is anchored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// A picture under construction; lengths are in pixels, y grows downwards.
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// A white picture.
    pub fn new(width: f64, height: f64) -> Svg {
        let mut svg = Svg { width, height, body: String::new() };
        svg.rect(0.0, 0.0, width, height, "#ffffff");
        svg
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, fill: &str) {
        let (x, y, width, height) = (n(x), n(y), n(width.max(0.0)), n(height.max(0.0)));
        self.element(&format!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#));
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &str, width: f64) {
        let (x1, y1, x2, y2, width) = (n(from.0), n(from.1), n(to.0), n(to.1), n(width));
        self.element(&format!(
            r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" stroke-width="{width}"/>"#
        ));
    }

    /// A disc, or a ring when `filled` is false. `title` is shown by viewers when the pointer is over it.
    pub fn circle(&mut self, at: (f64, f64), radius: f64, color: &str, filled: bool, title: &str) {
        let (x, y, r, fill) = (n(at.0), n(at.1), n(radius), if filled { color } else { "#ffffff" });
        let title = escape(title);
        self.element(&format!(
            r#"<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" stroke="{color}" stroke-width="1.5"><title>{title}</title></circle>"#
        ));
    }

    /// A text whose base line is at `at`.
    pub fn text(&mut self, at: (f64, f64), size: f64, anchor: Anchor, fill: &str, text: &str) {
        self.styled(at, size, anchor, fill, "", text);
    }

    /// A bold text.
    pub fn bold(&mut self, at: (f64, f64), size: f64, anchor: Anchor, fill: &str, text: &str) {
        self.styled(at, size, anchor, fill, r#" font-weight="600""#, text);
    }

    /// A text that reads upwards, centred at `at`.
    pub fn vertical(&mut self, at: (f64, f64), size: f64, fill: &str, text: &str) {
        let turn = format!(r#" transform="rotate(-90 {} {})""#, n(at.0), n(at.1));
        self.styled(at, size, Anchor::Middle, fill, &turn, text);
    }

    fn styled(&mut self, at: (f64, f64), size: f64, anchor: Anchor, fill: &str, more: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, size, text) = (n(at.0), n(at.1), n(size), escape(text));
        self.element(&format!(
            r#"<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{more}>{text}</text>"#
        ));
    }

    fn element(&mut self, text: &str) {
        self.body.push_str(text);
        self.body.push('\n');
    }

    /// The file.
    pub fn finish(self) -> String {
        let (w, h) = (n(self.width), n(self.height));
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" font-family="Inter, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif">"#
        );
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }
}

/// A number with at most two decimals; what is not finite becomes 0.
fn n(x: f64) -> String {
    let text = format!("{:.2}", if x.is_finite() { x } else { 0.0 });
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The text with the characters that XML reserves or forbids replaced.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if (c as u32) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The text, its middle left out when it has more than `most` characters.
pub fn shortened(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= most {
        return text.to_owned();
    }
    let keep = most.saturating_sub(1);
    let (head, tail) = (keep.div_ceil(2), keep / 2);
    chars[..head].iter().chain(&['…']).chain(&chars[chars.len() - tail..]).collect()
}

/// A duration in milliseconds with three significant digits and its unit.
pub fn duration(ms: f64) -> String {
    match ms {
        ms if ms >= 1e3 => format!("{} s", digits(ms / 1e3)),
        ms if ms >= 1.0 => format!("{} ms", digits(ms)),
        ms => format!("{} µs", digits(ms * 1e3)),
    }
}

/// About three significant digits, without an exponent.
pub fn digits(x: f64) -> String {
    let decimals = match x.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        a if a >= 1.0 => 2,
        _ => 3,
    };
    format!("{x:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_well_formed_elements() {
        let mut svg = Svg::new(100.0, 50.0);
        svg.rect(1.0, 2.5, -3.0, 4.0, "#fff");
        svg.line((0.0, 0.0), (f64::NAN, 1.0 / 3.0), INK, 1.0);
        svg.circle((5.0, 5.0), 2.0, INK, false, "a < b");
        svg.vertical((3.0, 4.0), 10.0, INK, "up & \"down\"\u{1}");
        let text = svg.finish();
        assert!(text.starts_with(r#"<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50""#));
        assert!(text.contains(r#"width="0" height="4""#) && text.contains(r#"x2="0" y2="0.33""#));
        assert!(text.contains("<title>a &lt; b</title>") && text.contains("up &amp; &quot;down&quot; </text>"));
        assert!(text.contains(r#"transform="rotate(-90 3 4)""#));
        // Every element is closed, and nothing of the text is taken for one.
        assert_eq!(text.matches('<').count(), text.matches('>').count());
        for tag in ["svg", "text", "circle", "title"] {
            let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
            assert_eq!(text.matches(&open).count(), text.matches(&close).count(), "{tag}");
        }
        assert_eq!(text.matches("<rect").count() + text.matches("<line").count(), text.matches("/>").count());
    }

    #[test]
    fn shortens_and_rounds() {
        assert_eq!(shortened("abcdefgh", 8), "abcdefgh");
        assert_eq!(shortened("abcdefghi", 6), "abc…hi");
        assert_eq!(
            (duration(1234.0), duration(1.5), duration(0.0213)),
            ("1.23 s".into(), "1.50 ms".into(), "21.3 µs".into())
        );
    }
}
