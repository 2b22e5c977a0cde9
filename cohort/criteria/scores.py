"""Response and remission on a rating scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

from cohort.criteria.endpoint import EVER, LAST_OBSERVED, Endpoint
from cohort.errors import CriterionError
from cohort.scales import scale

Bound = Literal["<=", "<"]


@dataclass(frozen=True)
class _OnScale:
    """What response and remission share: a scale, an endpoint, a source."""

    scale: str
    endpoint: Endpoint | None
    source: str

    def at(self, *visits: str) -> Self:
        """Return the criterion at named visits; with several, the rule must hold at each of them."""
        return replace(self, endpoint=Endpoint("at", visits))

    def last_observed(self) -> Self:
        """Return the criterion at the last rating after baseline."""
        return replace(self, endpoint=LAST_OBSERVED)

    def ever(self) -> Self:
        """Return the criterion at any rating after baseline."""
        return replace(self, endpoint=EVER)

    def by_day(self, day: float) -> Self:
        """Return the criterion at any rating after baseline on or before a day."""
        return replace(self, endpoint=Endpoint("by day", day=day))

    def _ending(self) -> str:
        return f" {self.endpoint.label}" if self.endpoint else ""


@dataclass(frozen=True)
class Remission(_OnScale):
    """A score at or below a threshold. It does not imply response: from 12 to 7 is remission and a fall of 42 percent.

    A subject whose baseline already satisfies the rule is classified like any other and carries the category "entered in
    remission"; `AboveAtEntry` is the population without them. A missing rating is missing: the verdict at a visit without a
    rating is undetermined.

    Attributes:
        scale: The scale's name.
        threshold: The highest score in remission (or, with bound "<", the lowest out of it).
        bound: "<=" includes the threshold, "<" does not.
        endpoint: Which ratings count; None until `at`, `last_observed`, `ever` or `by_day` names it.
        source: Who defined it.
    """

    threshold: float = 7
    bound: Bound = "<="

    def __post_init__(self) -> None:
        found = scale(self.scale)
        if not found.low <= self.threshold <= found.high:
            raise CriterionError(f"a threshold of {self.threshold:g} lies outside {self.scale} ({found.low:g} to {found.high:g})")
        if self.bound not in ("<=", "<"):
            raise CriterionError(f"bound is '<=' or '<', not {self.bound!r}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return f"{self.scale} remission ({self.bound} {self.threshold:g}){self._ending()}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return f"A {self.scale} total {self.bound} {self.threshold:g}{self._ending()}; a missing rating leaves it undetermined."


@dataclass(frozen=True)
class Response(_OnScale):
    """A fall from baseline of at least a given percentage.

    Baseline is the last rating on or before day 0. The fall is compared without rounding: 24 to 12 is a response at 50
    percent, 24 to 13 is not. A baseline of zero has no percentage: "not met", with that reason. No baseline, or no rating:
    undetermined.

    Attributes:
        scale: The scale's name.
        improvement: The percentage of the baseline that the score must have fallen by.
        bound: ">=" includes exactly that percentage, ">" does not.
        endpoint: Which ratings count; None until `at`, `last_observed`, `ever` or `by_day` names it.
        source: Who defined it.
    """

    improvement: float = 50
    bound: Literal[">=", ">"] = ">="

    def __post_init__(self) -> None:
        scale(self.scale)
        if not 0 < self.improvement <= 100:
            raise CriterionError(f"improvement is a percentage above 0 and up to 100, not {self.improvement:g}")
        if self.bound not in (">=", ">"):
            raise CriterionError(f"bound is '>=' or '>', not {self.bound!r}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return f"{self.scale} response ({self.bound} {self.improvement:g}%){self._ending()}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"A fall of the {self.scale} total from baseline {self.bound} {self.improvement:g} percent{self._ending()}; "
            "a missing rating or baseline leaves it undetermined."
        )


HAMD17_REMISSION = Remission(
    "HAMD17", None, "Frank E et al. Arch Gen Psychiatry 1991;48:851-5; at most 7 as in Rush AJ et al. Am J Psychiatry 2006;163:1905-17"
)
HAMD17_RESPONSE = Response(
    "HAMD17", None, "Frank E et al. Arch Gen Psychiatry 1991;48:851-5; a fall of at least half as in Rush AJ et al. Am J Psychiatry 2006;163:1905-17"
)
