-- Schema 10: each code knows how likely it is right, in whole percent; nothing where patterns alone or a person gave it.

ALTER TABLE all_findings ADD COLUMN polarity_probability INTEGER;
ALTER TABLE all_finding_themes ADD COLUMN probability INTEGER;
