"""What the tied deaths of a day see of the risk set, as Efron or Breslow have it."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from cohort.errors import EstimationError

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
# From so many deaths a day on, and up to this share of the day's risk, a power series gives all their digits.
MANY, SMALL_SHARE = 64, 0.1
# More deaths are not laid out one by one.
MOST = 20_000_000
# 0.1 to this power is less than the last digit.
TERMS = 19
BERNOULLI = (1, -1 / 2, 1 / 6, 0, -1 / 30, 0, 1 / 42, 0, -1 / 30, 0, 5 / 66)


@dataclass(frozen=True, eq=False)
class Steps:
    """By cell, sums over its deaths: the k-th of d has a = k/d and sees s = total - a * dying (Breslow: a = 0).

    Attributes:
        log: Of log s.
        one: Of 1/s.
        diluted: Of a/s.
        square: Of 1/s^2.
        diluted_square: Of a/s^2.
        square_diluted: Of a^2/s^2.
    """

    log: Floats
    one: Floats
    diluted: Floats
    square: Floats
    diluted_square: Floats
    square_diluted: Floats


class Ties:
    """The deaths of each cell, of which the sums are asked for again and again."""

    def __init__(self, deaths: Places, *, efron: bool) -> None:
        self.deaths = deaths
        self.plain = not efron or not (deaths > 1).any()
        if not self.plain:
            self.many = np.flatnonzero(deaths >= MANY)
            self.few = np.flatnonzero(deaths < MANY)
            self.lines = _Lines(deaths[self.few])
            self.powers = _power_sums(deaths[self.many].astype(np.float64))

    def sums(self, total: Floats, dying: Floats) -> Steps:
        """Return the sums, given each cell's risk and that of its deaths."""
        if self.plain:
            none, deaths = np.zeros(len(total)), self.deaths.astype(np.float64)
            return Steps(deaths * np.log(total), deaths / total, none, deaths / total**2, none, none)
        found = np.empty((6, len(total)))
        found[:, self.few] = self.lines.sums(total[self.few], dying[self.few])
        if len(self.many):
            many = self.many
            found[:, many] = _series(self.powers, total[many], dying[many])
            large = many[~(dying[many] <= SMALL_SHARE * total[many])]
            if len(large):
                _refuse_more(int(self.deaths[large].sum()))
                found[:, large] = _Lines(self.deaths[large]).sums(total[large], dying[large])
        return Steps(*found)


def _refuse_more(events: int) -> None:
    if events > MOST:
        raise EstimationError(
            f"{events} events share days on which many of those at risk have it; Efron's treatment asks for each of "
            f"them in turn: take ties='breslow' beyond {MOST}"
        )


class _Lines:
    """The deaths of some cells, one line each."""

    def __init__(self, deaths: Places) -> None:
        self.deaths = deaths
        self.first = np.cumsum(deaths) - deaths
        self.share = (np.arange(int(deaths.sum())) - np.repeat(self.first, deaths)) / np.repeat(deaths, deaths)

    def sums(self, total: Floats, dying: Floats) -> Floats:
        """Return, for each cell, the sums over its deaths of log s, 1/s, l/s, 1/s^2, l/s^2 and (l/s)^2.

        s is the risk set's total diluted by the share l of the dying that a death no longer sees.
        """
        if not len(total):
            return np.empty((6, 0))
        seen = np.repeat(total, self.deaths) - self.share * np.repeat(dying, self.deaths)
        one = 1 / seen
        diluted = self.share * one
        found = (np.log(seen), one, diluted, one * one, diluted * one, diluted * diluted)
        return np.array([np.add.reduceat(values, self.first) for values in found])


def _power_sums(deaths: Floats) -> Floats:
    """Return the sums over k = 0 to d - 1 of (k/d)^power, one line a power, by Bernoulli's formula.

    Its later terms are of no weight for d of 64 and more.
    """
    found = np.empty((TERMS + 2, len(deaths)))
    for power in range(len(found)):
        terms = [
            comb(power + 1, place) * number * deaths ** (1.0 - place)
            for place, number in enumerate(BERNOULLI[: power + 1])
        ]
        found[power] = sum(reversed(terms)) / (power + 1)
    return found


def _series(powers: Floats, total: Floats, dying: Floats) -> Floats:
    """Return the six sums from the expansion of 1/s, 1/s^2 and log s in the share of the risk that dies."""
    share = np.minimum(dying / total, SMALL_SHARE)
    each = np.cumprod(np.vstack([np.ones(len(share)), *[share] * (TERMS - 1)]), axis=0)
    number = np.arange(1.0, TERMS + 1)[:, None]
    plain, once, twice = (powers[shift : shift + TERMS] * each for shift in (0, 1, 2))
    log = powers[0] * np.log(total) - (once * share / number).sum(axis=0)
    one, diluted = plain.sum(axis=0) / total, once.sum(axis=0) / total
    squares = ((number * values).sum(axis=0) / total**2 for values in (plain, once, twice))
    return np.array([log, one, diluted, *squares])
