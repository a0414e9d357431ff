//! Dates and spans of dates as letters write them.
//!
//! "18 to 22 November 2024", full dates on both sides, a month or the year given once for both, two digits, ordinals
//! ("1st"), weekdays, dashes, "and" after "between", "18/11/2024". Nothing is guessed: what does not name a day, a
//! month and a year is not a date. Whether a date can be right is a separate question, see [`Horizon`].

use std::ops::Range;

use jiff::civil::Date;
use regex::Captures;

use super::pattern::pattern;
use super::view::View;
use crate::domain::{DateSpan, Suspicion};

/// A span of dates as written; the end may come before the start, which is for the caller to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanFound {
    /// First day as written.
    pub start: Date,
    /// Last day as written.
    pub end: Date,
    /// Where in the text.
    pub range: Range<usize>,
}

/// A single date as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFound {
    /// The day.
    pub date: Date,
    /// Where in the text.
    pub range: Range<usize>,
}

/// One day in words or figures; `$n` keeps the group names apart.
macro_rules! day {
    ($n:literal) => {
        concat!(
            r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?(?:the\s+)?(?P<d",
            $n,
            r">[0-3]?\d)(?:\s*(?:st|nd|rd|th)\b)?"
        )
    };
}

/// A month's name or usual abbreviation.
macro_rules! month {
    ($n:literal) => {
        concat!(
            r"(?:of\s+)?(?P<m", $n,
            r">jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?,?"
        )
    };
}

/// What stands between the two days.
macro_rules! to {
    () => {
        r"\s*(?:to|and|until|through|[-–—−])\s*"
    };
}

/// A day, month and year in figures.
macro_rules! figures {
    ($n:literal) => {
        concat!(r"(?P<fd", $n, r">[0-3]?\d)[/.](?P<fm", $n, r">[01]?\d)[/.](?P<fy", $n, r">(?:19|20)\d\d)\b")
    };
}

pattern! {
    SPAN = concat!(
        r"(?i)\b(?:", day!(1), r"(?:\s*", month!(1), r"(?:\s*(?P<y1>\d{4})\b)?)?", to!(), day!(2), r"\s*", month!(2),
        r"\s*(?P<y2>\d{4})\b|", figures!(1), to!(), figures!(2), ")"
    );
    SINGLE = concat!(r"(?i)\b(?:", day!(1), r"\s*", month!(1), r"\s*(?P<y1>\d{4})\b|", figures!(1), ")");
    MONTH = concat!(r"(?i)\b", month!(1), r"\s+(?P<y1>20\d\d)\b");
    MONTH_FIRST = concat!(r"(?i)\b", month!(1), r"\s+(?P<d1>[0-3]?\d)(?:st|nd|rd|th)?,\s*(?P<y1>\d{4})\b");
}

/// All spans of dates in a text.
#[must_use]
pub fn spans(text: &str) -> Vec<SpanFound> {
    SPAN.captures_iter(text).filter_map(|c| span_of(&c)).collect()
}

/// All single dates in a text, including the second date of a span.
#[must_use]
pub fn dates(text: &str) -> Vec<DateFound> {
    let mut found: Vec<DateFound> = [&*SINGLE, &*MONTH_FIRST]
        .into_iter()
        .flat_map(|pattern| pattern.captures_iter(text))
        .filter_map(|c| {
            let range = c.get(0)?.range();
            Some(DateFound { date: one_date(&c)?, range })
        })
        .collect();
    found.sort_by_key(|d| d.range.start);
    found
}

/// Where a text names a month of a year without a day.
#[must_use]
pub fn months(text: &str) -> Vec<Range<usize>> {
    let days: Vec<Range<usize>> = dates(text).into_iter().map(|date| date.range).collect();
    let months = MONTH.find_iter(text).map(|found| found.range());
    months.filter(|m| days.iter().all(|day| m.end <= day.start || day.end <= m.start)).collect()
}

fn span_of(c: &Captures<'_>) -> Option<SpanFound> {
    let range = c.get(0)?.range();
    if c.name("fy1").is_some() {
        return Some(SpanFound { start: in_figures(c, "1")?, end: in_figures(c, "2")?, range });
    }
    let last_month = month_number(c.name("m2")?.as_str())?;
    let last_year: i16 = parsed(c, "y2")?;
    let end = Date::new(last_year, last_month, parsed(c, "d2")?).ok()?;
    let month = c.name("m1").map_or(Some(last_month), |m| month_number(m.as_str()))?;
    let year = match c.name("y1") {
        Some(y) => y.as_str().parse().ok()?,
        // "18 December to 5 January 2024": the one year belongs to the last day.
        None if month >= 11 && last_month <= 2 => last_year - 1,
        None => last_year,
    };
    Some(SpanFound { start: Date::new(year, month, parsed(c, "d1")?).ok()?, end, range })
}

fn one_date(c: &Captures<'_>) -> Option<Date> {
    if c.name("fy1").is_some() {
        return in_figures(c, "1");
    }
    Date::new(parsed(c, "y1")?, month_number(c.name("m1")?.as_str())?, parsed(c, "d1")?).ok()
}

fn in_figures(c: &Captures<'_>, n: &str) -> Option<Date> {
    Date::new(parsed(c, &format!("fy{n}"))?, parsed(c, &format!("fm{n}"))?, parsed(c, &format!("fd{n}"))?).ok()
}

fn parsed<T: std::str::FromStr>(c: &Captures<'_>, name: &str) -> Option<T> {
    c.name(name)?.as_str().parse().ok()
}

fn month_number(name: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let short = name.get(..3)?.to_lowercase();
    let index = MONTHS.iter().position(|m| *m == short)?;
    i8::try_from(index + 1).ok()
}

/// The first year of local area SEND inspections.
const FIRST_YEAR: i16 = 2016;

/// The longest span in days that can be one inspection: on-site weeks with a break between them.
const MAX_INSPECTION_DAYS: i32 = 100;

pattern! {
    COPYRIGHT = r"(?i)©\s*crown\s+copyright\s+(\d{4})\b";
}

/// The years in which a date of a letter can lie: 2016 to the year after the letter's copyright year, and never
/// later than next year. The clock is read for that last bound only; it moves nothing that could be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    last_year: i16,
}

impl Horizon {
    /// The horizon of one document.
    #[must_use]
    pub fn of(view: &View<'_>) -> Self {
        let next_year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() + 1;
        let copyright = view.blocks().iter().rev().find_map(|b| COPYRIGHT.captures(&b.text)?[1].parse::<i16>().ok());
        let last_year = copyright.filter(|y| *y >= FIRST_YEAR).map_or(next_year, |y| next_year.min(y + 1));
        Self { last_year }
    }

    /// A horizon that ends with the given year.
    #[must_use]
    pub fn until(last_year: i16) -> Self {
        Self { last_year }
    }

    /// What is wrong with a single date, if anything.
    #[must_use]
    pub fn problem(self, date: Date) -> Option<String> {
        let years = FIRST_YEAR..=self.last_year;
        (!years.contains(&date.year()))
            .then(|| format!("{date} is outside {FIRST_YEAR} to {}, the years in which it could lie", self.last_year))
    }

    /// The span, if it can be right. A start that can be right is kept where only the end cannot; what cannot be right
    /// is reported as suspicions about `{field}_start` and `{field}_end`.
    pub fn judge(
        self,
        field: &str,
        found: &SpanFound,
        text: &str,
        suspicious: &mut Vec<Suspicion>,
    ) -> Option<DateSpan> {
        let quote = super::quote::normalise(&text[found.range.clone()]);
        let mut suspect = |part: &str, problem: String| {
            suspicious.push(Suspicion { field: format!("{field}_{part}"), problem, quote: quote.clone() });
        };
        if let Some(problem) = self.problem(found.start) {
            suspect("start", problem);
            if let Some(problem) = self.problem(found.end) {
                suspect("end", problem);
            }
            return None;
        }
        let end_problem = if found.end < found.start {
            Some(format!("the end {} is before the start {}", found.end, found.start))
        } else if (found.end - found.start).get_days() > MAX_INSPECTION_DAYS {
            Some(format!("{} to {} is too long for one inspection", found.start, found.end))
        } else {
            self.problem(found.end)
        };
        let end = match end_problem {
            Some(problem) => {
                suspect("end", problem);
                None
            }
            None => Some(found.end),
        };
        Some(DateSpan { start: found.start, end })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn reads(text: &str, start: (i16, i8, i8), end: (i16, i8, i8)) {
        let found = spans(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(
            (found[0].start, found[0].end),
            (date(start.0, start.1, start.2), date(end.0, end.1, end.2)),
            "{text}"
        );
    }

    #[test]
    fn spans_in_every_form() {
        reads("18 to 22 November 2024", (2024, 11, 18), (2024, 11, 22));
        reads("Inspection dates: 04 to 08 March 2024", (2024, 3, 4), (2024, 3, 8));
        reads("30 January 2023 to 3 February 2023", (2023, 1, 30), (2023, 2, 3));
        reads("28 February to 4 March 2022", (2022, 2, 28), (2022, 3, 4));
        reads("6 February to 10 February 2017", (2017, 2, 6), (2017, 2, 10));
        reads("13 to 21 July 2023", (2023, 7, 13), (2023, 7, 21));
        reads("18 December to 5 January 2024", (2023, 12, 18), (2024, 1, 5));
        reads("between 9 and 13 May 2016", (2016, 5, 9), (2016, 5, 13));
        reads("Between Monday 9 May and Friday 13 May 2016, Ofsted", (2016, 5, 9), (2016, 5, 13));
        reads("3–7 July 2023", (2023, 7, 3), (2023, 7, 7));
        reads("3 - 7 July 2023", (2023, 7, 3), (2023, 7, 7));
        reads("the 1st to the 5th of June 2019", (2019, 6, 1), (2019, 6, 5));
        reads("1st to 5th June 2019", (2019, 6, 1), (2019, 6, 5));
        reads("27 June\nto 1 July 2016", (2016, 6, 27), (2016, 7, 1));
        reads("4 Dec 2023 to 8 Dec 2023", (2023, 12, 4), (2023, 12, 8));
        reads("09/05/2016 to 13/05/2016", (2016, 5, 9), (2016, 5, 13));
        reads("2 September to 6 September2024", (2024, 9, 2), (2024, 9, 6));
    }

    #[test]
    fn what_names_no_whole_date_is_none() {
        for text in [
            "0 to 25",
            "aged 16 to 25 in 2024",
            "March 2022",
            "31 to 32 June 2024",
            "20 to 24",
            "30 and 31 February 2024",
        ] {
            assert_eq!(spans(text), [], "{text}");
        }
    }

    #[test]
    fn single_dates() {
        let found: Vec<Date> =
            dates("On 1 July 2022 and 3rd of May, 2019; 02/10/2018; March 4, 2020").iter().map(|d| d.date).collect();
        assert_eq!(found, [date(2022, 7, 1), date(2019, 5, 3), date(2018, 10, 2), date(2020, 3, 4)]);
    }

    #[test]
    fn months_without_a_day() {
        let text = "On 4 March 2018, after May 2017 and between 3 and 7 June 2019; he may 2020 times.";
        let found: Vec<&str> = months(text).into_iter().map(|m| &text[m]).collect();
        assert_eq!(found, ["May 2017", "may 2020"]);
    }

    #[track_caller]
    fn judged(text: &str) -> (Option<DateSpan>, Vec<String>) {
        let found = spans(text).remove(0);
        let mut suspicious = Vec::new();
        let span = Horizon::until(2025).judge("inspection", &found, text, &mut suspicious);
        assert!(suspicious.iter().all(|s| s.quote == text), "{suspicious:?}");
        (span, suspicious.into_iter().map(|s| s.field).collect())
    }

    #[test]
    fn what_cannot_be_right_is_told_and_not_kept() {
        let start = date(2024, 3, 18);
        assert_eq!(judged("18 to 22 March 2024"), (Some(DateSpan { start, end: Some(date(2024, 3, 22)) }), vec![]));
        let open = Some(DateSpan { start, end: None });
        assert_eq!(judged("18 March 2024 to 22 February 2024"), (open, vec!["inspection_end".to_owned()]));
        assert_eq!(judged("18 March 2024 to 22 March 2025"), (open, vec!["inspection_end".to_owned()]));
        let both = vec!["inspection_start".to_owned(), "inspection_end".to_owned()];
        assert_eq!(judged("18 to 22 March 2042"), (None, both.clone()));
        assert_eq!(judged("18 to 22 March 2014"), (None, both));
    }
}
