"""Was the subject referred once the epilepsy was resistant, and how long after?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.criteria.candidacy import Referral
from cohort.errors import CriterionError, some
from cohort.outcomes.findings.findings import answers, named
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.nested import established, needs_nested
from cohort.outcomes.times.events import Timing, events
from cohort.records.derive import follow_up
from cohort.records.study import Study


def needs_referral(study: Study, criterion: Referral) -> None:
    """Refuse a criterion without days, and a study that cannot answer it.

    Raises:
        CriterionError: The criterion names no days, or the study records nobody's referral or cannot answer resistance.
    """
    if criterion.days is None:
        raise CriterionError("referral names no days; choose some, for example REFERRAL.within(90)")
    _needs_records(study, criterion)


def _needs_records(study: Study, criterion: Referral) -> None:
    """Refuse a study that records no referral of anybody: nobody knows then who was referred."""
    if named(study, criterion.finding).is_empty():
        raise CriterionError(f"the study records no finding {criterion.finding!r} of anybody; name another `finding`")
    needs_nested(study, criterion.resistance)


def classify_referral(study: Study, criterion: Referral) -> Judgement:
    """Return one verdict a subject; the value is the days from resistance to referral.

    The day of "met" is that of the referral, that of "not met" the last day that was not late, or that of the answer
    to resistance.
    """
    days = pl.lit(criterion.days)
    units = _referred(study, criterion)
    resistant, unsure = pl.col("resistance") == "met", pl.col("resistance") == "undetermined"
    waited = pl.col("referred") - pl.col("since")
    met = (resistant & (waited <= days)).fill_null(False)
    late = (resistant & ((waited > days) | (pl.col("last") - pl.col("since") >= days))).fill_null(False)
    units = units.with_columns(
        verdict(met, ~met & ~late & (resistant | unsure)),
        first_reason(
            (met, ""),
            (unsure, "too little known of the treatments"),
            (~resistant, "not resistant"),
            (late, "threshold not reached"),
            (pl.lit(True), "follow-up too short"),
        ),
        value=waited,
        day=pl.when(met)
        .then("referred")
        .when(late)
        .then(pl.col("since") + days)
        .when(~resistant & ~unsure)
        .then("since"),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _referred(study: Study, criterion: Referral) -> pl.DataFrame:
    """Return one row a subject: since when it is resistant, when it was referred, how long it was followed."""
    resistant = established(study, criterion.resistance)
    made = _marked(study, criterion.finding).join(resistant, on="subject_id")
    if criterion.earlier == "counts":
        made = made.with_columns(day=pl.max_horizontal("day", "since"))
    after = made.filter(pl.col("day") >= pl.col("since").floor())
    first = after.group_by("subject_id").agg(referred=pl.max_horizontal("day", "since").min())
    followed = follow_up(study).rename({"last_day": "last"})
    joined = resistant.join(first, on="subject_id", how="left").join(followed, on="subject_id", how="left")
    return joined.sort("subject_id")


def _marked(study: Study, finding: str) -> pl.DataFrame:
    """Return `subject_id, day` of each record of a finding, but for those that say no."""
    refused = answers(study, [finding]).filter(~pl.col("answer")).select("subject_id", "day")
    made = named(study, finding).select("subject_id", "day")
    return made.join(refused, on=["subject_id", "day"], how="anti")


def _evidence(units: pl.DataFrame, criterion: Referral) -> list[pl.DataFrame]:
    resistant = pl.col("resistance") == "met"
    known = pl.when(pl.col("resistance") != "undetermined").then(resistant)
    days = pl.lit(criterion.days)
    return [
        check(units, "resistant to drugs", known.cast(pl.Int64), passed=known, day=pl.when(resistant).then("since")),
        check(
            units.filter(resistant),
            "from resistance to referral",
            pl.col("value"),
            threshold=days,
            passed=pl.when(pl.col("verdict") != "undetermined").then(pl.col("verdict") == "met"),
            day=pl.col("referred"),
            bound="<=",
            unit="days",
        ),
        check(units.filter(resistant), "followed since resistance", pl.col("last") - pl.col("since"), unit="days"),
    ]


def time_to_referral(study: Study, criterion: Referral, _: Timing, compete: Sequence[str]) -> pl.DataFrame:
    """Return EVENTS from the day on which resistance was first established to the first referral from then on.

    Never referred: censored at the end of follow-up. Subjects who were never resistant have no row. That resistance
    ends later stops no clock.

    Raises:
        CriterionError: Reasons for stopping compete, which end no waiting for a referral; the study records nobody's
            referral, or cannot answer resistance.
    """
    if compete:
        raise CriterionError(f"no stop of a treatment ends the waiting for a referral; leave {some(compete)} out")
    _needs_records(study, criterion)
    units = _referred(study, criterion).filter(resistance="met")
    waiting = units.with_columns(
        start="since",
        until=pl.coalesce("referred", pl.max_horizontal("last", "since")),
        cause=pl.when(pl.col("referred").is_not_null()).then(pl.lit("referral")),
    )
    return events(study, waiting.drop("since"))
