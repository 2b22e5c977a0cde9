"""When a rating counts: at a visit, at the last one seen, ever, or by a day. The choice changes the number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cohort.errors import CriterionError


@dataclass(frozen=True)
class Endpoint:
    """Which ratings a visit-based criterion looks at.

    In the antidepressant study 20, 23 or 29 of 84 subjects on the drug remit at week 6, at the last observed visit, or ever.

    Attributes:
        kind: "at" named visits (all of them must satisfy the rule), "last observed" rating after baseline, "ever" at any
            rating after baseline, or "by day": at any rating after baseline on or before a day.
        visits: The visits of "at".
        day: The day of "by day".
    """

    kind: Literal["at", "last observed", "ever", "by day"]
    visits: tuple[str, ...] = ()
    day: float | None = None

    def __post_init__(self) -> None:
        if (self.kind == "at") != bool(self.visits):
            raise CriterionError("an endpoint 'at' names at least one visit, and no other kind does")
        if (self.kind == "by day") != (self.day is not None):
            raise CriterionError("an endpoint 'by day' names a day, and no other kind does")
        if self.day is not None and self.day <= 0:
            raise CriterionError(f"an endpoint 'by day' needs a day after baseline, not {self.day:g}")

    @property
    def label(self) -> str:
        """The endpoint in words, as it ends a criterion's label."""
        if self.kind == "at":
            return "at " + " and ".join(self.visits)
        if self.kind == "by day":
            return f"by day {self.day:g}"
        return {"last observed": "at the last observed visit", "ever": "at any visit"}[self.kind]


LAST_OBSERVED = Endpoint("last observed")
EVER = Endpoint("ever")
