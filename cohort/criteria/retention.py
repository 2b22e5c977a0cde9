"""Staying on a treatment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_source, check_whole
from cohort.errors import CriterionError


@dataclass(frozen=True)
class Retention:
    """Still on the treatment after a number of days, for whatever reason others left it.

    Stopped on or before that day: "not met". A combination starts with its first drug and stops with its last.
    `time_to` turns the criterion into the time to withdrawal, with the reason as cause.

    A missing stop means that the treatment goes on, to the last day of follow-up; where that lies before the day asked
    for, the verdict is undetermined. A stop without a reason counts, as "not recorded". Subjects without the treatment
    are no units of this criterion.

    Attributes:
        day: Days since the treatment's start; None until `at` names it (the time to withdrawal needs none).
        treatment_no: Which treatment of the subject; 1 is the first.
        source: Who uses it.
    """

    moves: ClassVar[Moves] = {"day": "fewer"}

    day: int | None = None
    treatment_no: int = 1
    source: str = "SANAD, Marson AG et al. Lancet 2007;369:1000-15 (time to treatment failure)"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(treatment_no=self.treatment_no, day=self.day or 0)
        if self.treatment_no < 1 or (self.day is not None and self.day < 1):
            raise CriterionError("treatment_no and day are at least 1")

    def at(self, day: int) -> Self:
        """Return the criterion at a day after the treatment's start."""
        return replace(self, day=day)

    @property
    def event(self) -> str:
        """What ends it, in a few words."""
        return f"withdrawal of treatment {self.treatment_no}"

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return f"still on treatment {self.treatment_no}" + (f" after {self.day} days" if self.day else "")

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        when = f" for more than {self.day} days" if self.day else ""
        return f"Treatment {self.treatment_no} is continued{when}; every stop counts, whatever its reason."


RETENTION = Retention()
