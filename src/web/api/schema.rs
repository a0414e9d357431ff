//! The shapes of the answers, in a notation of one line for each field, and the JSON schemas made from it.
//!
//! `name: type` is a field that is always there; `name?: type` may be missing. Types: `text`, `number`, `count`, `yes`
//! (true or false), `day` (ISO date), `moment`, a vocabulary of the domain, another shape; `[T]` is a list, `{T}` an
//! object whose values are of one type, `T|null` may be null. Tests compare real answers with it, both ways.

use serde_json::{Map, Value, json};

use crate::domain::{
    Framework, JoinedBy, LaType, LetterKind, Outcome, Polarity, PreviousStatus, Region, Role, Section, Term,
    TextStatus, Verdict,
};

/// Every shape with its fields, in the order of the answer.
const SHAPES: [(&str, &str); 53] = [
    (
        "AreaRow",
        "la_code: text; ons_code: text; area: text; region: Region; la_type: LaType; standing: Standing|null; \
        standing_from: text|null; standing_since: day|null; latest_letter: LatestLetter|null; letters: count; \
        next_full_inspection_due: day|null; monitoring_due: day|null; overdue: yes",
    ),
    (
        "LatestLetter",
        "id: text; kind: LetterKind; inspection_start: day; published_on: day|null; outcome: Outcome|null; url: text|null",
    ),
    (
        "History",
        "standing: AreaRow|null; la_code: text; area: text; predecessors: [[text]]; successors: [[text]]; \
        inspections: [Inspection]; not_held: [Gap]; recurrences: [Recurrence]",
    ),
    ("Inspection", "letter: LetterRow; items: [Item]; flagged: [text]"),
    ("Item", "@FindingRow; followed_up: [FollowUp]"),
    (
        "FollowUp",
        "letter_id: text; inspection_start: day; verdict: Verdict|null; finding_id: text; text: text; page: count; \
        similarity: number; joined_by: JoinedBy",
    ),
    ("Gap", "la_code: text; area: text; inspection_start: day; what: text; wsoa_required: yes|null"),
    ("Recurrence", "theme: text; label: text; flagged_at: [FlaggedAt]"),
    ("FlaggedAt", "letter_id: text; inspection_start: day; framework: Framework|null; findings: [text]"),
    (
        "LetterRow",
        "id: text; sha256: text; file: text|null; url: text|null; kind: LetterKind; framework: Framework|null; \
        la_code: text|null; ons_code: text|null; area: text|null; region: Region|null; la_type: LaType|null; \
        inspection_start: day|null; inspection_end: day|null; letter_date: day|null; published_on: day|null; \
        previous_inspection: PreviousInspection; outcome: Outcome|null; wsoa_required: yes|null; \
        priority_action_plan_required: yes|null; next_full_inspection_months: count|null; \
        monitoring_inspection_months: count|null; local_authorities: [text]; health_bodies: [text]; counts: Counts; \
        revisit: Revisit|null; suspicious: [Suspicion]; reason?: text; versions: Versions",
    ),
    ("PreviousInspection", "status: PreviousStatus; start: day|null; end: day|null"),
    (
        "Counts",
        "significant_weakness: count; priority_action: count; area_for_improvement: count; strength: count; \
        area_for_development: count; effective_bullets: count; needs_to_improve_bullets: count",
    ),
    ("Revisit", "wsoa_required_on: day|null; fit_for_purpose_on: day|null; sufficient: count; insufficient: count"),
    ("Suspicion", "field: text; problem: text; quote: text"),
    ("Versions", "extract: count; parse: count; code: count; codebook: text"),
    (
        "WholeLetter",
        "letter: LetterRow; responsible_for_statement: [text]; area_as_printed: text; facts: [Fact]; \
        pages: count|null; method: text|null; text_status: TextStatus|null; findings: [FindingRow]; copies: [Copy]",
    ),
    ("Fact", "field: text; evidence: Evidence"),
    ("Evidence", "page: count; quote: text"),
    ("Copy", "sha256: text; current: yes; found_at: [text]"),
    (
        "FindingRow",
        "id: text; letter_id: text; la_code: text; area: text; kind: LetterKind; framework: Framework|null; \
        inspection_start: day; role: Role; section: Section; ordinal: count; paragraph: count; polarity: Polarity; \
        polarity_probability: number|null; cue: text; coded_by?: text; themes: [ThemeCode]; text: text; page: count; sub_items: count; responsible: text|null; \
        verdict: Verdict|null; judges: text|null; similarity: number|null; joined_by: JoinedBy|null; url: text|null",
    ),
    (
        "ThemeCode",
        "id: text; subtheme: text|null; evidence: text; from_previous: yes; rule: text; probability: number|null",
    ),
    ("Shown", "finding: FindingRow; paragraph: [Part]; codes: [Code]; letter: LetterRow"),
    ("Part", "finding_id: text; text: text; this: yes"),
    (
        "Code",
        "theme: text; label: text; subtheme: text|null; evidence: text; from_previous: yes; rule: text; \
        probability: number|null",
    ),
    ("Hit", "@FindingRow; segments: [Segment]"),
    ("Segment", "text: text; hit: yes"),
    (
        "ThemeShare",
        "theme: text; label: text; by?: text; value?: text; letters: count; of_letters: count; share: number|null; \
        low: number|null; high: number|null; adjusted_share: number|null; adjusted_low: number|null; \
        adjusted_high: number|null; error_basis: count|null; not_adjusted: text|null; standardised_share?: number|null; standardised_low?: number|null; standardised_high?: number|null; not_standardised?: text|null; small: yes; stands_out: text|null; frameworks: [Framework]; first_inspection: day|null; last_inspection: day|null",
    ),
    (
        "Scope",
        "letters: count; areas: count; frameworks: [Framework]; kinds: [LetterKind]; first_inspection: day|null; \
        last_inspection: day|null; left_out: [LeftOut]",
    ),
    ("LeftOut", "what: text; count: count"),
    (
        "Peers",
        "la_code: text; area: text; own_letters: [text]; basis: text; scope: Scope; peers: [Peer]; \
        without_letter: [text]; compared: count; cautions: [text]; themes: [PeerTheme]",
    ),
    ("Peer", "la_code: text; area: text; rank: count|null; closeness: text|null; letters: [text]"),
    (
        "PeerTheme",
        "theme: text; label: text; peers_flagged: count; of_peers: count; share: number|null; low: number|null; \
        high: number|null; adjusted_share: number|null; adjusted_low: number|null; adjusted_high: number|null; \
        error_basis: count|null; not_adjusted: text|null; national_flagged: count; of_areas: count; national_share: number|null; difference: number|null; \
        difference_low: number|null; difference_high: number|null; stands_out: text|null; flagged_here: yes|null; criticised_here: yes|null; small: yes; quotes: [Quote]",
    ),
    ("Comparison", "areas: [ComparedArea]; shared: [text]; themes: [ComparedTheme]"),
    (
        "ComparedArea",
        "la_code: text; area: text; standing: AreaRow|null; letters: [ComparedLetter]; not_held: count; \
        can_be_flagged: yes; alone_in: [text]",
    ),
    ("ComparedLetter", "id: text; kind: LetterKind; inspection_start: day|null; outcome: Outcome|null"),
    (
        "ComparedTheme",
        "theme: text; label: text; areas_flagged: count; of_areas: count; flagged: [yes|null]; criticised: [yes]; quotes: [Quote]",
    ),
    (
        "DueRow",
        "month: text; due: day; what: DueKind; la_code: text; area: text; region: Region; la_type: LaType; \
        standing: Standing|null; letter_id: text; inspection_start: day; overdue: yes; held_to: day|null",
    ),
    ("Quote", "area: text; text: text; page: count; letter_id: text; finding_id: text; url: text|null"),
    (
        "Theme",
        "id: text; group: text; label: text; definition: text; includes: text|null; excludes: text|null; subthemes: [text]",
    ),
    ("Trend", "theme: text; z: number; direction: text; p: number; adjusted_p: number; compared: count; words: text"),
    (
        "Group",
        "theme: text; label: text; also: [text]; areas: count; items: count; years: [count]; shared_words: [text]; exemplar: Member; others: [Member]",
    ),
    (
        "Member",
        "finding_id: text; letter_id: text; la_code: text; area: text; inspection_start: day; text: text; page: count; \
        url: text|null; similarity: number",
    ),
    (
        "FlaggedAgain",
        "theme: text; label: text; again: count; of_areas: count; share: number|null; low: number|null; high: number|null; \
        first_time: AreaShare; after_positive_revisit: AreaShare; without_positive_revisit: AreaShare; \
        no_later_report: count; small: yes",
    ),
    ("AreaShare", "flagged: count; of_areas: count; share: number|null; low: number|null; high: number|null"),
    (
        "ChangeRow",
        "at: text; change: text; status: text; letter_id: text|null; kind: text|null; area: text|null; \
        outcome: text|null; flagged: [text]; source: text; title: text|null; address: text; reason: text|null",
    ),
    (
        "Status",
        "letters: count; findings: count; kinds: [KindCount]; areas: count; areas_with_letter: {count}; \
        areas_without_letter: [text]; not_held: [Gap]; register: RegisterAgreement; set_aside: [ReasonCount]; failed: [StatusFailure]; \
        text_problems: [TextProblem]; doubts: [Doubt]; unlinked: [Doubt]; vanished: count; versions: [VersionCount]; runs: [any]",
    ),
    ("KindCount", "kind: LetterKind; framework: Framework|null; letters: count; areas: count"),
    ("ReasonCount", "code: text; message: text; documents: count"),
    ("StatusFailure", "source: text; at: text; reason: any"),
    ("TextProblem", "sha256: text; at: text; text_status: TextStatus; pages: [count]"),
    (
        "RegisterAgreement",
        "inspections: RegisterCount; revisits: RegisterCount; weaknesses_read: count; weaknesses_registered: count; \
        differences: [Doubt]",
    ),
    ("RegisterCount", "held: count; agreeing: count; differing: count"),
    ("Doubt", "letter_id: text; about: text; problem: text"),
];

struct Field {
    name: &'static str,
    always: bool,
    kind: &'static str,
}

/// The fields of a shape; `@Other` takes in the fields of another.
fn fields(shape: &str) -> Vec<Field> {
    let text = SHAPES.iter().find(|(name, _)| *name == shape).map_or("", |(_, text)| text);
    text.split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .flat_map(|part| match part.strip_prefix('@') {
            Some(other) => fields(other),
            None => {
                let (name, kind) = part.split_once(':').unwrap_or((part, "any"));
                let always = !name.ends_with('?');
                vec![Field { name: name.trim_end_matches('?').trim(), always, kind: kind.trim() }]
            }
        })
        .collect()
}

fn terms<T: Term>() -> Value {
    json!({ "type": "string", "enum": T::ALL.iter().map(|t| t.as_str()).collect::<Vec<_>>() })
}

fn type_schema(kind: &str) -> Value {
    if let Some(inner) = kind.strip_suffix("|null") {
        return json!({ "anyOf": [type_schema(inner), { "type": "null" }] });
    }
    if let Some(inner) = kind.strip_prefix('[').and_then(|k| k.strip_suffix(']')) {
        return json!({ "type": "array", "items": type_schema(inner) });
    }
    if let Some(inner) = kind.strip_prefix('{').and_then(|k| k.strip_suffix('}')) {
        return json!({ "type": "object", "additionalProperties": type_schema(inner) });
    }
    match kind {
        "any" => json!({}),
        "text" => json!({ "type": "string" }),
        "number" => json!({ "type": "number" }),
        "count" => json!({ "type": "integer", "minimum": 0 }),
        "yes" => json!({ "type": "boolean" }),
        "day" => json!({ "type": "string", "format": "date" }),
        "Region" => terms::<Region>(),
        "LaType" => terms::<LaType>(),
        "LetterKind" => terms::<LetterKind>(),
        "Framework" => terms::<Framework>(),
        "Outcome" => terms::<Outcome>(),
        "Role" => terms::<Role>(),
        "Section" => terms::<Section>(),
        "Polarity" => terms::<Polarity>(),
        "Verdict" => terms::<Verdict>(),
        "JoinedBy" => terms::<JoinedBy>(),
        "TextStatus" => terms::<TextStatus>(),
        "PreviousStatus" => terms::<PreviousStatus>(),
        "Standing" => {
            json!({ "type": "string", "enum": ["not_inspected", "no_wsoa", "wsoa_not_revisited", "wsoa_progress_all",
            "wsoa_progress_not_all", "typically_positive", "inconsistent", "widespread_failings"] })
        }
        "DueKind" => json!({ "type": "string", "enum": ["monitoring", "full_inspection"] }),
        "VersionCount" => json!({ "type": "object" }),
        shape => json!({ "$ref": format!("#/components/schemas/{shape}") }),
    }
}

/// The vocabulary of a filter, as its parameter's schema.
pub(super) fn filter_schema(name: &str) -> Value {
    match name {
        "region" => terms::<Region>(),
        "la_type" => terms::<LaType>(),
        "framework" => terms::<Framework>(),
        "outcome" => terms::<Outcome>(),
        "role" => terms::<Role>(),
        "polarity" => terms::<Polarity>(),
        "since" | "until" => json!({ "type": "string", "format": "date" }),
        "confident" => json!({ "type": "boolean" }),
        "kind" => {
            let kinds: Vec<&str> = LetterKind::ALL.iter().map(|k| k.as_str()).chain(["all"]).collect();
            json!({ "type": "string", "enum": kinds })
        }
        "area" | "neighbours_of" => json!({ "$ref": format!("#/components/schemas/{AREA_CODE}") }),
        "theme" => json!({ "$ref": format!("#/components/schemas/{THEME_ID}") }),
        _ => text(400),
    }
}

/// Names of the schemas of area codes and theme ids, which depend on reference tables and codebook.
pub(super) const AREA_CODE: &str = "AreaCode";
pub(super) const THEME_ID: &str = "ThemeId";

/// Text that an address may hold: not empty, at most so long, no control characters.
pub(super) fn text(most: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": most, "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F]*[^\\s\\u0000-\\u001F\\u007F-\\u009F][^\\u0000-\\u001F\\u007F-\\u009F]*$" })
}

/// All schemas, by name.
pub(super) fn schemas() -> Map<String, Value> {
    let mut all = Map::new();
    for (shape, _) in SHAPES {
        let fields = fields(shape);
        let properties: Map<String, Value> = fields.iter().map(|f| (f.name.to_owned(), type_schema(f.kind))).collect();
        let required: Vec<&str> = fields.iter().filter(|f| f.always).map(|f| f.name).collect();
        let schema =
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
        all.insert(shape.to_owned(), schema);
    }
    all
}

/// The columns of a shape as CSV: nested objects of one value become columns with a dot.
pub(super) fn columns(shape: &str) -> Vec<&'static str> {
    fields(shape)
        .into_iter()
        .flat_map(|field| {
            let inner = field.kind.trim_end_matches("|null");
            let nested = SHAPES.iter().any(|(name, _)| *name == inner);
            if nested { nested_columns(field.name, inner) } else { vec![field.name] }
        })
        .filter(|name| *name != "segments")
        .collect()
}

/// Columns of a nested shape. Their names live as long as the program: there are few, and each is made once.
fn nested_columns(outer: &str, shape: &str) -> Vec<&'static str> {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, PoisonError};
    static NAMES: Mutex<BTreeMap<String, &'static str>> = Mutex::new(BTreeMap::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    fields(shape)
        .iter()
        .map(|inner| {
            let name = format!("{outer}.{}", inner.name);
            *names.entry(name.clone()).or_insert_with(|| Box::leak(name.into_boxed_str()))
        })
        .collect()
}
