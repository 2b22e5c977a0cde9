"""Survival from times that are seen only at visits: Turnbull's estimate."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.interval.interval_counts import count_intervals
from analyses.estimates.interval.nominal_days import on_nominal_days
from analyses.estimates.interval.turnbull_curve import TurnbullCurve, turnbull_curve
from analyses.estimates.interval.turnbull_notes import curve_notes
from analyses.estimates.interval.turnbull_rows import curve_blocks, empty_blocks
from analyses.estimates.result import Estimates, estimates_of
from analyses.estimates.survival.curve_rows import Block, check_times
from cohort.errors import EstimationError


def turnbull(
    events: pl.DataFrame,
    *,
    by: str | None = "arm",
    times: Sequence[float] = (),
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    grid: Sequence[float] | None = None,
    confidence: float = 0.95,
    frequency: str | None = None,
) -> Estimates:
    """Return the share that is still free of the event where its day is known only to lie between two visits.

    This is the nonparametric maximum likelihood estimate: no shape is assumed, and no day within the interval is made
    up. A time (left, right] counts as such, with left 0 as left-censored; left == right is the day itself, right null
    is right-censored. Where all times are exact or right-censored it is Kaplan and Meier's estimate. Any cause counts
    as the event.

    Rows by group, `n` being its rows and `events` those with the event:

    - "probability mass": of each of Turnbull's intervals that has any, with the term "(4, 5]", or "{5}" for a day;
      `at` its right end. The last may be "(48, inf)", beyond all observation, where `at` is null.
    - "survival" with the term "curve" at day 0 and at the right end of each such interval, from where it holds up to
      the next interval. Inside an interval S(t) is not determined.
    - "survival" with the term "time point" at `times`: null inside an interval, and a note says between which two
      values S(t) lies there.
    - "quantile" (`at` the probability p): null unless a known day; the term then says in which interval it lies.
    - "events" and "log likelihood".

    Errors and log-log limits are given where the visits share a grid, so that the masses are those of a multinomial
    distribution of fixed size: where the intervals of events hold, in the mean, at most half a day on which others were
    seen, or where the cube of the number of days on which anybody was seen is at most the number of rows; and where
    all times are exact or right-censored. They are from the observed information (Greenwood's where everybody attends
    each visit). Elsewhere they are null: the estimate converges with the cube root of the sample size, to a
    distribution that is not normal, and the bootstrap is inconsistent. `model` is a tuple of `TurnbullCurve`, one a
    group that has rows, with the gradient that proves the maximum, which is the only one.

    KaplanMeierFitter.fit_interval_censoring of lifelines 0.30.3 stops short of the maximum: of one time {2}, five {3}
    and five (1, 3] it gives S(2) = 1, where the likelihood is greatest at 5/6.

    Args:
        events: EVENTS with exact, right-, left- and interval-censored times, and the column `by`.
        by: The grouping column; None for everyone together.
        times: Days at which to report.
        probabilities: Of the quantiles: 0.5 is the median.
        grid: The nominal days of the visits after day 0. Each end is moved to the nearest of them, and the curve is
            then by visit, not by day; honest where an end is the day of a scheduled visit, held early or late.
        confidence: Coverage of the pointwise limits.
        frequency: The column that says how many equal rows each row stands for.

    Raises:
        EstimationError: Times or frequencies cannot be used (see `count_intervals`); somebody enters late and some
            times are interval-censored; a time or a probability is out of range; ends do not belong to `grid`.

    Sources: Peto R. J R Stat Soc C 1973;22:86-91; Turnbull BW. J R Stat Soc B 1976;38:290-5; Gentleman R, Geyer CJ.
    Biometrika 1994;81:618-23; Tang R, Banerjee M, Kosorok MR. Ann Stat 2012;40:45-72.

    >>> events = pl.DataFrame({"subject_id": [str(i) for i in range(11)], "entry": 0.0})
    >>> events = events.with_columns(left=pl.Series([2.0] + 5 * [3.0] + 5 * [1.0]), right=pl.Series([2.0] + 10 * [3.0]))
    >>> found = turnbull(events, by=None, times=[2])
    >>> round(found.value("survival", term="time point"), 4), round(found.value("probability mass", term="{3}"), 4)
    (0.8333, 0.8333)
    """
    z = normal_quantile(confidence)
    asked = check_times(times)
    if any(not 0 < p < 1 for p in probabilities):
        raise EstimationError(f"probabilities={list(probabilities)} were asked for; they lie between 0 and 1")
    counts = count_intervals(events, by, frequency=frequency)
    counts = counts if grid is None else on_nominal_days(counts, grid)
    blocks: list[Block] = []
    curves: list[TurnbullCurve] = []
    for label, group in zip(counts.labels, counts.groups, strict=True):
        if group.size:
            curves.append(turnbull_curve(label, group, z))
            blocks += curve_blocks(curves[-1], asked, probabilities)
        else:
            blocks += empty_blocks(label, asked, probabilities)
    notes = (*counts.notes, *(note for curve in curves for note in curve_notes(curve, asked, probabilities)))
    errors = f"errors from the observed information and log-log {100 * confidence:g}% limits where visits share a grid"
    method = f"Turnbull's nonparametric maximum likelihood estimate for interval-censored times, {errors}"
    return Estimates(estimates_of(blocks), method, notes, confidence, tuple(curves))
