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
_REACH = 9.0  # a standard normal lies beyond this with a chance of 2e-19
_WIDEST = 100.0


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
        demand(0 <= self.sd <= _WIDEST, f"logit-normal frailty has sd={self.sd}; expected 0 to {_WIDEST:g}")

    def nodes(self) -> tuple[Floats, Floats]:
        """Return chances and weights that stand for the distribution in a sum: the wider the odds, the finer."""
        x, weights = _normal_nodes(self.sd)
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
def _normal_nodes(sd: float) -> tuple[Floats, Floats]:
    """Return nodes and weights of the standard normal distribution, by 5-point Gauss-Legendre on even pieces.

    A chance rises from near 0 to near 1 within a few units of the log odds, a step of 1 / sd: no piece is wider.
    """
    edges = np.linspace(-_REACH, _REACH, 1 + int(np.ceil(2 * _REACH * max(4.0, sd))))
    at, weights = np.polynomial.legendre.leggauss(5)
    half = np.diff(edges)[:, None] / 2
    x = ((edges[:-1, None] + half) + half * at).ravel()
    mass = (half * weights).ravel() * np.exp(-(x**2) / 2)
    return x, mass / mass.sum()
