"""One question, one file: records and criteria in, verdicts out."""
