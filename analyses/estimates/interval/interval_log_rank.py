"""Groups compared where the day of the event is known only to lie between two visits."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p, two_sided_p
from analyses.estimates.groups import Label, reference_level
from analyses.estimates.interval.interior import Floats
from analyses.estimates.interval.interval_counts import IntervalCounts, Intervals, count_intervals, recounted
from analyses.estimates.interval.interval_ranks import (
    information_covariance,
    permutation_covariance,
    score_sums,
    scored,
)
from analyses.estimates.interval.rank_models import Scores
from analyses.estimates.interval.turnbull_curve import turnbull_curve
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError, some

Method = Literal["permutation", "score"]

# Below so much for each event a direction of the covariance holds rounding and no information.
_RANK_TOLERANCE = 1e-10


def interval_log_rank(
    events: pl.DataFrame,
    *,
    by: str = "arm",
    scores: Scores = "log-rank Sun",
    method: Method = "permutation",
    frequency: str | None = None,
) -> Estimates:
    """Return the comparison of the groups' interval-censored times by rank scores. Any cause counts as the event.

    Each row has a score by Turnbull's curve of all together, above 0 where its event came early; no day within its
    interval is made up. Rows "sum of scores" by group (with log-rank scores: observed minus expected events); for two
    groups "interval-censored log-rank z" (`group` the second level, above 0 where its events come earlier than those
    of `reference`); and "interval-censored log-rank chi-square" (`df`, `p_value`, `reference` the first level); with
    Wilcoxon scores "interval-censored Wilcoxon z" and "... chi-square". The term is `scores`. An Enum level without
    rows costs no degree of freedom. `model` is the curve of all together, a `TurnbullCurve`.

    Which scores, with the name that R's interval::ictest gives them:

    - "log-rank Sun" (logrank1): proportional odds of the discrete hazard; with exact and right-censored times, the
      observed minus expected events of `log_rank`, ties included.
    - "log-rank Finkelstein" (logrank2): proportional hazards of a grouped continuous time.
    - "Wilcoxon" (wmw): proportional odds; without censoring, the ranks of Wilcoxon, Mann and Whitney.

    By "permutation" (method = "pclt" there) the covariance is that of the scores dealt to the groups at random, and the
    statistic is referred to its normal limit; it asks that visits are scheduled alike in all groups. By "score"
    (method = "scoretest") it is the observed information, which asks that there are few visits for many subjects.

    Args:
        events: EVENTS with exact, right-, left- and interval-censored times, and the column `by`.
        by: The grouping column.
        scores: "log-rank Sun", "log-rank Finkelstein" or "Wilcoxon".
        method: "permutation" or "score".
        frequency: The column that says how many equal rows each row stands for.

    Raises:
        EstimationError: There are not two groups with rows, nobody has the event, times tell nothing of a difference,
            the observed information is negative, somebody enters late, or times cannot be used (see
            `count_intervals`).

    Sources: Fay MP. Stat Med 1999;18:273-85; Fay MP, Shaw PA. J Stat Softw 2010;36(2):1-34; Sun J. Stat Med
    1996;15:1387-95; Finkelstein DM. Biometrics 1986;42:845-54.

    >>> events = pl.DataFrame({"subject_id": list("abcdef"), "arm": list("AAABBB"), "entry": 0.0})
    >>> ends = {"left": [0.0, 4.0, 8.0, 0.0, 0.0, 4.0], "right": [8.0, 8.0, None, 4.0, 4.0, 8.0]}
    >>> found = interval_log_rank(events.with_columns(pl.Series(n, v) for n, v in ends.items()))
    >>> round(found.value("interval-censored log-rank z"), 4)
    1.3223
    """
    for name, asked, known in (("scores", scores, get_args(Scores)), ("method", method, get_args(Method))):
        if asked not in known:
            raise EstimationError(f"{name}={asked!r} was asked for; known are {', '.join(known)}")
    counts = count_intervals(events, by, frequency=frequency)
    reference = reference_level(counts.labels, by, None)
    held = _held(counts, by)
    together = turnbull_curve(None, _pooled([group for _, group in held]), 1.0)
    times = scored([group for _, group in held], together, scores)
    sums = score_sums(times)
    covariance = permutation_covariance(times) if method == "permutation" else information_covariance(times)
    chi_square, df = _chi_square(sums, covariance, together.events)
    rows = _sum_rows(counts, held, sums, scores)
    name = f"interval-censored {scores.split()[0]}"
    total: dict[str, object] = {"term": scores, "reference": reference, "n": together.n, "events": together.events}
    if len(counts.labels) == 2:
        z = math.copysign(math.sqrt(chi_square), sums[1])
        own: dict[str, object] = {
            "statistic": f"{name} z",
            "group": counts.labels[1],
            "estimate": z,
            "p_value": two_sided_p(z),
        }
        rows.append(total | own)
    test: dict[str, object] = {"estimate": chi_square, "df": df, "p_value": chi_square_p(chi_square, df)}
    rows.append(total | test | {"statistic": f"{name} chi-square"})
    how = "permutations' normal limit" if method == "permutation" else "score test"
    return Estimates(
        estimates_frame(rows),
        f"Test of interval-censored times by {scores} scores ({how})",
        counts.notes,
        model=together,
    )


def _held(counts: IntervalCounts, by: str) -> list[tuple[Label, Intervals]]:
    """Return the groups that have rows."""
    held = [(label, group) for label, group in zip(counts.labels, counts.groups, strict=True) if group.size]
    if len(held) < 2:
        raise EstimationError(
            f"a test needs two groups with rows; {by!r} has rows in {len(held)}: {some(label for label, _ in held)}"
        )
    late, total = sum(group.late for _, group in held), sum(group.size for _, group in held)
    if late:
        raise EstimationError(
            f"{late} of {total} rows enter late; these scores need all from the start: leave them out of the "
            "population, or let the clock start at entry"
        )
    if not sum(group.events for _, group in held):
        raise EstimationError("0 events: a test needs at least one")
    return held


def _pooled(groups: list[Intervals]) -> Intervals:
    """Return all groups as one, in an order that does not depend on theirs."""
    left, right, count = (np.concatenate([getattr(g, name) for g in groups]) for name in ("left", "right", "count"))
    return recounted(left, right, count)


def _chi_square(sums: Floats, covariance: Floats, events: int) -> tuple[float, int]:
    """Return the quadratic form of the sums, and its degrees of freedom.

    Raises:
        EstimationError: The covariance is nothing, or no covariance.
    """
    values, vectors = np.linalg.eigh(covariance)
    least = _RANK_TOLERANCE * events
    if values.min() < -least:
        raise EstimationError(
            f"the observed information about {len(sums)} groups is negative in some direction, as may happen with few "
            "rows: use method='permutation'"
        )
    kept = values > least
    if not kept.any():
        raise EstimationError(
            f"times tell nothing of a difference between {len(sums)} groups: their scores are alike, or only one group "
            "has any"
        )
    along = vectors[:, kept].T @ sums
    return float(along @ (along / values[kept])), int(kept.sum())


def _sum_rows(
    counts: IntervalCounts, held: list[tuple[Label, Intervals]], sums: Floats, scores: Scores
) -> list[dict[str, object]]:
    summed = {label: float(value) for (label, _), value in zip(held, sums, strict=True)}
    return [
        {
            "statistic": "sum of scores",
            "term": scores,
            "group": label,
            "estimate": summed.get(label, 0.0),
            "n": group.size,
            "events": group.events,
        }
        for label, group in zip(counts.labels, counts.groups, strict=True)
    ]
