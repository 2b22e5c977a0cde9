"""The partial likelihood of a Cox regression whose rows share a frailty by cluster, and its derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.regression.risk_sets import RiskSets, moments, passed, risk_sets
from analyses.estimates.regression.sample import Sample

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class HazardPoint:
    """The partial likelihood at some coefficients and log frailties.

    Attributes:
        value: Its logarithm.
        expected: The cumulative hazard that each row went through, its frailty included: its expected events.
        sets: The risk sets with the risks of the rows.
        steps: As in `RiskSets`.
    """

    value: float
    expected: Floats
    sets: RiskSets
    steps: tuple[Floats, Floats, Floats, Floats, Floats]


class SharedHazard:
    """Efron's or Breslow's partial likelihood as a function of coefficients and one log frailty a cluster.

    Attributes:
        x: Covariates less their mean over their standard deviation, one column each.
        scale: The standard deviations.
        cluster: The number of each row's cluster.
        starts: The first row of each cluster.
        deaths: The events of each cluster.
        clusters: How many clusters there are.
    """

    def __init__(self, sample: Sample, cluster: Places, ties: str) -> None:
        """Take rows that are sorted by cluster."""
        self.event = sample.event
        centred = sample.matrix - sample.matrix.mean(axis=0)
        self.scale = centred.std(axis=0)
        self.x = centred / self.scale
        self.cluster, self.clusters = cluster, int(cluster[-1]) + 1
        self.starts = np.flatnonzero(np.append(True, cluster[1:] != cluster[:-1]))
        self.deaths = self.by_cluster(sample.event.astype(float))
        self._sets = risk_sets(sample, np.zeros(len(self.scale)), "breslow")
        deaths = self._sets.deaths
        self._cell = np.repeat(np.arange(len(deaths)), deaths)
        self._first = np.cumsum(deaths) - deaths
        place = (np.arange(len(self._cell)) - self._first[self._cell]) / deaths[self._cell]
        self._diluted = place if ties == "efron" else np.zeros(len(place))

    def by_cluster(self, values: Floats) -> Floats:
        """Return sums over the rows of each cluster."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0))

    def at(self, coefficients: Floats, log_frailty: Floats) -> HazardPoint:
        """Return the partial likelihood and the rows' expected events."""
        eta = self.x @ coefficients + log_frailty[self.cluster]
        top = float(eta.max())
        with np.errstate(all="ignore"):
            sets = replace(self._sets, risk=np.exp(eta - top))
            total, dying = (part[:, 0] for part in moments(sets, np.ones((len(eta), 1))))
            left = total[self._cell] - self._diluted * dying[self._cell]
            value = float((eta[self.event] - top).sum() - np.log(left).sum())
            steps = self._steps(1 / left)
            felt = passed(sets, steps[0][:, None])[:, 0]
            felt[self.event] -= steps[1][sets.own]
            return HazardPoint(value, sets.risk * felt, sets, steps)

    def curvature(self, point: HazardPoint, directions: Floats) -> Floats:
        """Return how the rows' expected events change with their linear predictors: one column a direction.

        The matrix of these changes is less the second derivative of the log partial likelihood.
        """
        sets = point.sets
        _, _, square, diluted_square, square_diluted = (part[:, None] for part in point.steps)
        total, dying = moments(sets, directions)
        felt = passed(sets, total * square - dying * diluted_square)
        felt[self.event] -= (total * diluted_square - dying * square_diluted)[sets.own]
        return np.asarray(point.expected[:, None] * directions - sets.risk[:, None] * felt)

    def _steps(self, one: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        a = self._diluted
        parts = (one, a * one, one**2, a * one**2, (a * one) ** 2)
        first, second, third, fourth, fifth = (np.add.reduceat(part, self._first) for part in parts)
        return first, second, third, fourth, fifth
