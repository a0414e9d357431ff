-- Schema 10: each code knows how likely it is right, in whole percent; nothing where patterns alone or a person gave it.

ALTER TABLE all_findings ADD COLUMN polarity_probability INTEGER;
ALTER TABLE all_finding_themes ADD COLUMN probability INTEGER;

DROP VIEW findings;
CREATE VIEW findings AS
SELECT
    f.id, l.id AS letter_id, l.la_code, coalesce(a.area, l.area_as_printed) AS area, l.kind, l.framework, l.inspection_start,
    f.role, f.section, f.ordinal, f.paragraph, f.polarity, f.polarity_probability / 100.0 AS polarity_probability, f.cue,
    CASE WHEN f.cue = 'human' THEN f.cue END AS coded_by,
    (SELECT coalesce(json_group_array(json_object(
         'id', t.theme, 'subtheme', t.subtheme, 'evidence', t.evidence,
         'from_previous', json(CASE WHEN t.from_previous THEN 'true' ELSE 'false' END), 'rule', t.rule,
         'probability', t.probability / 100.0
     )), '[]')
     FROM (SELECT * FROM all_finding_themes AS x WHERE x.finding_no = f.finding_no ORDER BY x.position) AS t) AS themes,
    f.text, f.page, f.sub_items, f.responsible, f.verdict, j.id AS judges, k.similarity, k.joined_by, p.url
FROM all_findings AS f
JOIN all_letters AS l ON l.letter_no = f.letter_no
LEFT JOIN verdict_links AS k ON k.verdict_no = f.finding_no
LEFT JOIN all_findings AS j ON j.finding_no = k.judged_no
LEFT JOIN publications AS p ON p.publication_no = l.publication_no
LEFT JOIN areas AS a ON a.la_code = l.la_code
WHERE l.current = 1;

DROP VIEW finding_themes;
CREATE VIEW finding_themes AS
SELECT
    f.id AS finding_id, l.id AS letter_id, l.la_code, l.framework, l.inspection_start, t.theme, h.label, t.subtheme, t.evidence,
    t.from_previous, t.rule, t.probability / 100.0 AS probability, f.role, f.polarity
FROM all_finding_themes AS t
JOIN all_findings AS f ON f.finding_no = t.finding_no
JOIN all_letters AS l ON l.letter_no = f.letter_no
LEFT JOIN themes AS h ON h.id = t.theme
WHERE l.current = 1;
