//! Charts as SVG, without script and without inline styles (the pages' content security policy forbids both).
//!
//! A bar stands inside a table row that holds the same figures as text, so it is hidden from screen readers. A chart
//! that stands alone carries a title and a description, and [`with_table`] puts its figures as a table behind it. What is
//! drawn is a [`Drawing`], so that a page and a file (`view::figure`) show the same.

use maud::{Markup, html};

use super::words::count;

/// A share with its interval, each between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share itself.
    pub share: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end of the 95% interval.
    pub high: f64,
}

/// A horizontal bar of one share: the bar, its interval as a whisker, and a mark for comparison (the national share).
///
/// Purely visual; the caller writes the same figures beside it.
#[must_use]
pub fn share_bar(value: Share, mark: Option<f64>) -> Markup {
    html! {
        svg.bar viewBox="0 0 200 20" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            (bar_shapes(value, mark))
        }
    }
}

fn bar_shapes(value: Share, mark: Option<f64>) -> Markup {
    html! {
        rect.track x="0" y="4" width="200" height="12" {}
        rect.fill x="0" y="4" width=(along(value.share)) height="12" {}
        line.whisker x1=(along(value.low)) x2=(along(value.high)) y1="10" y2="10" {}
        line.whisker x1=(along(value.low)) x2=(along(value.low)) y1="6" y2="14" {}
        line.whisker x1=(along(value.high)) x2=(along(value.high)) y1="6" y2="14" {}
        @if let Some(mark) = mark {
            line.national-gap x1=(along(mark)) x2=(along(mark)) y1="0" y2="20" {}
            line.national x1=(along(mark)) x2=(along(mark)) y1="0" y2="20" {}
        }
    }
}

fn along(share: f64) -> String {
    number(share.clamp(0.0, 1.0) * 200.0)
}

/// Coordinates with one decimal at most: short, and the same on every machine.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}

/// One series of a stacked column chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// What it counts, for the legend.
    pub label: String,
    /// The class that gives its colour and pattern ("standing-inconsistent").
    pub class: &'static str,
    /// A letter or sign shown in its columns, so that colour is not alone.
    pub mark: &'static str,
    /// One count for each column.
    pub counts: Vec<u32>,
}

/// The size of text in charts; the stylesheet gives it to those of pages.
const TEXT: f64 = 13.0;
const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;
/// Room for two lines: the year, and how many letters it stands for.
const TREND_BOTTOM: f64 = 44.0;

/// What a chart draws, without the element around it.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
    /// The size of its text.
    pub text: f64,
    /// Its shapes.
    pub shapes: Markup,
}

impl Drawing {
    fn framed(shapes: Markup) -> Self {
        Self { width: WIDTH, height: HEIGHT, text: TEXT, shapes }
    }
}

/// A drawing within a page. `title` names it for screen readers; `summary` says in a sentence what it shows.
#[must_use]
pub fn inline(id: &str, title: &str, summary: &str, drawing: &Drawing) -> Markup {
    html! {
        svg.chart viewBox={ "0 0 " (number(drawing.width)) " " (number(drawing.height)) } role="img"
            aria-labelledby={ (id) "-title " (id) "-desc" } {
            title id={ (id) "-title" } { (title) }
            desc id={ (id) "-desc" } { (summary) }
            (drawing.shapes)
        }
    }
}

/// Columns of stacked counts, one column for each label (a year).
#[must_use]
pub fn stacked_columns(columns: &[String], series: &[Series]) -> Drawing {
    let totals: Vec<u32> =
        (0..columns.len()).map(|i| series.iter().map(|s| s.counts.get(i).copied().unwrap_or(0)).sum()).collect();
    let top = nice_ceiling(totals.iter().copied().max().unwrap_or(0));
    let step = (WIDTH - LEFT - RIGHT) / columns.len().max(1) as f64;
    let thickness = (step * 0.7).min(64.0);
    let scale = |count: u32| f64::from(count) / f64::from(top) * (HEIGHT - TOP - BOTTOM);
    Drawing::framed(html! {
        (axis(top, "", BOTTOM))
        @for (i, column) in columns.iter().enumerate() {
            @let middle = LEFT + step * (i as f64 + 0.5);
            @for (y, height, s) in stack(series, i, scale) {
                rect class={ "column " (s.class) } x=(number(middle - thickness / 2.0)) y=(number(y))
                    width=(number(thickness)) height=(number(height)) {}
                @if height >= 15.0 {
                    text class={ "column-mark " (s.class) } x=(number(middle)) y=(number(y + height / 2.0 + 4.5)) { (s.mark) }
                }
            }
            text.axis-label x=(number(middle)) y=(number(HEIGHT - 10.0)) { (column) }
        }
    })
}

/// What the columns are, below them.
#[must_use]
pub fn legend(series: &[Series]) -> Markup {
    html! {
        ul.legend {
            @for s in series {
                li { span class={ "swatch " (s.class) } aria-hidden="true" { (s.mark) } (s.label) }
            }
        }
    }
}

/// The boxes of one column from the bottom up: top edge, height, series.
fn stack(series: &[Series], column: usize, scale: impl Fn(u32) -> f64) -> Vec<(f64, f64, &Series)> {
    let mut below = HEIGHT - BOTTOM;
    series
        .iter()
        .filter_map(|s| {
            let count = s.counts.get(column).copied().unwrap_or(0);
            (count > 0).then(|| {
                let height = scale(count);
                below -= height;
                (below, height, s)
            })
        })
        .collect()
}

/// One point of a trend.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The period ("2019").
    pub label: String,
    /// The share, if any letter is in the period.
    pub value: Option<Share>,
    /// The letters that it stands for.
    pub letters: usize,
    /// Whether it rests on so few letters that it is drawn hollow and joined with no other.
    pub small: bool,
}

/// Shares over time with their intervals, from 0 to 100%.
#[must_use]
pub fn trend(points: &[Point]) -> Drawing {
    let step = (WIDTH - LEFT - RIGHT) / points.len().max(1) as f64;
    let x = |i: usize| LEFT + step * (i as f64 + 0.5);
    let y = |share: f64| TOP + (1.0 - share.clamp(0.0, 1.0)) * (HEIGHT - TOP - TREND_BOTTOM);
    let neighbours = points.iter().zip(points.iter().skip(1)).enumerate();
    Drawing::framed(html! {
        (axis(100, "%", TREND_BOTTOM))
        @for (i, pair) in neighbours {
            @if let (Some(a), Some(b), false) = (pair.0.value, pair.1.value, pair.0.small || pair.1.small) {
                line.trend x1=(number(x(i))) y1=(number(y(a.share))) x2=(number(x(i + 1))) y2=(number(y(b.share))) {}
            }
        }
        @for (i, point) in points.iter().enumerate() {
            @if let Some(v) = point.value {
                line.interval x1=(number(x(i))) x2=(number(x(i))) y1=(number(y(v.low))) y2=(number(y(v.high))) {}
                circle.dot.hollow[point.small] cx=(number(x(i))) cy=(number(y(v.share))) r="5" {}
            } @else {
                text.axis-label.absent x=(number(x(i))) y=(number(HEIGHT - TREND_BOTTOM - 6.0)) { "no letters" }
            }
            text.axis-label x=(number(x(i))) y=(number(HEIGHT - 26.0)) { (point.label) }
            @if point.value.is_some() {
                text.axis-label.of x=(number(x(i))) y=(number(HEIGHT - 10.0)) { (count(point.letters, "letter", "letters")) }
            }
        }
    })
}

/// One row of a chart of bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// The share, where there is one.
    pub value: Option<Share>,
    /// A share to compare with (England's).
    pub mark: Option<f64>,
    /// The figures in words, beside the bar.
    pub says: String,
}

const BARS_WIDTH: f64 = 850.0;
/// Room for the longest name of a theme.
const BAR_LEFT: f64 = 380.0;
const BAR_STEP: f64 = 28.0;

/// Shares as bars, one below the other, with their names and figures: what a table of a page shows, for a file.
#[must_use]
pub fn bars(rows: &[Bar]) -> Drawing {
    let shapes = html! {
        @for (i, row) in rows.iter().enumerate() {
            @let y = BAR_STEP * i as f64;
            text.bar-label x=(number(BAR_LEFT - 12.0)) y=(number(y + 18.0)) { (row.label) }
            @if let Some(value) = row.value {
                g.bar transform={ "translate(" (number(BAR_LEFT)) " " (number(y + 4.0)) ")" } { (bar_shapes(value, row.mark)) }
            }
            text x=(number(BAR_LEFT + 212.0)) y=(number(y + 18.0)) { (row.says) }
        }
    };
    Drawing { width: BARS_WIDTH, height: BAR_STEP * rows.len() as f64, text: TEXT, shapes }
}

/// Horizontal lines at quarters of the height, labelled with whole numbers.
fn axis(top: u32, unit: &str, bottom: f64) -> Markup {
    html! {
        @for quarter in 0..=4u32 {
            @let value = top * quarter / 4;
            @let y = HEIGHT - bottom - (HEIGHT - TOP - bottom) * f64::from(value) / f64::from(top);
            line.grid x1=(number(LEFT)) x2=(number(WIDTH - RIGHT)) y1=(number(y)) y2=(number(y)) {}
            text.axis-value x=(number(LEFT - 6.0)) y=(number(y + 4.0)) { (value) (unit) }
        }
    }
}

/// The smallest multiple of four (or of twenty beyond forty) that is not below the count.
fn nice_ceiling(count: u32) -> u32 {
    let unit = if count > 40 { 20 } else { 4 };
    count.max(1).div_ceil(unit) * unit
}

/// A figure with its caption, the same numbers as a table that opens below it, and what can be downloaded.
#[must_use]
pub fn with_table(caption: &str, chart: &Markup, table: &Markup, take: &Markup) -> Markup {
    html! {
        figure.figure {
            figcaption { (caption) }
            (chart)
            details.behind { summary { "View as a table" } (table) }
            (take)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_drawn_to_scale_and_never_leaves_its_track() {
        let bar = share_bar(Share { share: 0.5, low: -0.2, high: 1.4 }, Some(0.25)).into_string();
        assert!(bar.contains(r#"class="fill" x="0" y="4" width="100""#), "{bar}");
        assert!(bar.contains(r#"class="whisker" x1="0" x2="200""#), "{bar}");
        assert!(bar.contains(r#"class="national" x1="50" x2="50""#), "{bar}");
    }

    #[test]
    fn columns_stack_to_their_total() {
        let series = [
            Series { label: "a".into(), class: "one", mark: "a", counts: vec![3, 0] },
            Series { label: "b".into(), class: "two", mark: "b", counts: vec![1, 4] },
        ];
        let boxes = stack(&series, 0, |c| f64::from(c) * 10.0);
        assert_eq!(boxes.iter().map(|b| b.1).sum::<f64>(), 40.0);
        assert_eq!(boxes[1].0, HEIGHT - BOTTOM - 40.0);
        assert_eq!(stack(&series, 1, f64::from).len(), 1, "an empty series has no box");
    }

    #[test]
    fn axes_end_on_round_numbers() {
        assert_eq!([0, 1, 4, 5, 40, 41, 117].map(nice_ceiling), [4, 4, 4, 8, 40, 60, 120]);
    }

    #[test]
    fn a_point_of_few_letters_is_hollow_and_no_line_joins_it() {
        let value = Some(Share { share: 0.5, low: 0.2, high: 0.8 });
        let point = |small| Point { label: "2024".into(), value, letters: 9, small };
        let drawn = trend(&[point(false), point(false), point(true)]).shapes.into_string();
        assert_eq!((drawn.matches("class=\"trend\"").count(), drawn.matches("dot hollow").count()), (1, 1), "{drawn}");
    }

    #[test]
    fn titles_are_escaped() {
        let drawing = trend(&[Point { label: "\"".into(), value: None, letters: 0, small: false }]);
        let chart = inline("t", "<b>", "&", &drawing).into_string();
        assert!(chart.contains("&lt;b&gt;") && chart.contains("&amp;") && !chart.contains("<b>"));
    }
}
