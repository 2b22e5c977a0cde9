"""What every classifier answers: the outcomes, and the evidence behind them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cohort.closed_lists import BOUND
from cohort.criteria import Criterion
from cohort.schemas import EVIDENCE, OUTCOMES


@dataclass(frozen=True)
class Judgement:
    """One row a unit in `outcomes` (OUTCOMES), one row a check in `evidence` (EVIDENCE)."""

    outcomes: pl.DataFrame
    evidence: pl.DataFrame


def judgement(criterion: Criterion, units: pl.DataFrame, checks: list[pl.DataFrame]) -> Judgement:
    """Return a judgement from one row a unit (verdict, reason, value, day, category) and its checks in their order."""
    label = pl.lit(criterion.label).alias("criterion")
    outcomes = OUTCOMES.conform(_shaped(units, list(OUTCOMES.columns)).with_columns(label))
    evidence = [EVIDENCE.conform(_shaped(check, list(EVIDENCE.columns)).with_columns(label)) for check in checks]
    return Judgement(outcomes, pl.concat([EVIDENCE.empty(), *evidence]))


def _shaped(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    return frame.select(name for name in columns if name in frame.columns)


_NUMBER = pl.lit(None, dtype=pl.Float64)
_ANSWER = pl.lit(None, dtype=pl.Boolean)


def check(
    units: pl.DataFrame,
    what: str | pl.Expr,
    observed: pl.Expr,
    *,
    threshold: pl.Expr = _NUMBER,
    passed: pl.Expr = _ANSWER,
    day: pl.Expr = _NUMBER,
    bound: str | None = None,
    unit: str | None = None,
) -> pl.DataFrame:
    """Return one line of evidence for each row of `units`; what is not given is null.

    `bound` says how `observed` must stand to `threshold` to pass, `unit` what both are counted in: from these
    `explain` tells how far a check was from passing. A bound is given to what the verdict hangs on and to nothing else:
    checks of different words must all pass, lines of the same words (a rating at any visit) are alternatives.
    """
    keys = [name for name in ("subject_id", "treatment_no") if name in units.columns]
    return units.select(
        *keys,
        (pl.lit(what) if isinstance(what, str) else what).alias("check"),
        day.cast(pl.Float64).alias("day"),
        observed.cast(pl.Float64).alias("observed"),
        threshold.cast(pl.Float64).alias("threshold"),
        pl.lit(bound, dtype=BOUND).alias("bound"),
        pl.lit(unit, dtype=pl.String).alias("unit"),
        passed.alias("passed"),
    )


def verdict(met: pl.Expr, undetermined: pl.Expr) -> pl.Expr:
    """Return "undetermined" where records are lacking, else "met" or "not met"."""
    decided = pl.when(met).then(pl.lit("met")).otherwise(pl.lit("not met"))
    return pl.when(undetermined).then(pl.lit("undetermined")).otherwise(decided).alias("verdict")


def first_reason(*reasons: tuple[pl.Expr, str]) -> pl.Expr:
    """Return the first reason that applies, empty where none does."""
    answers = [pl.when(applies).then(pl.lit(text)) for applies, text in reasons]
    return pl.coalesce(*answers, pl.lit("")).alias("reason")
