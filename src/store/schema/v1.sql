-- Schema 1 of the dataset. Tables whose names begin with all_ hold every version; the views of the same name
-- without it show what counts today, and are what people query.

CREATE TABLE areas (
    la_code TEXT PRIMARY KEY,
    ons_code TEXT NOT NULL,
    urn TEXT,
    area TEXT NOT NULL,
    also_known_as TEXT NOT NULL,
    region TEXT NOT NULL,
    la_type TEXT NOT NULL,
    population_0_25 INTEGER,
    previous_ons_codes TEXT NOT NULL,
    created_on TEXT,
    abolished_on TEXT,
    successors TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE neighbours (
    la_code TEXT NOT NULL,
    rank INTEGER NOT NULL,
    neighbour TEXT NOT NULL,
    closeness TEXT NOT NULL,
    PRIMARY KEY (la_code, rank)
) WITHOUT ROWID;

CREATE TABLE register (
    la_code TEXT NOT NULL,
    inspection_start TEXT NOT NULL,
    published_on TEXT,
    wsoa_required INTEGER NOT NULL,
    significant_weaknesses INTEGER,
    revisit_start TEXT,
    revisit_published_on TEXT,
    sufficient INTEGER,
    insufficient INTEGER,
    PRIMARY KEY (la_code, inspection_start)
) WITHOUT ROWID;

CREATE TABLE themes (
    theme_no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    label TEXT NOT NULL,
    theme_group TEXT,
    definition TEXT,
    subthemes TEXT NOT NULL
);

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    run_no INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    stored INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    revised INTEGER NOT NULL DEFAULT 0,
    set_aside INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    exit_code INTEGER,
    hosts TEXT NOT NULL DEFAULT '{}',
    notes TEXT NOT NULL DEFAULT '[]'
);

CREATE TABLE documents (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('letter', 'set_aside', 'failed')),
    reason_code TEXT,
    reason_message TEXT,
    evidence_page INTEGER,
    evidence_quote TEXT,
    pages INTEGER,
    method TEXT,
    text_status TEXT,
    text_sha256 TEXT,
    quality TEXT,
    extract_version INTEGER NOT NULL,
    parse_version INTEGER NOT NULL,
    code_version INTEGER NOT NULL,
    codebook TEXT NOT NULL,
    CHECK ((status = 'letter') = (reason_code IS NULL))
) WITHOUT ROWID;

-- The text and the letter as they were read (zlib, JSON), so that parsing and coding can be done again without
-- the document itself.
CREATE TABLE document_texts (
    sha256 TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    text BLOB NOT NULL,
    letter BLOB
) WITHOUT ROWID;

CREATE TABLE publications (
    publication_no INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    url TEXT,
    file TEXT,
    title TEXT,
    provider TEXT,
    published_on TEXT,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    vanished_on TEXT,
    status TEXT NOT NULL CHECK (status IN ('letter', 'set_aside', 'failed', 'pending')),
    reason_code TEXT,
    reason_message TEXT,
    UNIQUE (source, key)
);

CREATE TABLE revisions (
    publication_no INTEGER NOT NULL REFERENCES publications ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    sha256 TEXT NOT NULL REFERENCES documents,
    seen_at TEXT NOT NULL,
    material INTEGER NOT NULL,
    run_no INTEGER REFERENCES runs,
    PRIMARY KEY (publication_no, revision)
) WITHOUT ROWID;
CREATE INDEX revisions_by_document ON revisions (sha256);
CREATE INDEX revisions_by_time ON revisions (seen_at);

CREATE TABLE run_documents (
    run_no INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    publication_no INTEGER NOT NULL REFERENCES publications ON DELETE CASCADE,
    sha256 TEXT,
    status TEXT NOT NULL,
    reason_code TEXT,
    reason_message TEXT,
    PRIMARY KEY (run_no, publication_no)
) WITHOUT ROWID;
CREATE INDEX run_documents_by_publication ON run_documents (publication_no);

CREATE TABLE all_letters (
    letter_no INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE REFERENCES documents ON DELETE CASCADE,
    current INTEGER NOT NULL DEFAULT 0,
    publication_no INTEGER REFERENCES publications,
    kind TEXT NOT NULL,
    framework TEXT,
    la_code TEXT NOT NULL,
    area_as_printed TEXT NOT NULL,
    inspection_start TEXT NOT NULL,
    inspection_end TEXT,
    letter_date TEXT,
    previous_status TEXT NOT NULL,
    previous_start TEXT,
    previous_end TEXT,
    outcome TEXT,
    wsoa_required INTEGER,
    priority_action_plan_required INTEGER,
    next_full_inspection_months INTEGER,
    monitoring_inspection_months INTEGER,
    local_authorities TEXT NOT NULL,
    health_bodies TEXT NOT NULL,
    responsible_for_statement TEXT NOT NULL,
    significant_weakness INTEGER NOT NULL,
    priority_action INTEGER NOT NULL,
    area_for_improvement INTEGER NOT NULL,
    strength INTEGER NOT NULL,
    area_for_development INTEGER NOT NULL,
    effective_bullets INTEGER NOT NULL,
    needs_to_improve_bullets INTEGER NOT NULL,
    revisit_wsoa_required_on TEXT,
    revisit_fit_for_purpose_on TEXT,
    revisit_sufficient INTEGER,
    revisit_insufficient INTEGER,
    facts TEXT NOT NULL,
    suspicious TEXT NOT NULL,
    reading_sha256 TEXT NOT NULL
);
CREATE UNIQUE INDEX letters_current_id ON all_letters (id) WHERE current = 1;
CREATE INDEX letters_by_id ON all_letters (id);
CREATE INDEX letters_by_area ON all_letters (la_code, inspection_start) WHERE current = 1;
CREATE INDEX letters_by_publication ON all_letters (publication_no);

CREATE TABLE all_findings (
    finding_no INTEGER PRIMARY KEY,
    letter_no INTEGER NOT NULL REFERENCES all_letters ON DELETE CASCADE,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    section TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    paragraph INTEGER NOT NULL,
    polarity TEXT NOT NULL,
    cue TEXT NOT NULL,
    text TEXT NOT NULL,
    page INTEGER NOT NULL,
    sub_items INTEGER NOT NULL,
    responsible TEXT,
    verdict TEXT,
    previous TEXT,
    UNIQUE (letter_no, position)
);
CREATE INDEX findings_by_id ON all_findings (id);
CREATE INDEX findings_by_role ON all_findings (letter_no, role);

CREATE TABLE all_finding_themes (
    finding_no INTEGER NOT NULL REFERENCES all_findings ON DELETE CASCADE,
    position INTEGER NOT NULL,
    theme TEXT NOT NULL,
    subtheme TEXT,
    evidence TEXT NOT NULL,
    from_previous INTEGER NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (finding_no, position)
) WITHOUT ROWID;
CREATE INDEX finding_themes_by_theme ON all_finding_themes (theme, finding_no);

-- Which themes a letter's findings of one role and polarity are about: numbers of themes, two bytes each, high
-- byte first, ascending. Made from all_finding_themes in the same transaction; frequencies are counted from it.
CREATE TABLE theme_index (
    role TEXT NOT NULL,
    letter_no INTEGER NOT NULL REFERENCES all_letters ON DELETE CASCADE,
    polarity TEXT NOT NULL,
    themes BLOB NOT NULL,
    PRIMARY KEY (role, letter_no, polarity)
) WITHOUT ROWID;
CREATE INDEX theme_index_by_letter ON theme_index (letter_no);

CREATE VIRTUAL TABLE findings_fts USING fts5 (
    text, content = 'all_findings', content_rowid = 'finding_no', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER findings_fts_insert AFTER INSERT ON all_findings BEGIN
    INSERT INTO findings_fts (rowid, text) VALUES (new.finding_no, new.text);
END;
CREATE TRIGGER findings_fts_delete AFTER DELETE ON all_findings BEGIN
    INSERT INTO findings_fts (findings_fts, rowid, text) VALUES ('delete', old.finding_no, old.text);
END;

-- A number that grows with every change that an answer could show.
INSERT INTO meta VALUES ('version', '0');
CREATE TRIGGER version_of_documents AFTER INSERT ON documents BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER version_of_readings AFTER UPDATE ON documents BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER version_of_new_publications AFTER INSERT ON publications BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER version_of_publications AFTER UPDATE OF url, file, published_on, vanished_on, status ON publications
WHEN (old.url, old.file, old.published_on, old.vanished_on, old.status)
    IS NOT (new.url, new.file, new.published_on, new.vanished_on, new.status) BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER version_of_tables AFTER UPDATE ON meta WHEN new.key IN ('reference', 'themes') BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER version_of_first_tables AFTER INSERT ON meta WHEN new.key IN ('reference', 'themes') BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;

CREATE VIEW letters AS
SELECT
    l.id, l.sha256, p.file, p.url, l.kind, l.framework, l.la_code, a.ons_code, coalesce(a.area, l.area_as_printed) AS area,
    a.region, a.la_type, l.inspection_start, l.inspection_end, l.letter_date, p.published_on,
    l.previous_status AS previous_inspection_status, l.previous_start AS previous_inspection_start,
    l.previous_end AS previous_inspection_end, l.outcome, l.wsoa_required, l.priority_action_plan_required,
    l.next_full_inspection_months, l.monitoring_inspection_months, l.local_authorities, l.health_bodies,
    l.responsible_for_statement, l.significant_weakness AS counts_significant_weakness,
    l.priority_action AS counts_priority_action, l.area_for_improvement AS counts_area_for_improvement,
    l.strength AS counts_strength, l.area_for_development AS counts_area_for_development,
    l.effective_bullets AS counts_effective_bullets, l.needs_to_improve_bullets AS counts_needs_to_improve_bullets,
    l.revisit_wsoa_required_on, l.revisit_fit_for_purpose_on, l.revisit_sufficient, l.revisit_insufficient,
    l.area_as_printed, l.facts, l.suspicious, d.pages, d.method, d.text_status, d.extract_version AS versions_extract,
    d.parse_version AS versions_parse, d.code_version AS versions_code, d.codebook AS versions_codebook
FROM all_letters AS l
JOIN documents AS d ON d.sha256 = l.sha256
LEFT JOIN publications AS p ON p.publication_no = l.publication_no
LEFT JOIN areas AS a ON a.la_code = l.la_code
WHERE l.current = 1;

CREATE VIEW findings AS
SELECT
    f.id, l.id AS letter_id, l.la_code, coalesce(a.area, l.area_as_printed) AS area, l.kind, l.framework, l.inspection_start,
    f.role, f.section, f.ordinal, f.paragraph, f.polarity,
    (SELECT coalesce(json_group_array(json_object('id', t.theme, 'subtheme', t.subtheme, 'evidence', t.evidence)), '[]')
     FROM (SELECT * FROM all_finding_themes AS x WHERE x.finding_no = f.finding_no ORDER BY x.position) AS t) AS themes,
    f.text, f.page, f.sub_items, f.responsible, f.verdict, p.url
FROM all_findings AS f
JOIN all_letters AS l ON l.letter_no = f.letter_no
LEFT JOIN publications AS p ON p.publication_no = l.publication_no
LEFT JOIN areas AS a ON a.la_code = l.la_code
WHERE l.current = 1;

CREATE VIEW finding_themes AS
SELECT
    f.id AS finding_id, l.id AS letter_id, l.la_code, l.framework, l.inspection_start, t.theme, h.label, t.subtheme, t.evidence, t.from_previous, t.rule, f.role, f.polarity
FROM all_finding_themes AS t
JOIN all_findings AS f ON f.finding_no = t.finding_no
JOIN all_letters AS l ON l.letter_no = f.letter_no
LEFT JOIN themes AS h ON h.id = t.theme
WHERE l.current = 1;

-- One row for each letter and theme that the letter's formal items name: what an area was flagged for.
CREATE VIEW flags AS
SELECT DISTINCT l.id AS letter_id, l.la_code, coalesce(a.area, l.area_as_printed) AS area, l.framework, l.inspection_start, t.theme
FROM all_letters AS l
JOIN all_findings AS f ON f.letter_no = l.letter_no
JOIN all_finding_themes AS t ON t.finding_no = f.finding_no
LEFT JOIN areas AS a ON a.la_code = l.la_code
WHERE l.current = 1 AND f.role IN ('significant_weakness', 'priority_action', 'area_for_improvement', 'area_for_development');
