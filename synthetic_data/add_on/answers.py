"""The true values of an add-on study."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from synthetic_data.add_on.dosing import Floats, Ints, day_factors
from synthetic_data.add_on.long_run import HYPOTHETICAL, POLICY, WHILE_ON, LongRun, Periods, long_run
from synthetic_data.add_on.stops import on_treatment, stopped_by
from synthetic_data.estimands import true_values

if TYPE_CHECKING:
    from synthetic_data.add_on.truth import AddOnTruth

Row = dict[str, object]

RATE = "seizures per 28 days"
CHANGE = "percent change of the rate"
WITHDRAWAL = "withdrawal of treatment 1"
REDUCTIONS = (50, 75, 100)
SUBJECTS = 200_000

_USUAL_BASELINE = 56


@cache
def add_on_estimates(truth: AddOnTruth, subjects: int = SUBJECTS) -> pl.DataFrame:
    """Return the true values of an add-on study; see `AddOnTruth.estimates`. `subjects` are those of the long run."""
    run = long_run(truth, subjects)
    rows: list[Row] = [*_withdrawal(truth)]
    for strategy, periods in run.periods.items():
        for reduction in REDUCTIONS:
            named = {"criterion": response_label(truth, reduction), "term": strategy}
            rows += [row | named for row in _shares(truth, responded(truth, run.baseline, periods, reduction))]
    for strategy in (HYPOTHETICAL, POLICY, WHILE_ON):
        periods = run.periods[strategy]
        rows += [row | {"term": strategy} for row in _medians(truth, run, periods)]
        rows.append(_ratio(truth, strategy, periods) | {"term": strategy})
    return true_values(rows)


def response_label(truth: AddOnTruth, reduction: int) -> str:
    """Return the criterion's label as the package writes it; 100 percent is freedom from seizures."""
    period = f"days 0 to {truth.treatment_days - 1}"
    if reduction == 100:
        return f"no seizures, {period}"
    usual = truth.baseline_days == _USUAL_BASELINE
    against = "" if usual else f", against days {-truth.baseline_days} to -1"
    return f"seizure rate reduced by >= {reduction}%, {period}{against}"


def responded(truth: AddOnTruth, baseline: Ints, periods: Periods, reduction: int) -> Floats:
    """Return 1 where the rate fell by at least that percentage, by arm and subject; whole numbers are compared."""
    before = (100 - reduction) * baseline * periods.days
    fallen = 100 * periods.seizures * truth.baseline_days <= before
    return np.asarray(fallen & periods.responded, dtype=np.float64)


def _shares(truth: AddOnTruth, met: Floats) -> Iterator[Row]:
    """Yield the shares by arm and their difference; both arms hold the same subjects, so errors are of pairs."""
    root = np.sqrt(met.shape[1])
    for arm, own in zip(truth.arms, met, strict=True):
        share = float(own.mean())
        yield {"group": arm, "statistic": "share", "estimate": share, "std_error": float(own.std() / root)}
    difference = met[1] - met[0]
    yield {
        "group": truth.arms[1],
        "reference": truth.arms[0],
        "statistic": "risk difference",
        "estimate": float(difference.mean()),
        "std_error": float(difference.std() / root),
    }


def _medians(truth: AddOnTruth, run: LongRun, periods: Periods) -> Iterator[Row]:
    changes = 100 * (periods.seizures * truth.baseline_days / (run.baseline * periods.days) - 1)
    for arm, own in zip(truth.arms, np.sort(changes, axis=1), strict=True):
        # Many subjects share a value, so the spread is taken over a stretch of twelve standard errors.
        reach = 3 * np.sqrt(own.size)
        low, high = own[[max(int(own.size / 2 - reach), 0), min(int(own.size / 2 + reach), own.size - 1)]]
        row: Row = {"criterion": CHANGE, "group": arm, "statistic": "median"}
        yield row | {"estimate": float(np.median(own)), "std_error": float(high - low) / 12}


def _ratio(truth: AddOnTruth, strategy: str, periods: Periods) -> Row:
    """Return the ratio of the mean rates; the error of the pairs where it is not exact."""
    row: Row = {
        "criterion": RATE,
        "group": truth.arms[1],
        "reference": truth.arms[0],
        "statistic": "ratio of mean rates",
    }
    if _exact(truth):
        control, treated = expected_factors(truth, strategy)
        return row | {"estimate": float(treated / control)}
    rates = periods.seizures / periods.days
    control, treated = rates.mean(axis=1)
    ratio = treated / control
    error = (rates[1] - ratio * rates[0]).std() / control / np.sqrt(rates.shape[1])
    return row | {"estimate": float(ratio), "std_error": float(error)}


def expected_factors(truth: AddOnTruth, strategy: str) -> Floats:
    """Return, by arm, what is left of the untreated rate on average over the days that count and over all stops."""
    factors, on = day_factors(truth), on_treatment(truth)
    if strategy == HYPOTHETICAL:
        return np.asarray(factors.mean(axis=1))
    if strategy == POLICY:
        return np.asarray((1 - (1 - factors) * on).mean(axis=1))
    until = np.cumsum(factors, axis=1) / np.arange(1, factors.shape[1] + 1)
    last = on - np.append(on[:, 1:], np.zeros((2, 1)), axis=1)
    return np.asarray((until * last).sum(axis=1))


def _exact(truth: AddOnTruth) -> bool:
    diary = truth.diary
    cycles = diary.cycle_amplitude > 0 and max(diary.weekly_share, diary.monthly_share) > 0
    clusters = diary.cluster_share > 0 and diary.cluster_rise > 1
    return not clusters and not cycles


def _withdrawal(truth: AddOnTruth) -> Iterator[Row]:
    """Yield the share still treated after some days, and the shares stopped by reason.

    Who stops on a day is no longer treated after it.
    """
    on = on_treatment(truth)
    for day in range(28, truth.treatment_days - 1, 28):
        reasons = stopped_by(truth, day)
        for k, arm in enumerate(truth.arms):
            row: Row = {"criterion": WITHDRAWAL, "group": arm, "at": float(day)}
            yield row | {"statistic": "survival", "term": "time point", "estimate": float(on[k, day + 1])}
            for reason, shares in reasons.items():
                yield row | {"statistic": "cumulative incidence", "term": reason, "estimate": float(shares[k])}
