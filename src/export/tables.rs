//! What the exported tables hold: one description of every column, from which files, their schemas and the data
//! dictionary are made.
//!
//! A column is named after its place in the JSON that the command line prints: where that leads into a nested object,
//! the name joins the steps with an underscore (`versions.extract` is the column `versions_extract`).

/// What a column's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, or a word of a closed vocabulary.
    Text,
    /// A whole number of at most 32 bits.
    Whole,
    /// A share or another number with a fraction.
    Number,
    /// True or false.
    Truth,
    /// A day.
    Day,
    /// A list of texts.
    Texts,
    /// A list of records with these fields, each of them text, a number, or true or false.
    Records(&'static [(&'static str, Kind)]),
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Dotted path to the value in the row's JSON.
    pub path: &'static str,
    /// What the values are.
    pub kind: Kind,
    /// What they mean, for the data dictionary.
    pub about: &'static str,
}

impl Column {
    /// Name of the column in files.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.replace('.', "_")
    }
}

/// One table of the dataset as files show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Name of the table.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// The columns, in order.
    pub columns: &'static [Column],
}

const fn column(path: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { path, kind, about }
}

const SUSPICION: &[(&str, Kind)] = &[("field", Kind::Text), ("problem", Kind::Text), ("quote", Kind::Text)];

const THEME_CODE: &[(&str, Kind)] = &[
    ("id", Kind::Text),
    ("subtheme", Kind::Text),
    ("evidence", Kind::Text),
    ("from_previous", Kind::Truth),
    ("rule", Kind::Text),
    ("probability", Kind::Number),
];

/// Letters and reports.
pub const LETTERS: Table = Table {
    name: "letters",
    about: "One row for each letter or report: its current document.",
    columns: &[
        column("id", Kind::Text, "stable id: area, first day of the inspection, kind"),
        column("sha256", Kind::Text, "hash of the document's bytes"),
        column("file", Kind::Text, "name of the local file, where it came from one"),
        column("url", Kind::Text, "address of the document"),
        column("kind", Kind::Text, "kind of letter"),
        column("framework", Kind::Text, "inspection framework, by the year in which it began"),
        column("la_code", Kind::Text, "area: three-digit code of the Department for Education"),
        column("ons_code", Kind::Text, "area: code of the Office for National Statistics"),
        column("area", Kind::Text, "area: name"),
        column("region", Kind::Text, "region of the area"),
        column("la_type", Kind::Text, "type of local authority"),
        column("inspection_start", Kind::Day, "first day of the inspection"),
        column("inspection_end", Kind::Day, "last day of the inspection; empty where it could not be right"),
        column("letter_date", Kind::Day, "date that the letter bears"),
        column("published_on", Kind::Day, "day of publication, as the source states"),
        column("previous_inspection.status", Kind::Text, "found, none_stated, absent or unreadable"),
        column("previous_inspection.start", Kind::Day, "first day of the previous inspection"),
        column("previous_inspection.end", Kind::Day, "last day of the previous inspection"),
        column("outcome", Kind::Text, "conclusion of the inspection or revisit"),
        column("wsoa_required", Kind::Truth, "whether a written statement of action is required (framework of 2016)"),
        column("priority_action_plan_required", Kind::Truth, "whether a priority action plan is required (2023)"),
        column("next_full_inspection_months", Kind::Whole, "months to the next full inspection, as stated"),
        column("monitoring_inspection_months", Kind::Whole, "months to the monitoring inspection, as stated"),
        column("local_authorities", Kind::Texts, "local authorities responsible"),
        column("health_bodies", Kind::Texts, "integrated care boards or clinical commissioning groups responsible"),
        column("counts.significant_weakness", Kind::Whole, "number of significant weaknesses"),
        column("counts.priority_action", Kind::Whole, "number of areas for priority action"),
        column("counts.area_for_improvement", Kind::Whole, "number of areas for improvement"),
        column("counts.strength", Kind::Whole, "number of listed strengths"),
        column("counts.area_for_development", Kind::Whole, "number of listed areas for development"),
        column("counts.effective_bullets", Kind::Whole, "bullets on what is effective"),
        column("counts.needs_to_improve_bullets", Kind::Whole, "bullets on what must be better"),
        column("revisit.wsoa_required_on", Kind::Day, "revisit: day on which the written statement was required"),
        column("revisit.fit_for_purpose_on", Kind::Day, "revisit: day on which it was declared fit for purpose"),
        column("revisit.sufficient", Kind::Whole, "weaknesses with sufficient progress"),
        column("revisit.insufficient", Kind::Whole, "weaknesses without"),
        column("suspicious", Kind::Records(SUSPICION), "values that cannot be right, as printed"),
        column("versions.extract", Kind::Whole, "version of the extraction"),
        column("versions.parse", Kind::Whole, "version of the parser"),
        column("versions.code", Kind::Whole, "version of the coder"),
        column("versions.codebook", Kind::Text, "version and hash of the codebook"),
    ],
};

/// Findings.
pub const FINDINGS: Table = Table {
    name: "findings",
    about: "One row for each finding: a formal item, or a sentence of an evaluative section.",
    columns: &[
        column("id", Kind::Text, "stable id: the letter's id, a dot and eight hexadecimal digits"),
        column("letter_id", Kind::Text, "the letter that it stands in"),
        column("la_code", Kind::Text, "area: three-digit code"),
        column("area", Kind::Text, "area: name"),
        column("kind", Kind::Text, "kind of letter"),
        column("framework", Kind::Text, "framework of the letter"),
        column("inspection_start", Kind::Day, "first day of the inspection"),
        column("role", Kind::Text, "the part that it plays"),
        column("section", Kind::Text, "the section in which it stands"),
        column("ordinal", Kind::Whole, "position within its role, from 1"),
        column("paragraph", Kind::Whole, "bullet or paragraph of its section, from 1"),
        column("polarity", Kind::Text, "strength, weakness, mixed or neutral"),
        column(
            "polarity_probability",
            Kind::Number,
            "how likely the polarity is right, from 0 to 1; empty where wording or place settles it, or a person gave it",
        ),
        column("cue", Kind::Text, "the wording or section that decided the polarity; human where a person did"),
        column("coded_by", Kind::Text, "human where a person gave polarity and themes; else empty"),
        column("themes", Kind::Records(THEME_CODE), "themes, each with the wording that earned it and what gave it"),
        column("text", Kind::Text, "the exact quote"),
        column("page", Kind::Whole, "page on which it starts"),
        column("sub_items", Kind::Whole, "number of sub-bullets"),
        column("responsible", Kind::Text, "bodies responsible, as printed"),
        column("verdict", Kind::Text, "verdict on a restated weakness or priority action"),
        column("judges", Kind::Text, "the finding of an earlier letter that the verdict is on, where that is held"),
        column("similarity", Kind::Number, "how alike the wordings of the two are, from 0 to 1"),
        column("joined_by", Kind::Text, "what joined the two: their wording, or only their position in equal lists"),
        column("url", Kind::Text, "address of the letter"),
    ],
};

/// Local areas.
pub const AREAS: Table = Table {
    name: "areas",
    about: "One row for each local area, current or abolished.",
    columns: &[
        column("la_code", Kind::Text, "three-digit code of the Department for Education"),
        column("ons_code", Kind::Text, "code of the Office for National Statistics"),
        column("urn", Kind::Text, "number of the provider at Ofsted"),
        column("name", Kind::Text, "name"),
        column("also_known_as", Kind::Texts, "other names"),
        column("region", Kind::Text, "region"),
        column("la_type", Kind::Text, "type of local authority"),
        column("population_0_25", Kind::Whole, "people aged 0 to 25"),
        column("previous_ons_codes", Kind::Texts, "codes that the same area had before"),
        column("abolished_on", Kind::Day, "first day on which the area no longer existed"),
        column("created_on", Kind::Day, "first day of the area, where it replaced others after May 2016"),
        column("successors", Kind::Texts, "codes of the areas that took its place"),
    ],
};

/// Statistical neighbours.
pub const NEIGHBOURS: Table = Table {
    name: "neighbours",
    about: "One row for each statistical neighbour of an area.",
    columns: &[
        column("la_code", Kind::Text, "the area"),
        column("rank", Kind::Whole, "1 is the nearest"),
        column("neighbour", Kind::Text, "code of the neighbour"),
        column("closeness", Kind::Text, "how near, in the Department for Education's words"),
    ],
};

/// Themes of the codebook.
pub const THEMES: Table = Table {
    name: "themes",
    about: "One row for each theme of the codebook.",
    columns: &[
        column("id", Kind::Text, "theme id"),
        column("label", Kind::Text, "name"),
        column("group", Kind::Text, "question of the inspections that it belongs to"),
        column("definition", Kind::Text, "what it covers"),
        column("subthemes", Kind::Texts, "ids of its subthemes"),
    ],
};

/// Themes of findings, one by one.
pub const FINDING_THEMES: Table = Table {
    name: "finding_themes",
    about: "One row for each theme of each finding: the table to count and join with.",
    columns: &[
        column("finding_id", Kind::Text, "the finding"),
        column("letter_id", Kind::Text, "the letter that it stands in"),
        column("la_code", Kind::Text, "area: three-digit code"),
        column("framework", Kind::Text, "framework of the letter"),
        column("inspection_start", Kind::Day, "first day of the inspection"),
        column("role", Kind::Text, "the part that the finding plays"),
        column("polarity", Kind::Text, "strength, weakness, mixed or neutral"),
        column("theme", Kind::Text, "theme id"),
        column("subtheme", Kind::Text, "subtheme id"),
        column("evidence", Kind::Text, "the wording that earned the theme"),
        column("from_previous", Kind::Truth, "whether that wording stands in the sentence before the finding"),
        column("rule", Kind::Text, "what gave the theme: a pattern of the codebook, model, or human"),
        column(
            "probability",
            Kind::Number,
            "how likely the theme is right, from 0 to 1; empty where patterns alone or a person gave it",
        ),
    ],
};

/// How often areas were flagged for each theme.
pub const THEME_SHARES: Table = Table {
    name: "theme_shares",
    about: "One row for each framework and theme: in how many letters a formal item is about it.",
    columns: &[
        column("value", Kind::Text, "framework"),
        column("theme", Kind::Text, "theme id"),
        column("label", Kind::Text, "name of the theme"),
        column("letters", Kind::Whole, "letters with a formal item on the theme"),
        column("of_letters", Kind::Whole, "letters that can have formal items"),
        column("share", Kind::Number, "letters / of_letters"),
        column("low", Kind::Number, "lower end of the 95% Wilson interval"),
        column("high", Kind::Number, "upper end of the 95% Wilson interval"),
        column("adjusted_share", Kind::Number, "share corrected for the coder's measured errors"),
        column("adjusted_low", Kind::Number, "lower end of its 95% interval"),
        column("adjusted_high", Kind::Number, "upper end of its 95% interval"),
        column("error_basis", Kind::Whole, "labelled letters on which the errors were counted"),
        column("not_adjusted", Kind::Text, "why there is no corrected share"),
        column("small", Kind::Truth, "too few letters to rank or compare"),
        column("first_inspection", Kind::Day, "first day of the earliest inspection counted"),
        column("last_inspection", Kind::Day, "first day of the latest inspection counted"),
    ],
};

/// Where each area stands.
pub const STANDINGS: Table = Table {
    name: "standings",
    about: "One row for each current area: how it stands after its latest inspection, under either framework.",
    columns: &[
        column("la_code", Kind::Text, "three-digit code of the Department for Education"),
        column("ons_code", Kind::Text, "code of the Office for National Statistics"),
        column("area", Kind::Text, "name"),
        column("region", Kind::Text, "region"),
        column("la_type", Kind::Text, "type of local authority"),
        column("standing", Kind::Text, "conclusion of the latest inspection or revisit, both frameworks in one scale"),
        column("standing_from", Kind::Text, "letter, or register where the letter is not in the dataset"),
        column("standing_since", Kind::Day, "first day of the inspection that the standing rests on"),
        column("letters", Kind::Whole, "letters about the area"),
        column("latest_letter.id", Kind::Text, "id of the latest letter"),
        column("latest_letter.kind", Kind::Text, "its kind"),
        column("latest_letter.inspection_start", Kind::Day, "first day of its inspection"),
        column("latest_letter.published_on", Kind::Day, "day of its publication"),
        column("latest_letter.outcome", Kind::Text, "its conclusion"),
        column("latest_letter.url", Kind::Text, "its address"),
        column("next_full_inspection_due", Kind::Day, "the latest full inspection's first day and the months stated"),
        column("monitoring_due", Kind::Day, "the same for the monitoring inspection, until there was one"),
    ],
};

/// The official register.
pub const REGISTER: Table = Table {
    name: "register",
    about: "One row for each inspection of the official register of 2016 to 2022.",
    columns: &[
        column("la_code", Kind::Text, "area as it was then: three-digit code"),
        column("inspection_start", Kind::Day, "first day of the inspection"),
        column("published_on", Kind::Day, "day of publication"),
        column("wsoa_required", Kind::Truth, "whether a written statement of action was required"),
        column("significant_weaknesses", Kind::Whole, "number of significant weaknesses"),
        column("revisit_start", Kind::Day, "first day of the revisit"),
        column("revisit_published_on", Kind::Day, "day on which the revisit letter was published"),
        column("sufficient", Kind::Whole, "weaknesses with sufficient progress"),
        column("insufficient", Kind::Whole, "weaknesses without"),
    ],
};

/// Entries of listings, and local files.
pub const PUBLICATIONS: Table = Table {
    name: "publications",
    about: "One row for each entry of a source's listing or local file, with what became of it.",
    columns: &[
        column("source", Kind::Text, "the source"),
        column("key", Kind::Text, "identity within the source"),
        column("url", Kind::Text, "address of the document"),
        column("file", Kind::Text, "name of the local file"),
        column("title", Kind::Text, "title in the listing"),
        column("provider", Kind::Text, "area or provider in the listing"),
        column("published_on", Kind::Day, "day of publication, as the source states"),
        column("sha256", Kind::Text, "hash of the newest document"),
        column("revisions", Kind::Whole, "documents that were found there, one after the other"),
        column("status", Kind::Text, "letter, set_aside, failed or pending"),
        column("reason_code", Kind::Text, "why it was set aside or failed: a stable word"),
        column("reason_message", Kind::Text, "why, and what to do"),
        column("vanished_on", Kind::Day, "day on which the source no longer showed it"),
    ],
};

/// All tables, in the order in which they are exported.
pub const TABLES: &[&Table] = &[
    &LETTERS,
    &FINDINGS,
    &FINDING_THEMES,
    &THEME_SHARES,
    &STANDINGS,
    &AREAS,
    &NEIGHBOURS,
    &REGISTER,
    &THEMES,
    &PUBLICATIONS,
];

/// The value of a column in a row's JSON; null where the row has none.
#[must_use]
pub fn at<'v>(row: &'v serde_json::Value, path: &str) -> &'v serde_json::Value {
    path.split('.').fold(row, |value, key| value.get(key).unwrap_or(&serde_json::Value::Null))
}

/// The table with this name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}
