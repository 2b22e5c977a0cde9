"""The chance of still being under observation, which weighs those who had a competing event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyses.estimates.competing.subdistribution_sample import CENSORED, SubdistributionSample
from analyses.estimates.tally import Floats


@dataclass(frozen=True, eq=False)
class Censoring:
    """The product-limit estimate of staying under observation in one stratum.

    Attributes:
        time: Days with a censoring.
        at_risk: Who might have been censored on the day.
        hazard: The share of them who were.
        after: The chance of staying under observation beyond each day.
        last: The last observed day; later nobody is under observation.
    """

    time: Floats
    at_risk: Floats
    hazard: Floats
    after: Floats
    last: float

    def before(self, times: Floats) -> Floats:
        """Return the chance of being under observation until just before each time."""
        chance = np.append(1.0, self.after)[np.searchsorted(self.time, times, side="left")]
        return np.where(times <= self.last, chance, 0.0)


def censoring(sample: SubdistributionSample, *, after_events: bool) -> list[Censoring]:
    """Return each stratum's estimate; `after_events` takes out of a day's risk set who has an event on it."""
    return [_of_stratum(sample, sample.stratum == number, after_events) for number in range(sample.strata)]


def _of_stratum(sample: SubdistributionSample, own: NDArray[np.bool_], after_events: bool) -> Censoring:
    time, count, censored = sample.time[own], sample.count[own], sample.kind[own] == CENSORED
    days = np.unique(time[censored])
    gone = np.bincount(np.searchsorted(days, time[censored]), count[censored], len(days))
    begun = np.append(np.cumsum(count[::-1])[::-1], 0.0)
    at_risk = begun[np.searchsorted(time, days, side="left")]
    if after_events:
        # Who has an event on the day is gone before anybody is censored on it.
        at_risk = begun[np.searchsorted(time, days, side="right")] + gone
    hazard = gone / at_risk
    return Censoring(days, at_risk, hazard, np.asarray(np.cumprod(1 - hazard)), float(time[-1]))
