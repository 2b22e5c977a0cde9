"""Sources that list events: which days under observation had no event, and so no seizure."""

from __future__ import annotations

import polars as pl


def quiet_spans(records: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """Return the days under observation that no record covers, as spans with count 0: between records, and behind."""
    records = records.with_columns(end=pl.col("day") + pl.col("days") - 1).sort("day")
    spans = _opened(observed.select("subject_id", "from_day", "to_day").sort("from_day"), records)
    inside = records.join_asof(
        spans, left_on="day", right_on="from_day", by="subject_id", check_sortedness=False
    ).filter(pl.col("day") <= pl.col("to_day"))
    unit = ["subject_id", "from_day"]
    since = pl.coalesce(pl.col("end").shift(1).over(unit, order_by="day") + 1, "opens")
    gaps = inside.select("subject_id", since.alias("day"), days=pl.col("day") - since)
    last = inside.group_by(unit).agg(end=pl.col("end").max())
    closing = spans.join(last, on=unit, how="left").with_columns(since=pl.coalesce(pl.col("end") + 1, "opens"))
    tails = closing.select("subject_id", pl.col("since").alias("day"), days=pl.col("to_day") - pl.col("since") + 1)
    return (
        pl.concat([gaps, tails])
        .filter(pl.col("days") > 0)
        .with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in ("count", "known"))
    )


def _opened(spans: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Return the spans with `opens`, their first day that no record begun before the span still covers."""
    before = records.select("subject_id", "day", before="end")
    reached = spans.join_asof(
        before,
        left_on="from_day",
        right_on="day",
        by="subject_id",
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    opens = pl.max_horizontal("from_day", pl.col("before") + 1)
    return reached.select("subject_id", "from_day", "to_day", opens=opens)
