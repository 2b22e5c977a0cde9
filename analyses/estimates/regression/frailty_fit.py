"""A Cox regression with a shared gamma frailty: its variance by the highest marginal likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.cox_fit import fit
from analyses.estimates.regression.frailty_given import Equations, GivenVariance, fit_given
from analyses.estimates.regression.frailty_likelihood import SharedHazard
from analyses.estimates.regression.sample import Sample
from cohort.errors import EstimationError

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
# Variances between which the likelihood is searched; below the first a frailty is none.
LEAST, MOST = 1e-6, 1e4
STRIDE = 4.0


@dataclass(frozen=True, eq=False)
class FrailtyFit:
    """The maximum of the marginal likelihood.

    Attributes:
        coefficients: Log hazard ratios given the frailty.
        covariance: Of them, the variance of the frailty being estimated too; at variance 0 that of the Cox regression.
        covariance_given: The same if the variance were known.
        variance: The variance of the frailty; 0 where nothing above it is likelier.
        error: Its standard error; None at 0.
        low, high: Its profile likelihood limits; None where the likelihood bounds it on no side.
        log_likelihood: The marginal log likelihood, on the scale of the log partial likelihood.
        log_likelihood_none: That without a frailty: the log partial likelihood of the Cox regression.
        frailty: The posterior mean of each cluster.
        events: Each cluster's events.
        expected: Each cluster's cumulative hazard, without its frailty.
    """

    coefficients: Floats
    covariance: Floats
    covariance_given: Floats
    variance: float
    error: float | None
    low: float | None
    high: float | None
    log_likelihood: float
    log_likelihood_none: float
    frailty: Floats
    events: Floats
    expected: Floats


class _Profile:
    """The marginal likelihood by the variance alone; each fit starts where the nearest one ended."""

    def __init__(self, hazard: SharedHazard, coefficients: Floats) -> None:
        self.hazard = hazard
        self.start = coefficients, np.zeros(hazard.clusters)
        self.made: dict[float, GivenVariance] = {}

    def at(self, logarithm: float) -> GivenVariance:
        """Return the fit given the logarithm of the variance."""
        if logarithm not in self.made:
            nearest = min(self.made, key=lambda other: abs(other - logarithm), default=None)
            start = self.start
            if nearest is not None:
                start = self.made[nearest].coefficients, self.made[nearest].log_frailty
            self.made[logarithm] = fit_given(self.hazard, math.exp(logarithm), start)
        return self.made[logarithm]


def fit_frailty(sample: Sample, cluster: Places, ties: str, z: float) -> FrailtyFit:
    """Return the maximum of the marginal likelihood of rows that are sorted by cluster.

    Raises:
        EstimationError: The Cox regression without a frailty has no maximum, or the variance has none.
    """
    plain = fit(sample, ties)
    hazard = SharedHazard(sample, cluster, ties)
    profile = _Profile(hazard, plain.coefficients * hazard.scale)
    none = hazard.at(plain.coefficients * hazard.scale, np.zeros(hazard.clusters))
    top = _highest(profile)
    if top is None or top.value <= none.value:
        expected = hazard.by_cluster(none.expected)
        high = _bound(profile, none.value, math.log(LEAST), z, upward=True)
        likelihoods, frailty = (none.value, none.value), np.ones(hazard.clusters)
        covariances = plain.covariance, plain.covariance
        return FrailtyFit(
            plain.coefficients, *covariances, 0.0, None, 0.0, high, *likelihoods, frailty, hazard.deaths, expected
        )
    given, whole = _covariances(hazard, top)
    scale, frailty = np.outer(hazard.scale, hazard.scale), np.exp(top.log_frailty)
    around = math.log(top.variance)
    bounded = 2 * (top.value - none.value) > z * z
    low = _bound(profile, top.value, around, z, upward=False) if bounded else 0.0
    high = _bound(profile, top.value, around, z, upward=True)
    covariances, likelihoods = (whole[:-1, :-1] / scale, given / scale), (top.value, none.value)
    bounds = top.variance * math.sqrt(whole[-1, -1]), low, high
    expected = hazard.by_cluster(top.point.expected) / frailty
    coefficients = top.coefficients / hazard.scale
    return FrailtyFit(coefficients, *covariances, top.variance, *bounds, *likelihoods, frailty, hazard.deaths, expected)


def _highest(profile: _Profile) -> GivenVariance | None:
    """Return the maximum over variances; None where the likelihood falls from 0 on."""
    from scipy.optimize import brentq

    low = high = 0.0
    if profile.at(0.0).slope > 0:
        while profile.at(high).slope > 0:
            low, high = high, high + math.log(STRIDE)
            if high > math.log(MOST):
                raise EstimationError(
                    f"the variance of the frailty grows beyond {MOST:g}: the likelihood has no maximum, because these "
                    "clusters do not tell the frailty from the hazard itself; fit without it, or with larger clusters"
                )
    else:
        while profile.at(low).slope <= 0:
            low, high = low - math.log(STRIDE), low
            if low < math.log(LEAST):
                return None
    return profile.at(float(brentq(lambda at: profile.at(at).slope, low, high, xtol=1e-11, rtol=1e-14)))


def _bound(profile: _Profile, top: float, around: float, z: float, *, upward: bool) -> float | None:
    """Return where the likelihood has fallen by half the square of the normal quantile; None beyond what is searched.

    At a variance of 0 the search goes upward from the least variance.
    """
    from scipy.optimize import brentq

    def above(at: float) -> float:
        return 2 * (top - profile.at(at).value) - z * z

    stride = math.log(STRIDE) if upward else -math.log(STRIDE)
    near = around if around > math.log(LEAST) else math.log(LEAST * 1e3)
    far = near + stride
    while above(far) < 0:
        near, far = far, far + stride
        if not math.log(LEAST) < far < math.log(MOST):
            return None if upward else 0.0
    if above(near) >= 0:
        return math.exp(near)
    found = _by_slopes(profile, top, far, z, sorted((near, far)))
    return math.exp(brentq(above, min(near, far), max(near, far), xtol=1e-8) if found is None else found)


def _by_slopes(profile: _Profile, top: float, at: float, z: float, within: list[float]) -> float | None:
    """Return the bound by Newton's method, which takes fewer fits than a search; None where it leads astray."""
    for _ in range(12):
        there = profile.at(at)
        away = 2 * (top - there.value) - z * z
        if abs(away) < 1e-9:
            return at
        at += away / (2 * there.slope) if there.slope else math.inf
        if not within[0] <= at <= within[1]:
            return None
    return None


def _covariances(hazard: SharedHazard, top: GivenVariance) -> tuple[Floats, Floats]:
    """Return the covariance of coefficients given the variance, and of coefficients and log variance together."""
    information = Equations(hazard, top.variance, top.log_frailty, top.point).information()
    try:
        given, whole = np.linalg.inv(information[:-1, :-1]), np.linalg.inv(information)
    except np.linalg.LinAlgError:
        given = whole = np.full_like(information, np.nan)
    if not (np.diag(whole) > 0).all():
        raise EstimationError(
            f"the likelihood is flat around a frailty variance of {top.variance:g}: these clusters do not tell the "
            "frailty from the hazard itself; fit without it, or with fewer covariates that follow it"
        )
    return np.asarray(given), np.asarray(whole)
