"""What a further treatment is worth: the chance after m failures, the plateau, and the price of going on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.failure_counts import FailureCounts, Undetermined, by_failures
from analyses.estimates.successive.fitting import Fit, fit
from analyses.estimates.successive.forecast_course import course_rows, intolerance_of
from analyses.estimates.successive.mechanism_rows import Row, edge_notes, fits_well, fitted_rows
from analyses.estimates.successive.models import BY_NAME, Model
from cohort.errors import EstimationError

ModelName = Literal[
    "constant",
    "beta frailty",
    "responders and resistant",
    "dependence",
    "beta frailty and dependence",
    "logit-normal frailty",
    "logit-normal frailty and dependence",
]

_FURTHEST = 100


def forecast(
    data: pl.DataFrame,
    *,
    undetermined: Undetermined,
    model: ModelName = "beta frailty",
    below: float = 0.10,
    horizon: int = 10,
    level: float = 0.95,
) -> Estimates:
    """Return the chance of success at each further treatment, from which on it is low, and what going on costs.

    Statistics, with the treatment number in `group`:

    - "chance": of success at that treatment after failures of all the earlier ones, given that it is tolerated;
      limits by the delta method on the logit. `n` counts the treatments seen after as many failures; 0 lies beyond the
      data.
    - "plateau": the first treatment number whose chance lies below `below` (`at`); null where none does up to the
      horizon. Its limits are the numbers at which the lower and the upper limits of the chance fall below: pointwise,
      and null where they do not up to the horizon.
    - "cumulative gain": who has met the criterion by then, had everybody gone on until success; limits by the delta
      method on the logit. A cohort whose leavers had lower chances would gain less.
    - "treatments per success": treatments started up to then, for each subject who met the criterion (the exact sum);
      limits by the delta method on the log.
    - "cumulative intolerance": treatments stopped for intolerance up to then, per subject, where the data count them.
      Each treatment number has its observed share of those who tried; beyond the data that of all treatments. Such
      treatments use up a place in the sequence and are no failures.

    Args:
        data: Outcomes (one row a subject and treatment number) or counts.
        undetermined: "excluded" leaves courses that could not be decided out; "not met" counts them as not met.
        model: The model that is fitted and carried beyond the data; its name as in `mechanism`.
        below: The chance below which another way should be sought.
        horizon: How many treatments to look ahead, 1 to 100.
        level: Coverage of the limits.

    Raises:
        EstimationError: An argument is out of range or unknown; the data have fewer different numbers of failures than
            the model has parameters; nobody or everybody met the criterion.

    Sources: for a / (a + b + m) Skellam JG. J R Stat Soc B 1948;10:257-61.

    >>> chen = pl.DataFrame({"treatment_no": [1, 2, 3, 4, 5, 6], "tried": [1795, 742, 330, 140, 71, 43],
    ...                      "met": [820, 208, 78, 21, 10, 6]})
    >>> ahead = forecast(chen, undetermined="excluded")
    >>> round(ahead.value("chance", group="3"), 3), ahead.value("plateau")
    (0.213, 8.0)
    """
    check_forecast(model, below, horizon)
    z, given = normal_quantile(level), by_failures(data, undetermined)
    _demand_enough(BY_NAME[model], given.counts)
    found = fit(BY_NAME[model], given.counts)
    stops = intolerance_of(data, undetermined, horizon)
    chances = fitted_rows(found, np.arange(horizon), "chance", z)
    rows = [*chances, plateau_row(chances, below, model), *course_rows(found, stops, horizon, z)]
    notes = [
        *given.notes,
        *edge_notes([found]),
        *_fit_notes(found),
        *_beyond(found, horizon),
        *_models_note(found, horizon),
    ]
    if rows[horizon]["estimate"] is None:
        notes.append(f"no plateau: the chance does not fall below {below:g} up to treatment {horizon}")
    if stops.known:
        notes.append("cumulative intolerance: each number's observed share; beyond the data that of all treatments")
    method = (
        f"Chance of success after m failures by the model {model!r}, fitted by maximum likelihood, with "
        f"{100 * level:g}% limits (delta method on the logit); plateau where it lies below {below:g}, limits where "
        "those of the chance cross it"
    )
    return Estimates(estimates_frame(rows), method, tuple(notes), level, found)


def check_forecast(model: str, below: float, horizon: int) -> None:
    """Refuse a model, a chance or a horizon that means nothing.

    Raises:
        EstimationError: The model is unknown, or a number is out of range.
    """
    if model not in BY_NAME:
        raise EstimationError(f"model={model!r} was given; it is one of {', '.join(map(repr, BY_NAME))}")
    if not 0 < below < 1:
        raise EstimationError(f"below={below} was given; it is a chance between 0 and 1, as in 0.1")
    if not (isinstance(horizon, int) and 1 <= horizon <= _FURTHEST):
        raise EstimationError(f"horizon={horizon} was given; it is a whole number of treatments, 1 to {_FURTHEST}")


def _demand_enough(model: Model, counts: FailureCounts) -> None:
    if len(counts.failures) < len(model.low):
        raise EstimationError(
            f"the model {model.name!r} has {len(model.low)} parameters, and counted treatments follow "
            f"{len(counts.failures)} different numbers of failures; expected at least as many: choose a simpler model"
        )
    for count, who in ((counts.met, "nobody"), (counts.missed, "everybody")):
        if count.sum() == 0:
            raise EstimationError(
                f"{who} met the criterion in {counts.counted.sum()} counted treatments; nothing to forecast from"
            )


def plateau_row(chances: list[Row], below: float, model: str) -> Row:
    """Return the first treatment number whose chance, and whose limits, lie below a bound."""
    first = {
        name: _first_below([row[name] for row in chances], below) for name in ("conf_low", "estimate", "conf_high")
    }
    return {"statistic": "plateau", "term": model, "at": below} | first


def _first_below(values: Iterable[object], below: float) -> int | None:
    return next((i for i, value in enumerate(values, start=1) if isinstance(value, float) and value < below), None)


def _fit_notes(found: Fit) -> Iterable[str]:
    x2, p = found.pearson()
    name = found.model.name
    if p is None:
        yield f"{name}: as many parameters as numbers of failures, so that its fit cannot be judged"
    elif not fits_well(found):
        yield f"{name}: does not fit (Pearson chi-square {x2:.1f}, df {found.df}, p = {p:.2g}); do not build on it"


def _beyond(found: Fit, horizon: int) -> Iterable[str]:
    last = int(found.counts.failures[-1])
    if horizon > last + 1:
        yield (
            f"treatments {last + 2} to {horizon} lie beyond the data: nobody was seen after more than {last} failures "
            f"({found.counts.counted[-1]} treatments), and the form of the model alone says what comes after"
        )


def _models_note(found: Fit, horizon: int) -> Iterable[str]:
    """Say what the other models that fit as well make of the last treatment: how far the answer hangs on the choice."""
    at = np.array([horizon - 1])
    others = [
        fit(model, found.counts)
        for model in BY_NAME.values()
        if model is not found.model and len(model.low) < len(found.counts.failures)
    ]
    said = [f"{other.chances(at)[0]:.3f} ({other.model.name})" for other in others if fits_well(other)]
    if said:
        yield (
            f"other models that these data do not contradict give, for treatment {horizon}, {', '.join(said)}; "
            f"this one gives {found.chances(at)[0]:.3f}"
        )
