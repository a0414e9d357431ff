//! Due inspections as an iCalendar file (RFC 5545) that calendar programs subscribe to.
//!
//! Every event is a whole day. Its identifier is the report and the kind of inspection, so a subscriber's calendar
//! moves an event whose day was corrected instead of showing it twice. Nothing depends on the clock: the time stamp is
//! the day to which letters are held.

use icalendar::{Calendar, Component, Event, EventLike, Property};
use jiff::civil::Date;

use super::words;
use crate::query::{DueKind, DueRow};

/// How often a calendar program should ask again.
const REFRESH: &str = "P1D";

/// The calendar of these inspections. `base` is the address of the site that the events lead to ("https://example.org");
/// with an empty one they carry no link.
#[must_use]
pub fn calendar(name: &str, rows: &[DueRow], base: &str) -> String {
    let mut calendar = Calendar::empty();
    for property in [("VERSION", "2.0"), ("PRODID", "-//sendlens//due inspections//EN"), ("CALSCALE", "GREGORIAN")] {
        calendar.append_property(property);
    }
    calendar.name(name);
    let mut refresh = Property::new("REFRESH-INTERVAL", REFRESH);
    refresh.add_parameter("VALUE", "DURATION");
    calendar.append_property(refresh.done());
    calendar.append_property(("X-PUBLISHED-TTL", REFRESH));
    for row in rows {
        calendar.push(event(row, base));
    }
    calendar.to_string()
}

fn event(row: &DueRow, base: &str) -> Event {
    let mut event = Event::with_uid(&format!("{}.{}@sendlens", row.letter_id, row.what.as_str()));
    event.add_property("DTSTAMP", format!("{}T000000Z", compact(row.held_to.unwrap_or(row.inspection_start))));
    event.append_property(whole_day("DTSTART", row.due));
    // The end of a whole day is the day after it; the last day of all time has none.
    if let Ok(next) = row.due.tomorrow() {
        event.append_property(whole_day("DTEND", next));
    }
    event.add_property("TRANSP", "TRANSPARENT");
    event.summary(&format!("{}: {} expected", row.area, words::due_kind(row.what).to_lowercase()));
    let months = match row.what {
        DueKind::Monitoring => "the monitoring inspection",
        DueKind::FullInspection => "the next full inspection",
    };
    event.description(&format!(
        "Expected by the months to {months} that the report on the inspection of {} states. {}",
        words::date(row.inspection_start),
        words::passed_note(row.held_to)
    ));
    event.location(&row.area);
    if !base.is_empty() {
        event.url(&format!("{base}/areas/{}", row.la_code));
    }
    event.done()
}

fn whole_day(name: &str, day: Date) -> Property {
    let mut property = Property::new(name, compact(day));
    property.add_parameter("VALUE", "DATE");
    property.done()
}

fn compact(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::{LaType, Region};

    #[test]
    fn an_event_is_a_whole_day_with_a_stable_identifier() {
        let row = DueRow {
            month: "2026-12".to_owned(),
            due: date(2026, 12, 31),
            what: DueKind::Monitoring,
            la_code: "971".to_owned(),
            area: "Fen, Upper; Lower".to_owned(),
            region: Region::London,
            la_type: LaType::County,
            standing: None,
            letter_id: "971-2025-06-30-full".to_owned(),
            inspection_start: date(2025, 6, 30),
            overdue: false,
            held_to: Some(date(2025, 9, 1)),
        };
        let text = calendar("Due", std::slice::from_ref(&row), "https://send.example");
        let unfolded = text.replace("\r\n ", "");
        for line in [
            "UID:971-2025-06-30-full.monitoring@sendlens",
            "DTSTART;VALUE=DATE:20261231",
            "DTEND;VALUE=DATE:20270101",
            "DTSTAMP:20250901T000000Z",
            "SUMMARY:Fen\\, Upper\\; Lower: monitoring inspection expected",
            "URL:https://send.example/areas/971",
        ] {
            assert!(unfolded.lines().any(|l| l == line), "{line}\n{text}");
        }
        assert!(unfolded.contains("one may exist. Latest inspection held: 1 September 2025."));
        assert_eq!(text, calendar("Due", std::slice::from_ref(&row), "https://send.example"), "no clock is read");
        assert!(!calendar("Due", &[row], "").contains("URL"));
    }
}
