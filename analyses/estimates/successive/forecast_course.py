"""A cohort that goes on until success: what it gains, how many treatments that takes, how many are not tolerated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from analyses.estimates.successive.counts import patterns
from analyses.estimates.successive.fitting import Fit
from analyses.estimates.successive.frailty_course import Floats, Ints
from analyses.estimates.successive.mechanism_rows import Row, scaled_limits

_STEP = 1e-6


@dataclass(frozen=True, eq=False)
class Intolerance:
    """The chance of stopping for intolerance, by treatment number, and how many tried it (0 beyond the data)."""

    chances: Floats
    tried: Ints

    @property
    def known(self) -> bool:
        """Whether the data count any."""
        return bool(self.chances.any())


@dataclass(frozen=True, eq=False)
class Course:
    """What becomes of a cohort in which everybody goes on until success; sums per subject up to each treatment.

    Attributes:
        tried: Treatments started.
        met: Subjects who met the criterion.
        intolerance: Treatments stopped for intolerance.
    """

    tried: Floats
    met: Floats
    intolerance: Floats


def course(chances: Floats, intolerance: Floats) -> Course:
    """Return what becomes of a cohort that goes on until success.

    Args:
        chances: Of success after 0, 1, 2 .. failures, given that the treatment is tolerated.
        intolerance: Chance of stopping for intolerance, by treatment number.

    >>> course(np.array([0.5, 0.5]), np.zeros(2)).tried.tolist()
    [1.0, 1.5]
    """
    here = np.zeros(len(chances) + 1)
    here[0] = 1.0
    tried, met, stopped = [], [], []
    for stop in intolerance:
        reach = here.sum()
        tested = (1 - stop) * here[:-1]
        tried.append(reach)
        met.append(float(tested @ chances))
        stopped.append(stop * reach)
        here = stop * here
        here[1:] += tested * (1 - chances)
    return Course(np.cumsum(tried), np.cumsum(met), np.cumsum(stopped))


def intolerance_of(data: pl.DataFrame, undetermined: str, horizon: int) -> Intolerance:
    """Return the observed shares of those who tried; beyond the data that of all treatments."""
    tried = pl.col("tried") - (pl.col("undetermined") if undetermined == "excluded" else 0)
    found = patterns(data).group_by("treatment_no").agg(tried.sum(), pl.col("intolerance").sum())
    found = found.filter(pl.col("tried") > 0)
    chances = np.full(horizon, int(found["intolerance"].sum()) / int(found["tried"].sum()))
    at = np.zeros(horizon, dtype=np.int64)
    for number, counted, stopped in found.iter_rows():
        if number <= horizon:
            chances[number - 1], at[number - 1] = stopped / counted, counted
    return Intolerance(chances, at)


def course_rows(found: Fit, stops: Intolerance, horizon: int, z: float) -> list[Row]:
    """Return the rows of gain, treatments per success and, where the data count it, intolerance."""
    measures = {"cumulative gain": ("logit", _gain), "treatments per success": ("log", _price)}
    if stops.known:
        measures["cumulative intolerance"] = ("log", _intolerance)
    rows: list[Row] = []
    whole = course(found.chances(np.arange(horizon)), stops.chances)
    for statistic, (scale, measure) in measures.items():
        errors = _errors(found, stops, measure)
        for k, (value, error) in enumerate(zip(measure(whole).tolist(), errors, strict=True), start=1):
            low, high = scaled_limits(value, error, scale, z)
            named: Row = {"statistic": statistic, "term": found.model.name, "group": str(k)}
            rows.append(named | {"estimate": value, "std_error": error, "conf_low": low, "conf_high": high})
    return rows


def _gain(whole: Course) -> Floats:
    return whole.met


def _price(whole: Course) -> Floats:
    return np.asarray(whole.tried / whole.met)


def _intolerance(whole: Course) -> Floats:
    return whole.intolerance


def _errors(found: Fit, stops: Intolerance, measure: Callable[[Course], Floats]) -> list[float | None]:
    """Return delta-method standard errors by treatment: of the model's parameters and of the intolerance observed."""
    failures = np.arange(len(stops.chances))
    by_model = found.std_errors(lambda theta: measure(course(found.model.chances(theta, failures), stops.chances)))
    if found.at_edge:
        return by_model
    chances, added = found.chances(failures), np.zeros(len(failures))
    for i in np.flatnonzero((stops.tried > 0) & (stops.chances > 0)):
        moved = stops.chances.copy()
        moved[i] += _STEP
        slope = (measure(course(chances, moved)) - measure(course(chances, stops.chances))) / _STEP
        added += slope**2 * stops.chances[i] * (1 - stops.chances[i]) / stops.tried[i]
    # What does not hang on the model's parameters (intolerance of the first treatment) has no error of theirs.
    whole = [float(np.hypot(error or 0.0, add**0.5)) for error, add in zip(by_model, added, strict=True)]
    return [error if error > 0 else None for error in whole]
