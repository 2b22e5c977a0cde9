"""Diminishing returns in closed form: what an analysis of successive treatments should find."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synthetic_data.soundness import chance, demand
from synthetic_data.succession.frailty import Floats
from synthetic_data.succession.histories import INADEQUATE, INEFFICACY, INTOLERANCE
from synthetic_data.succession.shares import StepShares, later_remission_after, step_shares
from synthetic_data.succession.truth import Succession


@dataclass(frozen=True, eq=False)
class AfterFailures:
    """Success at a treatment by how many earlier ones failed a fair test; arrays by that number, from 0.

    Attributes:
        tried: Treatments that were started after so many failures, per subject of the cohort.
        remission: Those of them that brought remission, per subject of the cohort.
    """

    tried: Floats
    remission: Floats

    @property
    def of_those_who_tried(self) -> Floats:
        """The share in remission of those who reached such a treatment; NaN where nobody can."""
        return _ratio(self.remission, self.tried)


def after_failures(succession: Succession) -> AfterFailures:
    """Return success by the number of earlier failures for inefficacy, all steps together.

    A subject whose first drug was not tolerated starts the second one with no failure: this is not success by step.

    >>> from synthetic_data.succession.frailty import Beta
    >>> found = after_failures(Succession(frailty=Beta(1.0, 1.0), steps=3, intolerance=(0.2,) * 3))
    >>> (found.of_those_who_tried / 0.8).round(6).tolist()  # of those who tolerate: 1 / (m + 2)
    [0.5, 0.333333, 0.25]
    """
    shares = step_shares(succession)
    return AfterFailures(shares.tried_with.sum(axis=0), shares.remission_with.sum(axis=0))


def after_reason(shares: StepShares) -> dict[str, Floats]:
    """Return the share in remission of those who tried, by the reason why the treatment before was stopped.

    Returns:
        By "intolerance", "inefficacy" (it failed a fair test), "inadequate" (it was no fair test) and "stopped without
        effect" (the two last together, which records cannot always tell apart): arrays by step, NaN where nobody is.
    """
    tried, remits = shares.tried_after, shares.remission_after
    both = [INEFFICACY, INADEQUATE]
    found = {
        name: _ratio(remits[:, reason], tried[:, reason])
        for name, reason in (("intolerance", INTOLERANCE), ("inefficacy", INEFFICACY), ("inadequate", INADEQUATE))
    }
    return found | {"stopped without effect": _ratio(remits[:, both].sum(axis=1), tried[:, both].sum(axis=1))}


def later_remission(succession: Succession) -> dict[str, float]:
    """Return the chance of remission on any later treatment, by why the first one was stopped; leavers have none.

    Returns:
        By "intolerance", "inefficacy" and "inadequate"; NaN where nobody stops for that reason.
    """
    found = {}
    for name, reason in (("intolerance", INTOLERANCE), ("inefficacy", INEFFICACY), ("inadequate", INADEQUATE)):
        stopped, remits = later_remission_after(succession, reason)
        found[name] = remits / stopped if stopped > 0 else float("nan")
    return found


def cumulative_remission(succession: Succession) -> Floats:
    """Return the share of the cohort that has remitted by the end of each step."""
    return np.cumsum(step_shares(succession).remission)


def had_nobody_left(succession: Succession) -> Floats:
    """Return the same had nobody left, neither between treatments nor during one.

    Who would have left during a treatment is tested fairly instead. Without such exits, and with `leaving` that does
    not depend on the chance, this equals 1 - product of (1 - share in remission of those who tried).
    """
    steps = succession.steps
    return cumulative_remission(replace(succession, leaving=(0.0,) * (steps - 1), other_exit=(0.0,) * steps))


def plateau(shares: StepShares, below: float, *, of_the_cohort: bool = False) -> int | None:
    """Return the first step (from 1) whose share in remission lies below a threshold; None where none does.

    Args:
        shares: Of the succession.
        below: The threshold, a share.
        of_the_cohort: Whether the share is of the whole cohort, not of those who tried.

    Raises:
        TruthError: The threshold is no share.
    """
    chance("below", below)
    success = shares.remission if of_the_cohort else shares.of_those_who_tried
    low = np.flatnonzero(success < below)
    return int(low[0]) + 1 if low.size else None


def resistant_at_end(shares: StepShares, failures: int = 2) -> float:
    """Return the share of the cohort that ends the last step without remission and with so many failures or more."""
    demand(failures >= 0, f"failures is {failures}; expected 0 or more")
    return float(shares.ended_with[-1, failures:].sum())


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0))
