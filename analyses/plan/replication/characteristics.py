"""From replicates to operating characteristics: which true value belongs to which number, and what to say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analyses.plan.replication.measures import Measure, Runs, Target, measures
from analyses.plan.replication.replicates import LABELS, NUMBERS
from cohort.errors import EstimationError, some

Row = dict[str, object]
Match = Mapping[str, Mapping[Any, Any] | None]
COMPARED = ("criterion", "term", "group", "reference", "at", "statistic")
NO_EFFECT = 1e-9  # a true difference below this is none
DRAWN = 4.5  # so is one within this many Monte Carlo errors of a drawn true value


@dataclass(frozen=True, eq=False)
class Summary:
    """Rows of operating characteristics, and what a reader must know of them."""

    rows: list[Row]
    notes: tuple[str, ...]


def summary(replicates: pl.DataFrame, truth: pl.DataFrame, match: Match, alpha: float) -> Summary:
    """Return the operating characteristics of every number that the analysis gave.

    Args:
        replicates: REPLICATES, in the order of the replicates.
        truth: True values in the ESTIMATES shape.
        match: How the analysis's labels become the truth's, see `replicate`.
        alpha: The level of the tests.

    Raises:
        EstimationError: No replicate has an estimate, or `match` names an unknown column or leaves several true values
            for one number.
    """
    failed = replicates.filter(pl.col("failure").is_not_null())
    succeeded = replicates.filter(pl.col("failure").is_null())
    n = replicates["replicate"].n_unique()
    if succeeded.is_empty():
        raise EstimationError(f"none of {n} replicates has an estimate: {some(failed['failure'].unique().sort())}")
    labels = succeeded.select(LABELS).unique(maintain_order=True)
    targets = _targets(labels, truth, match)
    rows: list[Row] = []
    for label, target, runs in zip(labels.iter_rows(named=True), targets, _runs(succeeded, labels), strict=True):
        rows += [_row(label, measure) for measure in measures(runs, target, alpha)]
    notes = [*_failure_notes(failed, n), *_lacking_notes(rows), *_truth_notes(targets)]
    return Summary(rows, tuple(notes))


def null_value(statistic: str) -> float | None:
    """Return the value of no effect: 1 for a ratio, 0 for a difference or a log ratio, None for what is no effect.

    >>> null_value("hazard ratio"), null_value("log hazard ratio"), null_value("share")
    (1.0, 0.0, None)
    """
    if statistic.endswith("difference") or (statistic.startswith("log ") and statistic.endswith(" ratio")):
        return 0.0
    return 1.0 if statistic.endswith(" ratio") else None


def _row(label: Row, measure: Measure) -> Row:
    low, high = measure.limits()
    about = f"{label['analysis']}: {label['statistic']}" if label["analysis"] else label["statistic"]
    numbers: Row = {"estimate": measure.value, "std_error": measure.error, "conf_low": low, "conf_high": high}
    counts: Row = {"n": measure.n, "events": measure.events}
    return label | {"analysis": about, "statistic": measure.name} | numbers | counts


def _runs(succeeded: pl.DataFrame, labels: pl.DataFrame) -> Iterator[Runs]:
    """Yield the numbers of each label in the order of the replicates; absent where the analysis did not give it."""
    order, place = np.unique(succeeded["replicate"].to_numpy(), return_inverse=True)
    numbered = succeeded.join(
        labels.with_row_index("label"), on=list(LABELS), how="left", nulls_equal=True, maintain_order="left"
    )
    label = numbered["label"].to_numpy()
    columns = [numbered[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in NUMBERS]
    rows = np.argsort(label, kind="stable")
    for own in np.split(rows, np.cumsum(np.bincount(label))[:-1]):
        blank = np.full((len(columns), len(order)), np.nan)
        for line, column in zip(blank, columns, strict=True):
            line[place[own]] = column[own]
        yield Runs(*blank)


def _targets(labels: pl.DataFrame, truth: pl.DataFrame, match: Match) -> list[Target]:
    unknown = [column for column in match if column not in COMPARED]
    if unknown:
        raise EstimationError(f"match names {some(unknown)}; it can name {some(COMPARED, 9)}")
    _must_translate(labels, truth, match)
    columns = [column for column in COMPARED if match.get(column, {}) is not None]
    asked = labels.with_row_index("label").with_columns(
        pl.col(column).replace(dict(values)) for column, values in match.items() if values
    )
    joined = asked.select("label", *columns).join(
        truth.select(*columns, "estimate", "std_error"), on=columns, how="left", nulls_equal=True
    )
    ambiguous = joined.filter(pl.col("label").is_duplicated())
    if ambiguous.height:
        several = ambiguous["label"].unique().sort()
        raise EstimationError(
            f"{len(several)} numbers have more than one true value, such as {asked.row(several[0], named=True)}; "
            "match on more columns"
        )
    no_effect = _without_effect(truth)
    found = joined.sort("label").select("estimate", "std_error").iter_rows()
    return [
        _target(true, error, null_value(name), no_effect)
        for name, (true, error) in zip(labels["statistic"], found, strict=True)
    ]


def _must_translate(labels: pl.DataFrame, truth: pl.DataFrame, match: Match) -> None:
    """Refuse a translation from labels that the analysis does not have, or to ones that the truth does not."""
    for column, values in match.items():
        for said, where, there in (("analysis", values or {}, labels), ("truth", (values or {}).values(), truth)):
            foreign = [value for value in where if value is not None and value not in there[column].to_list()]
            if foreign:
                raise EstimationError(
                    f"match translates {column}: the {said} has no {some(foreign)}; "
                    f"it has {some(there[column].drop_nulls().unique().sort(), 9)}"
                )


def _target(true: float | None, error: float | None, null: float | None, no_effect: bool) -> Target:
    """Return what a number should be; whether there is no effect is read from its own true value where it has one."""
    if true is not None and null is not None:
        no_effect = _is_none(true - null, error)
    return Target(true, error or 0.0, null, no_effect)


def _without_effect(truth: pl.DataFrame) -> bool:
    """Return whether the truth compares groups and finds no difference anywhere."""
    compared = truth.filter(pl.col("reference").is_not_null(), pl.col("estimate").is_not_null())
    rows = compared.select("statistic", "estimate", "std_error").iter_rows()
    effects = [(value - null, error) for name, value, error in rows if (null := null_value(name)) is not None]
    return bool(effects) and all(_is_none(effect, error) for effect, error in effects)


def _is_none(effect: float, error: float | None) -> bool:
    return abs(effect) <= max(NO_EFFECT, DRAWN * (error or 0.0))


def _failure_notes(failed: pl.DataFrame, n: int) -> list[str]:
    if failed.is_empty():
        return []
    reasons = Counter(failed.sort("replicate")["failure"].to_list())
    said = "; ".join(f"{count} times: {reason}" for reason, count in reasons.most_common(3))
    more = f"; and {len(reasons) - 3} more reasons" if len(reasons) > 3 else ""
    return [f"{failed.height} of {n} replicates have no estimate and are not counted ({said}{more})"]


def _lacking_notes(rows: list[Row]) -> list[str]:
    there = [(row["estimate"], row["n"]) for row in rows if row["statistic"] == "replicates"]
    short = sum(estimates != n for estimates, n in there)
    if not short:
        return []
    return [f"{short} of {len(there)} numbers do not exist in every replicate; the column n says how many have them"]


def _truth_notes(targets: list[Target]) -> list[str]:
    unknown = sum(target.true is None for target in targets)
    if not unknown:
        return []
    return [f"{unknown} of {len(targets)} numbers have no true value: neither bias nor coverage is given"]
