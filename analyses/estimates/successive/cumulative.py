"""The cumulative share that met the criterion over successive treatments, and what it assumes of those who left."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.proportions import Undetermined, wilson
from analyses.estimates.result import Estimates, estimates_frame
from analyses.estimates.successive.counts import Floats, Ints, StepCounts, step_counts
from analyses.estimates.successive.leavers import (
    Unlike,
    contradicted,
    greenwood_error,
    if_leavers,
    log_log_limits,
    product_limit,
)
from analyses.estimates.successive.table import Row, check_undetermined, counted_notes, naming
from cohort.errors import EstimationError, some

_TERMS = {"ratio": "chance times r", "odds ratio": "odds times r"}
STATISTIC, IF_LEAVERS = "cumulative share", "cumulative share if leavers differ"
OBSERVED, PRODUCT_LIMIT, LOWER, UPPER = "observed", "product-limit", "lower bound", "upper bound"


def cumulative_success(
    data: pl.DataFrame,
    *,
    undetermined: Undetermined,
    leavers: Sequence[float] = (0.0, 0.5, 1.0),
    unlike: Unlike = "ratio",
    by: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """Return the share of the cohort that met the criterion by the first, second .. treatment.

    Of those who never went on to a next treatment nobody knows what it would have done. What was observed counts them
    as not helped; the product-limit counts them as if they were like those who went on. The truth had nobody left may
    lie anywhere between the bounds.

    Statistic "cumulative share", with the number of treatments in `group` and the level of `by` in `population`, and
    `term`:

    - "observed": met so far, of the cohort; Wilson's limits, `events` and `n`.
    - "product-limit": 1 - product of (1 - share of those who tried). Its standard error is Greenwood's, its limits are
      on the log(-log) scale of the share not met; null while nobody, or once everybody, met it.
    - "lower bound": no leaver ever meets it; the observed share. "upper bound": every leaver meets it on the next
      treatment. Wilson's limits: a bound is itself an estimate.

    Statistic "cumulative share if leavers differ", with `at` the ratio r: whoever left would have met the
    criterion on each later treatment with r times the chance of those who tried it, at most 1 (`term` "chance times
    r"), or r times its odds ("odds times r"). r = 0 is the lower bound,
    r = 1 the product-limit; r below 1 is what to expect where hard cases leave. Without limits: the curve shows how
    much hangs on r, not on chance.

    How far off the product-limit is: let p be a subject's chance, s(p) the chance of going on, and w the distribution
    of p among those without success on treatment 1. After two treatments it is above the truth had nobody left by
    E(1 - p) Cov_w(p, s) / E_w(s): too high where hard cases leave, exact where leaving does not depend on p.

    Args:
        data: Outcomes of one criterion, or counts by treatment number; see `counts.patterns`.
        undetermined: "excluded" takes a treatment that could not be decided as if it were like those that were, and
            as possibly met in the upper bound; "not met" takes it as not met. Observed, it is not met.
        leavers: The ratios r, 0 or more.
        unlike: Whether r multiplies the chance ("ratio") or its odds ("odds ratio").
        by: The column that names the cohort; None for one.
        level: Coverage of the limits.

    Raises:
        EstimationError: The data cannot be counted, a ratio is negative or not finite, or an argument is unknown.

    Sources: Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-81; Greenwood M. Reports on Public Health and Medical
    Subjects 1926;33 (standard error); Rush AJ et al. Am J Psychiatry 2006;163:1905-17 (67 percent, a product-limit).

    >>> steps = pl.DataFrame({"treatment_no": [1, 2], "tried": [100, 25], "met": [50, 10]})
    >>> found = cumulative_success(steps, undetermined="excluded")
    >>> [found.value("cumulative share", term=term, group="2") for term in ("observed", "product-limit", "upper bound")]
    [0.6, 0.7, 0.85]
    """
    check_undetermined(undetermined)
    _check_leavers(leavers, unlike)
    z = normal_quantile(level)
    rows: list[Row] = []
    notes: list[str] = []
    for counts in step_counts(data, by=by):
        guessed = counts.undetermined if undetermined == "excluded" else np.zeros_like(counts.tried)
        found = [*_bounds(counts, guessed, z), *_product_limit(counts, guessed, z)]
        found += _curves(counts, guessed, leavers, unlike)
        rows += [naming(data, by, counts) | row for row in found]
        notes += _cohort_notes(counts, guessed)
    method = (
        f"Cumulative share that met the criterion by number of treatments: observed (Wilson {100 * level:g}% limits), "
        "product-limit (Greenwood, log-log limits), and bounds over what those who left would have done"
    )
    return Estimates(estimates_frame(rows), method, (*counted_notes(data, by), *notes, *_ASSUMED), level)


_ASSUMED = (
    "product-limit: those who left are taken as if they were like those who went on; where hard cases leave, it is "
    "too high",
    "bounds: no leaver, or every leaver, would have met the criterion later; their limits are for chance alone",
)


def _check_leavers(leavers: Sequence[float], unlike: str) -> None:
    if unlike not in ("ratio", "odds ratio"):
        raise EstimationError(f"unlike={unlike!r} was given; it is 'ratio' or 'odds ratio'")
    wrong = [ratio for ratio in leavers if not (math.isfinite(ratio) and ratio >= 0)]
    if wrong:
        raise EstimationError(
            f"{len(wrong)} of leavers are no ratio: {some(wrong)}; expected numbers from 0 on, as 0.5"
        )


def _chances(counts: StepCounts, guessed: Ints) -> Floats:
    decided = counts.tried - guessed
    return np.asarray(np.divide(counts.met, decided, out=np.full(decided.size, np.nan), where=decided > 0))


def _bounds(counts: StepCounts, guessed: Ints, z: float) -> Iterator[Row]:
    """Return what was observed, and the bounds: whoever tried k and certainly did not meet it is all that is left."""
    so_far = np.cumsum(counts.met)
    certain = counts.tried - counts.met - guessed
    for term, numbers in ((OBSERVED, so_far), (LOWER, so_far), (UPPER, counts.cohort - certain)):
        for k, met in zip(counts.treatment_no.tolist(), numbers.tolist(), strict=True):
            yield _share(k, term, met, counts.cohort, z)


def _share(number: int, term: str, met: int, n: int, z: float) -> Row:
    low, high = wilson(met, n, z)
    error = math.sqrt(met / n * (1 - met / n) / n)
    row: Row = {"group": str(number), "statistic": STATISTIC, "term": term, "estimate": met / n, "std_error": error}
    return row | {"conf_low": low, "conf_high": high, "n": n, "events": met}


def _product_limit(counts: StepCounts, guessed: Ints, z: float) -> Iterator[Row]:
    chances = _chances(counts, guessed)
    shares = product_limit(chances)
    errors = greenwood_error(chances, (counts.tried - guessed).astype(np.float64))
    so_far = np.cumsum(counts.met)
    for k, number in enumerate(counts.treatment_no.tolist()):
        share, error = float(shares[k]), float(errors[k])
        low, high = log_log_limits(share, error, z)
        row: Row = {"group": str(number), "statistic": STATISTIC, "term": PRODUCT_LIMIT, "estimate": _known(share)}
        row |= {"std_error": _known(error), "conf_low": low, "conf_high": high}
        yield row | {"n": counts.cohort, "events": int(so_far[k])}


def _curves(counts: StepCounts, guessed: Ints, leavers: Sequence[float], unlike: Unlike) -> Iterator[Row]:
    chances = _chances(counts, guessed)
    for ratio in leavers:
        shares = if_leavers(counts.tried, chances, guessed, ratio, unlike)
        for number, share in zip(counts.treatment_no.tolist(), shares.tolist(), strict=True):
            row: Row = {"group": str(number), "statistic": IF_LEAVERS, "term": _TERMS[unlike]}
            yield row | {"at": float(ratio), "estimate": _known(share), "n": counts.cohort}


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _cohort_notes(counts: StepCounts, guessed: Ints) -> Iterator[str]:
    named = "" if counts.label is None else f"{counts.label}: "
    left = counts.tried[:-1] - counts.met[:-1] - counts.tried[1:]
    if left.size:
        yield (
            f"{named}{int(left.sum())} of {counts.cohort} left without the criterion before treatment "
            f"{int(counts.treatment_no[-1])}"
        )
    chances = _chances(counts, guessed)
    if np.isnan(chances).any():
        yield f"{named}from a treatment on that was undetermined for all, there is no product-limit"
    elif contradicted(counts.tried, chances):
        yield (
            f"{named}more went on than a product-limit without the undetermined leaves; some of them had certainly not "
            "met it: 'not met' fits better"
        )
