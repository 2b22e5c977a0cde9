"""Published counts of switching a treatment against staying on it."""

from __future__ import annotations

from importlib.resources import files

import polars as pl

SCHEMA = pl.Schema(
    {
        "study": pl.String(),
        "cohort": pl.String(),
        "criterion": pl.String(),
        "done": pl.String(),
        "tried": pl.Int64(),
        "met": pl.Int64(),
        "source": pl.String(),
        "confirmed": pl.String(),
        "note": pl.String(),
    }
)


def published_switches() -> pl.DataFrame:
    """Return published counts of subjects who switched a drug or stayed on it, by cohort.

    Columns: `study`, `cohort` ("seizure-free", "with seizures"), `criterion` (for the seizure-free it is recurrence, so
    that a high share is bad), `done` ("switched", "stayed"), `tried`, `met`, `source`, `confirmed`, `note`.

    Sources: Wang SP et al. Epilepsia 2013;54:187-93.

    >>> published_switches().select("cohort", "done", "tried", "met").rows()[:2]
    [('seizure-free', 'switched', 23, 5), ('seizure-free', 'stayed', 46, 2)]
    """
    table = files("analyses.plan").joinpath("published", "wang_2013.csv")
    return pl.read_csv(table.read_bytes(), schema=SCHEMA)
