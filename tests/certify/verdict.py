"""What was found, what it must lie within, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

from scipy.stats import binom

from tests.certify.design import Design, Wanted

FALSE_ALARM = 0.001  # chance that a table of right methods fails anywhere
LACKING = 0.005  # share of replicates that may be without an estimate
ABSENT = {"estimate": float("nan"), "std_error": 0.0, "n": 0}  # holds nowhere
KINDS = ("bias", "ratio", "coverage", "level")
_MEASURES = {"bias": "bias", "ratio": "standard error ratio", "coverage": "coverage"}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One quantity of one line and the bounds within which it must lie."""

    kind: str
    found: float
    error: float | None
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether it lies within."""
        return self.low <= self.found <= self.high


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the certificate.

    Attributes:
        design: What was drawn and analysed.
        wanted: What had to come out.
        measures: What came out, as the rows of `replicate` by statistic.
        asked: How many replicates were made.
        checks: What was judged.
    """

    design: Design
    wanted: Wanted
    measures: dict[str, dict]
    asked: int
    checks: tuple[Check, ...]

    @property
    def lacking(self) -> int:
        """How many replicates have no estimate."""
        return self.asked - int(self.measures.get("replicates", {"estimate": 0})["estimate"])

    @property
    def wrong(self) -> list[str]:
        """What was found wrong."""
        missing = ["estimates lacking"] if self.lacking > LACKING * self.asked else []
        return missing + [check.kind for check in self.checks if not check.holds]

    @property
    def sound(self) -> bool:
        """Whether a right method passed, or a wrong one was caught at what is wrong with it."""
        must = set(self.wanted.must_fail)
        return must <= set(self.wrong) if must else not self.wrong

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        if self.wanted.must_fail:
            return f"wrong, as it must be: {', '.join(self.wrong)}" if self.sound else "NOT CAUGHT"
        return "passes" if self.sound else f"FAILS: {', '.join(self.wrong)}"


def verdicts(designs: list[Design]) -> int:
    """Return how many quantities of right methods are judged."""
    return sum(len(_asked(wanted)) for design in designs for wanted in design.wanted if not wanted.must_fail)


def checks(wanted: Wanted, measures: dict[str, dict], judged: int) -> Iterator[Check]:
    """Yield the checks of a line; with `judged` of them in the table, a right method fails it once in 1000 tables."""
    tail = FALSE_ALARM / (2 * max(judged, 1))
    z = -NormalDist().inv_cdf(tail)
    for kind in _asked(wanted):
        found = measures.get(_MEASURES.get(kind) or tested(measures), ABSENT)
        allowed = wanted.allowed.get(kind, 0.0)
        expected = getattr(wanted, kind)
        if kind in ("bias", "ratio"):
            reach = z * found["std_error"] + allowed
            low, high = expected - reach, expected + reach
        else:
            low, high = _binomial_bounds(found["n"], expected, allowed, tail)
        yield Check(kind=kind, found=found["estimate"], error=found["std_error"], low=low, high=high)


def tested(measures: dict[str, dict]) -> str:
    """Return the name under which rejections stand; a test without a true value of its own is said to have power."""
    return "type I error" if "type I error" in measures else "power"


def _asked(wanted: Wanted) -> list[str]:
    absent = [] if wanted.true is not None else ["bias", "ratio", "coverage"]
    return [kind for kind in KINDS if kind not in absent and getattr(wanted, kind) is not None]


def _binomial_bounds(n: int, expected: float, allowed: float, tail: float) -> tuple[float, float]:
    """Return the exact binomial quantiles of a share; the normal ones are too narrow so far out. None fit no study."""
    if n == 0:
        return float("inf"), float("-inf")
    low, high = max(expected - allowed, 0.0), min(expected + allowed, 1.0)
    return float(binom.ppf(tail, n, low)) / n, float(binom.isf(tail, n, high)) / n
