"""How much of the fall in success is selection: what remains when the fitted dependence is set to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.successive.fitting import Fit, fit, profile_limits
from analyses.estimates.successive.frailty_course import Floats, Ints
from analyses.estimates.successive.mechanism_rows import Limits, Pair, Row
from analyses.estimates.successive.models import CONSTANT, DEPENDENCE, Model

MOST = 50.0
"""A selection share is not sought beyond this."""


@dataclass(frozen=True)
class Share:
    """The part of the fall to a treatment number that is selection; None where it does not exist."""

    number: int
    estimate: float | None
    std_error: float | None = None
    limits: Limits = (None, None)


def selection_shares(pair: Pair, level: float) -> list[Share]:
    """Return, for every treatment number after the first counted one, the part of the fall that is selection."""
    failures = pair.full.counts.failures
    return [share_between(pair, np.array([failures[0], m]), level) for m in failures[1:]]


def share_between(pair: Pair, between: Ints, level: float) -> Share:
    """Return the part of the fall between two numbers of failures that is selection."""
    found, number = pair.full, int(between[1]) + 1

    def target(theta: Floats) -> float:
        """Return the share of the fall that is left without dependence."""
        alone, both = pair.frailty.model.chances(theta[:2], between), found.model.chances(theta, between)
        fall = both[0] - both[1]
        # Without a fall there is nothing to divide: as if all of it, and more, were selection.
        return float((alone[0] - alone[1]) / fall) if fall > 1e-9 else 2 * MOST

    estimate = target(found.theta)
    if estimate >= MOST or found.at_edge:
        return Share(number, None)
    if _loses_little(found, CONSTANT, level):
        # Beside a chance that does not fall every share is as likely as any other.
        return Share(number, estimate, found.std_error(target), (0.0, None))
    low, high = profile_limits(found, target, level, (0.0, MOST))
    if low is None and _loses_little(found, DEPENDENCE, level):
        low = 0.0
    return Share(number, estimate, found.std_error(target), (low, high))


def _loses_little(found: Fit, model: Model, level: float) -> bool:
    """Return whether a model inside the fitted one lies within the profile interval's loss of likelihood."""
    lost = found.log_likelihood - fit(model, found.counts).log_likelihood
    return bool(lost <= normal_quantile(level) ** 2 / 2)


def selection_rows(pair: Pair, shares: Sequence[Share], first: int) -> list[Row]:
    """Return the rows of the selection shares, which compare with the treatment number `first`."""
    named: Row = {"statistic": "selection share", "term": pair.full.model.name}
    return [
        named
        | {"group": str(share.number), "reference": str(first), "estimate": share.estimate}
        | {"std_error": share.std_error, "conf_low": share.limits[0], "conf_high": share.limits[1]}
        for share in shares
    ]


def selection_notes(pairs: Sequence[Pair], shares: Sequence[Sequence[Share]]) -> Iterable[str]:
    """Return what a reader of the selection shares must know: how far they hang on the form of the frailty."""
    if not pairs:
        yield (
            "with two numbers of failures frailty and dependence cannot be fitted together: no test of dependence, no "
            "selection share, and every model of two parameters fits as it must"
        )
        return
    last = [part[-1] for part in shares]
    said = " and ".join(
        f"{_said(share)} under {pair.frailty.model.name}" for pair, share in zip(pairs, last, strict=True)
    )
    yield f"sensitivity to the form of frailty: the selection share at treatment {last[0].number} is {said}"
    if any(share.estimate is None for part in shares for share in part):
        yield (
            "no selection share where the fitted chance does not fall, or where a parameter of the fuller model runs "
            "to the edge of its range"
        )
    if any(share.limits == (0.0, None) for part in shares for share in part):
        yield "a selection share with the limits 0 and none: the data leave it open (a fall may not even be there)"
    if any((share.estimate or 0) > 1 for part in shares for share in part):
        yield "a selection share above 1: the fitted dependence is below 0, so that frailty alone would fall further"


def _said(share: Share) -> str:
    if share.estimate is None:
        return "not defined"
    low, high = ("none" if limit is None else f"{limit:.2f}" for limit in share.limits)
    return f"{share.estimate:.2f} (limits {low}, {high})"
