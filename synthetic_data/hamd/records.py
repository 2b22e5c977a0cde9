"""Records of a HAM-D study."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cohort.scales import HAMD17
from synthetic_data.drawn import Drawn, Heading
from synthetic_data.hamd.items import allocate
from synthetic_data.hamd.scores import Scores, draw_scores
from synthetic_data.hamd.treatments import ends, treatments
from synthetic_data.hamd.truth import HamdTruth

Ints = NDArray[np.int64]


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
    """Draw SUBJECTS and RATINGS; with stopping or doses TREATMENTS and DOSES; ITEMS where they are asked for.

    A visit that did not take place has no row. `last_day` is the day of the last rating, or that of stopping the
    treatment where it is later. What is latent has one row for each subject and visit:

    - `subject_id, arm`, `class` (its name; null without classes), `visit`;
    - `severity`: on treatment, before rounding, the scale's ends and the rater's error (null for a plain truth);
    - `score`: what would have been recorded had nobody stopped or left, the baseline as it was recorded;
    - `after_stopping`: what is recorded, or would have been had nobody left: `score` while on treatment;
    - `on_treatment`: whether the subject had not stopped by then, had nobody left;
    - `raised`: whether the subject's baseline was raised to the threshold;
    - `seen`: whether the visit took place; RATINGS hold `after_stopping` of these rows.
    """
    subjects = ids.len()
    arm = rng.permutation(np.arange(subjects) % 2)
    drawn = draw_scores(truth, arm, rng)
    days = _rating_days(truth, subjects, rng)
    female = rng.random(subjects) < truth.share_female
    people = pl.DataFrame(
        {
            "subject_id": ids,
            "arm": pl.Series(truth.arms).gather(arm),
            "first_day": np.zeros(subjects, dtype=np.int64),
            "last_day": np.where(drawn.present, days, 0).max(axis=1),
            "sex": np.where(female, "F", "M"),
        }
    )
    tables = {}
    if truth.stopping is not None or truth.dosing is not None:
        finish = ends(drawn.latent, drawn.present, days, rng)
        stopped = pl.Series(np.where(finish.ended, finish.day, 0))
        people = people.with_columns(last_day=pl.max_horizontal("last_day", stopped))
        tables = treatments(truth, people, arm, finish, rng)
    everything = _long(truth, people, drawn, days)
    rated = everything.filter("seen").with_columns(scale=pl.lit(HAMD17.name))
    tables["subjects"] = people
    tables["ratings"] = rated.select("subject_id", "day", "visit", "scale", score="after_stopping")
    if truth.items:
        tables["items"] = _items(truth, rated, rng)
    return Drawn(tables, everything.drop("day", "who"))


def _rating_days(truth: HamdTruth, subjects: int, rng: np.random.Generator) -> Ints:
    days = np.tile(np.array(truth.visit_days, dtype=np.int64), (subjects, 1))
    days[:, 1:] += rng.integers(-truth.day_jitter, truth.day_jitter, size=(subjects, days.shape[1] - 1), endpoint=True)
    return days


def _long(truth: HamdTruth, people: pl.DataFrame, drawn: Scores, days: Ints) -> pl.DataFrame:
    """Return one row for each subject and visit."""
    subjects, visits = drawn.recorded.shape
    who, visit = np.repeat(np.arange(subjects), visits), np.tile(np.arange(visits), subjects)
    recorded = drawn.recorded.astype(np.int64).ravel()
    latent = drawn.latent
    names = pl.Series([one.name for one in truth.classes] or [None], dtype=pl.String)
    return people.select("subject_id", "arm")[who].with_columns(
        names.gather(np.zeros_like(who) if latent is None else latent.kind[who]).alias("class"),
        visit=pl.Series(truth.visits).gather(visit),
        severity=pl.lit(None, dtype=pl.Float32) if latent is None else pl.Series(latent.severity.ravel()),
        score=recorded if latent is None else latent.on_treatment.astype(np.int64).ravel(),
        after_stopping=recorded,
        on_treatment=pl.lit(True) if latent is None else pl.Series(visit < latent.off_from[who]),
        raised=pl.lit(False) if latent is None else pl.Series(latent.raised[who]),
        seen=drawn.present.ravel(),
        day=days.ravel(),
        who=who,
    )


def _items(truth: HamdTruth, rated: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the items of every rating; missing ones have a row without a score."""
    scores = allocate(rated["after_stopping"].to_numpy(), rated["who"].to_numpy(), rng)
    ratings, items = scores.shape
    values = pl.Series(scores.ravel().astype(np.float64))
    missing = pl.Series(rng.random(scores.size) < truth.item_missing)
    row = np.repeat(np.arange(ratings), items)
    return rated.select("subject_id", "day", "visit", "scale")[row].with_columns(
        item=np.tile(np.array([item for item, _ in HAMD17.item_maxima]), ratings),
        score=pl.select(pl.when(~missing).then(values)).to_series(),
    )
