"""What efflux at the blood-brain barrier does to a drug's level in the brain, and what the level occupies.

A model to reason with, not biology: one well-stirred brain, transport in proportion to the level.
"""

from __future__ import annotations

import math

import polars as pl

from cohort.therapies.quantity import Quantity, check_quantities


def brain_level(plasma: Quantity, k_in: Quantity, k_eff: Quantity) -> Quantity:
    """Return the steady level in the brain, in the unit of the plasma level: k_in / k_eff times it.

    Doubling efflux halves it exactly.

    >>> brain_level(100, 1, 1), brain_level(100, 1, 2)
    (100.0, 50.0)
    """
    check_quantities(at_least=0, plasma=plasma, k_in=k_in)
    check_quantities(above=0, k_eff=k_eff)
    return k_in / k_eff * plasma


def brain_level_ratio(k_passive: Quantity, k_pump: Quantity, times: Quantity) -> Quantity:
    """Return the brain level when the pump works `times` as hard, as a share of the level before.

    Only the pump's part of efflux changes: doubled, the ratio lies between 1/2 (all efflux is pumped) and 1 (none is).

    >>> brain_level_ratio(0, 1, 2), brain_level_ratio(3, 1, 2)
    (0.5, 0.8)
    """
    check_quantities(at_least=0, k_passive=k_passive, k_pump=k_pump, times=times)
    check_quantities(above=0, efflux_before=k_passive + k_pump, efflux_after=k_passive + times * k_pump)
    return (k_passive + k_pump) / (k_passive + times * k_pump)


def brain_level_after(steady_level: Quantity, k_eff: Quantity, time: Quantity) -> Quantity:
    """Return the brain level some time after the plasma level was set, on its way to the steady level.

    `k_eff` is per unit of `time`.

    >>> round(brain_level_after(50.0, math.log(2), 1.0), 9)
    25.0
    """
    check_quantities(at_least=0, steady_level=steady_level, k_eff=k_eff, time=time)
    decay = -k_eff * time
    return steady_level * (1 - (decay.exp() if isinstance(decay, pl.Expr) else math.exp(decay)))


def occupancy_percent(level: Quantity, kd: Quantity) -> Quantity:
    """Return the percentage of sites that a level occupies; `kd` is in the unit of the level.

    >>> round(occupancy_percent(50, 10), 1), round(occupancy_percent(25, 10), 1)
    (83.3, 71.4)
    """
    check_quantities(at_least=0, level=level)
    check_quantities(above=0, kd=kd)
    return 100 * level / (level + kd)


def consistent_kd(high: float, low: float, threshold_percent: float = 80) -> tuple[float, float]:
    """Return between which Kd a claim is consistent: the high level reaches the threshold, the low one does not.

    A drug at 50 nM in plasma and 25 nM in the brain that is "below the therapeutic threshold" there, and above it when
    the pump is inhibited, is consistent with the 80 percent occupancy of the serotonin transporter that minimum doses
    have only for a Kd above 6.25 and up to 12.5 nM. A check of arithmetic, and no evidence that the pump matters.

    Returns:
        The bounds: a Kd above the first and up to the second, both in the unit of the levels.

    Raises:
        CohortError: The levels are not in order, or the threshold is no percentage between 0 and 100.

    >>> consistent_kd(50, 25)
    (6.25, 12.5)
    """
    check_quantities(above=0, low=low, threshold_percent=threshold_percent)
    check_quantities(above=low, high=high)
    check_quantities(above=0, below_100_percent=100 - threshold_percent)
    odds = (100 - threshold_percent) / threshold_percent
    return low * odds, high * odds
