-- Schema 7: what datasets written before the first release can lack. Step 1 grew while they were being written, so that
-- theirs has no version number of answers, and columns of other names in the views.

INSERT OR IGNORE INTO meta VALUES ('version', '0');
CREATE TRIGGER IF NOT EXISTS version_of_documents AFTER INSERT ON documents BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER IF NOT EXISTS version_of_readings AFTER UPDATE ON documents BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER IF NOT EXISTS version_of_new_publications AFTER INSERT ON publications BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER IF NOT EXISTS version_of_publications AFTER UPDATE OF url, file, published_on, vanished_on, status ON publications
WHEN (old.url, old.file, old.published_on, old.vanished_on, old.status)
    IS NOT (new.url, new.file, new.published_on, new.vanished_on, new.status) BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER IF NOT EXISTS version_of_tables AFTER UPDATE ON meta WHEN new.key IN ('reference', 'themes') BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;
CREATE TRIGGER IF NOT EXISTS version_of_first_tables AFTER INSERT ON meta WHEN new.key IN ('reference', 'themes') BEGIN
    UPDATE meta SET value = value + 1 WHERE key = 'version';
END;

DROP VIEW IF EXISTS letters;
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

DROP VIEW IF EXISTS finding_themes;
CREATE VIEW finding_themes AS
SELECT
    f.id AS finding_id, l.id AS letter_id, l.la_code, l.framework, l.inspection_start, t.theme, h.label, t.subtheme, t.evidence, t.from_previous, t.rule, f.role, f.polarity
FROM all_finding_themes AS t
JOIN all_findings AS f ON f.finding_no = t.finding_no
JOIN all_letters AS l ON l.letter_no = f.letter_no
LEFT JOIN themes AS h ON h.id = t.theme
WHERE l.current = 1;

-- What every question reads first, in indexes of its own: the letters that count with what chooses among them, and the
-- publications that failed.
DROP INDEX letters_by_area;
CREATE INDEX letters_by_area ON all_letters (la_code, inspection_start, id, kind, framework, outcome) WHERE current = 1;
CREATE INDEX publications_failed ON publications (source, key) WHERE status = 'failed';
