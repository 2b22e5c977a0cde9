"""The weighted partial likelihood of a subdistribution hazard, by running sums over sorted times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from analyses.estimates.competing.censoring import Censoring
from analyses.estimates.competing.subdistribution_sample import COMPETING, OF_CAUSE, Places, SubdistributionSample
from analyses.estimates.tally import Floats

Ties = Literal["breslow", "efron"]


@dataclass(frozen=True, eq=False)
class Point:
    """The likelihood's logarithm at some coefficients with its derivatives, and what the risk sets looked like.

    Attributes:
        value: The logarithm.
        score: Its first derivative.
        information: Minus its second derivative.
        total: Each line's sum of hazards over its risk set.
        mean: Each line's mean of the covariates over its risk set.
    """

    value: float
    score: Floats
    information: Floats
    total: Floats
    mean: Floats


@dataclass(frozen=True, eq=False)
class WeightedLikelihood:
    """The likelihood as a function of the coefficients.

    On each day with an event of the cause all are at risk whose time is not over, and those who had a competing event,
    weighted with the chance of being still under observation given that they were when it came. Under Breslow's rule a
    day is one line; under Efron's each event is one, which sees those who have their event on the day diluted.

    Attributes:
        sample: Rows sorted by time.
        centred: Covariates less their means.
        censoring: Each stratum's chance of being under observation.
        ties: Which treatment of tied events.
    """

    sample: SubdistributionSample
    centred: Floats
    censoring: list[Censoring]
    ties: Ties

    @cached_property
    def day(self) -> Places:
        """The number of each line's day."""
        days = np.arange(len(self.sample.days))
        return days if self.ties == "breslow" else np.repeat(days, self.sample.deaths.astype(int))

    @cached_property
    def weight(self) -> Floats:
        """How many events each line stands for."""
        return self.sample.deaths if self.ties == "breslow" else np.ones(len(self.day))

    @cached_property
    def dilution(self) -> Floats:
        """How much of those who have their event on the day is gone for each line."""
        if self.ties == "breslow":
            return np.zeros(len(self.day))
        first = np.cumsum(self.sample.deaths) - self.sample.deaths
        return np.asarray((np.arange(len(self.day)) - first[self.day]) / self.sample.deaths[self.day])

    @cached_property
    def kept(self) -> Floats:
        """The chance of being under observation just before each day (rows), by stratum (columns)."""
        return np.column_stack([stratum.before(self.sample.days) for stratum in self.censoring])

    @cached_property
    def competing(self) -> list[Places]:
        """The rows with a competing event, by stratum."""
        kind, stratum = self.sample.kind, self.sample.stratum
        return [np.flatnonzero((kind == COMPETING) & (stratum == g)) for g in range(self.sample.strata)]

    @cached_property
    def lifted(self) -> list[Floats]:
        """One over the chance that who had a competing event was under observation until then, by stratum."""
        return [1 / g.before(self.sample.time[rows]) for g, rows in zip(self.censoring, self.competing, strict=True)]

    def risk(self, coefficients: Floats) -> Floats:
        """Return each row's hazard relative to that of one with mean covariates."""
        with np.errstate(over="ignore"):
            return np.exp(self.centred @ coefficients)

    def at(self, coefficients: Floats) -> Point:
        """Return the likelihood and its derivatives."""
        size = len(coefficients)
        upper = np.triu_indices(size)
        risk, z = self.risk(coefficients), self.centred
        with np.errstate(all="ignore"):
            columns = [risk[:, None], risk[:, None] * z, risk[:, None] * z[:, upper[0]] * z[:, upper[1]]]
            sums = self._sums(np.hstack(columns) * self.sample.count[:, None])
            mean = sums[:, 1 : 1 + size] / sums[:, :1]
            spread = self.weight @ (sums[:, 1 + size :] / sums[:, :1] - mean[:, upper[0]] * mean[:, upper[1]])
            of_cause = self.sample.kind == OF_CAUSE
            seen = self.sample.count[of_cause] @ z[of_cause]
            value = float(seen @ coefficients - self.weight @ np.log(sums[:, 0]))
        information = np.zeros((size, size))
        information[upper] = spread
        information = information + np.triu(information, 1).T
        return Point(value, seen - self.weight @ mean, information, sums[:, 0], mean)

    def _sums(self, values: Floats) -> Floats:
        """Return the weighted sums of the rows' values over each line's risk set."""
        time, days = self.sample.time, self.sample.days
        none = np.zeros((1, values.shape[1]))
        begun = np.vstack([np.cumsum(values[::-1], axis=0)[::-1], none])
        sums = begun[np.searchsorted(time, days, side="left")]
        for g, (rows, lifted) in enumerate(zip(self.competing, self.lifted, strict=True)):
            had = np.vstack([none, np.cumsum(values[rows] * lifted[:, None], axis=0)])
            sums = sums + self.kept[:, g : g + 1] * had[np.searchsorted(time[rows], days, side="left")]
        if self.ties == "breslow":
            return np.asarray(sums)
        of_cause = self.sample.kind == OF_CAUSE
        dying = np.add.reduceat(values[of_cause], np.searchsorted(time[of_cause], days))
        return np.asarray(sums[self.day] - self.dilution[:, None] * dying[self.day])
