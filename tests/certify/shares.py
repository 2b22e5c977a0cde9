"""Shares and differences of shares."""

from __future__ import annotations

from functools import partial

import numpy as np

import analyses
from tests.certify import draws
from tests.certify.design import Design, Drawn, Wanted
from tests.certify.exact import binomial_ratio, newcombe_coverage, wilson_coverage

ENUMERATED = "Exact: summed over all counts"


def one_share(rng, n, p):
    """The share of one group."""
    arm = draws.arms(n, 0)
    return analyses.proportions(draws.outcomes(arm, rng.random(n) < p), undetermined="excluded")


def two_shares(rng, sizes, chances):
    """The difference of two shares."""
    arm = draws.arms(*sizes)
    met = rng.random(len(arm)) < np.repeat(chances, sizes)
    return analyses.risk_differences(draws.outcomes(arm, met), undetermined="excluded")


def designs():
    """Return the designs of shares."""
    yield from (_one(n, p, seed) for seed, (n, p) in enumerate([(20, 0.1), (50, 0.3), (200, 0.02)], start=101))
    pairs = [((30, 30), (0.2, 0.5)), ((100, 100), (0.3, 0.45)), ((40, 80), (0.05, 0.1))]
    yield from (_two(sizes, chances, seed) for seed, (sizes, chances) in enumerate(pairs, start=111))


def _one(n, p, seed):
    labels = {"statistic": "share", "criterion": draws.ONE_CRITERION, "term": "observed cases", "group": "control"}
    wanted = Wanted(
        labels=labels,
        true=p,
        coverage=wilson_coverage(n, p),
        ratio=binomial_ratio(n),
        why=ENUMERATED,
        allowed={"ratio": 0.01},
    )
    task = Drawn(partial(one_share, n=n, p=p), seed)
    return Design(estimator="proportions (Wilson)", design=f"n = {n}, p = {p}", task=task, wanted=(wanted,), weight=3)


def _two(sizes, chances, seed):
    labels = {"statistic": "risk difference", "criterion": draws.ONE_CRITERION, "term": "observed cases"}
    variances = [p * (1 - p) / n for n, p in zip(sizes, chances, strict=True)]
    seen = sum(v * binomial_ratio(n) ** 2 for n, v in zip(sizes, variances, strict=True))
    wanted = Wanted(
        labels=labels | {"group": "drug", "reference": "control"},
        true=chances[1] - chances[0],
        coverage=newcombe_coverage(sizes[1], chances[1], sizes[0], chances[0]),
        ratio=(seen / sum(variances)) ** 0.5,
        why=ENUMERATED,
    )
    task = Drawn(partial(two_shares, sizes=sizes, chances=chances), seed)
    return Design(
        estimator="risk_differences (Newcombe)",
        design=f"n = {sizes[0]} and {sizes[1]}, p = {chances[0]} and {chances[1]}",
        task=task,
        wanted=(wanted,),
        weight=3,
    )
