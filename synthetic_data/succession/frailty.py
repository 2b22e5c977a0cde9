"""How subjects differ: the distribution of a subject's own chance of remission on one treatment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synthetic_data.log_odds import expit, held
from synthetic_data.soundness import chance, demand, finite

Floats = NDArray[np.float64]

_NODES = 160


@dataclass(frozen=True)
class Beta:
    """Chances that follow a beta distribution: with nothing else, success at treatment k is a / (a + b + k - 1).

    Attributes:
        a: First shape, above 0.
        b: Second shape, above 0.
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        finite("beta frailty", [self.a, self.b])
        demand(min(self.a, self.b) > 0, f"beta frailty has a={self.a}, b={self.b}; expected both above 0")

    def nodes(self) -> tuple[Floats, Floats]:
        """Return chances and weights that stand for the distribution in a sum (Gauss-Jacobi quadrature)."""
        from scipy.special import roots_jacobi

        x, weights = roots_jacobi(_NODES, self.b - 1, self.a - 1)
        return held((1 + x) / 2), np.asarray(weights / weights.sum())

    def draw(self, subjects: int, rng: np.random.Generator) -> Floats:
        """Draw each subject's chance."""
        return held(rng.beta(self.a, self.b, size=subjects))


@dataclass(frozen=True)
class LogitNormal:
    """Chances whose log odds are normal; an `sd` of 0 makes all subjects alike.

    Attributes:
        mean: Mean log odds.
        sd: Standard deviation of the log odds, 0 or more: the frailty dial.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        finite("logit-normal frailty", [self.mean, self.sd])
        demand(self.sd >= 0, f"logit-normal frailty has sd={self.sd}; expected 0 or more")

    def nodes(self) -> tuple[Floats, Floats]:
        """Return chances and weights that stand for the distribution in a sum (Gauss-Hermite quadrature)."""
        x, weights = _normal_nodes()
        return held(expit(self.mean + self.sd * x)), weights

    def draw(self, subjects: int, rng: np.random.Generator) -> Floats:
        """Draw each subject's chance."""
        return held(expit(self.mean + self.sd * rng.standard_normal(subjects)))


@dataclass(frozen=True)
class TwoClasses:
    """Responsive and resistant subjects, each class with one chance.

    Attributes:
        share_responsive: How many are responsive.
        responsive: Their chance.
        resistant: The chance of the others.
    """

    share_responsive: float
    responsive: float
    resistant: float

    def __post_init__(self) -> None:
        for name in ("share_responsive", "responsive", "resistant"):
            chance(name, getattr(self, name))
        demand(
            self.resistant <= self.responsive,
            f"resistant subjects have a chance of {self.resistant}, responsive ones of {self.responsive}; "
            "expected the responsive to have the higher",
        )

    def nodes(self) -> tuple[Floats, Floats]:
        """Return the two chances and the shares of their classes."""
        chances = held([self.resistant, self.responsive])
        return chances, np.array([1 - self.share_responsive, self.share_responsive])

    def draw(self, subjects: int, rng: np.random.Generator) -> Floats:
        """Draw each subject's chance."""
        chances, _ = self.nodes()
        return chances[(rng.random(subjects) < self.share_responsive).astype(np.int64)]


Frailty = Beta | LogitNormal | TwoClasses


@cache
def _normal_nodes() -> tuple[Floats, Floats]:
    """Return nodes and weights of the standard normal distribution; whose weight is 0 in floats is left out."""
    x, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    kept = weights > 0
    return x[kept], weights[kept] / weights[kept].sum()
