"""The product-limit curve of one group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analyses.estimates.groups import Label
from analyses.estimates.survival.days import Days, days_of
from analyses.estimates.survival.jackknife import influence_variance
from analyses.estimates.survival.limits import Limits, survival_limits
from analyses.estimates.tally import Amounts, Floats, Tally


@dataclass(frozen=True, eq=False)
class Curve:
    """One group's curve at day 0 and at every day on which somebody enters, has the event or is censored.

    Attributes:
        group: The group's label; None for everyone together.
        days: The days, and the counts that the curve is made of.
        survival: S(t), which holds from the day to the next.
        log_error: The standard error of log S(t): the root of Greenwood's sum, or the robust one where rows have case
            weights; NaN where S(t) is 0.
        conf_low: Lower limit; 1 where S(t) is 1, NaN where it is 0.
        conf_high: Upper limit, likewise.
    """

    group: Label
    days: Days
    survival: Floats
    log_error: Floats
    conf_low: Floats
    conf_high: Floats

    @property
    def time(self) -> Floats:
        """Days, ascending, beginning with 0."""
        return self.days.time

    @property
    def std_error(self) -> Floats:
        """The standard error of S(t); NaN where S(t) is 0."""
        return self.survival * self.log_error

    @property
    def at_risk(self) -> Amounts:
        """How many are under observation just before the day (at 0: from the start)."""
        return self.days.at_risk

    @property
    def events(self) -> Amounts:
        """Events on the day."""
        return self.days.events

    @property
    def censored(self) -> Amounts:
        """Censored on the day."""
        return self.days.censored

    def at_risk_at(self, times: ArrayLike) -> Amounts:
        """Return how many are under observation just before each time (R's n.risk); 0 after the last one."""
        return self.days.just_before(self.days.at_risk, times)


def curve_of(group: Label, tally: Tally, limits: Limits = "log-log", z: float = 1.96) -> Curve:
    """Return the product-limit curve of a group that has rows, with Greenwood's error or, under weights, a robust one.

    Sources: Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-81; Greenwood M. Reports on Public Health and Medical
    Subjects 33, HMSO 1926.
    """
    days = days_of(tally)
    at_risk, left = days.at_risk, days.at_risk - days.events
    exhausted = (days.rows_at_risk > 0) & (days.rows_at_risk == days.rows_events)
    left = np.where(exhausted, 0, left)
    kept = np.divide(left, at_risk, out=np.ones(len(left)), where=at_risk > 0)
    survival = np.cumprod(kept)
    log_error = _log_error(tally, days, left)
    log_error[survival == 0] = np.nan
    return Curve(group, days, survival, log_error, *survival_limits(survival, log_error, limits, z))


def _log_error(tally: Tally, days: Days, left: Amounts) -> Floats:
    """Return the standard error of log S(t), meaningless from where S(t) is 0."""
    share = np.divide(days.events, days.at_risk, out=np.zeros(len(left)), where=days.at_risk > 0)
    own = np.divide(1.0, left, out=np.zeros(len(left)), where=left > 0)
    if tally.weighted:
        return np.asarray(np.sqrt(influence_variance(tally, days.time, own, share * own)))
    return np.asarray(np.sqrt(np.cumsum(share * own)))
