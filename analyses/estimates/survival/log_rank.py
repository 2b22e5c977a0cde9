"""The log-rank test: plain, weighted, stratified, for trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.event_counts import EventCounts, count_events
from analyses.estimates.groups import reference_level
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.survival.log_rank_trend import trend_rows, trend_scores
from analyses.estimates.survival.rank_scores import RankScores, chi_square, rank_scores
from analyses.estimates.survival.rank_weights import Weights, weights_at, weights_term
from analyses.estimates.survival.risk_table import RiskTable, risk_table
from cohort.errors import EstimationError, some

Row = dict[str, object]


def log_rank(
    events: pl.DataFrame,
    *,
    by: str = "arm",
    strata: str | Sequence[str] | None = None,
    weights: Weights = None,
    trend: bool | Mapping[str, float] = False,
    frequency: str | None = None,
) -> Estimates:
    """Return the log-rank comparison of the groups' times. Any cause counts as the event.

    Rows "observed" and "expected" events a group (weighted sums where there are weights; `n` its rows, `events`
    counted); for two groups "variance" (of observed minus expected in the first); and "log-rank chi-square" (`df`,
    `p_value`, `reference` the first level). Their term is the name of the weights, null for the plain test. With
    `trend` also "log-rank trend score" (observed minus expected, times each group's score, summed: above 0 where
    events come sooner in groups with high scores; with its standard error under no difference) and "log-rank trend
    chi-square" (1 `df`).

    A subject with late entry is at risk after the day of entry; who is censored on the day of an event is at risk for
    it. An Enum level without rows is shown with 0 observed and 0 expected and costs no degree of freedom, nor does one
    whose rows are never at risk when an event falls. A stratum in which nothing can be compared adds nothing.

    Args:
        events: EVENTS with exact and right-censored times, and the column `by`.
        by: The grouping column.
        strata: Columns within whose combinations groups are compared; the sums are added up over them. Weights are
            those of each stratum's own curve and risk sets.
        weights: None (all times alike); "gehan-breslow" (number at risk n), "tarone-ware" (root of n), "peto-peto"
            (product of 1 - d / (n + 1) up to the time), "modified peto-peto" (that times n / (n + 1)), or
            `FlemingHarrington(rho, gamma)`.
        trend: True for the scores 1, 2, ... in the order of the levels, or a score (a dose) for each level.
        frequency: Column that says how many rows each row stands for.

    Raises:
        EstimationError: There are not two groups with rows, nobody has the event, no two groups are ever at risk
            together when somebody has it, weights or scores cannot be used, or times cannot (see `count_events`).

    Sources: Mantel N. Cancer Chemother Rep 1966;50:163-70; Peto R, Peto J. J R Stat Soc A 1972;135:185-207; Gehan EA.
        Biometrika 1965;52:203-23; Breslow N. Biometrika 1970;57:579-94; Tarone RE, Ware J. Biometrika 1977;64:156-60;
        Andersen PK, Borgan O, Gill R, Keiding N. Int Stat Rev 1982;50:219-44; Harrington DP, Fleming TR. Biometrika
        1982;69:553-66; Tarone RE. Biometrika 1975;62:679-82.

    >>> times = {"subject_id": ["1", "2", "3", "4"], "arm": ["A", "B", "A", "B"], "entry": 0.0}
    >>> events = pl.DataFrame(times | {"left": [1.0, 2.0, 3.0, 4.0], "right": [1.0, 2.0, None, 4.0]})
    >>> found = log_rank(events, weights="gehan-breslow")
    >>> found.value("observed", group="A"), found.value("expected", group="A")
    (4.0, 3.0)
    >>> round(found.value("log-rank chi-square"), 4)
    0.1667
    """
    term = weights_term(weights)
    counted = count_events(events, by, strata=strata, frequency=frequency)
    reference = reference_level(counted.labels, by, None)
    table = risk_table(counted)
    refuse_single(counted, table, by, "a log-rank test")
    scores = trend_scores(trend, counted.labels, by)
    weight = weights_at(table, weights)
    found = rank_scores(table, weight)
    refuse_weightless(weight, term)
    statistic, df = chi_square(found.difference, found.covariance, float(weight.max()))
    total: Row = {"n": int(table.size.sum()), "events": int(found.events.sum()), "term": term}
    rows = _sums(counted, table, found, term)
    if len(counted.labels) == 2:
        rows.append(total | {"statistic": "variance", "group": reference, "estimate": float(found.covariance[0, 0])})
    test = {"estimate": statistic, "df": df, "p_value": chi_square_p(statistic, df)}
    rows.append(total | test | {"statistic": "log-rank chi-square", "reference": reference})
    if scores is not None:
        rows += [total | row | {"reference": reference} for row in trend_rows(found, table.size, scores)]
    notes = (*counted.notes, *_idle(counted, table, found), *_scores_note(counted, scores))
    return Estimates(estimates_frame(rows), method(term, strata), notes)


def refuse_single(counted: EventCounts, table: RiskTable, by: str, what: str) -> None:
    """Refuse a comparison of fewer than two groups with rows.

    Raises:
        EstimationError: There are fewer.
    """
    held = [label for label, size in zip(counted.labels, table.size, strict=True) if size]
    if len(held) < 2:
        raise EstimationError(f"{what} needs two groups with rows; {by!r} has rows in {len(held)}: {some(held)}")


def refuse_weightless(weight: np.ndarray, term: str | None) -> None:
    """Refuse weights that leave no time out of all.

    Raises:
        EstimationError: Every weight is 0, as (0, 1) of Fleming and Harrington where all events fall on one day.
    """
    if not np.any(weight > 0):
        raise EstimationError(f"{term} gives weight 0 to every time with an event; choose other weights")


def method(term: str | None, strata: str | Sequence[str] | None) -> str:
    """Return the test in words."""
    weighted = f" with {term} weights" if term else ""
    names = [strata] if isinstance(strata, str) else list(strata or ())
    return f"Log-rank test{weighted}" + (f", stratified by {' and '.join(names)}" if names else "")


def _sums(counted: EventCounts, table: RiskTable, found: RankScores, term: str | None) -> list[Row]:
    rows: list[Row] = []
    for name, values in (("observed", found.observed), ("expected", found.expected)):
        for label, size, value, seen in zip(counted.labels, table.size, values, found.events, strict=True):
            row: Row = {"statistic": name, "term": term, "group": label, "estimate": float(value)}
            rows.append(row | {"n": int(size), "events": int(seen)})
    return rows


def _idle(counted: EventCounts, table: RiskTable, found: RankScores) -> list[str]:
    """Say which groups and how many strata take no part in the comparison."""
    unseen = ~table.at_risk.any(axis=1) & (table.size > 0)
    notes = [
        f"{label}: none of {size} rows is under observation when an event falls; the group is not compared"
        for label, size, never in zip(counted.labels, table.size, unseen, strict=True)
        if never
    ]
    alone = len(counted.strata) - sum(int((table.at_risk[:, own] > 0).sum(axis=0).max() > 1) for own in table.strata())
    if alone:
        notes.append(
            f"{alone} of {len(counted.strata)} strata have no event on a day on which two groups are at risk "
            "and add nothing to the comparison"
        )
    return notes


def _scores_note(counted: EventCounts, scores: np.ndarray | None) -> list[str]:
    if scores is None:
        return []
    named = (f"{label} {score:g}" for label, score in zip(counted.labels, scores, strict=True))
    return [f"scores of the trend: {', '.join(named)}"]
