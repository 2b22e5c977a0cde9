"""How a covariate moves a curve under the model behind each rank test, to the second order at no effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analyses.estimates.interval.interior import Floats

Scores = Literal["log-rank Sun", "log-rank Finkelstein", "Wilcoxon"]


@dataclass(frozen=True, eq=False)
class Shift:
    """Derivatives of S at the ends of the intervals with mass, at no effect; S is the curve of all together.

    Attributes:
        slope: By the effect.
        curvature: Twice by the effect.
        mixed: By the effect and by S at each of the ends but the last, where S is 0; a row for each end.
    """

    slope: Floats
    curvature: Floats
    mixed: Floats


def shift(scores: Scores, survival: Floats) -> Shift:
    """Return the derivatives under the model that a rank test belongs to.

    Args:
        scores: "log-rank Sun": proportional odds of the discrete hazard; "log-rank Finkelstein": proportional hazards;
            "Wilcoxon": proportional odds of having had the event.
        survival: S after each interval with mass, falling from below 1 to 0.

    Sources: Sun J. Stat Med 1996;15:1387-95; Finkelstein DM. Biometrics 1986;42:845-54; Fay MP. Stat Med
    1999;18:273-85.
    """
    return _MODELS[scores](survival)


def _proportional_hazards(s: Floats) -> Shift:
    log = np.log(s[:-1])
    slope, curvature = s[:-1] * log, s[:-1] * log * (1 + log)
    return Shift(np.append(slope, 0.0), np.append(curvature, 0.0), _with_last(np.diag(1 + log)))


def _proportional_odds(s: Floats) -> Shift:
    slope = -s * (1 - s)
    return Shift(slope, -slope * (1 - 2 * s), _with_last(np.diag(2 * s[:-1] - 1)))


def _discrete_hazards(s: Floats) -> Shift:
    before = np.append(1.0, s[:-1])
    hazard = 1 - s / before
    summed = np.cumsum(hazard)
    curvature = s * (summed**2 - np.cumsum(hazard * (1 - hazard)))
    # The sum of hazards up to an end, by S at each end up to it: S ends one interval and begins the next.
    inner = s[:-1]
    own, following = -1 / before[:-1], s[1:] / inner**2
    by_s = np.tril(np.broadcast_to(own + following, (len(s), len(inner))), -1)
    by_s[np.arange(len(inner)), np.arange(len(inner))] = own
    return Shift(-s * summed, curvature, -s[:, None] * by_s - _with_last(np.diag(summed[:-1])))


def _with_last(square: Floats) -> Floats:
    return np.vstack([square, np.zeros(square.shape[1])])


_MODELS: dict[str, Callable[[Floats], Shift]] = {
    "log-rank Sun": _discrete_hazards,
    "log-rank Finkelstein": _proportional_hazards,
    "Wilcoxon": _proportional_odds,
}
