-- Schema 3: corrections by people, a layer of their own that outlives every rebuild.

-- One row for each finding and coder; of several coders the latest counts.
CREATE TABLE reviews (
    finding_id TEXT NOT NULL,
    coder TEXT NOT NULL,
    reviewed_on TEXT NOT NULL,
    -- The quote that was judged.
    text TEXT NOT NULL,
    polarity TEXT NOT NULL,
    -- JSON: a list of {"id", "subtheme"}.
    themes TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (finding_id, coder)
) WITHOUT ROWID;
CREATE INDEX reviews_by_day ON reviews (reviewed_on);
