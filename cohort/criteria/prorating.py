"""How a total is made where items are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cohort.criteria.soundness import check_source, check_whole
from cohort.errors import CriterionError


@dataclass(frozen=True)
class Prorating:
    """The total of what was answered, raised to the full scale: highest total times answered over answerable points.

    A plain mean of the items times their number would be wrong where items have different maxima, as in the HAM-D. No
    published authority is known for the rule. Items are never filled in, only the total is raised; what asks about one
    item (suicide) has to look at the item itself.

    A missing item has no record or a null score. Of a domain (the QIDS counts the highest of four sleep items) every
    item must be answered, or one of a pair of which the form asks for one, or one of them must have its highest score:
    else the domain is missing. Too many missing items leave the total missing, and verdicts that need it undetermined.

    Attributes:
        max_missing: How many items may be missing, of `of` (a convention: 3 of the 17 of the HAM-D).
        of: A scale's share of missing items or domains is compared with max_missing / of, so that at most one of the
            nine of the PHQ-9 or of the QIDS may be missing.
        rounding: How a total becomes whole (a convention): a half goes up ("half up"), or to the even number ("half to
            even"), or nothing is rounded ("none").
        source: Who uses it.
    """

    max_missing: int = 3
    of: int = 17
    rounding: Literal["half up", "half to even", "none"] = "half up"
    source: str = "convention of this package"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(max_missing=self.max_missing, of=self.of)
        if not 0 <= self.max_missing < self.of:
            raise CriterionError(
                f"max_missing is at least 0 and below the number of items, not {self.max_missing} of {self.of}"
            )
        if self.rounding not in ("half up", "half to even", "none"):
            raise CriterionError(f"rounding is 'half up', 'half to even' or 'none', not {self.rounding!r}")


PRORATING = Prorating()
