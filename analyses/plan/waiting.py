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
    def first(self) -> str:
        """What the numbers of causes taken together are about: whichever comes first."""
        several = self.cause is not None and len(self.causes) > 1
        return f"any of: {', '.join(self.causes)}" if several else self.event

    @property
    def by_cause(self) -> str:
        """What the numbers of single causes are about."""
        return f"{self.event}, by cause"

    @property
    def groups(self) -> int:
        """How many groups have rows."""
        return 1 if self.by is None else self.events[self.by].drop_nulls().n_unique()

    @property
    def shared(self) -> int:
        """How many subjects have times in several groups."""
        if self.by is None:
            return 0
        groups = self.events.drop_nulls(self.by).group_by("subject_id").agg(pl.col(self.by).n_unique())
        return groups.filter(pl.col(self.by) > 1).height

    @property
    def cluster(self) -> str | None:
        """What is independent where subjects have several times."""
        return "subject_id" if self.events["subject_id"].is_duplicated().any() else None


@dataclass(frozen=True)
class Wanted:
    """A part that is asked for.

    Attributes:
        title: Its title.
        criterion: What its numbers are about.
        estimate: How they are estimated.
        rests_on: The title of the part without which there is none, so that its absence needs no note of its own.
    """

    title: str
    criterion: str
    estimate: Callable[[], Estimates]
    rests_on: str | None = None


def parts_of(wanted: Sequence[Wanted]) -> tuple[list[Part], list[str]]:
    """Return the parts that these data allow, and a note for each that they do not.

    A plan that names a covariate which is not there is at fault; data without events in an arm are a result.
    """
    parts, lost, failed = [], [], set()
    for one in wanted:
        try:
            parts.append(Part(about(one.estimate(), one.criterion), title=one.title))
        except EstimationError as error:
            failed.add(one.title)
            if one.rests_on not in failed:
                lost.append(f"{one.title}: not estimable; {error}")
    return parts, lost


def noted(estimates: Estimates, notes: Sequence[str]) -> Estimates:
    """Return the same numbers with further notes."""
    return replace(estimates, notes=(*estimates.notes, *notes))
