"""Proportional hazards or odds for interval-censored times, with no shape assumed for the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.event_faults import check_columns
from analyses.estimates.interval.npmle import npmle
from analyses.estimates.interval.support import support, support_range
from analyses.estimates.regression.accelerated_distributions import ERRORS, Error, Floats
from analyses.estimates.regression.alike_rows import AlikeRows, alike_rows, informative
from analyses.estimates.regression.design import Design
from analyses.estimates.regression.interval_hazards_errors import profile_covariance
from analyses.estimates.regression.interval_hazards_fit import maximise
from analyses.estimates.regression.interval_hazards_terms import Baseline, IntervalSample
from analyses.estimates.regression.parametric_rows import chi_square_rows, ratio_rows
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Model = Literal["proportional hazards", "proportional odds"]
_RATIO = {"proportional hazards": "hazard ratio", "proportional odds": "odds ratio"}
_ERROR: dict[str, Error] = {"proportional hazards": ERRORS["Weibull"], "proportional odds": ERRORS["loglogistic"]}


@dataclass(frozen=True, eq=False)
class IntervalModel:
    """A fitted regression of interval-censored times.

    Attributes:
        formula: The right side of the formula.
        model: "proportional hazards" or "proportional odds".
        design: The columns' meaning, and the coding of new data.
        coefficients: Log hazard ratios or log odds ratios.
        covariance: From the profile likelihood; None where it does not exist.
        left: Left ends of the intervals in which the baseline has mass; it is undetermined within them.
        right: Their right ends.
        survival: The share free of the event after each of them, where all covariates are 0 or at their reference.
        log_likelihood: At the maximum.
        log_likelihood_null: With all coefficients 0: that of the one curve for everybody.
    """

    formula: str
    model: Model
    design: Design
    coefficients: Floats
    covariance: Floats | None
    left: Floats
    right: Floats
    survival: Floats
    log_likelihood: float
    log_likelihood_null: float


def interval_cox(
    data: pl.DataFrame,
    formula: str,
    *,
    model: Model = "proportional hazards",
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return hazard ratios (or odds ratios) of interval-censored times, the baseline being free to take any form.

    - "log hazard ratio" and "hazard ratio" of each coefficient, or with model="proportional odds" "log odds ratio" and
      "odds ratio": the odds of having had the event by a day, so that more than 1 means earlier (Wald limits and p
      value; the log alone has a standard error). `term` is the variable, `group` and `reference` its levels.
    - "log likelihood" (terms "null", that of one curve for everybody, and "fitted"); "likelihood ratio chi-square" of
      all coefficients.

    The baseline has mass in Turnbull's intervals alone, and is maximised together with the coefficients. Standard
    errors are from the curvature of the profile likelihood, over one standard error to either side. `n` is the number
    of rows, `events` how many have a right end. `model` of what is returned is an `IntervalModel`, with the baseline's
    survival.

    Exact, right-, left- (left = 0 < right) and interval-censored times may be mixed; with exact times alone use `cox`.
    Late entry is not allowed. Rows with a missing covariate, or censored on day 0, are left out; a note counts them.
    Any cause counts as the event.

    Args:
        data: EVENTS joined with the covariates, one row a subject.
        formula: The right side of a formula: "arm + age".
        model: "proportional hazards" or "proportional odds".
        confidence: Coverage of the limits.
        frequency: A column that says how many equal rows each row stands for.

    Raises:
        EstimationError: Subjects repeat or enter late; there are no events, or all times share a day; a level has no
            event, or the likelihood has no maximum for another reason; the formula, the times or the frequencies cannot
            be used.

    Sources: Finkelstein DM. Biometrics 1986;42:845-54; Zeng D, Mao L, Lin DY. Biometrika 2016;103:253-71; Murphy SA,
    van der Vaart AW. J Am Stat Assoc 2000;95:449-65.

    >>> rows = {"left": [0.0, 2.0, 2.0, 4.0, 2.0, 6.0], "right": [2.0, 4.0, None, None, 4.0, None]}
    >>> rows |= {"subject_id": list("abcdef"), "entry": 0.0, "arm": ["x", "x", "y", "x", "y", "y"]}
    >>> found = interval_cox(pl.DataFrame(rows), "arm")  # events in 2 of 3 and in 1 of 3
    >>> round(found.value("hazard ratio"), 4)
    0.4597
    """
    z = normal_quantile(confidence)
    if model not in get_args(Model):
        raise EstimationError(f"model={model!r}; choose one of {some(get_args(Model), 9)}")
    _refuse_late_and_repeated(data)
    kept, notes = informative(data)
    rows = alike_rows(kept, formula, frequency=frequency)
    if rows.design is None:
        raise EstimationError(f"formula {formula!r} has no covariate; name at least one, as in 'arm'")
    fitted = _fitted(rows, rows.design, formula, model)
    size = len(fitted.coefficients)
    covariance = np.full((size, size), np.nan) if fitted.covariance is None else fitted.covariance
    found = ratio_rows(rows.coefficients, fitted.coefficients, covariance, z, _RATIO[model])
    null, reached = fitted.log_likelihood_null, fitted.log_likelihood
    found += [{"statistic": "log likelihood", "term": "null", "estimate": null}]
    found += [{"statistic": "log likelihood", "term": "fitted", "estimate": reached}]
    found += chi_square_rows(2 * (reached - null), fitted.coefficients, covariance, robust=False)
    method = f"Semiparametric {model} regression of interval-censored times on {formula}"
    method += f", errors from the profile likelihood, {100 * confidence:g}% Wald limits"
    frame = estimates_frame(row | rows.counts for row in found)
    return Estimates(frame, method, (*notes, *rows.notes, *_notes(fitted)), confidence, fitted)


def _refuse_late_and_repeated(data: pl.DataFrame) -> None:
    check_columns(data)
    for found, fact in (
        (pl.col("entry") > 0, "rows enter late"),
        (pl.col("subject_id").is_duplicated(), "rows are of subjects with more than one row"),
    ):
        bad = data.filter(found)
        if bad.height:
            raise EstimationError(
                f"{bad.height} of {data.height} {fact} (subjects {some(bad['subject_id'].unique().sort())}); here each "
                "subject has one row from day 0 on: use accelerated_failure, which takes late entry and clusters"
            )


def _fitted(rows: AlikeRows, design: Design, formula: str, model: Model) -> IntervalModel:
    left, right = rows.times("_left"), rows.times("_right")
    begin, end = support(left, right)
    if len(begin) == 1:
        raise EstimationError(
            f"all {int(rows.count.sum())} times can lie in ({begin[0]:g}, {end[0]:g}]; nothing tells earlier from later"
        )
    centre = rows.matrix.mean(axis=0)
    names = tuple(one.name for one in rows.coefficients)
    held = support_range(left, right, begin, end)
    sample = IntervalSample(rows.matrix - centre, names, *held, rows.count, len(begin))
    start, null = _without_covariates(rows.frame, _ERROR[model])
    baseline, coefficients, found = maximise(sample, _ERROR[model], start, np.zeros(len(names)))
    covariance = profile_covariance(sample, _ERROR[model], baseline, coefficients, found)
    # Levels belong to the mean of the covariates; the reader is given covariates at 0.
    level = baseline.level - centre @ coefficients
    survival = np.append(np.exp(_ERROR[model].log_survival(level)), 0.0)
    ends = begin[baseline.kept], end[baseline.kept]
    return IntervalModel(formula, model, design, coefficients, covariance, *ends, survival, found.value, null)


def _without_covariates(lines: pl.DataFrame, error: Error) -> tuple[Baseline, float]:
    """Return the baseline of everybody together, and its log-likelihood."""
    times = lines.group_by("_left", "_right").agg(pl.col("_count").sum()).sort("_left", "_right")
    found = npmle(*(times[name].to_numpy() for name in ("_left", "_right", "_count")))
    kept = np.flatnonzero(found.mass)
    return Baseline(kept, error.quantile(np.cumsum(found.mass[kept])[:-1])), found.log_likelihood


def _notes(fitted: IntervalModel) -> list[str]:
    notes = [f"the baseline has mass in {len(fitted.left)} intervals; where it lies within one is not determined"]
    if fitted.covariance is None:
        notes.append("the profile likelihood does not bend downwards around its maximum: no standard errors are given")
    return notes
