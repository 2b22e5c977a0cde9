"""Exact expectations of a truth: plain numbers in, plain numbers out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_REACH = 9.5  # a standard normal lies beyond this with a chance of 2e-21
_AROUND = np.array([-9.0, -6.0, -4.0, -2.5, -1.2, 0.0, 1.2, 2.5, 4.0, 6.0, 9.0])


def score_distribution(mean: float, sd: float, high: int) -> Floats:
    """Return the chances of the scores 0 to `high` of a rounded and truncated normal.

    The score is floor(x + 1/2), held within 0 and `high`; x is normal with that mean and standard deviation (0 is
    allowed).

    >>> score_distribution(mean=0.0, sd=1.0, high=2).round(4).tolist()
    [0.6915, 0.2417, 0.0668]
    """
    return np.diff(_below(_edges(high), mean, sd))


def halved(high: int) -> NDArray[np.bool_]:
    """Return where, by first score and later score, the later is at most half of a first score above 0.

    >>> halved(2).astype(int).tolist()
    [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    """
    first, later = np.arange(high + 1)[:, None], np.arange(high + 1)
    return (2 * later <= first) & (first > 0)


def joint_distribution(means: tuple[float, float], covariance: Floats, high: int) -> Floats:
    """Return the chance of every pair of a first and a later score, by first score and later score.

    Both are rounded half up and truncated to 0..`high` from a bivariate normal. The first one's normal deviate z is
    integrated over by 16-point Gauss-Legendre on pieces that end wherever the integrand bends; good to 1e-12.

    Args:
        means: Latent means, first and later.
        covariance: Their 2 by 2 covariance; variances of 0 and correlations of 1 are allowed.
        high: The scale's highest score.
    """
    sd_first = float(np.sqrt(covariance[0, 0]))
    slope = float(covariance[0, 1]) / sd_first if sd_first > 0 else 0.0
    sd_rest = float(np.sqrt(max(float(covariance[1, 1]) - slope**2, 0.0)))
    edges, ends = _standardized(_edges(high), means[0], sd_first), _edges(high)
    breaks = _breaks(edges, ends[1:-1] - means[1], slope, sd_rest)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    width = np.diff(breaks) / 2
    z = ((breaks[:-1] + width)[:, None] + width[:, None] * nodes).ravel()
    mass = (width[:, None] * weights).ravel() * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    below = _below(ends, (means[1] + slope * z)[:, None], sd_rest) * mass[:, None]
    joint = np.zeros((high + 1, high + 1))
    np.add.at(joint, np.searchsorted(edges, z, side="right") - 1, np.diff(below, axis=1))
    return joint


def _edges(high: int) -> Floats:
    """Return where the scores 0..high begin, and infinity: score k is recorded from edges[k] up to edges[k + 1]."""
    return np.concatenate([[-np.inf], np.arange(high) + 0.5, [np.inf]])


def _standardized(edges: Floats, mean: float, sd: float) -> Floats:
    if sd == 0:
        return np.where(edges <= mean, -np.inf, np.inf)
    return (edges - mean) / sd


def _below(x: Floats, mean: float | Floats, sd: float) -> Floats:
    """Return the normal chance of a value below x; without spread, of the mean itself."""
    from scipy.special import ndtr

    if sd == 0:
        return np.asarray(mean < x, dtype=np.float64)
    return np.asarray(ndtr((x - mean) / sd), dtype=np.float64)


def _breaks(edges: Floats, gaps: Floats, slope: float, sd_rest: float) -> Floats:
    """Return the ends of the pieces: an even grid, the first score's edges, and around each turn of the chance."""
    pieces = [np.linspace(-_REACH, _REACH, 39), edges]
    if slope != 0:
        pieces.append((gaps[:, None] / slope + _AROUND * sd_rest / abs(slope)).ravel())
    return np.unique(np.clip(np.concatenate(pieces), -_REACH, _REACH))
