-- Schema 4: an index of all findings that is small enough to be read as a whole. It takes the place of theme_index,
-- which knew a letter's themes but not its findings, and so could count no findings.

DROP TABLE theme_index;

-- The findings of a letter in their order, packed: for each its role, its polarity and its number of themes in one
-- byte each, then the numbers of its themes in two bytes each, high byte first. Roles and polarities are spelled by
-- their places in the vocabularies. Made from the tables in the same transaction as they are.
CREATE TABLE finding_index (
    letter_no INTEGER PRIMARY KEY REFERENCES all_letters ON DELETE CASCADE,
    findings BLOB NOT NULL
);

INSERT INTO finding_index
SELECT letter_no, unhex(group_concat(packed, '' ORDER BY position)) FROM (
    SELECT
        f.letter_no, f.position,
        printf(
            '%02x%02x%02x',
            CASE f.role
                WHEN 'significant_weakness' THEN 0 WHEN 'priority_action' THEN 1 WHEN 'area_for_improvement' THEN 2
                WHEN 'progress_verdict' THEN 3 WHEN 'strength' THEN 4 WHEN 'area_for_development' THEN 5
                WHEN 'main_finding' THEN 6 WHEN 'narrative' THEN 7
            END,
            CASE f.polarity WHEN 'strength' THEN 0 WHEN 'weakness' THEN 1 WHEN 'mixed' THEN 2 WHEN 'neutral' THEN 3 END,
            count(h.theme_no)
        ) || coalesce(
            group_concat(printf('%04x', h.theme_no), '' ORDER BY t.position) FILTER (WHERE h.theme_no IS NOT NULL), ''
        ) AS packed
    FROM all_findings AS f
    LEFT JOIN all_finding_themes AS t ON t.finding_no = f.finding_no
    LEFT JOIN themes AS h ON h.id = t.theme
    GROUP BY f.finding_no
)
GROUP BY letter_no;
