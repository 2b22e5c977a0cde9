"""Records of a HAM-D study."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cohort.scales import HAMD17
from synthetic_data.drawn import Drawn, Heading
from synthetic_data.hamd.scores import draw_scores
from synthetic_data.hamd.truth import HamdTruth


def hamd_heading(truth: HamdTruth) -> Heading:
    """Return what the study says of itself."""
    return Heading(
        name="hamd",
        title="Simulated study of depression, HAM-D17",
        index="randomization",
        arms=truth.arms,
        visits=truth.visits,
    )


def draw_hamd(truth: HamdTruth, ids: pl.Series, rng: np.random.Generator) -> Drawn:
    """Draw SUBJECTS and RATINGS, and the scores as if nobody had left.

    A visit after leaving has no row. `last_day` is the day of the last rating. What is latent has `subject_id,
    arm, visit, score, seen`, one row for each subject and visit.
    """
    subjects = ids.len()
    arm = rng.permutation(np.arange(subjects) % 2)
    drawn = draw_scores(truth, arm, rng)
    scores, present = drawn.recorded.astype(np.int64), drawn.present
    days = _rating_days(truth, subjects, rng)
    people = pl.DataFrame(
        {
            "subject_id": ids,
            "arm": pl.Series(truth.arms).gather(arm),
            "first_day": np.zeros(subjects, dtype=np.int64),
            "last_day": np.where(present, days, 0).max(axis=1),
            "sex": np.where(rng.random(subjects) < truth.share_female, "F", "M"),
        }
    )
    everything = _long(truth, people, scores, days, present)
    ratings = everything.filter("seen").select("subject_id", "day", "visit", "score", scale=pl.lit(HAMD17.name))
    return Drawn(
        {"subjects": people, "ratings": ratings}, everything.select("subject_id", "arm", "visit", "score", "seen")
    )


def _rating_days(truth: HamdTruth, subjects: int, rng: np.random.Generator) -> NDArray[np.int64]:
    days = np.tile(np.array(truth.visit_days, dtype=np.int64), (subjects, 1))
    days[:, 1:] += rng.integers(-truth.day_jitter, truth.day_jitter, size=(subjects, days.shape[1] - 1), endpoint=True)
    return days


def _long(
    truth: HamdTruth,
    people: pl.DataFrame,
    scores: NDArray[np.int64],
    days: NDArray[np.int64],
    present: NDArray[np.bool_],
) -> pl.DataFrame:
    """Return one row for each subject and visit."""
    subjects, visits = scores.shape
    who = np.repeat(np.arange(subjects), visits)
    return people.select("subject_id", "arm")[who].with_columns(
        visit=pl.Series(truth.visits).gather(np.tile(np.arange(visits), subjects)),
        day=days.ravel(),
        score=scores.ravel(),
        seen=present.ravel(),
    )
