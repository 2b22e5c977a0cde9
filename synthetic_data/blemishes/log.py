"""The log of blemishes: one line for each row that a fault touches, with what a right loader does about it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

Verdict = tuple[str, str]
"""A fate, and by which rule; or why nobody can see it."""
LOG = "blemishes.csv"

BLEMISHES = pl.Schema(
    {
        "blemish_no": pl.Int64(),
        "kind": pl.String(),
        "table": pl.String(),
        "file": pl.String(),
        "row": pl.Int64(),
        "column": pl.String(),
        "subject_id": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "fate": pl.String(),
        "rule": pl.String(),
        "record": pl.String(),
    }
)
"""The columns of blemishes.csv.

`blemish_no` is shared by all rows that one fault touches; `row` counts as the loader does (1 is the first below the
header) and is null for a row that was taken away; `column` is null where the fault is the row as a whole; `before` and
`after` are the cell as it should be and as it stands in the file, null for an empty one; `fate` is what a right loader
does, and `rule` by which rule, or why no loader can see it; `record` is the true record's key as JSON.
"""


@dataclass(frozen=True)
class Line:
    """One row of the log before it is known in which file and on which line it comes to stand.

    Attributes:
        table: The frame's name in `cohort.schemas`.
        row: The row's number within its draft; None for one that was taken away.
        column: The column; None where the fault is the row as a whole.
        subject_id: Whose row it is; None for a fault of a file.
        before: The cell as it should be.
        after: The cell as it stands.
        fate: "refused", "repaired", "reported" or "undetectable".
        rule: By which rule, or why nobody can see it.
        record: The true record's key as JSON.
    """

    table: str
    row: int | None
    column: str | None
    subject_id: str | None
    before: str | None
    after: str | None
    fate: str
    rule: str
    record: str | None = None
