"""Counts of successive treatments, drawn from the exact chances of a truth."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from analyses.estimates.successive.failure_counts import FailureCounts
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession


@cache
def chances_of(truth: Succession) -> np.ndarray:
    """Return the chances of those who tried each treatment."""
    return step_shares(truth).of_those_who_tried


@cache
def stays_of(truth: Succession) -> np.ndarray:
    """Return the shares that go on to the next treatment, of those without success."""
    shares = step_shares(truth)
    return np.append(shares.tried[1:] / (shares.tried - shares.remission)[:-1], 1.0)


def drawn_counts(chances, cohort, stay, rng) -> FailureCounts:
    """Return the counts of a cohort in which a share of those who fail goes on, one for all or one a treatment."""
    met, missed, here = [], [], cohort
    for chance, going in zip(chances, np.broadcast_to(stay, len(chances)), strict=True):
        succeed = int(rng.binomial(here, chance))
        met.append(succeed)
        missed.append(here - succeed)
        here = int(rng.binomial(here - succeed, going))
    return FailureCounts(np.arange(len(chances)), np.array(met), np.array(missed))


def expected_counts(chances, cohort, stay) -> FailureCounts:
    """Return the expected counts of such a cohort, which are not whole."""
    reached = cohort * np.cumprod(np.append(1.0, (1 - chances[:-1]) * stay))
    return FailureCounts(np.arange(len(chances)), reached * chances, reached * (1 - chances))


def as_table(counts: FailureCounts, **columns) -> pl.DataFrame:
    """Return counts as a table by treatment number."""
    numbers = {"treatment_no": counts.failures + 1, "tried": counts.counted, "met": counts.met}
    return pl.DataFrame(numbers | columns)
