-- Schema 8: the index of findings tells where a letter's findings stand, so that a search that matches thousands of them
-- need not look each up. A letter's findings were recorded together: their numbers follow upon each other.

ALTER TABLE finding_index RENAME TO old_finding_index;
CREATE TABLE finding_index (
    letter_no INTEGER PRIMARY KEY REFERENCES all_letters ON DELETE CASCADE,
    -- The number (finding_no) of its first finding.
    first_no INTEGER NOT NULL,
    -- Packed as schema 4 says.
    findings BLOB NOT NULL
);
INSERT INTO finding_index
SELECT i.letter_no, min(f.finding_no), i.findings
FROM old_finding_index AS i
JOIN all_findings AS f ON f.letter_no = i.letter_no
GROUP BY i.letter_no;
DROP TABLE old_finding_index;
