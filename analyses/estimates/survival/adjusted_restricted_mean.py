"""Mean time without the event up to a horizon, with covariates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile, two_sided_p
from analyses.estimates.event_counts import count_events
from analyses.estimates.event_faults import check_columns, refuse_faults
from analyses.estimates.regression.alike_rows import AlikeRows, alike_rows
from analyses.estimates.regression.coefficients import Coefficient
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.survival.curve import curve_of
from analyses.estimates.survival.inverse_censoring import Seen, WeightedMeans, weighted_means
from analyses.estimates.survival.restricted_mean import check_horizon, refuse_unsupported
from analyses.estimates.tally import Floats
from cohort.errors import EstimationError, some

Row = dict[str, object]
Measure = Literal["difference", "ratio", "time lost ratio"]
Ties = Literal["events first", "together"]
_ROUNDING = 1e-10


def adjusted_restricted_mean(
    data: pl.DataFrame,
    formula: str,
    *,
    until: float,
    by: str | None = "arm",
    measure: Measure = "difference",
    ties: Ties = "events first",
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return how the mean time without the event up to the day `until` depends on covariates. Any cause counts.

    A row "restricted mean difference" a coefficient (or "restricted mean ratio", "restricted mean time lost ratio"; a
    ratio has limits and p value of its logarithm): `term` is the variable, `group` and `reference` its levels, both
    null for a number, which is told per unit. A row "restricted mean" (or "restricted mean time lost") with the term
    "intercept" is the mean where all covariates are 0 or at their references. `at` is `until`; `n` counts rows,
    `events` those with the event up to `until`. `model` holds coefficients and their covariance, the intercept first.

    The time up to `until` is regressed on the covariates among those in whom it is known, each weighted by one over
    the chance of not being censored until then, estimated within each level of `by`; errors allow for that estimation.
    Censoring may depend on `by` but not on the other covariates. Where events and censorings fall on one day, `ties`
    says what comes first. With "events first" and `by` alone as covariate, means, differences and errors are those of
    `restricted_mean`; survRM2 takes them "together" and differs from these where times are tied.

    Rows with a missing covariate are left out; a note counts them. Factors are coded against their first level that has
    rows.

    Args:
        data: EVENTS with exact and right-censored times, one row a subject, seen from the start, joined with the
            covariates.
        formula: The right side of a formula: "arm + age".
        until: The horizon in days; not beyond the last day of a level of `by` in which somebody is left without the
            event.
        by: The variable of the formula within whose levels censoring is alike; None where it is alike in all.
        measure: "difference" (of means), "ratio" or "time lost ratio".
        ties: "events first": who has the event on a day was not to be censored on it, as in every curve of this
            package; "together": who has the event counts as at risk of censoring on that day, as in survRM2.
        confidence: Coverage of the limits.
        frequency: The column that says how many equal rows each row stands for.

    Raises:
        EstimationError: `until` is not positive, not finite or beyond what the data support; `by` is not a variable of
            the formula; somebody enters late; subjects repeat; no event is seen; a covariate is constant or follows
            from others; a ratio has no solution; times cannot be used (see `count_events`).

    Sources: Tian L, Zhao L, Wei LJ. Biostatistics 2014;15:222-33.
    """
    z = normal_quantile(confidence)
    check_horizon(until)
    _refuse_unknown("measure", measure, get_args(Measure))
    _refuse_unknown("ties", ties, get_args(Ties))
    check_columns(data)
    refuse_faults(data)
    _refuse_late(data)
    lines = alike_rows(data, formula, frequency=frequency)
    _refuse_other_groups(lines, by, formula)
    _refuse_far_horizon(lines.frame, by, until)
    fitted = weighted_means(_seen(lines, by, until, measure, ties), "identity" if measure == "difference" else "log")
    early = (lines.times("_right") <= until) @ lines.count
    counts: Row = {"at": float(until), "n": lines.counts["n"], "events": int(early)}
    rows = [counts | row for row in _rows(lines, fitted, until, measure, z)]
    within = "" if by is None else f" within {by}"
    method = (
        f"Restricted mean time to day {until:g} regressed on {formula} ({measure}), weighted by the inverse "
        f"probability of censoring{within}, {100 * confidence:g}% Wald limits"
    )
    return Estimates(estimates_frame(rows), method, lines.notes, confidence, fitted)


def _refuse_unknown(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise EstimationError(f"{what}={given!r} was asked for; known are {', '.join(known)}")


def _refuse_late(data: pl.DataFrame) -> None:
    late = data.filter(pl.col("entry") > 0)
    if late.height:
        raise EstimationError(
            f"{late.height} of {data.height} rows enter late (subjects {some(late['subject_id'].unique().sort())}); "
            "weights for censoring need rows that are seen from the start: use restricted_mean"
        )


def _refuse_other_groups(lines: AlikeRows, by: str | None, formula: str) -> None:
    if lines.design is None:
        raise EstimationError("formula '1' has no covariate; use restricted_mean for means without covariates")
    if by is not None and by not in lines.frame.columns:
        raise EstimationError(
            f"by={by!r} is not a variable of the formula {formula!r}; add it, or pass by=None where censoring is alike "
            "in all"
        )


def _refuse_far_horizon(frame: pl.DataFrame, by: str | None, until: float) -> None:
    ended = pl.col("_right").is_finite()
    events = frame.select(
        pl.int_range(pl.len()).cast(pl.String).alias("subject_id"),
        pl.lit(0.0).alias("entry"),
        pl.col("_left").alias("left"),
        pl.when(ended).then("_right").alias("right"),
        *([] if by is None else [by]),
    )
    counts = count_events(events, by)
    tallies = zip(counts.labels, counts.tallies(), strict=True)
    refuse_unsupported({label: curve_of(label, tally) for label, tally in tallies if tally.size}, until)


def _seen(lines: AlikeRows, by: str | None, until: float, measure: Measure, ties: Ties) -> Seen:
    left, right = lines.times("_left"), lines.times("_right")
    time = np.minimum(left, until)
    group = np.zeros(len(time), dtype=np.int64)
    if by is not None:
        group = lines.frame[by].cast(pl.String).rank("dense").cast(pl.Int64).to_numpy()
    matrix = np.column_stack([np.ones(len(time)), lines.matrix])
    known = np.isfinite(right) | (left >= until)
    outcome = until - time if measure == "time lost ratio" else time
    separate = ties == "events first"
    order: Floats = np.unique(time, return_inverse=True)[1].astype(float)
    if separate:
        order = order + np.where(known, 0.0, 0.5)
    return Seen(outcome, matrix, order, known, group, lines.count, exact=separate)


def _rows(lines: AlikeRows, fitted: WeightedMeans, until: float, measure: Measure, z: float) -> Iterator[Row]:
    mean = "restricted mean time lost" if measure == "time lost ratio" else "restricted mean"
    named = [("intercept", None)] + [(one.term, one) for one in lines.coefficients]
    errors = _errors(fitted, float(until) if measure == "difference" else 1.0)
    for (term, meaning), value, error in zip(named, fitted.coefficients.tolist(), errors.tolist(), strict=True):
        statistic = mean if meaning is None else f"{mean} {'difference' if measure == 'difference' else 'ratio'}"
        row = {"statistic": statistic, "term": term} | _numbers(value, error, measure, z)
        yield row if meaning is None else row | _compared(meaning, value, error)


def _errors(fitted: WeightedMeans, scale: float) -> Floats:
    """Return standard errors; what is left of 0 by rounding is 0."""
    errors: Floats = np.sqrt(np.maximum(np.diag(fitted.covariance), 0.0))
    return np.where(errors > _ROUNDING * scale, errors, 0.0)


def _compared(meaning: Coefficient, value: float, error: float) -> Row:
    levels: Row = {"group": meaning.group, "reference": meaning.reference}
    return levels | ({"p_value": two_sided_p(value / error)} if error > 0 else {})


def _numbers(value: float, error: float, measure: Measure, z: float) -> Row:
    places: dict[str, float] = {"estimate": value, "conf_low": value - z * error, "conf_high": value + z * error}
    if measure == "difference":
        return {**places, "std_error": error}
    return {name: math.exp(limit) for name, limit in places.items()}
