"""Treatments, doses and adverse effects of a sequenced study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from synthetic_data.sequenced.after import After, month_day
from synthetic_data.sequenced.courses import DOSE, Courses
from synthetic_data.sequenced.instruments import Ints
from synthetic_data.succession.histories import INTOLERANCE, REMISSION

if TYPE_CHECKING:
    from synthetic_data.sequenced.truth import SequencedTruth

EFFECTS = ("nausea", "insomnia", "sedation", "agitation", "sexual dysfunction", "weight gain", "headache", "dizziness")
# What is recorded, by result: a remission that ends does so with a relapse; nobody sees that a test was not fair.
_REASONS = ("inefficacy", "intolerance", "inefficacy", "inefficacy", "lost to follow-up")
_COURSE = ["subject_id", "treatment_no"]


def treatments(truth: SequencedTruth, ids: pl.Series, courses: Courses, after: After) -> pl.DataFrame:
    """Return a row for each drug of each step, with its doses and whether it is kept from before.

    Columns of TREATMENTS, and `kept, low, starting_dose, minimum_dose, usual_dose`.
    """
    augmentations = _augmentations(truth)
    offered, taken = _offered(truth), _taken(ids, courses, after, augmentations)
    new = taken.join(offered, left_on="code", right_on="of", maintain_order="left").with_columns(kept=pl.lit(False))
    adds = taken.filter(pl.col("code").is_in(augmentations))
    kept = adds.join(offered, left_on="kept_code", right_on="of", maintain_order="left").with_columns(kept=pl.lit(True))
    return pl.concat([kept.select(new.columns), new]).sort("who", "treatment_no", maintain_order=True)


def doses(truth: SequencedTruth, taken: pl.DataFrame) -> pl.DataFrame:
    """Return DOSES: begun low and raised twice; a kept drug at its usual dose, too low a dose at half the minimum."""
    second, third = truth.calendar.titration_days
    start, least, usual = pl.col("starting_dose"), pl.col("minimum_dose"), pl.col("usual_dose")
    begun = pl.when("kept").then(usual).when("low").then(least / 2).otherwise(start)
    flat = pl.col("kept") | pl.col("low")
    raised = pl.max_horizontal(start, least)
    parts = [
        taken.with_columns(from_day=pl.col("start_day"), dose=begun),
        taken.filter(~flat & (raised > start)).with_columns(from_day=pl.col("start_day") + second, dose=raised),
        taken.filter(~flat & (usual > raised)).with_columns(from_day=pl.col("start_day") + third, dose=usual),
    ]
    rows = pl.concat(parts).filter(pl.col("from_day") <= pl.col("end_day"))
    rows = rows.sort("who", "treatment_no", "drug", "from_day")
    return rows.select(*_COURSE, "drug", "from_day", daily_dose="dose")


def adverse_effects(ids: pl.Series, courses: Courses, rng: np.random.Generator) -> pl.DataFrame:
    """Return what ended each treatment that was not tolerated; it begins up to a week before the exit."""
    who, step = np.nonzero(courses.histories.taken & (courses.histories.result == INTOLERANCE))
    day = courses.exit[who, step] - rng.integers(0, 7, size=who.size).clip(max=courses.length[who, step])
    return pl.DataFrame(
        {
            "subject_id": ids.gather(who),
            "day": day,
            "treatment_no": step + 1,
            "effect": pl.Series(EFFECTS).gather(rng.integers(0, len(EFFECTS), size=who.size)),
            "severity": pl.Series(["moderate", "severe"]).gather(rng.integers(0, 2, size=who.size)),
            "serious": np.zeros(who.size, dtype=np.bool_),
        }
    )


def _offered(truth: SequencedTruth) -> pl.DataFrame:
    """Return the drugs of every option, by `_code`."""
    rows = [
        {
            "of": 1000 * k + j,
            "drug": drug.drug,
            "starting_dose": float(drug.starting_dose),
            "minimum_dose": float(drug.minimum_dose),
            "usual_dose": float(drug.usual_dose),
        }
        for k, offered in enumerate(truth.options)
        for j, option in enumerate(offered)
        for drug in option.drugs
    ]
    return pl.DataFrame(rows)


def _augmentations(truth: SequencedTruth) -> list[int]:
    return [
        1000 * k + j
        for k, offered in enumerate(truth.options)
        for j, option in enumerate(offered)
        if option.kind == "augmentation"
    ]


def _code(step: Ints, option: Ints) -> Ints:
    return 1000 * step + option


def _kept(codes: Ints, augmentations: list[int]) -> Ints:
    """Return the option whose drugs are taken before each step: the last one that switched; -1 before the first."""
    kept = np.full(codes.shape, -1)
    for k in range(1, codes.shape[1]):
        added = np.isin(codes[:, k - 1], augmentations)
        kept[:, k] = np.where(added, kept[:, k - 1], codes[:, k - 1])
    return kept


def _taken(ids: pl.Series, courses: Courses, after: After, augmentations: list[int]) -> pl.DataFrame:
    """Return one row for each step that was begun: TREATMENTS without drugs, and which options its drugs come from."""
    codes = _code(np.arange(courses.option.shape[1]), courses.option)
    kept = _kept(codes, augmentations)
    who, step = np.nonzero(courses.histories.taken)
    result = courses.histories.result[who, step]
    well = result == REMISSION
    going_on = well & ~after.relapsed[who]
    end = np.where(well, after.since[who] + month_day(after.last[who]), courses.exit[who, step])
    cause = courses.cause[who, step]
    ended = pl.Series(~going_on)
    return pl.DataFrame({"who": who, "subject_id": ids.gather(who), "treatment_no": step + 1}).with_columns(
        code=codes[who, step],
        kept_code=kept[who, step],
        low=cause == DOSE,
        start_day=courses.start[who, step],
        end_day=end,
        stop_day=pl.when(ended).then(pl.Series(end)),
        stop_reason=pl.when(ended).then(pl.Series(_REASONS).gather(result)),
        adherence=pl.when(ended).then(pl.Series(courses.adherence[who, step])),
        daily_dose=pl.lit(None, dtype=pl.Float64),
        kind=pl.lit("drug"),
    )
