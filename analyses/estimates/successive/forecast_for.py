"""What a further treatment is worth to subjects with given covariates."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import text
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.covariate_cells import CovariateCells, covariate_cells
from analyses.estimates.successive.covariate_columns import coded_alike
from analyses.estimates.successive.covariate_models import fit_covariates, seen_from
from analyses.estimates.successive.covariate_rows import covariate_fit_notes, covariate_fit_rows, odds_ratio_rows
from analyses.estimates.successive.failure_counts import Undetermined
from analyses.estimates.successive.fitting import Fit
from analyses.estimates.successive.forecast import ModelName, check_forecast, plateau_row
from analyses.estimates.successive.forecast_course import Intolerance, course_rows, intolerance_of
from analyses.estimates.successive.frailty_course import Floats
from analyses.estimates.successive.mechanism_rows import Row, edge_notes, fitted_rows, parameter_rows
from analyses.estimates.successive.models import BY_NAME, Model
from cohort.errors import EstimationError, some

NAME = "profile"


def forecast_for(
    data: pl.DataFrame,
    profiles: pl.DataFrame,
    *,
    undetermined: Undetermined,
    model: ModelName = "beta frailty",
    subjects: pl.DataFrame | None = None,
    below: float = 0.10,
    horizon: int = 10,
    level: float = 0.95,
) -> Estimates:
    """Return the chance of success at each further treatment for subjects with given covariates, and what follows.

    The model's chance is logit-linear in the covariates; what it says of failures is the same for everybody. Where
    subjects differ beyond their covariates the covariates move the mean chance (beta frailty, with one correlation),
    the mean log odds (logit-normal frailty) or the share of responders. Time goes with the number of patterns of
    covariates and failures, not of rows: give an age in years or decades rather than in days.

    Statistics, with the profile in `population` and the treatment number in `group`: "chance", "plateau", "cumulative
    gain", "treatments per success", "cumulative intolerance", as `forecast` gives them for the whole cohort. `n` and
    `events` of a chance are of those who have exactly these covariates; 0 where nobody has. For the population "all":
    "log odds ratio" and "odds ratio" of each covariate (in `criterion`; a number's per unit, a level's against
    `reference`), the model's other parameters, "log likelihood" (of single verdicts; `df` the number of parameters),
    "AIC" and "Pearson chi-square" over patterns of covariates and numbers of failures (no p value where too little is
    expected in them).

    Args:
        data: Outcomes (one row a subject and treatment number) or counts by treatment number and covariates.
        profiles: One row for whom to forecast. Its columns are the covariates, numbers or levels, that are columns of
            `data` or of `subjects`; a column "profile" names the rows.
        undetermined: "excluded" leaves courses that could not be decided out; "not met" counts them as not met.
        model: The model that is fitted and carried beyond the data; its name as in `mechanism`.
        subjects: SUBJECTS with the covariates, for outcomes.
        below: The chance below which another way should be sought.
        horizon: How many treatments to look ahead, 1 to 100.
        level: Coverage of the limits.

    Raises:
        EstimationError: As `forecast`; or a covariate is missing, constant, follows from the others or changes within
            a subject; or a profile has a value that the data do not know.

    Sources: McCullagh P, Nelder JA. Generalized Linear Models, 2nd ed. 1989, chapter 4; Skellam JG. J R Stat Soc B
    1948;10:257-61; Williams DA. Appl Stat 1982;31:144-8 (logistic mean with one correlation).

    >>> steps = pl.DataFrame({"treatment_no": [1, 2, 1, 2], "focal": ["no", "no", "yes", "yes"],
    ...                       "tried": [100, 48, 90, 54], "met": [50, 16, 30, 12]})
    >>> ahead = forecast_for(steps, pl.DataFrame({"focal": ["no", "yes"]}), undetermined="excluded", horizon=3)
    >>> [round(ahead.value("chance", population=who, group="3"), 2) for who in ("focal no", "focal yes")]
    [0.25, 0.17]
    """
    check_forecast(model, below, horizon)
    z, names = normal_quantile(level), _labels(profiles)
    cells = covariate_cells(data, [name for name in profiles.columns if name != NAME], undetermined, subjects)
    values = coded_alike(profiles, cells.coefficients)
    _demand_enough(BY_NAME[model], cells)
    found, stops = fit_covariates(BY_NAME[model], cells), intolerance_of(data, undetermined, horizon)
    rows = [*odds_ratio_rows(found, cells, z), *parameter_rows(found, level), *covariate_fit_rows(found)]
    notes = [*cells.notes, *edge_notes([found]), *covariate_fit_notes([found]), *_beyond(cells, horizon, values)]
    for name, own in zip(names, values, strict=True):
        part = _of_profile(seen_from(found, cells, own), stops, below, horizon, z)
        rows += [{"population": name} | row for row in part]
        if part[horizon]["estimate"] is None:
            notes.append(f"{name}: no plateau; the chance does not fall below {below:g} up to treatment {horizon}")
    if stops.known:
        notes.append(
            "cumulative intolerance: each number's observed share of all subjects, whatever their covariates; beyond "
            "the data that of all treatments"
        )
    method = (
        f"Chance of success after m failures by covariates, by the model {model!r} with a logit-linear "
        f"{'chance' if model != 'responders and resistant' else 'share of responders'}, fitted by maximum likelihood, "
        f"with {100 * level:g}% limits (delta method on the logit); plateau where it lies below {below:g}"
    )
    return Estimates(estimates_frame(rows), method, tuple(notes), level, found)


def _of_profile(own: Fit, stops: Intolerance, below: float, horizon: int, z: float) -> list[Row]:
    chances = fitted_rows(own, np.arange(horizon), "chance", z)
    return [*chances, plateau_row(chances, below, own.model.name), *course_rows(own, stops, horizon, z)]


def _labels(profiles: pl.DataFrame) -> list[str]:
    if profiles.is_empty():
        raise EstimationError("there are 0 profiles; expected a row for each kind of subject to forecast for")
    if NAME in profiles.columns:
        labels: list[str | None] = text(profiles[NAME]).to_list()
    else:
        columns = [(name, text(profiles[name]).to_list()) for name in profiles.columns]
        labels = [", ".join(f"{name} {values[row]}" for name, values in columns) for row in range(profiles.height)]
    known = [label for label in labels if label]
    if len(set(known)) < len(labels):
        raise EstimationError(
            f"{len(labels)} profiles have the {len(set(known))} names {some(known, 9)}; expected one each: give unlike "
            f"rows, or unlike names in a column {NAME!r}"
        )
    return known


def _demand_enough(model: Model, cells: CovariateCells) -> None:
    counts, parameters = cells.by_failures, len(model.low) + cells.columns.shape[1]
    if len(counts.failures) < min(len(model.low), 2) or len(cells.failures) < parameters:
        raise EstimationError(
            f"the model {model.name!r} has {parameters} parameters with these covariates, and counted treatments make "
            f"{len(cells.failures)} patterns of covariates and of {len(counts.failures)} different numbers of "
            "failures; expected at least as many patterns: choose a simpler model, or merge levels"
        )
    for count, who in ((counts.met, "nobody"), (counts.missed, "everybody")):
        if count.sum() == 0:
            raise EstimationError(
                f"{who} met the criterion in {counts.counted.sum()} counted treatments; nothing to forecast from"
            )


def _beyond(cells: CovariateCells, horizon: int, values: Floats) -> Iterable[str]:
    last = int(cells.failures.max())
    if horizon > last + 1:
        yield (
            f"treatments {last + 2} to {horizon} lie beyond the data: nobody was seen after more than {last} failures, "
            "and the form of the model alone says what comes after"
        )
    seen = cells.columns * cells.scale + cells.centre
    for i, named in enumerate(cells.coefficients):
        low, high = float(seen[:, i].min()), float(seen[:, i].max())
        slack = 1e-9 * (high - low)
        outside = sum(not low - slack <= row[i] <= high + slack for row in values)
        if outside:
            yield f"{named.term}: {outside} of {len(values)} profiles lie outside {low:g} to {high:g}, which was seen"
