"""The true values of a sequenced study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from synthetic_data.estimands import Row, true_values
from synthetic_data.sequenced.after import month_day, monthly
from synthetic_data.sequenced.design import MONTHS
from synthetic_data.sequenced.instruments import Floats, companion_of
from synthetic_data.sequenced.long_run import Counted, LongRun, long_run
from synthetic_data.succession.histories import INADEQUATE, INEFFICACY, INTOLERANCE
from synthetic_data.succession.returns import had_nobody_left
from synthetic_data.succession.shares import StepShares, selection_share, step_shares

if TYPE_CHECKING:
    from synthetic_data.sequenced.truth import SequencedTruth

OBSERVED, IMPUTED = "observed cases", "non-responder imputation"
STARTED, INTOLERABLE = "treatment started", "stopped for intolerance"
SUSTAINED = "remission, then 12 months without relapse or dropout"
AFTER = {INTOLERANCE: "after intolerance", INEFFICACY: "after inefficacy", INADEQUATE: "after no fair test"}


def sequenced_estimates(truth: SequencedTruth) -> pl.DataFrame:
    """Return the true values of a sequenced study; see `SequencedTruth.estimates`."""
    shares, run = step_shares(truth.succession), long_run(truth)
    return true_values(
        [
            *_remission(truth, shares),
            *_ratings(truth, shares, run),
            *_steps(shares, run, truth),
            *_cumulative(truth, shares),
            *_follow_up(truth, shares),
        ]
    )


def _remission(truth: SequencedTruth, shares: StepShares) -> Iterator[Row]:
    label = truth.instrument.remission_label
    for k in _reached(shares):
        row: Row = {"criterion": f"{label} at step {k + 1} exit", "statistic": "share"}
        yield {**row, "term": OBSERVED, "estimate": float(shares.of_those_who_tried[k])}
        yield {**row, "term": IMPUTED, "estimate": float(shares.remission[k])}
        for reason, term in AFTER.items():
            tried = float(shares.tried_after[k, reason])
            if k and tried > 0:
                yield {**row, "term": term, "estimate": float(shares.remission_after[k, reason]) / tried}


def _ratings(truth: SequencedTruth, shares: StepShares, run: LongRun) -> Iterator[Row]:
    """Return what is asked of ratings and known from the long run."""
    other = companion_of(truth.scale)
    asked = ((truth.instrument.response_label, run.response_from_baseline), (other.remission_label, run.companion))
    for label, counted in asked:
        for k in _reached(shares):
            row: Row = {"criterion": f"{label} at step {k + 1} exit", "statistic": "share"}
            yield from _counted({**row, "term": OBSERVED}, counted[k])
            yield from _counted({**row, "term": IMPUTED}, Counted(counted[k].met, run.ever.of))
    ever = f"{truth.instrument.remission_label} at any rating after baseline"
    yield from _counted({"criterion": ever, "statistic": "share", "term": OBSERVED}, run.ever)


def _counted(row: Row, counted: Counted) -> Iterator[Row]:
    if counted.of:
        yield {**row, "estimate": counted.share, "std_error": counted.std_error}


def _steps(shares: StepShares, run: LongRun, truth: SequencedTruth) -> Iterator[Row]:
    response = truth.instrument.response_label
    for k in _reached(shares):
        row: Row = {"group": str(k + 1), "statistic": "share"}
        yield {**row, "criterion": STARTED, "estimate": float(shares.tried[k])}
        yield {**row, "criterion": INTOLERABLE, "estimate": float(shares.intolerance[k] / shares.tried[k])}
        yield from _counted({**row, "criterion": f"{response} from the step's entry at its exit"}, run.response[k])


def _cumulative(truth: SequencedTruth, shares: StepShares) -> Iterator[Row]:
    criterion = f"{truth.instrument.remission_label} at a step's exit"
    ways = (
        ("observed", np.cumsum(shares.remission)),
        ("product-limit", product_limit(shares)),
        ("had nobody left", had_nobody_left(truth.succession)),
    )
    for k in _reached(shares):
        row: Row = {"criterion": criterion, "group": str(k + 1)}
        for term, values in ways:
            yield {**row, "term": term, "statistic": "cumulative share", "estimate": float(values[k])}
        fall = shares.of_those_who_tried[0] - shares.of_those_who_tried[k]
        if k and abs(fall) > 1e-9:
            share = selection_share(truth.succession, k + 1)
            yield {**row, "statistic": "selection share", "estimate": share}


def product_limit(shares: StepShares) -> Floats:
    """Return 1 minus the product of the shares without remission among those who tried, up to each step."""
    tried = np.where(shares.tried > 0, shares.tried, 1)
    return np.asarray(1 - np.cumprod(1 - shares.remission / tried), dtype=np.float64)


def _follow_up(truth: SequencedTruth, shares: StepShares) -> Iterator[Row]:
    plan, label = truth.follow_up, truth.instrument.relapse_label
    for k in _reached(shares):
        row: Row = {"criterion": label, "group": str(k + 1)}
        within = plan.relapse[k] * np.cumsum(monthly(plan.relapse_months[k]))
        for month in (3, 6, 9, 12):
            place: Row = {"term": "time point", "at": float(month_day(np.array(month)))}
            yield {**row, **place, "statistic": "survival", "estimate": float(1 - within[month - 1])}
        yield {**row, "term": "had nobody dropped out", "statistic": "share", "estimate": plan.relapse[k]}
    stayed = (1 - plan.dropout) ** MONTHS
    sustained = float(shares.remission @ (1 - np.array(plan.relapse))) * stayed
    yield {"criterion": SUSTAINED, "statistic": "share", "estimate": sustained}


def _reached(shares: StepShares) -> list[int]:
    """Return the steps that somebody starts, from 0."""
    return [k for k, tried in enumerate(shares.tried) if tried > 1e-12]
