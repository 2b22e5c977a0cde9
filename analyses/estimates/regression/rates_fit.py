"""Regression of counts over time by maximum likelihood, Poisson and negative binomial."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analyses.estimates.regression.rates_likelihood import CountSample, Floats, log_likelihood, slopes
from cohort.errors import EstimationError

_STEPS = 60
_HALVINGS = 30
_ENOUGH = 1e-10
_SMALL, _ROUNDING = 1e-5, 1e-15
_SINGULAR = 1e-13
# A variance that exceeds the mean by less than this share is Poisson's.
_NO_DISPERSION = 1e-8
# Where counts vary less than Poisson's at first sight, the likelihood is asked at these values too.
_TRIED = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
# A row that is expected to have less than this share of the others' events may stand for a ratio of 0.
_NOTHING = 1e-7


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
        excess: How far the log-likelihood exceeds that of the Poisson regression.
    """

    coefficients: Floats
    alpha: float
    information: Floats
    expected: Floats
    scores: Floats
    mean: Floats
    log_likelihood: float
    pearson: float
    excess: float = 0.0


def fit_poisson(sample: CountSample) -> RateFit:
    """Return the Poisson regression of counts on the columns, with the logarithm of the exposure as offset.

    Raises:
        EstimationError: The likelihood has no maximum.
    """
    scaled, back = _scaled(sample)
    coefficients = _poisson(scaled)
    _refuse_ratios_of_0(scaled, scaled.mean(coefficients))
    return _reported(sample, back @ coefficients, 0.0)


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
    _refuse_ratios_of_0(scaled, mean)
    excess = float(((sample.count - mean) ** 2 - sample.count) @ scaled.frequency)
    starts = [excess / float(mean**2 @ scaled.frequency)] if excess > 0 else []
    if not starts:
        values = {alpha: log_likelihood(scaled, mean, alpha) for alpha in (0.0, *_TRIED)}
        starts = [best] if (best := max(values, key=lambda alpha: values[alpha])) else []
    if not starts:
        return _reported(sample, back @ poisson, 0.0)
    found = _negative_binomial(scaled, np.append(poisson, np.log(min(max(starts[0], 1e-4), 1e4))))
    alpha = float(np.exp(found[-1]))
    if alpha * float(mean.max()) < _NO_DISPERSION:
        return _reported(sample, back @ poisson, 0.0)
    fit = _reported(sample, back @ found[:-1], alpha)
    return replace(fit, excess=fit.log_likelihood - log_likelihood(scaled, mean, 0.0))


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
    # An expected count that no number can hold is 0, and so is its miss.
    pearson = float(((sample.count - mean) ** 2 / np.maximum(mean + alpha * mean**2, 1e-300)) @ w)
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
        gradient = x.T @ ((sample.count - mean) * w)
        step = _solved(sample, x.T @ ((mean * w)[:, None] * x), gradient)
        coefficients, reached = _uphill(sample, coefficients, step, reached, alpha=0.0)
        if _settled(float(np.abs(x @ step).max()), float(gradient @ step), reached):
            return coefficients
    raise _unbounded(sample)


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
            # Away from the maximum: the expected information of the coefficients, and up to 1 uphill in log alpha.
            expected = x.T @ ((mean / (1 + alpha * mean) * w)[:, None] * x)
            uphill = gradient[-1] / max(abs(corner), abs(float(gradient[-1])), 1e-300)
            step = np.append(_solved(sample, expected, gradient[:-1]), uphill)
        else:
            step = _solved(sample, information, gradient)
            step = step / max(1.0, abs(float(step[-1])) / 3)
        theta, reached = _uphill(sample, theta, step, reached, alpha=None)
        if _settled(max(float(np.abs(x @ step[:-1]).max()), abs(float(step[-1]))), float(gradient @ step), reached):
            return theta
    raise _unbounded(sample)


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


def _settled(step: float, decrement: float, reached: float) -> bool:
    """Return whether the last step was the last: it is small, or gains less than rounding."""
    return step < _ENOUGH or (step < _SMALL and abs(decrement) < _ROUNDING * max(1.0, abs(reached)))


def _solved(sample: CountSample, information: Floats, gradient: Floats) -> Floats:
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    scaled = information / np.outer(scale, scale)
    if not np.isfinite(scaled).all() or np.linalg.eigvalsh(scaled)[0] < _SINGULAR:
        raise _unbounded(sample)
    return np.asarray(np.linalg.solve(scaled, gradient / scale) / scale)


def _refuse_ratios_of_0(sample: CountSample, mean: Floats) -> None:
    expected = mean / sample.exposure
    if float(expected.min()) < _NOTHING * float(expected.max()) and separated(sample):
        raise _unbounded(sample)


def separated(sample: CountSample) -> bool:
    """Return whether some combination of the columns is 0 wherever there are events, and elsewhere never above 0.

    Its coefficient grows without end, as the expected counts of the others fall to 0.
    """
    from scipy.optimize import linprog

    x, seen = sample.matrix, sample.count > 0
    others = x[~seen]
    if not len(others):
        return False
    found = linprog(
        others.sum(axis=0),
        A_ub=np.vstack([others, -others]),
        b_ub=np.concatenate([np.zeros(len(others)), np.ones(len(others))]),
        A_eq=x[seen],
        b_eq=np.zeros(int(seen.sum())),
        bounds=(None, None),
    )
    return bool(found.status == 0 and found.fun < -1e-6)


def _unbounded(sample: CountSample) -> EstimationError:
    if separated(sample):
        return EstimationError(
            "the likelihood of the counts has no maximum: some combination of the covariates has events on one side "
            "alone, and its rate ratio would be 0 or infinite; merge levels or shorten the formula"
        )
    return EstimationError(
        f"the likelihood of {int(sample.count.sum())} events in {len(sample.count)} rows is too flat or too steep to "
        "find its maximum; shorten the formula, or transform covariates with a few huge values"
    )
