"""The true values of an epilepsy clinic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from synthetic_data.clinic.answers_in_time import relapse_rows, withdrawal_rows
from synthetic_data.clinic.therapies import therapy_shares
from synthetic_data.estimands import true_values
from synthetic_data.succession.returns import after_failures, after_reason, had_nobody_left, resistant_at_end
from synthetic_data.succession.shares import StepShares, selection_share, step_shares

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth
    from synthetic_data.succession.truth import Succession

Row = dict[str, object]

FREEDOM = "sustained seizure freedom (ILAE 2010)"
INTOLERANCE = "stopped for intolerance"
STARTED = "treatment started"
RESPONSE = "half of the seizures or more gone"


def clinic_estimates(truth: ClinicTruth) -> pl.DataFrame:
    """Return the true values of an epilepsy clinic; see `ClinicTruth.estimates`."""
    shares = step_shares(truth.succession)
    by_drugs = float(shares.remission.sum())
    rows: list[Row] = [*_by_treatment(shares), *_by_history(truth.succession, shares), *_over_steps(truth.succession)]
    ever = by_drugs
    if truth.therapies:
        started = resistant_at_end(shares) * np.array(therapy_shares(truth))
        freedom = np.array([therapy.freedom for therapy in truth.therapies])
        ever += float(started @ freedom)
        rows += [*_therapies(truth, started), _share(FREEDOM, by_drugs, term="any drug")]
    rows.append(_share(FREEDOM, ever, term="any treatment"))
    return true_values([*rows, *withdrawal_rows(truth), *relapse_rows(truth)])


def _share(criterion: str, estimate: float, **labels: str) -> Row:
    return {"criterion": criterion, "statistic": "share", "estimate": float(estimate), **labels}


def _by_treatment(shares: StepShares) -> Iterator[Row]:
    """Yield shares of those who start each treatment, and of the cohort."""
    for k, tried in enumerate(shares.tried):
        group = str(k + 1)
        yield _share(STARTED, tried, group=group)
        if tried > 0:
            yield _share(FREEDOM, shares.remission[k] / tried, group=group)
            yield _share(INTOLERANCE, shares.intolerance[k] / tried, group=group)
        yield _share(FREEDOM, shares.remission[k], group=group, term="of the cohort")


def _by_history(succession: Succession, shares: StepShares) -> Iterator[Row]:
    """Yield shares of those who start a treatment by what came before it."""
    found = after_reason(shares)
    terms = {"after inefficacy": "stopped without effect", "after intolerance": "intolerance"}
    if any(succession.inadequate):
        terms |= {"after a fair test failed": "inefficacy", "after no fair test": "inadequate"}
    for term, reason in terms.items():
        for k, share in enumerate(found[reason][1:], start=2):
            if np.isfinite(share):
                yield _share(FREEDOM, share, group=str(k), term=term)
    for m, share in enumerate(after_failures(succession).of_those_who_tried):
        if np.isfinite(share):
            yield _share(FREEDOM, share, term="after 1 failure" if m == 1 else f"after {m} failures")


def _over_steps(succession: Succession) -> Iterator[Row]:
    """Yield what has been reached by each step, and how much of the fall of success is selection."""
    shares = step_shares(succession)
    reached = {None: np.cumsum(shares.remission), "had nobody left": had_nobody_left(succession)}
    for term, cumulative in reached.items():
        for k, share in enumerate(cumulative, start=1):
            yield _share(FREEDOM, share, group=str(k)) | {"statistic": "cumulative share", "term": term}
    success = shares.of_those_who_tried if (shares.tried > 0).all() else np.zeros(1)
    for k in range(2, success.size + 1):
        if abs(success[0] - success[k - 1]) > 1e-9:
            row = _share(FREEDOM, selection_share(succession, k), group=str(k))
            yield row | {"statistic": "selection share"}


def _therapies(truth: ClinicTruth, started: np.ndarray) -> Iterator[Row]:
    """Yield who of the cohort receives each therapy, and what comes of it; then all of them as one treatment more."""
    for therapy, share in zip(truth.therapies, started, strict=True):
        yield _share(STARTED, share, term=therapy.name)
        yield _share(FREEDOM, therapy.freedom, term=therapy.name)
        yield _share(RESPONSE, therapy.response, term=therapy.name)
    group, freedom = str(truth.succession.steps + 1), np.array([therapy.freedom for therapy in truth.therapies])
    yield _share(STARTED, started.sum(), group=group)
    if started.sum() > 0:
        yield _share(FREEDOM, started @ freedom / started.sum(), group=group)
