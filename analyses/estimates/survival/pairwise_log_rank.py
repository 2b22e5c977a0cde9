"""Log-rank tests of groups two by two, with p values that allow for their number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import polars as pl

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.event_counts import EventCounts, count_events
from analyses.estimates.groups import Label, reference_level
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.survival.log_rank import method, refuse_weightless
from analyses.estimates.survival.rank_scores import chi_square, rank_scores
from analyses.estimates.survival.rank_weights import Weights, weights_at, weights_term
from analyses.estimates.survival.risk_table import risk_table
from cohort.errors import EstimationError

Adjustment = Literal["holm", "bonferroni"]
Row = dict[str, object]


def pairwise_log_rank(
    events: pl.DataFrame,
    *,
    by: str = "arm",
    reference: str | None = None,
    adjust: Adjustment | None = None,
    strata: str | Sequence[str] | None = None,
    weights: Weights = None,
    frequency: str | None = None,
) -> Estimates:
    """Return a log-rank test of each pair of groups, from the rows of those two alone (as R's pairwise_survdiff).

    Rows "log-rank chi-square" (`group` against `reference`; term the name of the weights; `df` 1, `p_value` not
    adjusted; null, with a note, where a pair cannot be compared) and, with `adjust`, "adjusted p value" (term its
    name), for which the pairs that can be compared are counted.

    Args:
        events: As in `log_rank`, like `by`, `strata`, `weights` and `frequency`.
        by: The grouping column.
        reference: The level with which each other one is compared; None for all pairs.
        adjust: "holm" or "bonferroni"; both hold the chance of any false rejection.
        strata: Columns within which pairs are compared.
        weights: As in `log_rank`, from the two groups' own curve and risk sets.
        frequency: Column that says how many rows each row stands for.

    Raises:
        EstimationError: There are not two groups, no pair can be compared, the adjustment or the weights are not
            known, or times cannot be used (see `count_events`).

    Sources: Holm S. Scand J Stat 1979;6:65-70.

    >>> times = {"subject_id": list("123456"), "arm": list("AABBCC"), "entry": 0.0, "left": [1.0, 2, 3, 4, 5, 6]}
    >>> found = pairwise_log_rank(pl.DataFrame(times).with_columns(right="left"), reference="A", adjust="holm")
    >>> found.frame.select("statistic", "group", "reference", pl.col("p_value").round(4)).rows()[1:3]
    [('log-rank chi-square', 'C', 'A', 0.0896), ('adjusted p value', 'B', 'A', 0.1791)]
    """
    if adjust is not None and adjust not in get_args(Adjustment):
        raise EstimationError(f"adjust={adjust!r} is not known; expected None, 'holm' or 'bonferroni'")
    term = weights_term(weights)
    counted = count_events(events, by, strata=strata, frequency=frequency)
    against = reference_level(counted.labels, by, reference)
    pairs = [(i, j) for i, j in combinations(range(len(counted.labels)), 2)]
    if reference is not None:
        fixed = counted.labels.index(against)
        pairs = [(fixed, j) for j in range(len(counted.labels)) if j != fixed]
    rows, notes = [], list(counted.notes)
    for pair in pairs:
        row, note = _pair(counted, pair, weights, term)
        rows.append(row)
        notes += note
    if all(row["p_value"] is None for row in rows):
        raise EstimationError(f"none of {len(rows)} pairs can be compared ({notes[-1]})")
    if adjust is not None:
        rows += _adjusted(rows, adjust)
    words = f"{method(term, strata)} of each pair" + (f", p values by {adjust.capitalize()}" if adjust else "")
    return Estimates(estimates_frame(rows), words, tuple(notes))


def _pair(
    counted: EventCounts, pair: tuple[int, int], weights: Weights, term: str | None
) -> tuple[Row, tuple[str, ...]]:
    labels: tuple[Label, ...] = tuple(counted.labels[number] for number in pair)
    table = risk_table(counted, pair)
    row: Row = {"statistic": "log-rank chi-square", "term": term, "reference": labels[0], "group": labels[1]}
    row |= {"n": int(table.size.sum()), "events": int(table.events.sum()), "estimate": None, "p_value": None}
    try:
        weight = weights_at(table, weights)
        found = rank_scores(table, weight)
        refuse_weightless(weight, term)
        statistic, df = chi_square(found.difference, found.covariance, float(weight.max()))
    except EstimationError as error:
        return row, (f"{labels[1]} against {labels[0]}: {error}",)
    return row | {"estimate": statistic, "df": df, "p_value": chi_square_p(statistic, df)}, ()


def _adjusted(rows: list[Row], adjust: Adjustment) -> list[Row]:
    adjusted = adjusted_p([row["p_value"] for row in rows], adjust)  # type: ignore[misc]
    kept = ("reference", "group", "n", "events")
    return [
        {"statistic": "adjusted p value", "term": adjust.capitalize(), "estimate": p, "p_value": p}
        | {name: row[name] for name in kept}
        for row, p in zip(rows, adjusted, strict=True)
    ]


def adjusted_p(p_values: Sequence[float | None], adjust: Adjustment) -> list[float | None]:
    """Return p values multiplied as the number of tests asks; what is None stays so and is not counted.

    >>> adjusted_p([0.02, None, 0.01], "holm"), adjusted_p([0.02, 0.01], "bonferroni")
    ([0.02, None, 0.02], [0.04, 0.02])
    """
    made = np.array([i for i, p in enumerate(p_values) if p is not None], dtype=int)
    p = np.array([one for one in p_values if one is not None], dtype=float)
    if adjust == "bonferroni":
        new = len(p) * p
    else:
        order = np.argsort(p, kind="stable")
        new = np.empty(len(p))
        new[order] = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    out: list[float | None] = [None] * len(p_values)
    for place, value in zip(made, np.minimum(new, 1.0), strict=True):
        out[int(place)] = float(value)
    return out
