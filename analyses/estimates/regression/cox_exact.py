"""The discrete conditional ("exact") partial likelihood of a Cox regression."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.cox_kernel import Point
from analyses.estimates.regression.cox_layout import Layout

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class ExactLikelihood:
    """The chance that, of those at risk on each day, just these have the event, given how many have it.

    Its denominator is the sum over all ways to choose as many, of the products of their risks: the elementary
    symmetric polynomial, built up as by Gail, Lubin and Rubinstein, but pair by pair and in chances, so that it
    neither overflows nor loses digits.

    Sources: Gail MH, Lubin JH, Rubinstein LV. Biometrika 1981;68:703-7.
    """

    def __init__(self, rows: Layout) -> None:
        self.rows = rows
        frequency = np.ones(rows.columns.shape[1]) if rows.mass is None else rows.mass
        self.frequency = np.rint(frequency).astype(np.int64)
        ends = np.append(rows.starts[1:], rows.columns.shape[1])
        self.leave = np.repeat(rows.cell, ends - rows.starts)
        first = np.searchsorted(rows.stratum, rows.stratum[self.leave])
        self.enter = first - 1
        self.enter[rows.late] = rows.enter

    def at(self, coefficients: Floats) -> Point:
        """Return the likelihood at coefficients of the standardised columns."""
        rows = self.rows
        eta = coefficients @ rows.columns
        value = float(rows.observed @ coefficients)
        score, information = rows.observed.copy(), np.zeros((len(coefficients),) * 2)
        with np.errstate(all="ignore"):
            for cell, deaths in enumerate(rows.deaths.tolist()):
                seen = np.flatnonzero((self.enter < cell) & (self.leave >= cell))
                seen = np.repeat(seen, self.frequency[seen])
                log_sum, mean, spread = choices(eta[seen], rows.columns[:, seen], deaths)
                value -= log_sum
                score -= mean
                information += spread
        return Point(value, score, information)


def choices(eta: Floats, columns: Floats, count: int) -> tuple[float, Floats, Floats]:
    """Return of all choices of `count` rows the logarithm of the summed products of exp(eta), and what is drawn.

    That is the mean and the covariance of the chosen rows' summed columns, a choice being drawn as its product is.
    """
    middle = columns.mean(axis=1)
    if count == len(eta):
        return float(eta.sum()), count * middle, np.zeros((len(middle), len(middle)))
    centred = columns - middle[:, None]
    if count == 1:
        log_sum, mean, spread = _single(eta, centred)
    else:
        log_sum, mean, spread = _several(eta, centred, count)
    return log_sum, mean + count * middle, spread


def _single(eta: Floats, columns: Floats) -> tuple[float, Floats, Floats]:
    top = eta.max()
    risk = np.exp(eta - top)
    total = risk.sum()
    drawn = columns * (risk / total)
    mean = drawn.sum(axis=1)
    return float(top + np.log(total)), mean, drawn @ columns.T - np.outer(mean, mean)


def _several(eta: Floats, columns: Floats, count: int) -> tuple[float, Floats, Floats]:
    tilted = eta + _tilt(eta, count)
    total, first, second = _polynomial(tilted, columns, count)
    # The chance of `count` in all, less what made chances of the risks.
    log_sum = float(np.log(total) + np.logaddexp(0, tilted).sum() - count * (tilted[0] - eta[0]))
    mean, size = first / total, len(columns)
    spread = np.zeros((size, size))
    spread[np.triu_indices(size)] = second / total
    return log_sum, mean, spread + np.triu(spread, 1).T - np.outer(mean, mean)


def _tilt(eta: Floats, count: int) -> float:
    """Return the c at which the chances exp(eta + c) / (1 + exp(eta + c)) sum to about the count.

    Then the chance of `count` in all is none of the small ones, and the polynomial keeps its digits.
    """
    odds = math.log(count / (len(eta) - count))
    low, high = odds - float(eta.max()), odds - float(eta.min())
    while high - low > 1e-3:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if (1 / (1 + np.exp(-(eta + middle)))).sum() < count:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _polynomial(tilted: Floats, columns: Floats, count: int) -> tuple[float, Floats, Floats]:
    """Return the chance that just `count` rows are drawn, with its derivatives in the coefficients.

    The product of (1 - p) + p z over the rows, by pairs of pairs; second derivatives are those above the diagonal.
    """
    size = len(columns)
    pairs = np.triu_indices(size)
    lines = np.vstack([np.ones(len(tilted)), columns, columns[pairs[0]] * columns[pairs[1]]])
    nodes = np.zeros((len(lines), len(tilted), 2))
    nodes[0, :, 0] = 1 / (1 + np.exp(tilted))
    nodes[:, :, 1] = lines / (1 + np.exp(-tilted))
    while nodes.shape[1] > 1:
        if nodes.shape[1] % 2:
            empty = np.zeros((len(lines), 1, nodes.shape[2]))
            empty[0, 0, 0] = 1
            nodes = np.concatenate([nodes, empty], axis=1)
        nodes = _multiplied(nodes[:, ::2], nodes[:, 1::2], count, pairs)
    return float(nodes[0, 0, count]), nodes[1 : size + 1, 0, count], nodes[size + 1 :, 0, count]


def _multiplied(a: Floats, b: Floats, count: int, pairs: tuple[Places, ...]) -> Floats:
    """Return the products of a and b with their derivatives, by the product rule."""
    left, right = (place + 1 for place in pairs)
    found = _product(a, b[:1], count)
    found[1:] += _product(b[1:], a[:1], count)
    found[len(a) - len(left) :] += _product(a[left], b[right], count) + _product(a[right], b[left], count)
    return found


def _product(a: Floats, b: Floats, count: int) -> Floats:
    """Return products of polynomials (along the last axis), without powers above the count."""
    size = min(a.shape[2] + b.shape[2] - 1, count + 1)
    found = np.zeros((*np.broadcast_shapes(a.shape[:2], b.shape[:2]), size))
    for power in range(min(b.shape[2], size)):
        width = min(a.shape[2], size - power)
        found[:, :, power : power + width] += a[:, :, :width] * b[:, :, power : power + 1]
    return found
