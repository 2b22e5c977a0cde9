"""A section of a report on the successive treatments of one cohort, from verdicts or from published counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from analyses.displays.report import Part, Section
from analyses.estimates.result import Estimates
from analyses.estimates.successive.forecast import ModelName
from analyses.plan.successive_parts import Asked, Undetermined, successive_parts


def successive_section(
    data: pl.DataFrame,
    *,
    undetermined: Undetermined,
    title: str,
    lead: str = "",
    below: float = 0.10,
    horizon: int = 10,
    models: Sequence[ModelName] = ("beta frailty",),
    covariates: Sequence[str] = (),
    leavers: Sequence[float] = (0.25, 0.5, 0.75),
    level: float = 0.95,
) -> Section:
    """Return what one more treatment is worth in one cohort, as a section of a report.

    Its parts, in order: who tried each treatment and what became of them, with both shares; who went on, with the flow;
    the cumulative share with its bounds; the trend of success and of stopping for intolerance; which models of
    selection and of dependence fit; the chance at the next treatment with its plateau. What the data do not allow is
    said in the notes of the first part.

    Args:
        data: Outcomes of one criterion (one row a subject and treatment number) or counts by treatment number; see
            `successive`.
        undetermined: "excluded" leaves treatments that could not be decided out; "not met" counts them as not met.
        title: The section's heading; its numbers carry it as their analysis.
        lead: The sentence below it.
        below: The chance below which another way should be sought.
        horizon: How many treatments the forecast looks ahead.
        models: The models that are carried beyond the data; their names as in `mechanism`.
        covariates: Of the trend; columns of the data.
        leavers: Ratios of leavers' chances to those of who went on.
        level: Coverage of every interval.

    Raises:
        EstimationError: Not even the counts by treatment number can be made.

    >>> steps = pl.DataFrame({"treatment_no": [1, 2], "tried": [100, 40], "met": [50, 10]})
    >>> section = successive_section(steps, undetermined="excluded", title="A clinic")
    >>> [part.title for part in section.parts][:2]
    ['Of those who tried it, and of the whole cohort', 'Who went on']
    """
    asked = Asked(undetermined, below, horizon, tuple(models), tuple(covariates), tuple(leavers), level)
    named = tuple(
        replace(part, estimates=part.estimates.labelled(title))
        for part in about_criterion(successive_parts(data, asked), data)
    )
    return Section(title, lead, named)


def about_criterion(parts: Sequence[Part], data: pl.DataFrame) -> list[Part]:
    """Return the parts with numbers that say which criterion they are of, where the data say it."""
    names = data["criterion"].drop_nulls().unique() if "criterion" in data.columns else pl.Series([], dtype=pl.String)
    if len(names) != 1:
        return list(parts)
    return [replace(part, estimates=_of(part.estimates, str(names[0]))) for part in parts]


def _of(estimates: Estimates, criterion: str) -> Estimates:
    """Name the criterion; the numbers of a trend keep the end of a treatment that they speak of, before it."""
    cause = pl.col("criterion").is_in(["success", "intolerance"])
    both = pl.concat_str([pl.col("criterion"), pl.lit(criterion)], separator=", ")
    named = pl.when(cause).then(both).otherwise(pl.col("criterion").fill_null(criterion))
    return replace(estimates, frame=estimates.frame.with_columns(criterion=named))
