"""What is odd about sound records: never a reason to refuse them, always a line in the result."""

from __future__ import annotations

import polars as pl

from cohort.errors import some
from cohort.records.study import Study


def cautions(study: Study) -> tuple[str, ...]:
    """Return what a reader of the results should know, one sentence each; subjects are counted, not named."""
    return (
        *_no_baseline(study),
        *_several_baselines(study),
        *_visits_out_of_order(study),
        *_never_rated(study),
        *_undated_stops(study),
    )


def _no_baseline(study: Study) -> list[str]:
    lines = []
    for scale in study.ratings["scale"].unique().sort():
        rated = study.ratings.filter(scale=scale).drop_nulls("score")
        without = rated["subject_id"].n_unique() - rated.filter(pl.col("day") <= 0)["subject_id"].n_unique()
        if without:
            lines.append(
                f"{without} of {rated['subject_id'].n_unique()} subjects rated on {scale} have no baseline "
                "(no rating on or before day 0)"
            )
    return lines


def _several_baselines(study: Study) -> list[str]:
    before = study.ratings.filter(pl.col("day") <= 0).drop_nulls("visit")
    several = before.group_by("subject_id", "scale").agg(visits=pl.col("visit").n_unique()).filter(pl.col("visits") > 1)
    if several.is_empty():
        return []
    visits = some(before["visit"].unique().sort())
    return [
        f"{several['subject_id'].n_unique()} subjects were rated at more than one visit on or before day 0 ({visits}); "
        "the last of these ratings is their baseline"
    ]


def _visits_out_of_order(study: Study) -> list[str]:
    place = {visit: position for position, visit in enumerate(study.visits)}
    named = study.ratings.drop_nulls("visit").with_columns(
        _place=pl.col("visit").replace_strict(place, return_dtype=pl.Int64)
    )
    later = named.sort("subject_id", "scale", "_place").filter(
        pl.col("day") < pl.col("day").shift(1).over("subject_id", "scale", order_by="_place")
    )
    if later.is_empty():
        return []
    visits = some(later["visit"].unique().sort())
    return [
        f"{later['subject_id'].n_unique()} subjects have visits out of order: "
        f"a later visit on an earlier day ({visits})"
    ]


def _never_rated(study: Study) -> list[str]:
    if study.ratings.is_empty():
        return []
    without = study.subjects.join(study.ratings, on="subject_id", how="anti").height
    return [f"{without} of {study.subjects.height} subjects have no rating at all"] if without else []


def _undated_stops(study: Study) -> list[str]:
    undated = study.treatments.filter(pl.col("stop_day").is_null() & pl.col("stop_reason").is_not_null()).height
    if not undated:
        return []
    return [f"{undated} of {study.treatments.height} treatments have a reason for stopping and no day: they go on"]
