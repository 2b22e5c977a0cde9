"""Remission that lasts: low scores at visit after visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_number, check_source, check_whole
from cohort.errors import CriterionError
from cohort.scales import scale


@dataclass(frozen=True)
class SustainedRemission:
    """Scores in remission at several visits in a row, for a number of days.

    A run is made of consecutive ratings after baseline (day above 0, scheduled or not) that are in remission; it is
    long enough on the first rating that gives it both its visits and its days. That day, never the run's first, is the
    day of the verdict. Days are calendar days, so that day 7.4 to day 28.2 is 21 days; two ratings of one day are one
    visit. The scores stand for the whole of remission: the ACNP defines it by symptoms, to which a total is an
    approximation.

    A missing rating (no record, or a null score) neither breaks a run nor adds to it, as long as no two ratings are
    further apart than `max_gap_days`; beyond that the run is no longer vouched for and another begins. The verdict is
    undetermined without a rating after baseline, and where no run was long enough and one of them was not seen to end,
    because the ratings stop or the next one comes too late. Whoever was seen to leave every run is "not met".

    Attributes:
        scale: The scale's name.
        threshold: The highest score in remission (or, with bound "<", the lowest out of it), in points of the scale.
        bound: "<=" includes the threshold, "<" does not.
        visits: How many visits in a row (a convention).
        days: How many days from the first to the last of them.
        max_gap_days: How far apart two ratings of a run may be (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"threshold": "more", "visits": "fewer", "days": "fewer", "max_gap_days": "more"}

    scale: str
    threshold: float
    source: str
    bound: Literal["<=", "<"] = "<="
    visits: int = 2
    days: int = 21
    max_gap_days: int = 56

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(visits=self.visits, days=self.days, max_gap_days=self.max_gap_days)
        check_number(threshold=self.threshold)
        found = scale(self.scale)
        if not found.low <= self.threshold <= found.high:
            raise CriterionError(
                f"a threshold of {self.threshold:g} lies outside {self.scale} ({found.low:g} to {found.high:g})"
            )
        if self.bound not in ("<=", "<"):
            raise CriterionError(f"bound is '<=' or '<', not {self.bound!r}")
        if self.visits < 1 or self.days < 0 or self.max_gap_days < 1:
            raise CriterionError("visits and max_gap_days are at least 1, days at least 0")

    @property
    def run(self) -> str:
        """What is asked of the scores, in a few words."""
        low = f"{self.scale} {self.bound} {self.threshold:g}"
        visits = f"{self.visits} visit{'s' if self.visits > 1 else ''}"
        lasting = "" if (self.visits, self.days) == (1, 0) else f" at {visits} over {self.days} days"
        return f"{low}{lasting}, gaps up to {self.max_gap_days}"

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return f"sustained remission ({self.run})"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        visits = f"{self.visits} or more visits in a row" if self.visits > 1 else "one visit or more in a row"
        return (
            f"{self.scale} totals {self.bound} {self.threshold:g} at {visits}, "
            f"{self.days} days or more from the first to the last, with no rating out of remission in between and "
            f"ratings at most {self.max_gap_days} days apart; undetermined where no such run was seen and one was not "
            "seen to end."
        )


HAMD17_SUSTAINED_REMISSION = SustainedRemission(
    "HAMD17",
    7,
    "Convention of this package, in the spirit of ACNP, Rush AJ et al. Neuropsychopharmacology 2006;31:1841-53 (three "
    "weeks with minimal symptoms)",
)
# From memory: at most 7 and two weeks. The paper is also quoted with "below 7".
FRANK_1991_REMISSION = SustainedRemission(
    "HAMD17",
    7,
    "Frank E et al. Arch Gen Psychiatry 1991;48:851-5 (at most 7 for two weeks, from memory; also quoted as below 7)",
    days=14,
)
