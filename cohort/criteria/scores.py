"""Response and remission on a rating scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

from cohort.criteria.criterion import Moves
from cohort.criteria.endpoint import EVER, LAST_OBSERVED, Endpoint
from cohort.criteria.soundness import check_bound, check_percentage, check_source
from cohort.errors import CriterionError
from cohort.scales import scale

Bound = Literal["<=", "<"]


@dataclass(frozen=True)
class _OnScale:
    """What response and remission share: a scale, an endpoint, a source."""

    scale: str
    endpoint: Endpoint | None
    source: str

    def __post_init__(self) -> None:
        check_source(self.source)
        scale(self.scale)
        if self.endpoint is not None and not isinstance(self.endpoint, Endpoint):
            raise CriterionError(
                f"{self.endpoint!r} is not an endpoint; use .at(visit), .last_observed(), .ever() or .by_day(day)"
            )

    def at(self, *visits: str) -> Self:
        """Return the criterion at named visits; with several, the rule must hold at each of them."""
        return replace(self, endpoint=Endpoint("at", visits))

    def last_observed(self) -> Self:
        """Return the criterion at the last rating after baseline, scheduled or not."""
        return replace(self, endpoint=LAST_OBSERVED)

    def ever(self) -> Self:
        """Return the criterion at any rating after baseline, scheduled or not."""
        return replace(self, endpoint=EVER)

    def by_day(self, day: float) -> Self:
        """Return the criterion at any rating after baseline on or before a day."""
        return replace(self, endpoint=Endpoint("by day", day=day))

    def _ending(self) -> str:
        return f" {self.endpoint.label}" if self.endpoint else ""


@dataclass(frozen=True)
class Remission(_OnScale):
    """A score at or below a threshold. It does not imply response: from 12 to 7 is remission and a fall of 42 percent.

    A subject whose baseline already satisfies the rule is classified like any other and carries the category "entered
    in remission"; `AboveAtEntry` is the population without them.

    A missing rating is missing and never carried forward: a verdict at a visit without a rating is undetermined (see
    `Endpoint` for the other kinds). A missing baseline changes no verdict and leaves the category null.

    Attributes:
        scale: The scale's name.
        threshold: The highest score in remission (or, with bound "<", the lowest out of it), in points of the scale.
        bound: "<=" includes the threshold, "<" does not.
        endpoint: Which ratings count; None until `at`, `last_observed`, `ever` or `by_day` names it.
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"threshold": "more"}

    threshold: float = 7
    bound: Bound = "<="

    def __post_init__(self) -> None:
        super().__post_init__()
        found = scale(self.scale)
        if self.bound not in ("<=", "<"):
            raise CriterionError(f"bound is '<=' or '<', not {self.bound!r}")
        if not found.low <= self.threshold <= found.high:
            raise CriterionError(
                f"a threshold of {self.threshold:g} lies outside {self.scale} ({found.low:g} to {found.high:g})"
            )
        if self.bound == "<" and self.threshold == found.low:
            raise CriterionError(f"no {self.scale} total is below {found.low:g}; use the bound '<='")

    @property
    def event(self) -> str:
        """What happens when the rule is first satisfied, in a few words."""
        return f"{self.scale} remission ({self.bound} {self.threshold:g})"

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return f"{self.event}{self._ending()}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        rule = f"A {self.scale} total {self.bound} {self.threshold:g}{self._ending()}"
        return f"{rule}; {self.endpoint.lacking}." if self.endpoint else f"{rule}."


@dataclass(frozen=True)
class Response(_OnScale):
    """A fall from baseline of at least a given percentage.

    Baseline is the last rating on or before day 0. The percentage is 100 (baseline - score) / baseline and is compared
    to nine decimals: 24 to 12 is a response at 50 percent, 24 to 13 is not, and 16.4 to 12.3 is a fall of exactly 25
    though a computer's fractions make it a little less.

    A missing baseline or rating leaves the verdict undetermined (see `Endpoint` for the kinds of endpoint); nothing is
    carried forward. A baseline of zero has no percentage: "not met", with that reason.

    Attributes:
        scale: The scale's name.
        improvement: The percentage of the baseline that the score must have fallen by.
        bound: ">=" includes exactly that percentage, ">" does not.
        endpoint: Which ratings count; None until `at`, `last_observed`, `ever` or `by_day` names it.
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"improvement": "fewer"}

    improvement: float = 50
    bound: Literal[">=", ">"] = ">="

    def __post_init__(self) -> None:
        super().__post_init__()
        check_percentage("improvement", self.improvement)
        check_bound(self.bound, self.improvement)

    @property
    def event(self) -> str:
        """What happens when the rule is first satisfied, in a few words."""
        return f"{self.scale} response ({self.bound} {self.improvement:g}%)"

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return f"{self.event}{self._ending()}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        rule = f"A fall of the {self.scale} total from baseline {self.bound} {self.improvement:g} percent"
        lacking = f", and {self.endpoint.lacking}" if self.endpoint else ""
        return f"{rule}{self._ending()}; without a baseline it is undetermined{lacking}."


# The terms are Frank's; that paper's own threshold for remission has not been checked here, STAR*D's has.
HAMD17_REMISSION = Remission(
    "HAMD17",
    None,
    "STAR*D, Rush AJ et al. Am J Psychiatry 2006;163:1905-17 (at most 7); "
    "the term: Frank E et al. Arch Gen Psychiatry 1991;48:851-5",
)
HAMD17_RESPONSE = Response("HAMD17", None, "Convention of antidepressant studies: a fall of at least half")
