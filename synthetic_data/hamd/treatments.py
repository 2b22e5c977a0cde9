"""What the subjects of a HAM-D study took, and until when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.hamd.courses import REASONS, Courses
from synthetic_data.hamd.truth import HamdTruth

Ints = NDArray[np.int64]

EFFECTS = ("nausea", "insomnia", "somnolence", "headache", "agitation", "sexual dysfunction")
"""Why an antidepressant is not tolerated; which of them a subject has is drawn with equal chances, a convention."""

_EFFECT_DAYS = 14
_LOST = len(REASONS)
_STOP_REASONS = (*REASONS, "lost to follow-up")


@dataclass(frozen=True, eq=False)
class Ends:
    """How each subject's treatment ended, as far as the study knows.

    Attributes:
        day: Its last day; meaningless where it goes on.
        reason: A place in the stop reasons; 0 where the treatment goes on when follow-up ends.
    """

    day: Ints
    reason: Ints

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Who is known to have ended it."""
        return self.reason > 0


def ends(courses: Courses | None, present: NDArray[np.bool_], days: Ints, rng: np.random.Generator) -> Ends:
    """Return how treatments ended.

    A treatment is stopped on a day from the last visit day before (visited or not) up to the day before the first visit
    off treatment. Whoever leaves the study on treatment is lost to follow-up on the day of the last rating.

    Args:
        courses: What was drawn; None where nobody stops.
        present: Which visits took place, by subject and visit.
        days: The days of the visits, by subject and visit.
        rng: The generator.
    """
    visits, who = days.shape[1], np.arange(days.shape[0])
    gone = np.where(present, np.arange(visits), 0).max(axis=1) + 1 if courses is None else courses.gone_from
    last_rating = np.where(present, days, 0).max(axis=1)
    reason = np.where(gone < visits, _LOST, 0)
    if courses is None:
        return Ends(last_rating, reason)
    off = courses.off_from.astype(np.int64)
    known = (off < visits) & (off <= gone)
    after = np.minimum(off, visits - 1)
    stopped = rng.integers(days[who, after - 1], days[who, after])
    return Ends(np.where(known, stopped, last_rating), np.where(known, courses.reason, reason))


def treatments(
    truth: HamdTruth, people: pl.DataFrame, arm: Ints, finish: Ends, rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Return TREATMENTS, DOSES and ADVERSE_EFFECTS: a placebo in the control arm, the drug in the other.

    What was taken of a course is known when it has ended, of a dose when the next has begun.
    """
    low, high = (1.0, 1.0) if truth.dosing is None else truth.dosing.adherence
    adherence = rng.uniform(low, high, arm.size).round(2)
    drug = truth.arms[1] if truth.dosing is None else truth.dosing.drug
    fixed = None if truth.dosing is None or truth.dosing.titrated else truth.dosing.daily_dose
    taken = people.select("subject_id").with_columns(
        treated=pl.Series(arm == 1),
        ended=pl.Series(finish.ended),
        last=finish.day,
        taken=adherence,
        treatment_no=pl.lit(1),
        start_day=pl.lit(0),
    )
    courses = taken.with_columns(
        drug=pl.when("treated").then(pl.lit(drug)).otherwise(pl.lit("placebo")),
        kind=pl.when("treated").then(pl.lit("drug")).otherwise(pl.lit("placebo")),
        daily_dose=pl.when("treated").then(pl.lit(fixed, dtype=pl.Float64)),
        stop_day=pl.when("ended").then("last"),
        stop_reason=pl.Series(_STOP_REASONS, dtype=pl.String).gather(finish.reason),
        adherence=pl.when("ended").then("taken") if truth.dosing else pl.lit(None, dtype=pl.Float64),
    )
    tables = {"treatments": courses.drop("treated", "ended", "last", "taken")}
    tables["adverse_effects"] = _effects(tables["treatments"], rng)
    if truth.dosing is not None and truth.dosing.titrated:
        tables["doses"] = _doses(truth, courses.filter("treated"), people)
    return tables


def _effects(courses: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return ADVERSE_EFFECTS: one severe effect for each stop for intolerance, within the two weeks before it."""
    stopped = courses.filter(stop_reason="intolerance")
    before = pl.Series(rng.integers(0, _EFFECT_DAYS, stopped.height))
    return stopped.select(
        "subject_id",
        "treatment_no",
        day=pl.max_horizontal(pl.col("stop_day") - before, pl.lit(0)),
        to_day="stop_day",
        effect=pl.Series(EFFECTS, dtype=pl.String).gather(rng.integers(0, len(EFFECTS), stopped.height)),
        severity=pl.lit("severe"),
        serious=pl.lit(False),
    )


def _doses(truth: HamdTruth, courses: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return DOSES of the treated: the starting dose, and the full one where the course got so far."""
    assert truth.dosing is not None
    begun = pl.min_horizontal("last_day", "stop_day") >= truth.dosing.titration_day
    followed = courses.join(people.select("subject_id", "last_day"), on="subject_id", maintain_order="left")
    known = pl.when(pl.col("ended") | pl.col("full")).then("taken")
    first = followed.with_columns(full=begun).select(
        "subject_id",
        "treatment_no",
        "drug",
        from_day=pl.lit(0),
        daily_dose=pl.lit(truth.dosing.starting_dose),
        adherence=known,
    )
    second = followed.filter(begun).select(
        "subject_id",
        "treatment_no",
        "drug",
        from_day=pl.lit(truth.dosing.titration_day),
        daily_dose=pl.lit(truth.dosing.daily_dose),
        adherence=pl.when("ended").then("taken"),
    )
    return pl.concat([first, second])
