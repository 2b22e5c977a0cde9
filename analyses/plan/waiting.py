"""What every way of analysing a time needs, and parts of a report that these data may not allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from analyses.displays.report import Part
from analyses.estimates.result import Estimates
from analyses.plan.performed import about
from cohort.errors import EstimationError


@dataclass(frozen=True)
class Waiting:
    """Times to one outcome.

    Attributes:
        events: EVENTS with covariates.
        event: What is waited for, in words.
        cause: How EVENTS calls it; None where every cause is a way of its ending.
        by: The grouping column; None for everyone together.
        confidence: Coverage of every interval.
    """

    events: pl.DataFrame
    event: str
    cause: str | None
    by: str | None
    confidence: float

    @property
    def causes(self) -> list[str]:
        """The causes that occur, sorted."""
        return self.events["cause"].drop_nulls().unique().sort().to_list()

    @property
    def by_cause(self) -> str:
        """What the numbers of single causes are about."""
        return f"{self.event}, by cause"

    @property
    def groups(self) -> int:
        """How many groups have rows."""
        return 1 if self.by is None else self.events[self.by].drop_nulls().n_unique()

    @property
    def cluster(self) -> str | None:
        """What is independent where subjects have several times."""
        return "subject_id" if self.events["subject_id"].is_duplicated().any() else None


@dataclass(frozen=True)
class Wanted:
    """A part that is asked for: its title, what its numbers are about, and how they are estimated."""

    title: str
    criterion: str
    estimate: Callable[[], Estimates]


def parts_of(wanted: Sequence[Wanted]) -> tuple[list[Part], list[str]]:
    """Return the parts that these data allow, and a note for each that they do not.

    A plan that names a covariate which is not there is at fault; data without events in an arm are a result.
    """
    parts, lost = [], []
    for one in wanted:
        try:
            parts.append(Part(about(one.estimate(), one.criterion), title=one.title))
        except EstimationError as error:
            lost.append(f"{one.title}: not estimable; {error}")
    return parts, lost


def noted(estimates: Estimates, notes: Sequence[str]) -> Estimates:
    """Return the same numbers with further notes."""
    return replace(estimates, notes=(*estimates.notes, *notes))
