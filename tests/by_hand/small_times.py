"""Small sets of exact and right-censored times, written as rows."""

from __future__ import annotations

import polars as pl


def events(rows, arms="AB", **columns):
    """Rows of arm, day, and the cause (or 1) if the event came, else None (or 0)."""
    day = [float(row[1]) for row in rows]
    return pl.DataFrame(
        {
            "subject_id": [str(i) for i in range(len(rows))],
            "arm": pl.Series([row[0] for row in rows], dtype=pl.Enum(list(arms))),
            "entry": [0.0] * len(rows),
            "left": day,
            "right": pl.Series([t if row[2] else None for t, row in zip(day, rows, strict=True)], dtype=pl.Float64),
            "cause": pl.Series([("event" if row[2] == 1 else row[2]) or None for row in rows], dtype=pl.String),
        }
        | columns
    )
