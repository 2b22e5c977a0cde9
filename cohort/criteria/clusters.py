"""Clusters of seizures: many on one day, or within a few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from cohort.criteria.criterion import Moves
from cohort.criteria.seizures import Period
from cohort.criteria.soundness import check_part, check_percentage, check_source, check_whole
from cohort.errors import CriterionError


@dataclass(frozen=True)
class ClusterDays:
    """At least so many seizures within so many consecutive days, at least once.

    A diary by days cannot tell 24 hours that reach over midnight: one day finds too few clusters, two find too many.
    `clusters` lists them; windows that share a day or follow on each other are one cluster.

    Known seizures count, whatever is missing beside them; a day without a record is missing. Without a cluster, "not
    met" asks that enough days were recorded (of the period, or between the subject's first and last record) and, where
    a period is named, that the records reach its last day; else the verdict is undetermined. A total over several days
    with so many seizures that a cluster may hide in it leaves the verdict undetermined, unless it is no longer than the
    window.

    Attributes:
        seizures: The fewest seizures of a cluster (a convention: two to four are in use).
        days: Within how many consecutive days they lie.
        period: The days that are looked at; None is all of them.
        min_observed: The percentage of days that must have been recorded for "not met" (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"seizures": "fewer", "days": "more"}

    seizures: int = 3
    days: int = 1
    period: Period | None = None
    min_observed: int = 80
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(seizures=self.seizures, days=self.days, min_observed=self.min_observed)
        check_percentage("min_observed", self.min_observed)
        if self.period is not None:
            check_part("period", self.period, Period)
        if self.seizures < 2 or self.days < 1:
            raise CriterionError("a cluster has at least 2 seizures, within at least 1 day")

    def between(self, from_day: int, to_day: int) -> Self:
        """Return the criterion for the days of a period, both included."""
        return replace(self, period=Period(from_day, to_day))

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        window = "a day" if self.days == 1 else f"{self.days} days"
        parts = [f"a cluster of {self.seizures} seizures in {window}"]
        parts += [self.period.label] if self.period else []
        parts += [f"{self.min_observed}% of days observed"] if self.min_observed != type(self).min_observed else []
        return ", ".join(parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        window = "one day" if self.days == 1 else f"{self.days} consecutive days"
        where = f" of {self.period.label}" if self.period else ""
        return (
            f"At least {self.seizures} seizures within {window}{where}; without such a cluster, at least "
            f"{self.min_observed} percent of the days recorded."
        )


SEIZURE_CLUSTERS = ClusterDays(
    source="At least three seizures within 24 hours, as many studies have it (from memory), told by calendar days"
)
