"""How far several definitions agree on the same units: shares, cross tables, percent agreement, Cohen's kappa."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Literal

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import levels, require
from analyses.estimates.proportions import wilson
from analyses.estimates.result import Estimates, estimates_frame
from cohort.closed_lists import VERDICTS
from cohort.errors import EstimationError, some

Undetermined = Literal["excluded", "own level"]
UNDETERMINED = "undetermined"
UNITS, AGREEMENT, KAPPA = "units", "agreement", "kappa"
_UNIT = ("subject_id", "treatment_no")
_WAYS = {
    "excluded": "units that either leaves undetermined are left out",
    "own level": "undetermined is a level like the others",
}


def agreement(
    outcomes: pl.DataFrame,
    *,
    undetermined: Undetermined,
    of: Literal["verdict", "category"] = "verdict",
    confidence: float = 0.95,
) -> Estimates:
    """Return how each definition classes the units, and how far every two of them agree.

    Rows "share": of all units that a definition judges, those at each level (`term`), with Wilson's limits. Rows
    "units": the cross table of two definitions (`criterion` and `reference`; `term` is the level of the first, `group`
    that of the second). Rows "agreement": the share classed alike, with Wilson's limits. Rows "kappa": Cohen's kappa
    with the standard error of Fleiss, Cohen and Everitt and normal limits; null where one of the two puts everybody in
    one level, since nothing can then be told from chance.

    Args:
        outcomes: OUTCOMES of two or more definitions on the same units (`DefinitionComparison.outcomes`).
        undetermined: Of agreement and kappa: "excluded", or "own level". Cross tables and shares show everybody.
        of: The column compared; where it is null the unit stands under "undetermined" or "no category".
        confidence: Coverage of the limits.

    Raises:
        EstimationError: A column is missing, there are not two definitions, or a unit stands twice under one.

    Sources: Cohen J. Educ Psychol Meas 1960;20:37-46. Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-7.

    >>> one = pl.DataFrame({"criterion": "a", "subject_id": ["1", "2", "3"], "verdict": ["met", "met", "not met"]})
    >>> other = one.with_columns(criterion=pl.lit("b"), verdict=pl.Series(["met", "not met", "not met"]))
    >>> found = agreement(pl.concat([one, other]), undetermined="excluded")
    >>> round(found.value("agreement"), 3), round(found.value("kappa"), 3)
    (0.667, 0.4)
    """
    if undetermined not in _WAYS:
        raise EstimationError(f"undetermined={undetermined!r} was given; it is 'excluded' or 'own level'")
    z = normal_quantile(confidence)
    classed = _classed(outcomes, of)
    names, terms = classed["criterion"].unique(maintain_order=True).to_list(), _terms(outcomes, classed, of)
    rows = [row for name in names for row in _shares(classed.filter(criterion=name), name, terms, z)]
    left_out = []
    for reference, name in combinations(names, 2):
        table = _cross(classed, name, reference, terms)
        rows += _cells(table, name, reference, terms)
        kept = table if undetermined == "own level" else _decided(table, terms)
        left_out.append(f"{name} against {reference}: {int(table.sum() - kept.sum())} of {int(table.sum())} left out")
        rows += _agreements(kept, name, reference, z)
    method = (
        f"Shares of all units; percent agreement (Wilson limits) and Cohen's kappa (standard error of Fleiss, Cohen "
        f"and Everitt 1969), {100 * confidence:g}% limits; {_WAYS[undetermined]}"
    )
    notes = tuple(left_out) if undetermined == "excluded" else ()
    return Estimates(estimates_frame(rows), method, notes, confidence)


def cohens_kappa(table: np.ndarray) -> tuple[float | None, float | None]:
    """Return Cohen's kappa of a square table of counts and its asymptotic standard error.

    With proportions p_ij, margins p_i. and p_.j, p_o = sum p_ii and p_e = sum p_i. p_.i:
    kappa = (p_o - p_e) / (1 - p_e), and n (1 - p_e)^4 var = sum_i p_ii [(1 - p_e) - (p_.i + p_i.)(1 - p_o)]^2
    + (1 - p_o)^2 sum_{i != j} p_ij (p_.i + p_j.)^2 - (p_o p_e - 2 p_e + p_o)^2.

    Nulls where the table is empty or p_e is 1.

    Source: Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-7.

    >>> [round(number, 3) for number in cohens_kappa(np.array([[20, 5], [10, 15]]))]
    [0.4, 0.127]
    """
    n = float(table.sum())
    if n == 0:
        return None, None
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float(np.trace(p)), float(rows @ columns)
    if math.isclose(expected, 1.0):
        return None, None
    off = p * (columns[:, None] + rows[None, :]) ** 2
    on = np.diag(p) * ((1 - expected) - (columns + rows) * (1 - observed)) ** 2
    spread = on.sum() + (1 - observed) ** 2 * (off.sum() - np.trace(off))
    variance = (spread - (observed * expected - 2 * expected + observed) ** 2) / (n * (1 - expected) ** 4)
    return (observed - expected) / (1 - expected), math.sqrt(max(float(variance), 0.0))


def _classed(outcomes: pl.DataFrame, of: str) -> pl.DataFrame:
    require(outcomes, ["criterion", "subject_id", "verdict", of], "outcomes")
    verdict = pl.col("verdict").cast(pl.String)
    without = pl.when(verdict == UNDETERMINED).then(verdict).otherwise(pl.lit("no category"))
    keys = [pl.col(name) for name in _UNIT if name in outcomes.columns]
    level = verdict if of == "verdict" else pl.coalesce(pl.col(of).cast(pl.String), without)
    classed = outcomes.select(pl.col("criterion").cast(pl.String), *keys, level=level)
    doubled = classed.filter(pl.struct("criterion", *keys).is_duplicated())
    if doubled.height:
        raise EstimationError(
            f"{doubled.height} outcomes stand for the same unit and criterion, as for subjects "
            f"{some(doubled['subject_id'].unique().sort())}; keep one row each"
        )
    if classed["criterion"].n_unique() < 2:
        raise EstimationError(f"{classed['criterion'].n_unique()} definitions were given; agreement needs two or more")
    return classed


def _terms(outcomes: pl.DataFrame, classed: pl.DataFrame, of: str) -> list[str]:
    """Return the levels in order: the verdicts, or the categories as they are declared or met, undetermined last."""
    if of == "verdict":
        return list(VERDICTS)
    found = classed["level"].unique(maintain_order=True).to_list()
    declared = levels(outcomes[of]) if isinstance(outcomes[of].dtype, pl.Enum) else sorted(found)
    others = [name for name in ("no category", UNDETERMINED) if name in found]
    return [name for name in declared if name not in others] + others


def _shares(own: pl.DataFrame, name: str, terms: list[str], z: float) -> list[dict[str, object]]:
    counted = dict(own.group_by("level").len().iter_rows())
    rows = []
    for term in terms:
        met, n = counted.get(term, 0), own.height
        low, high = wilson(met, n, z)
        rows.append(
            {"criterion": name, "term": term, "statistic": "share", "estimate": met / n if n else None}
            | {"std_error": math.sqrt(met / n * (1 - met / n) / n) if n else None}
            | {"conf_low": low, "conf_high": high, "n": n, "events": met}
        )
    return rows


def _cross(classed: pl.DataFrame, name: str, reference: str, terms: list[str]) -> np.ndarray:
    """Return the counts of the units that both judge: a row a level of `name`, a column one of `reference`."""
    keys = [key for key in _UNIT if key in classed.columns]
    pair = classed.filter(criterion=name).join(
        classed.filter(criterion=reference), on=keys, suffix="_reference", nulls_equal=True
    )
    place = {term: index for index, term in enumerate(terms)}
    table = np.zeros((len(terms), len(terms)))
    for row, column, n in pair.group_by("level", "level_reference").len().iter_rows():
        table[place[row], place[column]] = n
    return table


def _decided(table: np.ndarray, terms: list[str]) -> np.ndarray:
    keep = [index for index, term in enumerate(terms) if term != UNDETERMINED]
    return table[np.ix_(keep, keep)]


def _cells(table: np.ndarray, name: str, reference: str, terms: list[str]) -> list[dict[str, object]]:
    pair: dict[str, object] = {"criterion": name, "reference": reference, "statistic": UNITS, "n": int(table.sum())}
    return [
        pair | {"term": row, "group": column, "estimate": float(table[i, j]), "events": int(table[i, j])}
        for i, row in enumerate(terms)
        for j, column in enumerate(terms)
    ]


def _agreements(table: np.ndarray, name: str, reference: str, z: float) -> list[dict[str, object]]:
    n, alike = int(table.sum()), int(np.trace(table))
    low, high = wilson(alike, n, z)
    kappa, error = cohens_kappa(table)
    pair: dict[str, object] = {"criterion": name, "reference": reference, "n": n}
    spread = (None, None) if kappa is None or error is None else (kappa - z * error, kappa + z * error)
    return [
        pair
        | {"statistic": AGREEMENT, "estimate": alike / n if n else None, "events": alike}
        | {"conf_low": low, "conf_high": high},
        pair
        | {"statistic": KAPPA, "estimate": kappa, "std_error": error}
        | {"conf_low": spread[0], "conf_high": spread[1]},
    ]
