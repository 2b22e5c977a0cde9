"""Response and remission on a rating scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cohort.criteria.criterion import Moves
from cohort.criteria.endpoint import AT_BASELINE
from cohort.criteria.on_scale import OnScale
from cohort.criteria.soundness import check_bound, check_number, check_percentage
from cohort.errors import CriterionError
from cohort.scales import scale

Bound = Literal["<=", "<"]


@dataclass(frozen=True)
class Remission(OnScale):
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
        check_number(threshold=self.threshold)
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
class Response(OnScale):
    """A fall from baseline of at least a given percentage; with `under`, of no more than a partial response.

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
        under: The percentage that the fall must stay below, for a partial response; None sets no such limit. At "ever"
            and "by day" it is met by any one rating between the two, whatever came of it later.
    """

    moves: ClassVar[Moves] = {"improvement": "fewer", "under": "more"}

    improvement: float = 50
    bound: Literal[">=", ">"] = ">="
    under: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.endpoint == AT_BASELINE:
            raise CriterionError("a response is a fall from baseline, so that it cannot be asked for at baseline")
        check_percentage("improvement", self.improvement)
        check_bound(self.bound, self.improvement)
        if self.under is not None:
            check_percentage("under", self.under)
            if self.under <= self.improvement:
                raise CriterionError(
                    f"no fall is {self.bound} {self.improvement:g} and below {self.under:g} percent; raise `under`"
                )

    @property
    def kind(self) -> str:
        """What it is called: a response, or a partial one where the fall must stay below a percentage."""
        return "response" if self.under is None else "partial response"

    @property
    def event(self) -> str:
        """What happens when the rule is first satisfied, in a few words."""
        limit = "" if self.under is None else f" and < {self.under:g}%"
        return f"{self.scale} {self.kind} ({self.bound} {self.improvement:g}%{limit})"

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return f"{self.event}{self._ending()}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        limit = "" if self.under is None else f" and < {self.under:g}"
        rule = f"A fall of the {self.scale} total from baseline {self.bound} {self.improvement:g}{limit} percent"
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
# Reviews print both "at most 7" and "below 7"; five last scores of the antidepressant study are exactly 7.
HAMD17_REMISSION_BELOW_7 = Remission("HAMD17", None, 'The wording "below 7" of reviews of resistant depression', 7, "<")
HAMD17_PARTIAL_RESPONSE = Response(
    "HAMD17", None, "Convention of antidepressant studies: a fall of a quarter, and less than half", 25, under=50
)
MADRS_REMISSION = Remission("MADRS", None, "Convention of many antidepressant studies: at most 10", 10)
MADRS_REMISSION_TRANSFORM = Remission(
    "MADRS", None, "TRANSFORM-2 (esketamine), Popova V et al. Am J Psychiatry 2019;176:428-38: at most 12", 12
)
MADRS_RESPONSE = Response("MADRS", None, "Convention of antidepressant studies: a fall of at least half")
QIDS_SR16_REMISSION = Remission(
    "QIDS-SR16", None, "STAR*D, Rush AJ et al. Am J Psychiatry 2006;163:1905-17: at most 5", 5
)
QIDS_SR16_RESPONSE = Response(
    "QIDS-SR16", None, "STAR*D, Rush AJ et al. Am J Psychiatry 2006;163:1905-17: a fall of at least half"
)
PHQ9_REMISSION = Remission("PHQ-9", None, "Convention: below 5, where the mildest band begins (Kroenke 2001)", 4)
PHQ9_RESPONSE = Response("PHQ-9", None, "Convention of antidepressant studies: a fall of at least half")
