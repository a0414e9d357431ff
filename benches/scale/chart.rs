//! The figures as a chart: two panels, both axes logarithmic, one line for each step.

use std::fmt::Write as _;

use super::{Point, steps};

const COLOURS: [&str; 6] = ["#1d4ed8", "#b45309", "#047857", "#b91c1c", "#6d28d9", "#374151"];
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 260.0;
const TOP: f64 = 40.0;

/// A panel: its left edge, and what its axes span, as powers of ten.
struct Panel {
    left: f64,
    sizes: (f64, f64),
    values: (f64, f64),
}

impl Panel {
    fn new(left: f64, sizes: &[f64], values: &[f64]) -> Self {
        let span = |of: &[f64]| {
            let low = of.iter().copied().fold(f64::INFINITY, f64::min).log10().floor();
            (low, of.iter().copied().fold(0.0, f64::max).log10().ceil().max(low + 1.0))
        };
        Self { left, sizes: span(sizes), values: span(values) }
    }

    fn x(&self, size: f64) -> f64 {
        self.left + (size.log10() - self.sizes.0) / (self.sizes.1 - self.sizes.0) * WIDTH
    }

    fn y(&self, value: f64) -> f64 {
        TOP + HEIGHT - (value.log10() - self.values.0) / (self.values.1 - self.values.0) * HEIGHT
    }

    fn axes(&self, out: &mut String, title: &str, unit: impl Fn(f64) -> String) {
        let (left, right, bottom) = (self.left, self.left + WIDTH, TOP + HEIGHT);
        writeln!(out, r##"<text x="{left}" y="24" font-weight="bold">{title}</text>"##).unwrap();
        for power in decades(self.values) {
            let y = self.y(power);
            writeln!(out, r##"<path d="M{left} {y:.1}H{right}" stroke="#d1d5db"/>"##).unwrap();
            let (x, y, label) = (left - 6.0, y + 4.0, unit(power));
            writeln!(out, r##"<text x="{x}" y="{y:.1}" text-anchor="end">{label}</text>"##).unwrap();
        }
        for power in decades(self.sizes) {
            let x = self.x(power);
            writeln!(out, r##"<path d="M{x:.1} {TOP}V{bottom}" stroke="#e5e7eb"/>"##).unwrap();
            let y = bottom + 18.0;
            writeln!(out, r##"<text x="{x:.1}" y="{y}" text-anchor="middle">{power}</text>"##).unwrap();
        }
    }

    fn line(&self, out: &mut String, colour: &str, dots: &[(f64, f64)]) {
        let place = |(size, value): &(f64, f64)| format!("{:.1},{:.1}", self.x(*size), self.y(*value));
        let path: Vec<String> = dots.iter().map(place).collect();
        let path = path.join(" ");
        writeln!(out, r##"<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>"##).unwrap();
        for (size, value) in dots {
            let (x, y) = (self.x(*size), self.y(*value));
            writeln!(out, r##"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{colour}"/>"##).unwrap();
        }
    }
}

fn decades((low, high): (f64, f64)) -> impl Iterator<Item = f64> {
    (low as i32..=high as i32).map(|power| 10f64.powi(power))
}

/// The chart as SVG.
pub fn chart(points: &[Point]) -> String {
    let sizes: Vec<f64> = points.iter().map(|point| point.size as f64).collect();
    let times: Vec<f64> = points.iter().map(|point| point.seconds).collect();
    let memory: Vec<f64> = points.iter().map(|point| point.mebibytes).collect();
    let (time, space) = (Panel::new(80.0, &sizes, &times), Panel::new(540.0, &sizes, &memory));
    let steps = steps(points);
    let height = TOP + HEIGHT + 50.0 + 20.0 * steps.len().div_ceil(2) as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 940 {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#111827\" role=\"img\">\n<title>Time and memory against the number of letters</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let duration = |s: f64| if s < 1.0 { format!("{} ms", s * 1e3) } else { format!("{s} s") };
    time.axes(&mut out, "Processor time against letters (dashed: linear)", duration);
    space.axes(&mut out, "Memory at most against letters", |m| format!("{m} MiB"));
    // A line of slope 1 from the lower left corner.
    let reach = (time.sizes.1 - time.sizes.0).min(time.values.1 - time.values.0);
    let (from, to) = ((time.sizes.0, time.values.0), (time.sizes.0 + reach, time.values.0 + reach));
    writeln!(
        out,
        r##"<path d="M{:.1} {:.1}L{:.1} {:.1}" stroke="#6b7280" stroke-dasharray="5 4"/>"##,
        time.x(10f64.powf(from.0)),
        time.y(10f64.powf(from.1)),
        time.x(10f64.powf(to.0)),
        time.y(10f64.powf(to.1))
    )
    .unwrap();
    for (n, step) in steps.iter().enumerate() {
        let colour = COLOURS[n % COLOURS.len()];
        let of_step = || points.iter().filter(|point| point.step == *step);
        time.line(&mut out, colour, &of_step().map(|p| (p.size as f64, p.seconds)).collect::<Vec<_>>());
        space.line(&mut out, colour, &of_step().map(|p| (p.size as f64, p.mebibytes)).collect::<Vec<_>>());
        let (x, y) = (80.0 + 460.0 * (n % 2) as f64, TOP + HEIGHT + 48.0 + 20.0 * (n / 2) as f64);
        writeln!(out, r##"<rect x="{x}" y="{:.1}" width="14" height="4" fill="{colour}"/>"##, y - 6.0).unwrap();
        writeln!(out, r##"<text x="{}" y="{y}">{}</text>"##, x + 22.0, step.replace('`', "")).unwrap();
    }
    out + "</svg>\n"
}
