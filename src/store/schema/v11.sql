-- Schema 11: the finding index marks doubtful codes. It is made again after the last step.

DELETE FROM finding_index;
