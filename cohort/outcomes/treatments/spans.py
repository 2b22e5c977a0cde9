"""Spans of days: joined where they touch, cut to where several hold at once."""

from __future__ import annotations

import polars as pl


def joined_spans(spans: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return spans `from_day` to `to_day` of each key with those that touch or overlap made one, in order."""
    ordered = spans.select(*keys, "from_day", "to_day").sort(*keys, "from_day", "to_day")
    reach = pl.col("to_day").cum_max().shift(1).over(keys)
    run = (pl.col("from_day") > reach + 1).fill_null(True).cum_sum().over(keys)
    together = ordered.with_columns(_run=run).group_by(*keys, "_run", maintain_order=True)
    return together.agg(pl.col("from_day").min(), pl.col("to_day").max()).drop("_run")


def shared_spans(spans: pl.DataFrame, keys: list[str], how_many: pl.DataFrame) -> pl.DataFrame:
    """Return the spans of days that lie in as many spans of a key as `how_many` says (KEYS, `n`), in order."""
    begins = spans.select(*keys, day="from_day", step=1)
    ends = spans.select(*keys, day=pl.col("to_day") + 1, step=-1)
    steps = pl.concat([begins, ends]).group_by(*keys, "day").agg(pl.col("step").sum()).sort(*keys, "day")
    level = steps.with_columns(level=pl.col("step").cum_sum().over(keys), to_day=pl.col("day").shift(-1).over(keys) - 1)
    full = level.join(how_many, on=keys, maintain_order="left").filter(pl.col("level") == pl.col("n"))
    return joined_spans(full.select(*keys, "to_day", from_day="day").drop_nulls("to_day"), keys)
