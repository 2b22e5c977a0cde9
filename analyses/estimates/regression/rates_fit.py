"""Regression of counts over time by maximum likelihood, Poisson and negative binomial."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analyses.estimates.regression.rates_likelihood import CountSample, Floats, log_likelihood, slopes
from cohort.errors import EstimationError

_STEPS = 60
_HALVINGS = 30
_ENOUGH = 1e-10
# A variance that exceeds the mean by less than this share is Poisson's.
_NO_DISPERSION = 1e-8
# Where counts vary less than Poisson's at first sight, the likelihood is asked at these values too.
_TRIED = (0.05, 0.5, 5.0)


@dataclass(frozen=True, eq=False)
class RateFit:
    """A fitted regression of counts.

    Attributes:
        coefficients: The log rate, and log rate ratios.
        alpha: The dispersion: the variance is mu + alpha mu^2; 0 where it is Poisson's.
        information: Minus the second derivatives of the log-likelihood by the coefficients and, where alpha is above 0,
            log alpha.
        expected: The expected information of the coefficients at that alpha.
        scores: Each row's derivatives, columns as in `information`.
        mean: Expected counts.
        log_likelihood: With all its constants.
        pearson: Sum of the squared misses over their variance.
    """

    coefficients: Floats
    alpha: float
    information: Floats
    expected: Floats
    scores: Floats
    mean: Floats
    log_likelihood: float
    pearson: float


def fit_poisson(sample: CountSample) -> RateFit:
    """Return the Poisson regression of counts on the columns, with the logarithm of the exposure as offset.

    Raises:
        EstimationError: The likelihood has no maximum.
    """
    scaled, back = _scaled(sample)
    return _reported(sample, back @ _poisson(scaled), 0.0)


def fit_negative_binomial(sample: CountSample) -> RateFit:
    """Return the negative binomial regression, by Newton's method on the coefficients and log alpha together.

    Counts that vary no more than Poisson's have alpha 0. (statsmodels' own search stops early: its gradient is not 0.)

    Raises:
        EstimationError: The likelihood has no maximum.

    Sources: Lawless JF. Can J Stat 1987;15:209-25.
    """
    scaled, back = _scaled(sample)
    poisson = _poisson(scaled)
    mean = scaled.mean(poisson)
    excess = float(((sample.count - mean) ** 2 - sample.count) @ scaled.frequency)
    starts = [excess / float(mean**2 @ scaled.frequency)] if excess > 0 else []
    if not starts:
        reached = log_likelihood(scaled, mean, 0.0)
        starts = [alpha for alpha in _TRIED if log_likelihood(scaled, mean, alpha) > reached]
    if not starts:
        return _reported(sample, back @ poisson, 0.0)
    found = _negative_binomial(scaled, np.append(poisson, np.log(min(max(starts[0], 1e-4), 1e4))))
    alpha = float(np.exp(found[-1]))
    if alpha * float(mean.max()) < _NO_DISPERSION:
        return _reported(sample, back @ poisson, 0.0)
    return _reported(sample, back @ found[:-1], alpha)


def _reported(sample: CountSample, coefficients: Floats, alpha: float) -> RateFit:
    mean = sample.mean(coefficients)
    at = slopes(sample, mean, alpha)
    x, w = sample.matrix, sample.frequency
    information = x.T @ ((at.eta_eta * w)[:, None] * x)
    expected = x.T @ ((mean / (1 + alpha * mean) * w)[:, None] * x)
    scores = at.eta[:, None] * x
    if alpha:
        mixed = -(x.T @ (at.mixed * w))
        corner = -float(at.log_alpha_twice @ w)
        information = np.block([[information, mixed[:, None]], [mixed[None, :], np.array([[corner]])]])
        scores = np.column_stack([scores, at.log_alpha])
    pearson = float(((sample.count - mean) ** 2 / (mean + alpha * mean**2)) @ w)
    return RateFit(
        *(coefficients, alpha, information, expected, scores, mean),
        *(log_likelihood(sample, mean, alpha), pearson),
    )


def _scaled(sample: CountSample) -> tuple[CountSample, Floats]:
    """Return the sample with columns of mean 0 and spread 1, and the matrix that takes coefficients back."""
    x, w = sample.matrix, sample.frequency
    size = x.shape[1]
    centre = (w @ x[:, 1:]) / w.sum()
    spread = np.sqrt(w @ (x[:, 1:] - centre) ** 2 / w.sum())
    back = np.eye(size)
    back[1:, 1:] /= spread
    back[0, 1:] = -centre / spread
    return replace(sample, matrix=np.column_stack([x[:, :1], (x[:, 1:] - centre) / spread])), back


def _poisson(sample: CountSample) -> Floats:
    x, w = sample.matrix, sample.frequency
    total = float(sample.count @ w)
    coefficients = np.zeros(x.shape[1])
    coefficients[0] = np.log(total / float(sample.exposure @ w))
    reached = log_likelihood(sample, sample.mean(coefficients), 0.0)
    for _ in range(_STEPS):
        mean = sample.mean(coefficients)
        step = _solved(x.T @ ((mean * w)[:, None] * x), x.T @ ((sample.count - mean) * w))
        coefficients, reached = _uphill(sample, coefficients, step, reached, alpha=0.0)
        if float(np.abs(x @ step).max()) < _ENOUGH:
            return coefficients
    raise _unbounded()


def _negative_binomial(sample: CountSample, theta: Floats) -> Floats:
    x, w = sample.matrix, sample.frequency
    reached = log_likelihood(sample, sample.mean(theta[:-1]), float(np.exp(theta[-1])))
    for _ in range(_STEPS):
        alpha, mean = float(np.exp(theta[-1])), sample.mean(theta[:-1])
        if alpha * float(mean.max()) < _NO_DISPERSION:
            return theta
        at = slopes(sample, mean, alpha)
        gradient = np.append(x.T @ (at.eta * w), at.log_alpha @ w)
        mixed = -(x.T @ (at.mixed * w))
        inner = x.T @ ((at.eta_eta * w)[:, None] * x)
        corner = -float(at.log_alpha_twice @ w)
        information = np.block([[inner, mixed[:, None]], [mixed[None, :], np.array([[corner]])]])
        if np.linalg.eigvalsh(information)[0] <= 0:
            # Away from the maximum: the expected information of the coefficients, and a careful step in log alpha.
            expected = x.T @ ((mean / (1 + alpha * mean) * w)[:, None] * x)
            step = np.append(_solved(expected, gradient[:-1]), np.clip(gradient[-1] / max(abs(corner), 1.0), -1, 1))
        else:
            step = _solved(information, gradient)
            step = step / max(1.0, abs(float(step[-1])) / 3)
        theta, reached = _uphill(sample, theta, step, reached, alpha=None)
        if max(float(np.abs(x @ step[:-1]).max()), abs(float(step[-1]))) < _ENOUGH:
            return theta
    raise _unbounded()


def _uphill(
    sample: CountSample, start: Floats, step: Floats, reached: float, *, alpha: float | None
) -> tuple[Floats, float]:
    """Return the first of ever shorter steps that does not lower the likelihood; the start where none does."""
    for _ in range(_HALVINGS):
        tried = start + step
        values = tried if alpha is not None else tried[:-1]
        here = log_likelihood(sample, sample.mean(values), alpha if alpha is not None else float(np.exp(tried[-1])))
        if here >= reached - 1e-12 * abs(reached):
            return tried, here
        step = step / 2
    return start, reached


def _solved(information: Floats, gradient: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, gradient))
    except np.linalg.LinAlgError:
        raise _unbounded() from None


def _unbounded() -> EstimationError:
    return EstimationError(
        "the likelihood of the counts has no maximum: some combination of the covariates has events on one side alone, "
        "and its rate ratio would be 0 or infinite; merge levels or shorten the formula"
    )
