"""Several cohorts: the share that meets each treatment, side by side and, where they agree well enough, pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import require
from analyses.estimates.proportions import wilson
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.counts import StepCounts, counting_notes, step_counts
from analyses.estimates.successive.pooling import (
    Between,
    Floats,
    Heterogeneity,
    Interval,
    PooledEffect,
    between_variance,
    heterogeneity_of,
    pooled_effect,
)
from cohort.errors import EstimationError, some

Undetermined = Literal["excluded", "not met"]
Row = dict[str, object]
CONTINUITY = 0.5


@dataclass(frozen=True)
class _Share:
    cohort: str
    met: int
    tried: int

    @property
    def at_an_end(self) -> bool:
        return self.met in (0, self.tried)


@dataclass(frozen=True)
class _Plan:
    most: float
    anyway: bool
    between: Between
    interval: Interval
    level: float


@dataclass
class _Answer:
    notes: list[str]
    rows: list[Row] = field(default_factory=list)


def pooled_shares(
    data: pl.DataFrame,
    *,
    by: str,
    undetermined: Undetermined,
    heterogeneity: float = 0.75,
    pool_anyway: bool = False,
    between: Between = "REML",
    interval: Interval = "hartung-knapp",
    level: float = 0.95,
) -> Estimates:
    """Return, for each treatment number, the share of those who tried it that met it: each cohort's own, and pooled.

    Statistics, with the treatment number in `group`:

    - "share", one row a cohort (`term` its name): met of those who tried, Wilson's limits, `n` and `events`.
    - "Q" (Cochran, with `df` and `p_value`), "I2" and "tau2" (on the logit scale), where two cohorts tried it.
    - "pooled share": the inverse logit of the mean logit, which is the share of the median cohort and not the mean of
      the shares; "pooled logit": that mean with its standard error; "prediction interval": limits for the true share
      of a further cohort (its estimate is the pooled share; from three cohorts on, t with k - 2 degrees of freedom).

    A cohort that nobody or everybody met has no logit: half a subject is added to its met and its not met at that
    treatment, and a note says so. Where that holds for every cohort nothing is pooled. I2 is the part of the spread
    that chance does not explain: in large cohorts it is high for differences that matter little, so read it beside
    the shares and tau2. Who goes on to a next treatment differs between cohorts; a pooled share is that of those who
    went on, as each cohort let them.

    Args:
        data: Outcomes (one row a subject and treatment) or counts, with the column `by`.
        by: The column that names the cohort.
        undetermined: "excluded" leaves units that could not be decided out of the denominator; "not met" counts them.
        heterogeneity: The I2 (0 to 1) above which a treatment's shares are not pooled but stand side by side.
        pool_anyway: Pool above that bound too; a note says that it was exceeded.
        between: How tau2 is estimated.
        interval: Limits of the pooled share: "hartung-knapp" (modified; t with k - 1 degrees of freedom, so that two
            cohorts leave them very wide) or "normal".
        level: Coverage of all limits.

    Raises:
        EstimationError: `by` is not a column, an argument is unknown, or the data cannot be counted.

    Sources: Higgins JPT, Thompson SG. Stat Med 2002;21:1539-58 (I2); Ruecker G et al. BMC Med Res Methodol 2008;8:79
    (I2 and size). Of the estimators see `pooling`.

    >>> counts = pl.DataFrame({"cohort": ["a", "b"], "treatment_no": 1, "tried": [100, 200], "met": [40, 80]})
    >>> pooled = pooled_shares(counts, by="cohort", undetermined="excluded")
    >>> round(pooled.value("pooled share", group="1"), 3)
    0.4
    """
    _check(data, by, undetermined, heterogeneity)
    plan = _Plan(heterogeneity, pool_anyway, between, interval, level)
    counted = step_counts(data, by=by)
    answer = _Answer([*_left_out(data, by), *counting_notes(data)])
    for number in sorted({int(step) for counts in counted for step in counts.treatment_no}):
        _one_treatment(number, _shares(counted, number, undetermined), plan, answer)
    answer.notes.append(_undetermined_note(counted, undetermined))
    method = (
        f"Share of those who tried a treatment that met it, by cohort with Wilson {100 * level:g}% limits; logits "
        f"pooled with random effects ({between}, {interval} limits) where I2 is at most {100 * heterogeneity:g}%"
    )
    return Estimates(estimates_frame(answer.rows), method, tuple(answer.notes), level)


def _check(data: pl.DataFrame, by: str, undetermined: str, bound: float) -> None:
    require(data, [by], "the column that names the cohort")
    if undetermined not in ("excluded", "not met"):
        raise EstimationError(f"undetermined={undetermined!r} was given; it is 'excluded' or 'not met'")
    if not 0 <= bound <= 1:
        raise EstimationError(f"heterogeneity={bound} was given; it is an I2 between 0 and 1, as in 0.75")


def _left_out(data: pl.DataFrame, by: str) -> list[str]:
    nameless = data[by].null_count()
    return [f"{nameless} of {data.height} rows have no value in {by} and belong to no cohort"] if nameless else []


def _shares(counted: Sequence[StepCounts], number: int, undetermined: str) -> list[_Share]:
    """Return the cohorts in which somebody with a counted verdict tried that treatment."""
    found = []
    for counts in counted:
        for at in np.flatnonzero(counts.treatment_no == number):
            tried = int(counts.tried[at] - (counts.undetermined[at] if undetermined == "excluded" else 0))
            if tried:
                found.append(_Share(str(counts.label), int(counts.met[at]), tried))
    return found


def _one_treatment(number: int, shares: list[_Share], plan: _Plan, answer: _Answer) -> None:
    answer.rows += [_share_row(number, share, normal_quantile(plan.level)) for share in shares]
    reason = _no_logits(shares)
    if reason:
        answer.notes.append(f"treatment {number}: not pooled; {reason}")
        return
    effects, variances = _logits(shares)
    spread = heterogeneity_of(effects, variances)
    tau2 = between_variance(effects, variances, plan.between)
    counts: Row = {"group": str(number), "n": sum(s.tried for s in shares), "events": sum(s.met for s in shares)}
    answer.rows += _heterogeneity_rows(spread, tau2, plan, counts)
    answer.notes += _continuity_note(number, shares)
    if spread.i2 > plan.most:
        answer.notes.append(_too_unlike(number, shares, spread, plan))
        if not plan.anyway:
            return
    pooled = pooled_effect(effects, variances, tau2, interval=plan.interval, confidence=plan.level)
    answer.rows += _pooled_rows(pooled, plan, counts)


def _share_row(number: int, share: _Share, z: float) -> Row:
    low, high = wilson(share.met, share.tried, z)
    named: Row = {"statistic": "share", "term": share.cohort, "group": str(number)}
    counts: Row = {"n": share.tried, "events": share.met}
    return named | counts | {"estimate": share.met / share.tried, "conf_low": low, "conf_high": high}


def _no_logits(shares: Sequence[_Share]) -> str | None:
    """Return why there is nothing to pool; None where there is."""
    if len(shares) < 2:
        return f"cohorts with a counted verdict: {len(shares)}"
    if all(share.at_an_end for share in shares):
        return (
            f"in all {len(shares)} cohorts nobody or everybody met it, so that a logit would rest on the half subjects "
            "that are added"
        )
    return None


def _logits(shares: Sequence[_Share]) -> tuple[Floats, Floats]:
    """Return log(met / not met) and 1/met + 1/not met."""
    added = np.array([CONTINUITY if share.at_an_end else 0.0 for share in shares])
    met = np.array([share.met for share in shares]) + added
    missed = np.array([share.tried - share.met for share in shares]) + added
    return np.log(met / missed), 1 / met + 1 / missed


def _heterogeneity_rows(spread: Heterogeneity, tau2: float, plan: _Plan, counts: Row) -> list[Row]:
    return [
        counts | {"statistic": "Q", "estimate": spread.q, "df": spread.df, "p_value": spread.p_value},
        counts | {"statistic": "I2", "estimate": spread.i2},
        counts | {"statistic": "tau2", "term": plan.between, "estimate": tau2},
    ]


def _pooled_rows(pooled: PooledEffect, plan: _Plan, counts: Row) -> list[Row]:
    named = counts | {"term": f"{plan.between}, {plan.interval}"}
    limits = {"conf_low": pooled.low, "conf_high": pooled.high, "df": pooled.df}
    share = {"estimate": _expit(pooled.mean), "conf_low": _expit(pooled.low), "conf_high": _expit(pooled.high)}
    rows = [
        named | {"statistic": "pooled share", "df": pooled.df} | share,
        named | {"statistic": "pooled logit", "estimate": pooled.mean, "std_error": pooled.std_error} | limits,
    ]
    if pooled.predicted_low is not None and pooled.predicted_high is not None:
        further = {"conf_low": _expit(pooled.predicted_low), "conf_high": _expit(pooled.predicted_high)}
        predicted: Row = {
            "statistic": "prediction interval",
            "estimate": _expit(pooled.mean),
            "df": pooled.predicted_df,
        }
        rows.append(named | predicted | further)
    return rows


def _expit(logit: float) -> float:
    from scipy.special import expit

    return float(expit(logit))


def _continuity_note(number: int, shares: Sequence[_Share]) -> list[str]:
    ends = [share.cohort for share in shares if share.at_an_end]
    if not ends:
        return []
    return [
        f"treatment {number}: nobody or everybody met it in {len(ends)} of {len(shares)} cohorts ({some(ends)}); half "
        "a subject was added to their met and not met for pooling"
    ]


def _too_unlike(number: int, shares: Sequence[_Share], spread: Heterogeneity, plan: _Plan) -> str:
    each = [share.met / share.tried for share in shares]
    return (
        f"treatment {number}: I2 = {100 * spread.i2:.0f}% lies above {100 * plan.most:g}%, shares of {len(shares)} "
        f"cohorts run from {100 * min(each):.1f} to {100 * max(each):.1f}%: "
        + ("pooled all the same, as asked" if plan.anyway else "not pooled, the cohorts stand side by side")
    )


def _undetermined_note(counted: Sequence[StepCounts], undetermined: str) -> str:
    unknown = sum(int(counts.undetermined.sum()) for counts in counted)
    units = sum(int(counts.tried.sum()) for counts in counted)
    rule = "left out of the denominator" if undetermined == "excluded" else "counted as not met"
    return f"{unknown} of {units} treatments undetermined" + (f", {rule}" if unknown else "")
