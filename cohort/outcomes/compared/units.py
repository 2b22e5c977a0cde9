"""Verdicts of several definitions brought to one level."""

from __future__ import annotations

from typing import Literal

import polars as pl

from cohort.closed_lists import REASON
from cohort.criteria import Criterion
from cohort.outcomes.judgement import first_reason, judgement, verdict
from cohort.records.study import Study


def levels_of(by: Literal["verdict", "category"]) -> pl.Expr:
    """Return the column that is compared, as text; a unit without a category stands under its verdict."""
    said = pl.col("verdict").cast(pl.String)
    if by == "verdict":
        return said
    without = pl.when(said == "undetermined").then(said).otherwise(pl.lit("no category"))
    return pl.coalesce("category", without)


def any_treatment(study: Study, criterion: Criterion, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Return one row a subject: met where any treatment meets the rule, and the first day on which one did.

    Not met: undetermined where one treatment is, with that treatment's reason; else the last treatment's reason. A
    subject without a treatment that the rule judges does not meet it ("no treatment").
    """
    met, open_ = pl.col("verdict") == "met", pl.col("verdict") == "undetermined"
    judged = outcomes.sort("subject_id", "treatment_no").group_by("subject_id", maintain_order=True)
    summed = judged.agg(
        any_met=met.any(),
        any_open=open_.any(),
        met_day=pl.col("day").filter(met).min(),
        last_day=pl.col("day").max(),
        open_reason=pl.col("reason").filter(open_).last(),
        last_reason=pl.col("reason").last(),
    )
    units = study.subjects.select("subject_id").sort("subject_id").join(summed, on="subject_id", how="left")
    units = units.with_columns(
        pl.col("any_met").fill_null(False),
        unknown=pl.col("any_open").fill_null(False) & ~pl.col("any_met").fill_null(False),
    )
    units = units.with_columns(
        verdict(pl.col("any_met"), pl.col("unknown")),
        first_reason((pl.col("last_reason").is_null(), "no treatment")),
        day=pl.when("any_met").then("met_day").when(~pl.col("unknown")).then("last_day"),
    )
    own = pl.when("unknown").then("open_reason").when(~pl.col("any_met")).then("last_reason")
    units = units.with_columns(reason=pl.coalesce(own, pl.col("reason").cast(REASON)))
    return judgement(criterion, units, []).outcomes
