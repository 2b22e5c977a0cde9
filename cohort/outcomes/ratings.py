"""Which ratings an endpoint looks at, and what they add up to for each subject."""

from __future__ import annotations

import polars as pl

from cohort.criteria import Endpoint
from cohort.errors import CriterionError, some
from cohort.records.derive import baseline, follow_up, ratings_on
from cohort.records.study import Study


def rated(study: Study, scale: str) -> pl.DataFrame:
    """Return every rating of a scale with the subject's baseline: `subject_id, day, visit, score, baseline`.

    Raises:
        RecordError: The study has no rating on that scale.
    """
    return ratings_on(study, scale).join(baseline(study, scale), on="subject_id", how="left").drop_nulls("score")


def looked_at(study: Study, ratings: pl.DataFrame, endpoint: Endpoint) -> pl.DataFrame:
    """Return the ratings that an endpoint looks at.

    Raises:
        CriterionError: The endpoint names a visit that the study does not have.
    """
    if endpoint.kind == "at":
        unknown = [visit for visit in endpoint.visits if visit not in study.visits]
        if unknown:
            raise CriterionError(f"the study has no visit {some(unknown)}; its visits are {some(study.visits, 20)}")
        return ratings.filter(pl.col("visit").is_in(list(endpoint.visits)))
    after = ratings.filter(pl.col("day") > 0)
    if endpoint.kind == "last observed":
        return after.sort("day").group_by("subject_id").last()
    return after if endpoint.day is None else after.filter(pl.col("day") <= endpoint.day)


def summed_up(study: Study, ratings: pl.DataFrame, endpoint: Endpoint) -> pl.DataFrame:
    """Return one row a subject: what the endpoint saw and whether that decides.

    Args:
        study: The study.
        ratings: Ratings that the endpoint looks at, with `passed` (the rule holds) and `value` (what was compared).
        endpoint: The endpoint.

    Returns:
        `subject_id, seen, met, lacking, value, day`: how many ratings were seen, whether the rule was met, whether too little
        was recorded to say "not met", the value and day that decided.
    """
    any_day = endpoint.kind in ("ever", "by day")
    ordered = ratings.sort("subject_id", "day")
    decisive = pl.col("passed") if any_day else ~pl.col("passed")
    seen = ordered.group_by("subject_id", maintain_order=True).agg(
        seen=pl.len().cast(pl.Int64),
        held=pl.col("passed").any() if any_day else pl.col("passed").all(),
        decided=decisive.any(),
        first_value=pl.col("value").filter(decisive).first(),
        first_day=pl.col("day").filter(decisive).first(),
        last_value=pl.col("value").last(),
        last_day=pl.col("day").last(),
    )
    everyone = study.subjects.select("subject_id").join(seen, on="subject_id", how="left").with_columns(pl.col("seen").fill_null(0))
    lacking = _lacking(study, everyone, endpoint)
    return everyone.join(lacking, on="subject_id").select(
        "subject_id",
        "seen",
        met=pl.col("held").fill_null(False) & ~pl.col("lacking"),
        lacking="lacking",
        value=pl.when("decided").then("first_value").otherwise("last_value"),
        day=pl.when("decided").then("first_day").otherwise("last_day"),
    )


def _lacking(study: Study, seen: pl.DataFrame, endpoint: Endpoint) -> pl.DataFrame:
    decided = pl.col("decided").fill_null(False)
    if endpoint.kind == "at":
        lacking = (pl.col("seen") < len(endpoint.visits)) & ~decided
    elif endpoint.kind == "by day":
        seen = seen.join(follow_up(study).select("subject_id", end="last_day"), on="subject_id", how="left")
        lacking = ~decided & ((pl.col("end") < endpoint.day).fill_null(True) | (pl.col("seen") == 0))
    else:
        lacking = pl.col("seen") == 0
    return seen.select("subject_id", lacking=lacking)


def lacking_reason(endpoint: Endpoint) -> str:
    """Return the reason that stands beside "undetermined" for an endpoint."""
    return {"at": "no rating at the visit", "by day": "follow-up ends before the day"}.get(endpoint.kind, "no rating after baseline")
