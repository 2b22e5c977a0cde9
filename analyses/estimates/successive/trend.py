"""How the chance of success falls from one treatment to the next: the discrete-time hazard by treatment number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.regression.binomial_fit import Link
from analyses.estimates.result import Estimates, estimates_frame, together
from analyses.estimates.successive.trend_design import Cause, Cells, Number, Over, Undetermined, counted
from analyses.estimates.successive.trend_fit import Fitted, fit_trend
from analyses.estimates.successive.trend_rows import (
    Row,
    adjacent_rows,
    chi_square_rows,
    coefficient_rows,
    fit_rows,
    fitted_rows,
    monotone_rows,
    observed_rows,
)
from cohort.errors import EstimationError, some

_MEANING = (
    "the chances are those of the subjects who went on to that treatment; a chance that falls does not tell whether "
    "failing lowers the next chance or the easier cases have left"
)
_LIKELIHOOD = (
    "log likelihood and AIC are those of the single verdicts; add 'log binomial coefficients' to the log likelihood "
    "for that of R's glm on counts. The deviance is measured against a chance of its own for each {what}"
)
_PLAIN = (
    "plain standard errors: given that each was reached, successive treatments of one course add to the likelihood "
    "like separate subjects; where a subject has several courses pass the column that names the subject as cluster"
)
_ROBUST = (
    "standard errors are robust to dependence within {clusters} clusters of {name}: A^-1 (sum of s s') A^-1 with the "
    "expected information A and the score sum s of each cluster, without small-sample factor (vcovCL in R's sandwich, "
    "type HC0, cadjust FALSE); likelihood ratio and score tests take rows as independent and are not given"
)
_MONOTONE = (
    "no standard errors, limits or AIC: how many levels the fit has is chosen by the data, and where it pools it lies "
    "on the edge of what is allowed, so that no normal limits hold; use 'factor' or 'line' for limits. The deviance is "
    "measured against a chance of its own for each treatment"
)


def trend(
    data: pl.DataFrame,
    *,
    undetermined: Undetermined,
    number: Number = "line",
    over: Over = "treatment_no",
    link: Link = "logit",
    cause: Cause = "success",
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """Return how the chance of success changes with each further treatment, among those who try it.

    The discrete-time hazard: of those who reach treatment k, the chance to meet the criterion on it. Statistics:

    - "log odds" of the intercept (the first treatment, reference levels, covariates at zero) and "log odds ratio",
      "odds ratio" of each further coefficient (`term`, and `group` against `reference` for levels). With the cloglog
      link "log cumulative hazard", "log hazard ratio", "hazard ratio".
    - "odds ratio of failure per further treatment" (per "earlier failure" over failures): a line with the logit link.
    - "observed chance" (Wilson's limits) and "fitted chance" by treatment number in `group` (limits by the link; with
      covariates the mean over those who tried it).
    - Term "trend": "likelihood ratio chi-square" and "score chi-square" of no change (for a line without covariates
      the latter is the Cochran-Armitage test), or with `cluster` a robust "Wald chi-square". Term "factor v line":
      the test of linearity.
    - "odds ratio to the one before" with Fisher's exact p value: a factor without covariates and clusters.
    - "log likelihood", "log binomial coefficients", "AIC", "deviance" (`df`), "Pearson chi-square" (`df`, `p_value`).

    Where nobody or everybody met at a level of the factor its coefficient does not exist: the row is null, the fitted
    chance 0 or 1 without limits, and a note says so. Rows carry the cause in `criterion`.

    Args:
        data: Outcomes (one row a subject and treatment number) or a table of counts.
        undetermined: "excluded" leaves courses that could not be decided out; "not met" counts them as failures.
        number: "line", "factor" (a level each, against the first), "first two" (later ones against the first two), or
            "monotone" (never rising; no covariates, no standard errors).
        over: What is counted: "treatment_no", or "failures" (earlier treatments that failed for lack of efficacy).
        link: "logit" (odds ratios) or "cloglog" (hazard ratios where treatments stand for stretches of time).
        cause: "success", or "intolerance": how the treatment ended, against all other ends.
        covariates: Columns of the data; text and true/false against their first level, numbers as they are. Also
            "previous" (how the treatment before ended), "failures", "treatment_no".
        cluster: The column of what is independent, where a subject has several courses; gives robust errors.
        level: Coverage of all limits.

    Raises:
        EstimationError: An argument is unknown; there is one treatment number only; nobody or everybody met the
            outcome (at all, at the factor's reference, or so that a coefficient runs to infinity); a covariate is
            constant or follows from the others; the data cannot be counted.

    Sources: Cox DR. J R Stat Soc B 1972;34:187-220; Prentice RL, Gloeckler LA. Biometrics 1978;34:57-67 (cloglog);
    Singer JD, Willett JB. J Educ Stat 1993;18:155-95; Chen Z et al. JAMA Neurol 2018;75:279-86 (odds of failure by
    number of regimens).

    >>> counts = pl.DataFrame({"treatment_no": [1, 2], "tried": [60, 40], "met": [30, 10]})
    >>> round(trend(counts, undetermined="excluded").value("odds ratio of failure per further treatment"), 6)
    3.0
    """
    z = normal_quantile(level)
    _refuse_unknown(number=number, over=over, link=link, cause=cause, undetermined=undetermined)
    cells = counted(data, over=over, cause=cause, undetermined=undetermined, covariates=covariates, cluster=cluster)
    _refuse_nothing_to_see(cells, cause)
    model: Fitted | None = None
    if number == "monotone":
        rows, notes = [*observed_rows(cells, z), *monotone_rows(cells, cause)], [_MONOTONE]
        method = f"Chance of {cause} by {over} that never rises (pool adjacent violators)"
    else:
        model = fit_trend(cells, number, link)
        rows = [*coefficient_rows(model, z, cause), *observed_rows(cells, z), *fitted_rows(model, z)]
        rows += [*chi_square_rows(model), *fit_rows(model), *adjacent_rows(model)]
        notes = _notes(model, cluster)
        method = f"Discrete-time hazard of {cause} by {over} ({number}, {link} link), {100 * level:g}% Wald limits"
        method += f", adjusted for {', '.join(covariates)}" if covariates else ""
        method += f", robust to dependence within {cluster}" if cluster else ""
    totals: Row = {"criterion": cause, "n": int(cells.tried.sum()), "events": int(cells.met.sum())}
    frame = estimates_frame(totals | row for row in rows)
    fit = None if model is None else model.fit
    return Estimates(frame, method, (*cells.notes, _MEANING, *notes), level, fit)


def competing_trends(
    data: pl.DataFrame,
    *,
    undetermined: Undetermined,
    number: Number = "line",
    over: Over = "treatment_no",
    link: Link = "logit",
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """Return the trend of success and that of stopping for intolerance, which compete to end a treatment.

    The cause-specific discrete hazards: of those who reach treatment k, the chance that it ends in success, and the
    chance that it ends in intolerance, each against all other ends and each by a regression of its own. The rows are
    those of `trend`, with the cause in `criterion`. Observed chances of the two add to at most 1; fitted ones are not
    forced to. Estimates of the two are not independent, so do not subtract one from the other with these errors.

    Args:
        data: As `trend`; outcomes with reasons, or counts with the column `intolerance`.
        undetermined: As `trend`.
        number: "line", "factor" or "first two".
        over: As `trend`.
        link: As `trend`.
        covariates: As `trend`.
        cluster: As `trend`.
        level: Coverage of all limits.

    Raises:
        EstimationError: As `trend`, for either cause.

    Sources: Prentice RL et al. Biometrics 1978;34:541-54; Begg CB, Gray R. Biometrika 1984;71:11-18 (a regression for
    each end).
    """
    causes: tuple[Cause, ...] = ("success", "intolerance")
    parts = [
        trend(
            data,
            undetermined=undetermined,
            number=number,
            over=over,
            link=link,
            cause=cause,
            covariates=covariates,
            cluster=cluster,
            level=level,
        )
        for cause in causes
    ]
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    method = parts[0].method.replace("hazard of success", "hazards of success and of intolerance")
    return replace(parts[0], frame=together(parts), method=method, notes=notes, model=tuple(p.model for p in parts))


def _refuse_unknown(**given: str) -> None:
    allowed = {"number": Number, "over": Over, "link": Link, "cause": Cause, "undetermined": Undetermined}
    for name, value in given.items():
        known = get_args(allowed[name])
        if value not in known:
            raise EstimationError(f"{name}={value!r} was given; it is one of {some(known, 9)}")


def _refuse_nothing_to_see(cells: Cells, cause: str) -> None:
    met, tried, steps = int(cells.met.sum()), int(cells.tried.sum()), sorted(set(cells.step.tolist()))
    if met in (0, tried):
        raise EstimationError(
            f"{met} of {tried} courses of treatment ended in {cause}; a trend needs some that did and some that did "
            "not: report the counts"
        )
    if len(steps) < 2:
        raise EstimationError(
            f"all {tried} courses of treatment have {cells.over} {steps[0]}; a trend needs two: report the share"
        )


def _notes(model: Fitted, cluster: str | None) -> list[str]:
    notes = [*model.notes]
    for step, certain in model.certain.items():
        who, where = ("everybody", "plus") if certain else ("nobody", "minus")
        notes.append(
            f"{model.cells.over} {step}: {who} met the outcome; its coefficient is {where} infinity and is not given"
        )
    notes.append(
        _LIKELIHOOD.format(
            what=f"{model.cells.over} and pattern of covariates" if model.cells.covariates else model.cells.over
        )
    )
    if cluster is None:
        return [*notes, _PLAIN]
    return [*notes, _ROBUST.format(clusters=model.clusters, name=cluster)]
