-- Schema 6: the findings as people see them show all evidence of their codes: what decided the polarity, whether a
-- person coded them, and for each theme what gave it and whether its wording stands in the sentence before.

DROP VIEW findings;
CREATE VIEW findings AS
SELECT
    f.id, l.id AS letter_id, l.la_code, coalesce(a.area, l.area_as_printed) AS area, l.kind, l.framework, l.inspection_start,
    f.role, f.section, f.ordinal, f.paragraph, f.polarity, f.cue, CASE WHEN f.cue = 'human' THEN f.cue END AS coded_by,
    (SELECT coalesce(json_group_array(json_object(
         'id', t.theme, 'subtheme', t.subtheme, 'evidence', t.evidence,
         'from_previous', json(CASE WHEN t.from_previous THEN 'true' ELSE 'false' END), 'rule', t.rule
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
