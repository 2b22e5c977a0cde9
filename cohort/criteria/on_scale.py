"""What criteria on a rating scale share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from cohort.criteria.endpoint import AT_BASELINE, EVER, LAST_OBSERVED, Endpoint
from cohort.criteria.soundness import check_source
from cohort.errors import CriterionError
from cohort.scales import scale


@dataclass(frozen=True)
class OnScale:
    """What criteria on a rating scale share: a scale, an endpoint, a source."""

    scale: str
    endpoint: Endpoint | None
    source: str

    def __post_init__(self) -> None:
        check_source(self.source)
        scale(self.scale)
        if self.endpoint is not None and not isinstance(self.endpoint, Endpoint):
            raise CriterionError(
                f"{self.endpoint!r} is not an endpoint; use .at(visit), .last_observed(), .ever(), .by_day(day) or "
                ".at_baseline()"
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

    def at_baseline(self) -> Self:
        """Return the criterion at the baseline: the last rating on or before day 0."""
        return replace(self, endpoint=AT_BASELINE)

    def _ending(self) -> str:
        return f" {self.endpoint.label}" if self.endpoint else ""
