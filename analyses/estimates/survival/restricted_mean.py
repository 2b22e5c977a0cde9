"""Mean time without the event up to a horizon, and its comparison between groups."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile, two_sided_p
from analyses.estimates.event_counts import count_events
from analyses.estimates.groups import Label, nothing_compared, reference_level
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.survival.curve import Curve, curve_of
from analyses.estimates.survival.kaplan_meier import exhausted_notes
from analyses.estimates.survival.restricted_area import Area, area_under, supported
from analyses.estimates.tally import Tally
from cohort.errors import EstimationError

Row = dict[str, object]


def restricted_mean(
    events: pl.DataFrame,
    *,
    until: float,
    by: str | None = "arm",
    reference: str | None = None,
    confidence: float = 0.95,
    frequency: str | None = None,
    case_weights: str | None = None,
) -> Estimates:
    """Return the mean time without the event up to the day `until`, by group, and its comparison. Any cause counts.

    Rows "restricted mean" (the area under the Kaplan-Meier curve, in days) and "restricted mean time lost" (`until`
    minus that) a group, with normal limits; and for each group but the reference "restricted mean difference",
    "restricted mean ratio" and "restricted mean time lost ratio" (group over reference; limits and p value on the
    logarithm for ratios, which have no standard error of their own). `at` is `until`; `n` counts rows, `events` those
    with the event up to `until`. A group without rows has null, as has a ratio of or to 0. `model` is a tuple of
    `Area`.

    Errors are of Greenwood's type, as in R's summary(survfit, rmean =) and survRM2; with case weights they are robust
    (infinitesimal jackknife, rows independent).

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`; late entry is allowed.
        until: The horizon in days. It may not lie beyond the last day of a group in which somebody is left without
            the event: the curve is not known there.
        by: The grouping column; None for everyone together.
        reference: The group with which the others are compared; the first level unless given.
        confidence: Coverage of the limits.
        frequency: The column that says how many equal rows each row stands for.
        case_weights: The column that says what each row counts.

    Raises:
        EstimationError: `until` is not positive, not finite or beyond what the data support; the reference is not a
            level; times or weights cannot be used (see `count_events`).

    Sources: Royston P, Parmar MKB. BMC Med Res Methodol 2013;13:152; Uno H et al. J Clin Oncol 2014;32:2380-5.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "entry": 0.0, "left": [2.0, 5.0, 5.0, 7.0]}
    >>> events = pl.DataFrame(times | {"right": [2.0, 5.0, None, None], "cause": ["stop", "stop", None, None]})
    >>> found = restricted_mean(events, by=None, until=6)
    >>> found.value("restricted mean"), found.value("restricted mean time lost")
    (4.75, 1.25)
    """
    z = normal_quantile(confidence)
    check_horizon(until)
    counts = count_events(events, by, frequency=frequency, case_weights=case_weights)
    tallies = dict(zip(counts.labels, counts.tallies(), strict=True))
    curves = {label: curve_of(label, tally) for label, tally in tallies.items() if tally.size}
    refuse_unsupported(curves, until)
    areas = {label: _area(label, curves, tallies[label], float(until)) for label in counts.labels}
    rows = [row for area in areas.values() for row in _own_rows(area, z)]
    told: tuple[str, ...] = ()
    if len(areas) > 1 or reference is not None:
        first = reference_level(counts.labels, by, reference)
        base, told = areas[first], nothing_compared(first, curves, by)
        rows += [row for area in areas.values() if area is not base for row in _contrast_rows(area, base, z)]
    errors = "Greenwood-type" if case_weights is None else f"robust (infinitesimal jackknife, weights {case_weights})"
    method = (
        f"Restricted mean time to day {until:g}, the area under the Kaplan-Meier curve, with {errors} errors and "
        f"normal {100 * confidence:g}% limits (ratios on the logarithm)"
    )
    notes = (*counts.notes, *told, *(note for curve in curves.values() for note in exhausted_notes(curve)))
    return Estimates(estimates_frame(rows), method, notes, confidence, tuple(areas[label] for label in curves))


def check_horizon(until: float) -> None:
    """Refuse a horizon that is no day after 0.

    Raises:
        EstimationError: It is not.
    """
    if isinstance(until, bool) or not isinstance(until, int | float | np.number) or not 0 < until < math.inf:
        raise EstimationError(f"until={until!r} was given; expected a day after 0, such as 365")


def refuse_unsupported(curves: dict[Label, Curve], until: float) -> None:
    """Refuse a horizon beyond what is known of the curves.

    Raises:
        EstimationError: It is.
    """
    most = supported(list(curves.values()))
    if until <= most:
        return
    short = [curve for curve in curves.values() if curve.time[-1] == most]
    where = "".join(f" of {curve.group!r}" for curve in short[:1] if curve.group is not None)
    raise EstimationError(
        f"until={until:g} lies beyond day {most:g}, the last day{where}, after which the curve is not known; pass "
        f"until={most:g} or less"
    )


def _area(label: Label, curves: dict[Label, Curve], tally: Tally, until: float) -> Area:
    if label not in curves:
        return Area(label, until, math.nan, math.nan, 0, 0)
    return area_under(curves[label], tally, until)


def _own_rows(area: Area, z: float) -> Iterator[Row]:
    named: Row = {"group": area.group, "at": area.until, "n": area.rows, "events": area.events}
    lost = area.until - area.mean
    for name, value in (("restricted mean", area.mean), ("restricted mean time lost", lost)):
        yield named | {"statistic": name} | _numbers(value, area.std_error, z)


def _contrast_rows(area: Area, base: Area, z: float) -> Iterator[Row]:
    named: Row = {"group": area.group, "reference": base.group, "at": area.until}
    named |= {"n": area.rows + base.rows, "events": area.events + base.events}
    error = math.hypot(area.std_error, base.std_error)
    difference = area.mean - base.mean
    yield (
        named | {"statistic": "restricted mean difference"} | _numbers(difference, error, z) | _test(difference, error)
    )
    until = area.until
    yield named | {"statistic": "restricted mean ratio"} | _ratio(area, base, area.mean, base.mean, z)
    lost = until - area.mean, until - base.mean
    yield named | {"statistic": "restricted mean time lost ratio"} | _ratio(area, base, *lost, z)


def _ratio(area: Area, base: Area, above: float, below: float, z: float) -> Row:
    if not (above > 0 and below > 0):
        return {}
    logarithm, error = math.log(above / below), math.hypot(area.std_error / above, base.std_error / below)
    limits = {name: math.exp(logarithm + sign * z * error) for name, sign in (("conf_low", -1), ("conf_high", 1))}
    return {"estimate": above / below} | limits | _test(logarithm, error)


def _numbers(value: float, error: float, z: float) -> Row:
    if math.isnan(value):
        return {}
    return {"estimate": value, "std_error": error, "conf_low": value - z * error, "conf_high": value + z * error}


def _test(value: float, error: float) -> Row:
    return {"p_value": two_sided_p(value / error)} if error > 0 else {}
