"""How many points of the Massachusetts General Hospital staging?"""

from __future__ import annotations

import polars as pl

from cohort.criteria.depression_staging import MGHStaging
from cohort.outcomes.antidepressants.staged import Staged, augmentations, counted, first_day_at, staged
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.study import Study

_COUNTS = {
    "failures": ("antidepressants that failed", 1.0),
    "optimised": ("of their treatments optimised", 0.5),
    "augmentations": ("augmentations", 0.5),
    "shocked": ("electroconvulsive therapy", 3.0),
}


def classify_mgh_staging(study: Study, criterion: MGHStaging) -> Judgement:
    """Return one verdict a subject; the value is the points, the day the one on which they first were enough.

    The value is null where the verdict is undetermined.
    """
    found = staged(study, criterion)
    units = _units(study, found, criterion)
    met, lacking = pl.col("points") >= criterion.at_least, pl.col("most") >= criterion.at_least
    units = units.with_columns(
        verdict(met, ~met & lacking),
        first_reason(
            (met, ""), (lacking, "too little known of the treatments"), (pl.lit(True), "threshold not reached")
        ),
        value=pl.when(met | ~lacking).then("points"),
        day=pl.when(met).then("day"),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _units(study: Study, found: Staged, criterion: MGHStaging) -> pl.DataFrame:
    """Return one row a subject with its counts, `points`, the `most` that they could be, and `day`."""
    parts = _events(found, criterion)
    events = pl.concat([part.with_columns(points=pl.lit(_COUNTS[name][1])) for name, part in parts.items()])
    units = study.subjects.select("subject_id")
    for frame in (
        *(counted(part, name) for name, part in parts.items()),
        counted(found.possible, "possible"),
        counted(_optimised(found.possible), "optimisable"),
        first_day_at(events, criterion.at_least),
    ):
        units = units.join(frame, on="subject_id", how="left")
    units = units.with_columns(pl.col(*_COUNTS, "possible", "optimisable").fill_null(0))
    points = pl.sum_horizontal(worth * pl.col(name) for name, (_, worth) in _COUNTS.items())
    unknown = pl.col("possible") - pl.col("failures") + 0.5 * (pl.col("optimisable") - pl.col("optimised"))
    return units.with_columns(points=points, most=points + unknown).sort("subject_id")


def _events(found: Staged, criterion: MGHStaging) -> dict[str, pl.DataFrame]:
    """Return what gives points, and when: `subject_id, at` by the name of the count."""
    shocks = found.shocks.group_by("subject_id").agg(at=pl.col("start").min().cast(pl.Float64))
    parts = {
        "failures": found.failed,
        "optimised": _optimised(found.failed),
        "augmentations": augmentations(found, criterion.augmentation_days),
        "shocked": shocks,
    }
    return {name: part.select("subject_id", "at") for name, part in parts.items()}


def _optimised(courses: pl.DataFrame) -> pl.DataFrame:
    """Return the courses whose dose was raised after it had been adequate."""
    return courses.filter(pl.col("last_raise") > pl.col("adequate_from"))


def _evidence(units: pl.DataFrame, criterion: MGHStaging) -> list[pl.DataFrame]:
    counts = [
        check(units, f"{words}, {worth:g} each", pl.col(name), unit="treatments")
        for name, (words, worth) in _COUNTS.items()
    ]
    points = check(
        units,
        "points",
        pl.col("points"),
        threshold=pl.lit(criterion.at_least),
        passed=pl.col("points") >= criterion.at_least,
        day=pl.col("day"),
        bound=">=",
        unit="points",
    )
    return [*counts, points]
