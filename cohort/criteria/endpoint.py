"""When a rating counts: at a visit, the last one seen, ever, by a day, at baseline. The choice changes the number."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal, get_args

from cohort.errors import CriterionError

Kind = Literal["at", "last observed", "ever", "by day", "baseline"]


@dataclass(frozen=True)
class Endpoint:
    """Which ratings a visit-based criterion looks at.

    In the antidepressant study 20, 23 or 29 of 84 subjects on the drug remit at week 6, at the last observed visit, or
    ever.

    Conventions, which no publication fixes. "After baseline" is any day above 0: what was rated on day 0 is the
    baseline, even where the first dose was taken that day, and a rating some hours later (a fraction of a day) comes
    after it. "At" a visit goes by the visit's name, whatever its actual day. The other kinds take unscheduled ratings
    too, and ratings after a treatment was stopped. Of two ratings on one day the scheduled one counts as the later, of
    two scheduled ones the one later in the order of the visits. "By day" 42 includes day 42.0 and not 42.5.

    A missing rating (no record, or a null score) never counts as anything. "At": undetermined, unless a rating at
    another of the named visits already fails the rule. "Last observed" and "ever": undetermined without any rating
    after baseline. "By day": undetermined where no rating satisfies the rule and follow-up ends before the day, or
    where there is none; visits missed in between do not matter. "Baseline": undetermined without a score on or before
    day 0.

    Attributes:
        kind: "at" named visits (all of them must satisfy the rule), "last observed" rating after baseline, "ever" at
            any rating after baseline, "by day": at any rating after baseline on or before a day, or "baseline": the
            last rating on or before day 0, for what holds at entry.
        visits: The visits of "at".
        day: The day of "by day", counted from the index, which is day 0.
    """

    kind: Kind
    visits: tuple[str, ...] = ()
    day: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise CriterionError(f"an endpoint is {' or '.join(map(repr, get_args(Kind)))}, not {self.kind!r}")
        if (self.kind == "at") != bool(self.visits):
            raise CriterionError("an endpoint 'at' names at least one visit, and no other kind does")
        if not all(isinstance(visit, str) for visit in self.visits):
            raise CriterionError(f"an endpoint names visits as texts, .at('week 4', 'week 6'), not {list(self.visits)}")
        if self.day is not None and not isinstance(self.day, int | float):
            raise CriterionError(f"an endpoint 'by day' needs a number, not {self.day!r}")
        if len(set(self.visits)) < len(self.visits):
            raise CriterionError(f"an endpoint names a visit once, not {list(self.visits)}")
        if (self.kind == "by day") != (self.day is not None):
            raise CriterionError("an endpoint 'by day' names a day, and no other kind does")
        if self.day is not None and not 0 < self.day < inf:
            raise CriterionError(f"an endpoint 'by day' needs a day after baseline, not {self.day:g}")

    @property
    def label(self) -> str:
        """The endpoint in words, as it ends a criterion's label."""
        if self.kind == "at":
            return "at " + " and ".join(self.visits)
        if self.kind == "by day":
            return f"by day {self.day:g}"
        words = {
            "last observed": "at the last rating",
            "ever": "at any rating after baseline",
            "baseline": "at baseline",
        }
        return words[self.kind]

    @property
    def lacking(self) -> str:
        """What leaves a verdict undetermined, in words."""
        return {
            "at": "a rating missing there leaves it undetermined unless another there fails the rule",
            "by day": "it is undetermined where no rating satisfies it and follow-up ends before that day",
            "baseline": "it is undetermined without a score on or before day 0",
        }.get(self.kind, "it is undetermined where there is no rating after baseline")


LAST_OBSERVED = Endpoint("last observed")
EVER = Endpoint("ever")
AT_BASELINE = Endpoint("baseline")
