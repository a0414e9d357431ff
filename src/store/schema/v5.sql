-- Schema 5: which weakness or priority action of an earlier letter each verdict of a revisit or monitoring inspection
-- is on. Made from the current letters alone (see links.rs), and made anew after every migration.

CREATE TABLE verdict_links (
    verdict_no INTEGER PRIMARY KEY REFERENCES all_findings ON DELETE CASCADE,
    judged_no INTEGER NOT NULL REFERENCES all_findings ON DELETE CASCADE,
    -- How alike the two wordings are, from 0 to 1.
    similarity REAL NOT NULL,
    joined_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX verdict_links_by_judged ON verdict_links (judged_no);

UPDATE meta SET value = value + 1 WHERE key = 'version';

DROP VIEW findings;
CREATE VIEW findings AS
SELECT
    f.id, l.id AS letter_id, l.la_code, coalesce(a.area, l.area_as_printed) AS area, l.kind, l.framework, l.inspection_start,
    f.role, f.section, f.ordinal, f.paragraph, f.polarity,
    (SELECT coalesce(json_group_array(json_object('id', t.theme, 'subtheme', t.subtheme, 'evidence', t.evidence)), '[]')
     FROM (SELECT * FROM all_finding_themes AS x WHERE x.finding_no = f.finding_no ORDER BY x.position) AS t) AS themes,
    f.text, f.page, f.sub_items, f.responsible, f.verdict, j.id AS judges, k.similarity, k.joined_by, p.url
FROM all_findings AS f
JOIN all_letters AS l ON l.letter_no = f.letter_no
LEFT JOIN verdict_links AS k ON k.verdict_no = f.finding_no
LEFT JOIN all_findings AS j ON j.finding_no = k.judged_no
LEFT JOIN publications AS p ON p.publication_no = l.publication_no
LEFT JOIN areas AS a ON a.la_code = l.la_code
WHERE l.current = 1;
