"""Who belongs to an analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_number, check_source
from cohort.errors import CriterionError
from cohort.scales import scale


@dataclass(frozen=True)
class AboveAtEntry:
    """Subjects whose baseline lies above a score: those who can still come into remission.

    Baseline is the last rating on or before day 0. A missing baseline (no such rating, or only null scores) leaves the
    subject undetermined.

    Attributes:
        scale: The scale's name.
        above: The baseline must be greater than this, in points of the scale.
        source: Why.
    """

    moves: ClassVar[Moves] = {"above": "fewer"}

    scale: str
    above: float = 7
    source: str = "convention of this package: a subject who enters in remission cannot remit by treatment"

    def __post_init__(self) -> None:
        check_source(self.source)
        found = scale(self.scale)
        check_number(above=self.above)
        if not found.low <= self.above < found.high:
            raise CriterionError(
                f"a bound of {self.above:g} lies outside {self.scale} ({found.low:g} to {found.high:g})"
            )

    @property
    def label(self) -> str:
        """The population in a few words."""
        return f"{self.scale} above {self.above:g} at entry"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return f"Subjects with a baseline {self.scale} total above {self.above:g}; no baseline leaves it undetermined."


HAMD17_ABOVE_REMISSION = AboveAtEntry("HAMD17")
