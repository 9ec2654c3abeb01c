//! Horizontal bars, one a row, with a legend of their categories.

use super::color;
use super::svg::{Anchor, FAINT, GRID, INK, Svg, digits, duration, shortened};

/// A row.
pub struct Bar {
    /// What it is.
    pub label: String,
    /// Its category, which decides the colour.
    pub category: String,
    /// Its time in milliseconds.
    pub ms: f64,
    /// What is written behind its time.
    pub note: String,
}

/// Most rows; of more, the longest are shown.
const MOST: usize = 90;
const ROW: f64 = 19.0;
/// Most letters of a label.
const LETTERS: usize = 40;
const WIDTH: f64 = 1040.0;
const TOP: f64 = 118.0;

/// The picture: bars in the order given, or only the longest of them with a note when there are too many.
pub fn bars(title: &str, subtitle: &str, all: &[Bar]) -> String {
    let total: f64 = all.iter().map(|b| b.ms).sum();
    let mut shown: Vec<&Bar> = all.iter().collect();
    if all.len() > MOST {
        let mut by_time: Vec<f64> = all.iter().map(|b| b.ms).collect();
        by_time.sort_by(|a, b| b.total_cmp(a));
        shown.retain(|b| b.ms >= by_time[MOST - 1]);
    }
    let hidden = total - shown.iter().map(|b| b.ms).sum::<f64>();
    // Categories by their share of the time.
    let mut categories: Vec<(&str, f64)> = Vec::new();
    for bar in all {
        match categories.iter_mut().find(|(c, _)| *c == bar.category) {
            Some((_, ms)) => *ms += bar.ms,
            None => categories.push((&bar.category, bar.ms)),
        }
    }
    categories.sort_by(|a, b| b.1.total_cmp(&a.1));
    let color_of = |bar: &Bar| color(categories.iter().position(|(c, _)| *c == bar.category).unwrap_or(0));

    let bottom = TOP + ROW * shown.len() as f64;
    let mut svg = Svg::new(WIDTH, bottom + if hidden > 0.0 { 84.0 } else { 62.0 });
    svg.bold((24.0, 36.0), 20.0, Anchor::Start, INK, title);
    svg.text((24.0, 58.0), 12.5, Anchor::Start, FAINT, subtitle);
    legend(&mut svg, &categories, total);

    // The labels take what the longest of them needs.
    let letters = shown.iter().map(|b| b.label.chars().count()).max().unwrap_or(0).clamp(8, LETTERS);
    let left = 36.0 + 6.9 * letters as f64;
    let plot = WIDTH - left - 220.0;
    let longest = shown.iter().map(|b| b.ms).fold(0.0, f64::max).max(1e-9);
    let step = nice_step(longest / 8.0);
    let x = |ms: f64| left + plot * ms / longest;
    let ticks: Vec<f64> = (0..10).map(|i| f64::from(i) * step).filter(|t| *t <= longest * 1.0001).collect();
    for &t in &ticks {
        svg.line((x(t), TOP - 4.0), (x(t), bottom + 4.0), GRID, 1.0);
        let label = if t == 0.0 { "0".to_owned() } else { trimmed(&duration(t)) };
        svg.text((x(t), bottom + 20.0), 11.0, Anchor::Middle, FAINT, &label);
    }
    for (i, bar) in shown.iter().enumerate() {
        let y = TOP + ROW * i as f64;
        let base = y + ROW * 0.5 + 4.0;
        svg.text((left - 8.0, base), 11.5, Anchor::End, INK, &shortened(&bar.label, LETTERS));
        svg.rect(left, y + 3.0, x(bar.ms) - left, ROW - 6.0, color_of(bar));
        let share = 100.0 * bar.ms / total.max(1e-12);
        let value =
            format!("{} · {share:.1} %{}{}", duration(bar.ms), if bar.note.is_empty() { "" } else { " · " }, bar.note);
        svg.text((x(bar.ms) + 6.0, base), 10.5, Anchor::Start, FAINT, &value);
    }
    svg.line((left, TOP - 4.0), (left, bottom + 4.0), FAINT, 1.0);
    svg.text((left + plot / 2.0, bottom + 42.0), 12.0, Anchor::Middle, INK, "time of one run of the node (median)");
    if hidden > 0.0 {
        let note = format!("{} shorter nodes are not shown; together {}", all.len() - shown.len(), duration(hidden));
        svg.text((left + plot / 2.0, bottom + 64.0), 11.0, Anchor::Middle, FAINT, &note);
    }
    svg.finish()
}

/// Names and shares of the categories in one or two rows.
fn legend(svg: &mut Svg, categories: &[(&str, f64)], total: f64) {
    let (mut x, mut y) = (24.0, 82.0);
    for (i, (name, ms)) in categories.iter().enumerate() {
        let text = format!("{} {} %", shortened(name, 28), digits(100.0 * ms / total.max(1e-12)));
        let width = 30.0 + 6.6 * text.chars().count() as f64;
        if x + width > WIDTH - 20.0 {
            (x, y) = (24.0, y + 18.0);
            if y > 101.0 {
                break;
            }
        }
        svg.rect(x, y - 9.0, 10.0, 10.0, color(i));
        svg.text((x + 15.0, y), 11.5, Anchor::Start, INK, &text);
        x += width;
    }
}

/// 1, 2 or 5 times a power of ten, not below `least`.
fn nice_step(least: f64) -> f64 {
    let power = 10f64.powf(least.max(1e-9).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= least * 0.999).unwrap_or(power * 10.0)
}

/// `1.00 ms` as `1 ms`.
fn trimmed(text: &str) -> String {
    match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: String, ms: f64) -> Bar {
        Bar { label, category: "conv".to_owned(), ms, note: String::new() }
    }

    #[test]
    fn every_row_is_labelled() {
        let text = bars("Model <x>", "adapter", &[bar("first".to_owned(), 1.0), bar("second".to_owned(), 3.0)]);
        for want in ["Model &lt;x&gt;", ">adapter<", ">first<", ">second<", "3.00 ms · 75.0 %", "conv 100 %", "median"]
        {
            assert!(text.contains(want), "{want}");
        }
    }

    #[test]
    fn the_longest_are_shown_of_many() {
        let many: Vec<Bar> = (0..MOST + 10).map(|i| bar(format!("n{i}."), i as f64)).collect();
        let text = bars("m", "", &many);
        assert!(!text.contains(">n9.<") && text.contains(">n10.<") && text.contains("10 shorter nodes"));
    }

    #[test]
    fn steps_are_round() {
        for (least, want) in [(0.9, 1.0), (1.0, 1.0), (1.1, 2.0), (30.0, 50.0), (0.06, 0.1)] {
            assert!((nice_step(least) - want).abs() < 1e-9, "{least}");
        }
        assert_eq!((trimmed("2.00 ms"), trimmed("100 µs")), ("2 ms".to_owned(), "100 µs".to_owned()));
    }
}
