"""Exact shares of a succession of treatments, summed over the distribution of the subjects' chances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from synthetic_data.log_odds import Floats, expit, logit
from synthetic_data.soundness import demand
from synthetic_data.succession.histories import INADEQUATE, INEFFICACY, INTOLERANCE, leaving_chances
from synthetic_data.succession.truth import Succession

_FIRST = 0  # nothing came before; the reasons for a further treatment have the numbers of their results


@dataclass(frozen=True, eq=False)
class StepShares:
    """Shares of the whole cohort, by step.

    Attributes:
        tried: Start the treatment.
        remission: Remit on it.
        intolerance: Stop it because they cannot tolerate it.
        inefficacy: Stop it because it fails a fair test.
        inadequate: Stop it after what was no fair test.
        other: Leave during it for another reason.
        left: Leave for good between it and the next; after the last step, all without remission who are left.
        tried_after: Start it after a treatment that was stopped for: nothing before, intolerance, inefficacy, no fair
            test; by step and reason.
        remission_after: Remit on it, in the same order.
        tried_with: Start it after 0, 1, 2 ... treatments that failed a fair test; by step and number of failures.
        remission_with: Remit on it, in the same order.
        ended_with: End it without remission and not lost, with 0, 1, 2 ... failures by then, this one included; by step
            and number of failures.
    """

    tried: Floats
    remission: Floats
    intolerance: Floats
    inefficacy: Floats
    inadequate: Floats
    other: Floats
    left: Floats
    tried_after: Floats
    remission_after: Floats
    tried_with: Floats
    remission_with: Floats
    ended_with: Floats

    @property
    def of_those_who_tried(self) -> Floats:
        """The share in remission among those who start each treatment."""
        return self.remission / self.tried


def step_shares(succession: Succession) -> StepShares:
    """Return the exact shares.

    >>> from synthetic_data.succession.frailty import Beta
    >>> shares = step_shares(Succession(frailty=Beta(1.0, 1.0), steps=3))
    >>> shares.of_those_who_tried.round(6).tolist()  # 1 / (k + 1)
    [0.5, 0.333333, 0.25]
    """
    base, mass = _cohort(succession)
    here = np.zeros((base.size, succession.steps, 4))  # by kind of subject, failures so far, reason of the last stop
    here[:, 0, _FIRST] = mass
    rows = []
    for k in range(succession.steps):
        row, here = _step(succession, k, base, here)
        rows.append(row)
    return StepShares(*(np.array(column) for column in zip(*rows, strict=True)))


def _step(succession: Succession, k: int, base: Floats, here: Floats) -> tuple[tuple[Floats, ...], Floats]:
    """Return the shares of step `k` in the order of `StepShares`, and who goes on to the next."""
    exits = succession.intolerance[k], succession.inadequate[k], succession.other_exit[k]
    lost = succession.dependence * np.arange(succession.steps)
    chances = expit(base[:, None] + succession.step_log_odds[k] - lost)[:, :, None]
    tested = (1 - sum(exits)) * here
    remits, fails = tested * chances, (tested * (1 - chances)).sum(axis=2)
    stops, unfair, leaves = (share * here.sum(axis=2) for share in exits)
    stays = 1 - leaving_chances(succession, k, expit(base))[:, None]
    following = np.zeros_like(here)
    following[:, :, INTOLERANCE], following[:, :, INADEQUATE] = stops * stays, unfair * stays
    following[:, 1:, INEFFICACY] = (fails * stays)[:, :-1]
    gone = (1 - stays) * (stops + fails + unfair)
    ended = np.append((stops + unfair).sum(axis=0), 0.0) + np.append(0.0, fails.sum(axis=0))
    shares = (here, remits, stops, fails, unfair, leaves, gone)
    by_reason = (here.sum(axis=(0, 1)), remits.sum(axis=(0, 1)))
    by_failures = (here.sum(axis=(0, 2)), remits.sum(axis=(0, 2)), ended)
    return (*(part.sum() for part in shares), *by_reason, *by_failures), following


def later_remission_after(succession: Succession, reason: int) -> tuple[float, float]:
    """Return which share of the cohort stops treatment 1 for a reason, and which of the cohort then remits later.

    Args:
        succession: What is true.
        reason: INTOLERANCE, INEFFICACY or INADEQUATE.
    """
    base, mass = _cohort(succession)
    here = np.zeros((base.size, succession.steps, 4))
    here[:, 0, _FIRST] = mass
    row, following = _step(succession, 0, base, here)
    stopped = float(row[{INTOLERANCE: 2, INEFFICACY: 3, INADEQUATE: 4}[reason]])
    here = np.zeros_like(following)
    here[:, :, reason] = following[:, :, reason]
    later = 0.0
    for k in range(1, succession.steps):
        row, here = _step(succession, k, base, here)
        later += float(row[1])
    return stopped, later


def selection_share(succession: Succession, step: int) -> float:
    """Return how much of the fall in success from treatment 1 to `step` is selection alone.

    Success is the share in remission of those who tried. What falls as well without `dependence` and with treatments
    alike (no `step_log_odds`) is selection: 1 where that is all of the fall, 0 where none is.

    Raises:
        TruthError: There is no such later step, or success does not differ between the two.
    """
    demand(2 <= step <= succession.steps, f"step is {step}; expected 2 to {succession.steps}")
    with_all = step_shares(succession).of_those_who_tried
    without = step_shares(replace(succession, dependence=0.0, step_log_odds=())).of_those_who_tried
    fall = with_all[0] - with_all[step - 1]
    demand(abs(fall) > 1e-12, f"success at treatment {step} equals that at treatment 1; there is no fall to divide")
    return float((without[0] - without[step - 1]) / fall)


def _cohort(succession: Succession) -> tuple[Floats, Floats]:
    """Return the log odds and the mass of every kind of subject: quadrature nodes by patterns of risk factors."""
    chances, weights = succession.frailty.nodes()
    base, mass = [], []
    for pattern in product((0, 1), repeat=len(succession.risk_factors)):
        pairs = list(zip(pattern, succession.risk_factors, strict=True))
        base.append(logit(chances) + sum(has * factor.log_odds for has, factor in pairs))
        mass.append(weights * float(np.prod([factor.share if has else 1 - factor.share for has, factor in pairs])))
    return np.concatenate(base), np.concatenate(mass)
