"""The level of rank tests: weighted, stratified, for trend, and Gray's; and two that answer another question."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

import analyses
from analyses import FlemingHarrington
from tests.certify import draws
from tests.certify.design import LEVEL, Design, Drawn, Wanted

DOSES = pl.Enum(["placebo", "low", "high"])
SHARE = 0.4  # of those who ever have the cause of interest, in either arm
LARGE = "what is allowed is a convention: the chi-square distribution is an approximation"


def weighted(rng, weights):
    """Two arms of 50 without a difference, with light censoring, times to the next of ten visits."""
    time, end = np.ceil(4 * rng.exponential(size=100)), np.ceil(4 * rng.uniform(0.5, 3, 100))
    return analyses.log_rank(draws.events(time, end, arm=draws.arms(50, 50)), weights=weights)


def doses(rng):
    """Three doses, 40 subjects each, without a difference."""
    time, end = rng.exponential(size=120), rng.uniform(0.5, 3, 120)
    arm = pl.Series(np.repeat(DOSES.categories.to_list(), 40), dtype=DOSES)
    return analyses.log_rank(draws.events(time, end, arm=arm), trend={"placebo": 0, "low": 1, "high": 4})


def sites(rng, strata):
    """Two sites, of which one is ill sooner and has three quarters of its subjects on the drug, the other a quarter."""
    arm = np.concatenate([np.repeat(draws.ARMS.categories.to_list(), sizes) for sizes in ((20, 60), (60, 20))])
    time, end = rng.exponential(np.repeat([0.5, 1.5], 80)), rng.uniform(0.5, 3, 160)
    frame = draws.events(time, end, arm=pl.Series(arm, dtype=draws.ARMS), site=np.repeat(["1", "2"], 80))
    return analyses.log_rank(frame, strata=strata)


def equal_incidence(rng, size=100):
    """Two arms in which the cause of interest has one cumulative incidence, while deaths come sooner on the drug."""
    relapses = rng.random(2 * size) < SHARE
    death = rng.exponential(np.repeat([2.0, 0.25], size))
    time = np.where(relapses, rng.exponential(size=2 * size), death)
    frame = draws.events(time, rng.uniform(0.5, 3, 2 * size), arm=draws.arms(size, size))
    cause = np.where(relapses, "relapse", "death")
    return frame.with_columns(cause=pl.when(pl.col("right").is_not_null()).then(pl.Series(cause)))


def of_incidence(rng):
    """Gray's test of the relapses."""
    return analyses.gray(equal_incidence(rng), cause="relapse")


def of_rates(rng):
    """The log-rank test of the relapses, deaths censored: it compares rates, which differ."""
    frame, relapsed = equal_incidence(rng), pl.col("cause") == "relapse"
    return analyses.log_rank(
        frame.with_columns(right=pl.when(relapsed).then("right"), cause=pl.when(relapsed).then("cause"))
    )


def designs():
    """Return the designs of rank tests."""
    equal = "equal hazards, n = 50 and 50, times at visits"
    named = (FlemingHarrington(1), "Fleming-Harrington (1, 0)"), (FlemingHarrington(0, 1), "Fleming-Harrington (0, 1)")
    for seed, (weights, term) in enumerate([("gehan-breslow", "Gehan-Breslow"), *named], start=961):
        yield _design(equal, partial(weighted, weights=weights), seed, _test(term=term), weight=2.5)
    trend = _test("log-rank trend chi-square", reference="placebo")
    yield _design("three doses, equal hazards, n = 40 each", doses, 964, trend, weight=2.5)
    uneven = "two sites with unlike arms and hazards, n = 160"
    yield _design(f"{uneven}, stratified", partial(sites, strata="site"), 965, _test(), weight=2.5)
    confounded = _test(must_fail=("level",), allowed={}, why="WRONG METHOD: the sites are mixed")
    yield _design(f"{uneven}, taken together", partial(sites, strata=None), 965, confounded, weight=0.5)
    competing = "equal incidence of relapse, deaths sooner in one arm, n = 100 and 100"
    incidence = _test("Gray chi-square", term="relapse")
    yield _design(competing, of_incidence, 966, incidence, weight=2.5, estimator="gray")
    rates = _test(must_fail=("level",), allowed={}, why="WRONG METHOD for incidences: rates of who is still there")
    yield _design(f"{competing}, deaths censored", of_rates, 966, rates, weight=0.5)


def _test(statistic="log-rank chi-square", term=None, reference="control", **options):
    labels = {"statistic": statistic, "term": term, "reference": reference}
    return Wanted(labels=labels, true=None, level=LEVEL, **{"allowed": {"level": 0.01}, "why": LARGE} | options)


def _design(design, analyse, seed, wanted, weight, estimator="log_rank"):
    return Design(estimator=estimator, design=design, task=Drawn(analyse, seed), wanted=(wanted,), weight=weight)
