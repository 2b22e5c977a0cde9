"""Few rows of EVENTS of any kind, for examples worked by hand."""

import polars as pl


def intervals(rows, entry=0.0, **columns):
    """Return EVENTS of (left, right) pairs; None where the time is right-censored."""
    left, right = zip(*rows, strict=True)
    frame = pl.DataFrame(
        {
            "subject_id": [f"{number:03}" for number in range(len(rows))],
            "event_no": 1,
            "left": pl.Series(left, dtype=pl.Float64),
            "right": pl.Series(right, dtype=pl.Float64),
            **columns,
        }
    )
    entered = pl.lit(entry) if isinstance(entry, float) else pl.Series(entry, dtype=pl.Float64)
    return frame.with_columns(entry=entered, cause=pl.when(pl.col("right").is_not_null()).then(pl.lit("relapse")))


def exact(times, seen, entry=0.0, **columns):
    """Return EVENTS of dated times, censored where not seen."""
    return intervals([(t, t if s else None) for t, s in zip(times, seen, strict=True)], entry, **columns)


def row_of(found, statistic, **where):
    """Return the only row of a statistic."""
    rows = found.frame.filter(pl.col("statistic") == statistic)
    for name, value in where.items():
        rows = rows.filter(pl.col(name).eq_missing(pl.lit(value)))
    assert rows.height == 1
    return rows.row(0, named=True)
