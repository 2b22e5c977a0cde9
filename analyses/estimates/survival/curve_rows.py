"""Curves as rows of ESTIMATES: steps, asked times, and the numbers under a figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from analyses.estimates.groups import Label
from analyses.estimates.survival.days import Days
from analyses.estimates.tally import Amounts, Floats
from cohort.errors import EstimationError

Block = dict[str, object]
Heights = dict[str, Floats]  # "estimate", "std_error", "conf_low", "conf_high" by day


def check_times(times: Sequence[float]) -> Floats:
    """Return the asked times as numbers.

    Raises:
        EstimationError: One is negative, not finite or no number.
    """
    try:
        asked = np.array([float(t) for t in times])
    except (TypeError, ValueError):
        asked = np.array([math.nan])
    if not np.all(np.isfinite(asked) & (asked >= 0)):
        raise EstimationError(f"times={_listed(times)} were asked for; days are finite and not negative")
    return asked


def _listed(times: object) -> str:
    return str(list(times) if isinstance(times, Sequence | np.ndarray) and not isinstance(times, str) else times)


def curve_blocks(statistic: str, group: Label, days: Days, heights: Heights, times: Floats) -> Iterator[Block]:
    """Yield a curve's steps (term "curve") and its heights at asked times (term "time point").

    `n` rows are at risk just before the time; `events` rows had theirs up to and including it. After the last day
    there is no height.
    """
    named: Block = {"statistic": statistic, "group": group}
    happened = np.cumsum(days.rows_events)
    jumps = days.jumps
    steps = {name: values[jumps] for name, values in heights.items()}
    counts: Block = {"n": days.rows_at_risk[jumps], "events": happened[jumps]}
    yield named | {"term": "curve", "at": days.time[jumps]} | steps | counts
    if len(times):
        place = days.last_before(times)
        known = times <= days.time[-1]
        found = {name: np.where(known, values[place], np.nan) for name, values in heights.items()}
        counts = {"n": days.just_before(days.rows_at_risk, times), "events": happened[place]}
        yield named | {"term": "time point", "at": times} | found | counts


def count_blocks(group: Label, days: Days, times: Floats) -> Iterator[Block]:
    """Yield how many are at risk just before day 0 and the asked times, and had the event or were censored by then."""
    at = np.unique(np.append(times, 0.0))
    place = days.last_before(at)
    named: Block = {"group": group, "at": at}
    rows = days.just_before(days.rows_at_risk, at)
    yield named | {"statistic": "at risk", "estimate": days.just_before(days.at_risk, at), "n": rows}
    for name, amounts in (("events", days.events), ("censored", days.censored)):
        summed: Amounts = np.cumsum(amounts)  # type: ignore[assignment]
        yield named | {"statistic": f"cumulative {name}", "estimate": summed[place], "n": days.rows}


def total_block(group: Label, days: Days) -> Block:
    """Return how many events there are."""
    total = int(days.rows_events.sum())
    return {
        "statistic": "events",
        "group": group,
        "estimate": float(days.events.sum()),
        "n": days.rows,
        "events": total,
    }


def empty_blocks(statistic: str, group: Label, times: Floats) -> Iterator[Block]:
    """Yield the rows of a group that has no rows: nobody at risk, no events, no height."""
    nobody: Block = {"group": group, "n": 0, "events": 0}
    if len(times):
        yield nobody | {"statistic": statistic, "term": "time point", "at": times}
    for name in ("at risk", "cumulative events", "cumulative censored"):
        yield {"group": group, "statistic": name, "at": np.unique(np.append(times, 0.0)), "estimate": 0.0, "n": 0}
    yield nobody | {"statistic": "events", "estimate": 0.0}
