-- Schema 9: a publication knows the run that saw it last and the run that missed it. Clocks tell days and seconds, and two
-- runs can share either; what the last run brought must not be told of the one before it.

ALTER TABLE publications ADD COLUMN seen_run INTEGER REFERENCES runs;
ALTER TABLE publications ADD COLUMN missed_run INTEGER REFERENCES runs;
UPDATE publications SET
    seen_run = (SELECT max(r.run_no) FROM runs AS r WHERE r.started_at <= last_seen),
    missed_run = (SELECT max(r.run_no) FROM runs AS r WHERE substr(r.started_at, 1, 10) <= vanished_on);
