"""Restricted means, cumulative hazards and survival at fixed times, rightly and wrongly."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import polars as pl

import analyses
from analyses.estimates.distributions import normal_quantile
from analyses.estimates.result import Estimates, estimates_frame
from tests.certify import draws
from tests.certify.design import LEVEL, Design, Drawn, Wanted

ARM, UNTIL, END = 120, 1.2, 1.5
RATES = {"control": 1.0, "drug": 0.6}
SLOPE = 0.8  # of the log hazard on a covariate of 0 or 1
DRUG = {"group": "drug", "reference": "control"}
LARGE = "what is allowed is a convention: normal limits are right in large samples only"
USUAL = {"coverage": 0.01, "ratio": 0.02}


def two_arms(rng, rates=None, size=ARM):
    """Exponential times of two arms; some leave at the rate 1/3, the others are seen to the day 1.5."""
    rate = np.repeat(list((rates or RATES).values()), size)
    time, end = rng.exponential(1 / rate), np.minimum(rng.exponential(3, 2 * size), END)
    return draws.events(time, end, arm=draws.arms(size, size))


def means(rng):
    """Restricted means and their comparison."""
    return analyses.restricted_mean(two_arms(rng), until=UNTIL)


def spread_of_times(rng):
    """Restricted means with the standard deviation of a single subject's time in place of the mean's error."""
    frame = two_arms(rng)
    rows = []
    for curve in analyses.kaplan_meier(frame).model:
        until = np.minimum(np.append(curve.time, UNTIL), UNTIL)
        area = np.sum(curve.survival * np.diff(until))
        square = np.sum(curve.survival * np.diff(until**2))
        rows.append(_told(curve.group, area, sqrt(square - area**2)))
    return Estimates(estimates_frame(rows), "")


def mean_of_seen(rng):
    """Means of the observed times up to the horizon, the censored ones among them."""
    frame = two_arms(rng).with_columns(seen=pl.min_horizontal("left", pl.lit(UNTIL)))
    each = frame.group_by("arm").agg(pl.col("seen").mean().alias("mean"), error=pl.col("seen").std() / sqrt(ARM))
    return Estimates(estimates_frame(_told(*row) for row in each.rows()), "")


def _told(group, mean, error):
    reach = normal_quantile(0.95) * error
    numbers = {"estimate": mean, "std_error": error, "conf_low": mean - reach, "conf_high": mean + reach}
    return {"statistic": "restricted mean", "group": str(group), "at": UNTIL} | numbers


def with_covariate(rng):
    """The difference of restricted means, a covariate of 0 or 1 with a strong effect beside the arm."""
    x = rng.integers(0, 2, 2 * ARM)
    rate = np.repeat(list(RATES.values()), ARM) * np.exp(SLOPE * x)
    time, end = rng.exponential(1 / rate), np.minimum(rng.exponential(3, 2 * ARM), END)
    frame = draws.events(time, end, arm=draws.arms(ARM, ARM), x=x)
    return analyses.adjusted_restricted_mean(frame, "arm + x", until=UNTIL)


def hazards(rng):
    """Cumulative hazards of exponential times."""
    return analyses.nelson_aalen(two_arms(rng), times=[0.5, 1.0])


def alike(rng):
    """Two arms without a difference, compared at one time."""
    frame = two_arms(rng, rates={"control": 1.0, "drug": 1.0})
    return analyses.survival_differences(frame, times=[1.0], transform="log-log")


def apart(rng):
    """Two arms with a difference, compared at one time."""
    return analyses.survival_differences(two_arms(rng), times=[1.0])


def area(rate):
    """The mean of min(T, until) of an exponential time."""
    return (1 - exp(-rate * UNTIL)) / rate


def designs():
    """Return the designs of restricted means, cumulative hazards and fixed times."""
    named = f"two arms of {ARM}, exponential times, some leave"
    yield _design("restricted_mean", named, Drawn(means, 421), *_means())
    wrong = {"labels": _mean("control"), "true": area(RATES["control"])}
    yield _design(
        "restricted_mean",
        f"{named}, error of a single time",
        Drawn(spread_of_times, 421),
        Wanted(**wrong, must_fail=("ratio", "coverage"), why="WRONG METHOD: the variance of min(T, until) as error"),
        weight=0.5,
    )
    yield _design(
        "restricted_mean",
        f"{named}, observed times averaged",
        Drawn(mean_of_seen, 421),
        Wanted(**wrong, must_fail=("bias",), why="WRONG METHOD: censored times taken for times of events"),
        weight=0.5,
    )
    yield from _others(named)


def _means():
    control, drug = (area(rate) for rate in RATES.values())
    for arm, rate in RATES.items():
        yield Wanted(labels=_mean(arm), true=area(rate), allowed=USUAL, why=LARGE)
    differ = {"statistic": "restricted mean difference", "at": UNTIL} | DRUG
    yield Wanted(labels=differ, true=drug - control, allowed=USUAL, why=LARGE)
    for name, true in (("mean", drug / control), ("mean time lost", (UNTIL - drug) / (UNTIL - control))):
        labels = {"statistic": f"restricted {name} ratio", "at": UNTIL} | DRUG
        yield Wanted(labels=labels, true=true, ratio=None, allowed=USUAL | {"bias": 0.02}, why=LARGE)


def _others(named):
    marginal = {arm: (area(rate) + area(rate * exp(SLOPE))) / 2 for arm, rate in RATES.items()}
    labels = {"statistic": "restricted mean difference", "term": "arm", "at": UNTIL} | DRUG
    true = marginal["drug"] - marginal["control"]
    adjusted = Wanted(labels=labels, true=true, allowed=USUAL, why=LARGE)
    yield _design("adjusted_restricted_mean", f"{named}, with a covariate", Drawn(with_covariate, 422), adjusted)
    lines = (
        Wanted(
            labels={"statistic": "cumulative hazard", "term": "time point", "group": "control", "at": t},
            true=t,
            allowed=USUAL | {"bias": 0.005},
            why=LARGE,
        )
        for t in (0.5, 1.0)
    )
    yield _design("nelson_aalen", named, Drawn(hazards, 423), *lines)
    test = {"statistic": "survival at time chi-square", "reference": "control", "at": 1.0}
    level = Wanted(labels=test, true=None, level=LEVEL, allowed={"level": 0.01}, why=LARGE)
    yield _design("survival_differences", f"two equal arms of {ARM}, log-log scale", Drawn(alike, 424), level)
    differ = {"statistic": "survival difference", "at": 1.0} | DRUG
    true = exp(-RATES["drug"]) - exp(-RATES["control"])
    yield _design(
        "survival_differences", named, Drawn(apart, 425), Wanted(labels=differ, true=true, allowed=USUAL, why=LARGE)
    )


def _mean(arm):
    return {"statistic": "restricted mean", "group": arm, "at": UNTIL}


def _design(estimator, design, task, *wanted, weight=3):
    return Design(estimator=estimator, design=design, task=task, wanted=tuple(wanted), weight=weight)
