//! The roofline: performance over arithmetic intensity, both logarithmic, under the two measured roofs.

use super::color;
use super::svg::{Anchor, FAINT, GRID, INK, Svg, digits, shortened};

/// A variant of a computation.
pub struct Point {
    /// Its name.
    pub variant: String,
    /// Whether it is taken by default: drawn filled.
    pub default: bool,
    /// FLOP per byte.
    pub intensity: f64,
    /// GFLOP/s.
    pub gflops: f64,
    /// Fraction of the roof above it.
    pub fraction: f64,
    /// Whether its results are wrong.
    pub wrong: bool,
}

/// A computation with its variants.
pub struct Group {
    /// Its name.
    pub name: String,
    /// What decides its colour.
    pub family: String,
    /// The variants.
    pub points: Vec<Point>,
}

/// The picture.
pub struct Roofline {
    /// Heading.
    pub title: String,
    /// Line below it.
    pub subtitle: String,
    /// Arithmetic roof, GFLOP/s.
    pub peak_gflops: f64,
    /// Memory roof, GB/s.
    pub peak_gbs: f64,
    /// The computations, numbered from 1.
    pub groups: Vec<Group>,
}

const LEFT: f64 = 84.0;
const TOP: f64 = 84.0;
const PLOT_WIDTH: f64 = 700.0;
const LIST_WIDTH: f64 = 500.0;
const ROW: f64 = 18.0;

/// A logarithmic axis.
struct Axis {
    least: f64,
    most: f64,
    start: f64,
    length: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        let (least, most) = (self.least.log10(), self.most.log10());
        self.start + self.length * (value.max(1e-12).log10() - least) / (most - least)
    }

    /// Powers of ten within the axis.
    fn decades(&self) -> Vec<f64> {
        let (first, last) = (self.least.log10().ceil() as i32, self.most.log10().floor() as i32);
        (first..=last).map(|e| 10f64.powi(e)).collect()
    }
}

impl Roofline {
    /// The SVG file.
    pub fn draw(&self) -> String {
        let plot_height = 560f64.max(ROW * (self.groups.len() as f64 + 1.5));
        let (width, height) = (LEFT + PLOT_WIDTH + LIST_WIDTH + 40.0, TOP + plot_height + 84.0);
        let points = || self.groups.iter().flat_map(|g| &g.points).filter(|p| p.intensity > 0.0 && p.gflops > 0.0);
        let ridge = self.peak_gflops / self.peak_gbs.max(1e-12);
        let least = |f: &dyn Fn(&Point) -> f64, start: f64| points().map(f).fold(start, f64::min);
        let most = |f: &dyn Fn(&Point) -> f64, start: f64| points().map(f).fold(start, f64::max);
        let x = Axis {
            least: least(&|p| p.intensity, ridge / 4.0) / 1.6,
            most: most(&|p| p.intensity, ridge * 4.0) * 1.6,
            start: LEFT,
            length: PLOT_WIDTH,
        };
        let y = Axis {
            least: least(&|p| p.gflops, self.peak_gflops / 20.0) / 1.6,
            most: most(&|p| p.gflops, self.peak_gflops) * 2.0,
            start: TOP + plot_height,
            length: -plot_height,
        };
        let mut svg = Svg::new(width, height);
        svg.bold((24.0, 36.0), 20.0, Anchor::Start, INK, &self.title);
        svg.text((24.0, 58.0), 12.5, Anchor::Start, FAINT, &self.subtitle);
        grid(&mut svg, &x, &y);
        self.roofs(&mut svg, &x, &y, ridge);
        let (mut labels, mut discs, mut wishes) = (Vec::new(), Vec::new(), Vec::new());
        for (i, group) in self.groups.iter().enumerate() {
            let stroke = self.color(&group.family);
            let mut shown: Vec<&Point> = group.points.iter().filter(|p| p.intensity > 0.0 && p.gflops > 0.0).collect();
            shown.sort_by(|a, b| a.gflops.total_cmp(&b.gflops));
            let (Some(&worst), Some(&best)) = (shown.first(), shown.last()) else {
                continue;
            };
            let column = x.at(best.intensity);
            svg.line((column, y.at(worst.gflops)), (column, y.at(best.gflops)), stroke, 1.0);
            // Rings first, so that the filled one lies on top.
            shown.sort_by_key(|p| p.default);
            for p in &shown {
                discs.push((column, y.at(p.gflops)));
                let wrong = if p.wrong { " WRONG" } else { "" };
                let title = format!(
                    "{}: {}{wrong}, {} GFLOP/s, {:.0} % of the roof",
                    group.name,
                    p.variant,
                    digits(p.gflops),
                    100.0 * p.fraction
                );
                svg.circle((column, y.at(p.gflops)), if p.default { 4.5 } else { 3.5 }, stroke, p.default, &title);
            }
            wishes.push((i + 1, stroke, (column, y.at(best.gflops))));
        }
        // The numbers come last, where neither a disc nor another number is.
        for (number, fill, disc) in wishes {
            let at = free_place(&labels, &discs, disc);
            labels.push(at);
            svg.bold(at, 11.0, Anchor::Middle, fill, &number.to_string());
        }
        self.list(&mut svg, LEFT + PLOT_WIDTH + 28.0);
        svg.text(
            (LEFT + PLOT_WIDTH / 2.0, TOP + plot_height + 42.0),
            12.5,
            Anchor::Middle,
            INK,
            "arithmetic intensity, FLOP per byte of operands and result",
        );
        svg.vertical((26.0, TOP + plot_height / 2.0), 12.5, INK, "performance, GFLOP/s");
        svg.text(
            (24.0, TOP + plot_height + 68.0),
            11.0,
            Anchor::Start,
            FAINT,
            "Filled: taken by default; rings: the other variants. FLOP are those of the textbook formula, so that Winograd may pass the roof.",
        );
        svg.finish()
    }

    fn color(&self, family: &str) -> &'static str {
        let mut families: Vec<&str> = Vec::new();
        for group in &self.groups {
            if !families.contains(&group.family.as_str()) {
                families.push(&group.family);
            }
        }
        color(families.iter().position(|f| *f == family).unwrap_or(0))
    }

    fn roofs(&self, svg: &mut Svg, x: &Axis, y: &Axis, ridge: f64) {
        let corner = (x.at(ridge), y.at(self.peak_gflops));
        // The slanted roof begins where it enters the plot.
        let enters = x.least.max(y.least / self.peak_gbs.max(1e-12));
        svg.line((x.at(enters), y.at(enters * self.peak_gbs)), corner, INK, 2.0);
        svg.line(corner, (x.start + x.length, corner.1), INK, 2.0);
        let text = format!("{} GFLOP/s measured", digits(self.peak_gflops));
        svg.text((x.start + x.length - 6.0, corner.1 - 8.0), 11.5, Anchor::End, INK, &text);
        let text = format!("{} GB/s measured", digits(self.peak_gbs));
        let middle = (enters * ridge).sqrt();
        svg.text((x.at(middle) - 10.0, y.at(middle * self.peak_gbs) - 8.0), 11.5, Anchor::End, INK, &text);
    }

    /// The computations by number, with their best variant.
    fn list(&self, svg: &mut Svg, left: f64) {
        let columns = [left + 22.0, left + 28.0, left + 236.0, left + LIST_WIDTH - 66.0, left + LIST_WIDTH - 20.0];
        let mut y = TOP + 6.0;
        svg.bold((columns[1], y), 11.5, Anchor::Start, INK, "computation");
        svg.bold((columns[2], y), 11.5, Anchor::Start, INK, "fastest variant");
        svg.bold((columns[3], y), 11.5, Anchor::End, INK, "GFLOP/s");
        svg.bold((columns[4], y), 11.5, Anchor::End, INK, "roof");
        for (i, group) in self.groups.iter().enumerate() {
            let Some(best) = group.points.iter().max_by(|a, b| a.gflops.total_cmp(&b.gflops)) else {
                continue;
            };
            y += ROW;
            svg.bold((columns[0], y), 11.5, Anchor::End, self.color(&group.family), &(i + 1).to_string());
            svg.text((columns[1], y), 11.5, Anchor::Start, INK, &shortened(&group.name, 31));
            let mark = if best.default { "" } else { " (not the default)" };
            // Where there is nothing to choose, the variant is a kernel with its parameters.
            let name = best.variant.split('[').next().unwrap_or_default();
            let name = shortened(name, if mark.is_empty() { 24 } else { 12 });
            svg.text((columns[2], y), 11.0, Anchor::Start, FAINT, &format!("{name}{mark}"));
            svg.text((columns[3], y), 11.0, Anchor::End, INK, &digits(best.gflops));
            let wrong = group.points.iter().any(|p| p.wrong);
            let roof = if wrong { "WRONG".to_owned() } else { format!("{:.0} %", 100.0 * best.fraction) };
            svg.text((columns[4], y), 11.0, Anchor::End, if wrong { "#c0392b" } else { INK }, &roof);
        }
    }
}

fn grid(svg: &mut Svg, x: &Axis, y: &Axis) {
    let (right, top) = (x.start + x.length, y.start + y.length);
    let label = |v: f64| if v >= 1.0 { format!("{v:.0}") } else { format!("{v}") };
    for decade in x.decades() {
        svg.line((x.at(decade), top), (x.at(decade), y.start), GRID, 1.0);
        svg.text((x.at(decade), y.start + 19.0), 11.0, Anchor::Middle, FAINT, &label(decade));
    }
    for decade in y.decades() {
        svg.line((x.start, y.at(decade)), (right, y.at(decade)), GRID, 1.0);
        svg.text((x.start - 8.0, y.at(decade) + 4.0), 11.0, Anchor::End, FAINT, &label(decade));
    }
    svg.line((x.start, top), (x.start, y.start), FAINT, 1.0);
    svg.line((x.start, y.start), (right, y.start), FAINT, 1.0);
}

/// Where the base line of a number begins that belongs to a disc: above it or beside it, clear of the other numbers and
/// discs, or else so far above that it is.
fn free_place(labels: &[(f64, f64)], discs: &[(f64, f64)], disc: (f64, f64)) -> (f64, f64) {
    let clear = |at: &(f64, f64)| {
        labels.iter().all(|l| (l.0 - at.0).abs() >= 16.0 || (l.1 - at.1).abs() >= 11.0)
            && discs.iter().all(|d| (d.0 - at.0).abs() >= 11.0 || (d.1 - (at.1 - 4.0)).abs() >= 9.0)
    };
    let near = [(0.0, -9.0), (13.0, 4.0), (-13.0, 4.0), (12.0, -8.0), (-12.0, -8.0)];
    let above = (2..60).map(|i| (0.0, -9.0 - 6.0 * f64::from(i)));
    let mut places = near.into_iter().chain(above).map(|(dx, dy)| (disc.0 + dx, disc.1 + dy));
    places.find(clear).unwrap_or((disc.0, disc.1 - 9.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_point_below_two_roofs() {
        let point = |variant: &str, default: bool, intensity: f64, gflops: f64| Point {
            variant: variant.to_owned(),
            default,
            intensity,
            gflops,
            fraction: 0.5,
            wrong: variant == "bad",
        };
        let group = |name: &str, points: Vec<Point>| Group { name: name.to_owned(), family: name.to_owned(), points };
        let text = Roofline {
            title: "t".to_owned(),
            subtitle: "s".to_owned(),
            peak_gflops: 200.0,
            peak_gbs: 40.0,
            groups: vec![
                group("conv", vec![point("direct", true, 80.0, 20.0), point("winograd", false, 80.0, 50.0)]),
                group("add", vec![point("bad", true, 0.08, 2.0)]),
                group("nothing", vec![point("none", true, 0.0, 0.0)]),
            ],
        }
        .draw();
        assert_eq!(text.matches("<circle").count(), 3);
        for want in
            ["winograd (not the default)", "WRONG", "200 GFLOP/s measured", "40.0 GB/s measured", ">0.1<", ">100<"]
        {
            assert!(text.contains(want), "{want}");
        }
        assert!(!text.contains("NaN") && !text.contains("inf"));
    }

    #[test]
    fn labels_do_not_overlap() {
        let discs: Vec<(f64, f64)> = (0..20).map(|i| (100.0 + f64::from(i % 3), 50.0 + f64::from(i))).collect();
        let mut taken: Vec<(f64, f64)> = Vec::new();
        for disc in &discs {
            let at = free_place(&taken, &discs, *disc);
            assert!(taken.iter().all(|t| (t.0 - at.0).abs() >= 16.0 || (t.1 - at.1).abs() >= 11.0));
            assert!(discs.iter().all(|d| (d.0 - at.0).abs() >= 11.0 || (d.1 - at.1 + 4.0).abs() >= 9.0));
            taken.push(at);
        }
    }
}
