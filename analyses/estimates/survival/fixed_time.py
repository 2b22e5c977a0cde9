"""Survival compared at fixed times."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import get_args

import polars as pl

from analyses.estimates.distributions import chi_square_p, normal_quantile
from analyses.estimates.event_counts import count_events
from analyses.estimates.groups import Label, nothing_compared, reference_level
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.survival.curve import curve_of
from analyses.estimates.survival.curve_rows import check_times
from analyses.estimates.survival.fixed_points import Point, Transform, equality, point_at
from analyses.estimates.survival.kaplan_meier import exhausted_notes
from cohort.errors import EstimationError, some

Row = dict[str, object]


def survival_differences(
    events: pl.DataFrame,
    *,
    times: Sequence[float],
    by: str = "arm",
    transform: Transform = "plain",
    reference: str | None = None,
    confidence: float = 0.95,
    frequency: str | None = None,
    case_weights: str | None = None,
) -> Estimates:
    """Return how survival differs between groups at fixed times, and tests that it does not. Any cause counts.

    At each time, rows "survival difference" (a group's S(t) minus the reference's; the roots of summed squared
    Greenwood errors; normal limits, which may pass -1 or 1; the p value is that of the pair's test on the scale
    `transform`) and one row "survival at time chi-square" of all groups (`df` one less than groups with rows). `n` is
    the number at risk just before the time in the groups compared, `events` those up to and including it.

    Null stands where a number does not exist: after a group's last observed day; errors, limits and tests where S(t) is
    0; tests on the scales "log-log", "arcsine" and "logit" where S(t) is 1. A note names such groups. With case weights
    errors are robust (infinitesimal jackknife, rows independent).

    Klein and colleagues found the tests on the log-log and arcsine scales near their level in small samples, that on
    the plain scale somewhat above it. A time must be chosen before the data are seen.

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`; late entry is allowed.
        times: Days at which to compare.
        by: The grouping column.
        transform: The scale of the tests: "plain", "log", "log-log", "arcsine" or "logit".
        reference: The group with which the others are compared; the first level unless given.
        confidence: Coverage of the limits.
        frequency: The column that says how many equal rows each row stands for.
        case_weights: The column that says what each row counts.

    Raises:
        EstimationError: No time is asked for, or one is out of range; the scale is not known; there are not two groups
            with rows; times or weights cannot be used (see `count_events`).

    Sources: Klein JP, Logan B, Harhoff M, Andersen PK. Stat Med 2007;26:4505-19.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [2.0, 5.0, 6.0, 7.0]}
    >>> events = pl.DataFrame(times | {"right": [2.0, None, 6.0, None], "arm": ["a", "a", "b", "b"]})
    >>> survival_differences(events, times=[4]).value("survival difference")
    0.5
    """
    z = normal_quantile(confidence)
    asked = check_times(times)
    if not len(asked):
        raise EstimationError("times=[] were asked for; name the days at which survival is compared")
    if transform not in get_args(Transform):
        raise EstimationError(f"transform={transform!r} was asked for; known are {', '.join(get_args(Transform))}")
    counts = count_events(events, by, frequency=frequency, case_weights=case_weights)
    base = reference_level(counts.labels, by, reference)
    tallies = zip(counts.labels, counts.tallies(), strict=True)
    curves = {label: curve_of(label, tally) for label, tally in tallies if tally.size}
    _refuse_one_group(curves, by)
    rows: list[Row] = []
    notes = [
        *counts.notes,
        *nothing_compared(base, curves, by),
        *(note for curve in curves.values() for note in exhausted_notes(curve)),
    ]
    for time in asked.tolist():
        points = {label: point_at(curves[label], time) if label in curves else Point(label) for label in counts.labels}
        found = [_difference(points[label], points[base], transform, z) for label in counts.labels if label != base]
        held = [points[label] for label in curves]
        rows += [row | {"at": time} for row in (*found, _test(held, transform) | {"reference": base})]
        notes += _gaps(held, transform, time)
    errors = "Greenwood" if case_weights is None else f"robust (infinitesimal jackknife, weights {case_weights})"
    method = (
        f"Differences of Kaplan-Meier survival at fixed times with {errors} errors and normal {100 * confidence:g}% "
        f"limits; tests on the {transform} scale"
    )
    return Estimates(estimates_frame(rows), method, tuple(notes), confidence)


def _refuse_one_group(curves: Mapping[Label, object], by: str) -> None:
    if len(curves) < 2:
        raise EstimationError(
            f"a comparison needs two groups with rows; {by!r} has rows in {len(curves)}: {some(curves)}"
        )


def _difference(point: Point, base: Point, transform: Transform, z: float) -> Row:
    counts: Row = {"n": point.at_risk + base.at_risk, "events": point.events + base.events}
    row: Row = {"statistic": "survival difference", "group": point.group, "reference": base.group} | counts
    value, error = point.survival - base.survival, math.hypot(point.std_error, base.std_error)
    if math.isnan(value):
        return row
    row |= {"estimate": value}
    if math.isnan(error):
        return row
    row |= {"std_error": error, "conf_low": value - z * error, "conf_high": value + z * error}
    chi_square = equality([point, base], transform)
    return row if math.isnan(chi_square) else row | {"p_value": chi_square_p(chi_square, 1)}


def _test(points: list[Point], transform: Transform) -> Row:
    row: Row = {"statistic": "survival at time chi-square", "n": sum(point.at_risk for point in points)}
    row |= {"events": sum(point.events for point in points)}
    chi_square, df = equality(points, transform), len(points) - 1
    if math.isnan(chi_square):
        return row
    return row | {"estimate": chi_square, "df": df, "p_value": chi_square_p(chi_square, df)}


def _gaps(points: list[Point], transform: Transform, time: float) -> list[str]:
    """Say why there is no test at a time."""
    if not math.isnan(equality(points, transform)):
        return []
    beyond = [point.group for point in points if math.isnan(point.survival)]
    if beyond:
        return [f"day {time:g} lies after the last observed day of {some(beyond)}; there is no test"]
    edge = [point.group for point in points if point.survival in (0, 1)]
    return [f"on day {time:g} the survival of {some(edge)} is 0 or 1; there is no test on the {transform} scale"]
