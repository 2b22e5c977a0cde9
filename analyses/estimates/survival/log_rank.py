"""The log-rank test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.event_counts import count_events
from analyses.estimates.groups import reference_level
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.tally import Counts, Floats, Tally
from cohort.errors import EstimationError, some

# Below this share of the largest eigenvalue a direction of the covariance holds rounding and no information.
RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Ranks:
    """Observed and expected events of each group, and the covariance of their differences."""

    observed: Counts
    expected: Floats
    covariance: Floats
    chi_square: float
    df: int


def log_rank(events: pl.DataFrame, *, by: str = "arm") -> Estimates:
    """Return the log-rank comparison of the groups' times, unweighted and unstratified. Any cause counts as the event.

    Rows "observed" and "expected" events a group (`n` its rows); for two groups "variance" (of observed minus
    expected in the first); and "log-rank chi-square" (`df`, `p_value`, `reference` the first level). A subject with
    late entry is at risk after the day of entry. An Enum level without rows is shown with 0 observed and 0 expected
    and costs no degree of freedom.

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`.
        by: The grouping column.

    Raises:
        EstimationError: There are not two groups with rows, nobody has the event, no two groups are ever at risk
            together when somebody has it, or times cannot be used (see `count_events`).

    Sources: Mantel N. Cancer Chemother Rep 1966;50:163-70; Peto R, Peto J. J R Stat Soc A 1972;135:185-207.
    """
    checked = count_events(events, by)
    reference = reference_level(checked.labels, by, None)
    counted = checked.tallies()
    sizes = [int(tally.count.sum()) for tally in counted]
    held = [label for label, size in zip(checked.labels, sizes, strict=True) if size]
    if len(held) < 2:
        raise EstimationError(
            f"a log-rank test needs two groups with rows; {by!r} has rows in {len(held)}: {some(held)}"
        )
    ranks = compare(counted)
    rows: list[dict[str, object]] = []
    for name, values in (("observed", ranks.observed), ("expected", ranks.expected)):
        for label, size, value, seen in zip(checked.labels, sizes, values, ranks.observed, strict=True):
            rows.append({"statistic": name, "group": label, "estimate": float(value), "n": size, "events": int(seen)})
    total: dict[str, object] = {"n": sum(sizes), "events": int(ranks.observed.sum())}
    if len(checked.labels) == 2:
        rows.append(total | {"statistic": "variance", "group": reference, "estimate": float(ranks.covariance[0, 0])})
    test = {"estimate": ranks.chi_square, "df": ranks.df, "p_value": chi_square_p(ranks.chi_square, ranks.df)}
    rows.append(total | test | {"statistic": "log-rank chi-square", "reference": reference})
    return Estimates(estimates_frame(rows), "Log-rank test", checked.notes)


def compare(groups: list[Tally]) -> Ranks:
    """Return the log-rank statistic of groups that have been counted.

    With d events among n at risk on a day, n_g of them in group g, the expected number is d n_g / n, and the
    covariance of groups g and h is d (n - d) / (n - 1) n_g / n (1[g = h] - n_h / n).

    Raises:
        EstimationError: Nobody has the event, or it never falls on a day with two groups at risk.
    """
    days = np.unique(np.concatenate([group.time[group.event] for group in groups]))
    if not len(days):
        raise EstimationError("0 events: a log-rank test needs at least one")
    at_risk = np.stack([group.at_risk(days) for group in groups])
    deaths = np.stack([group.events_at(days) for group in groups])
    n, d = at_risk.sum(axis=0), deaths.sum(axis=0)
    share = at_risk / n
    expected = (d * share).sum(axis=1)
    weight = d * (n - d) / np.maximum(n - 1, 1)
    covariance = np.diag((weight * share).sum(axis=1)) - (weight * share) @ share.T
    observed = deaths.sum(axis=1)
    chi_square, df = _quadratic_form(observed - expected, covariance)
    return Ranks(observed, expected, covariance, chi_square, df)


def _quadratic_form(difference: Floats, covariance: Floats) -> tuple[float, int]:
    df = int(np.linalg.matrix_rank(covariance, hermitian=True, rtol=RANK_TOLERANCE))
    if df == 0 or not np.any(np.abs(covariance) > RANK_TOLERANCE):
        raise EstimationError("no event falls on a day on which two groups are at risk; there is nothing to compare")
    inverse = np.linalg.pinv(covariance, rcond=RANK_TOLERANCE, hermitian=True)
    return float(difference @ inverse @ difference), df
