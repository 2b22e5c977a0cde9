"""The time to a number of seizures: the first, or as many as the subject had in a month before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self, get_args

from cohort.criteria.criterion import Moves
from cohort.criteria.seizures import Period
from cohort.criteria.soundness import check_choice, check_part, check_percentage, check_source, check_whole
from cohort.errors import CriterionError

Rounding = Literal["up", "nearest"]
MissingDays = Literal["taken as free", "left open"]
_EIGHT_WEEKS = Period(-56, -1)


@dataclass(frozen=True)
class NthSeizure:
    """The n-th seizure since day 0 came, up to a day; n is given, or is the subject's own baseline count in 28 days.

    To meet it is the unfavourable outcome; a drug that works puts it off. The clock of `time_to` starts on day 0 and
    the day of the n-th seizure ends it; totals over several days place it between their edges. A baseline without
    seizures gives no n: "not met", with that reason, and no time.

    Missing days: seizures that are known count, whatever is missing before them, so "met" stands on the first day by
    which n of them certainly happened. "Not met" asks that the records reach the day, with enough days recorded; else
    it is undetermined. A total with seizures that reaches over day 0 or the last day belongs to neither side and its
    days are missing; where it could have brought the n-th seizure the verdict is undetermined. Too few recorded
    baseline days for an own n: undetermined.

    Attributes:
        number: How many seizures; None is the subject's own 28-day count at baseline.
        to_day: The last day that counts; None (to the end of the records) serves `time_to` alone.
        from_day: The first day whose seizures count; 1 leaves the day of randomization out (a convention).
        baseline: The days of the baseline period, for an own number.
        rounding: How a 28-day count with a fraction becomes n, at least 1: "up" or to the "nearest" whole number, a
            half up (a convention).
        missing_days: "taken as free" puts the n-th seizure where it became certain; "left open" places it anywhere
            since the last day before the first missing one, and grants "not met" to complete records only (a
            convention).
        min_observed: The percentage of days that must have been recorded: of the baseline for an own number, and up to
            the last day for "not met" (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"number": "fewer", "to_day": "more", "from_day": "fewer", "min_observed": "fewer"}

    number: int | None = None
    to_day: int | None = None
    from_day: int = 0
    baseline: Period = _EIGHT_WEEKS
    rounding: Rounding = "up"
    missing_days: MissingDays = "taken as free"
    min_observed: int = 80
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_choice("rounding", self.rounding, get_args(Rounding))
        check_choice("missing_days", self.missing_days, get_args(MissingDays))
        check_percentage("min_observed", self.min_observed)
        given = {"number": self.number, "to_day": self.to_day, "from_day": self.from_day}
        check_whole(**{name: value for name, value in given.items() if value is not None})
        check_whole(min_observed=self.min_observed)
        if self.number is not None and self.number < 1:
            raise CriterionError(f"the number of seizures waited for is at least 1, not {self.number}")
        if self.from_day < 0 or (self.to_day is not None and self.to_day < self.from_day):
            raise CriterionError("seizures count from a day, 0 or later, up to a later one")
        check_part("baseline", self.baseline, Period)
        if self.number is None and self.baseline.to_day >= self.from_day:
            raise CriterionError("the baseline period must end before the seizures begin to count")

    def by(self, day: int) -> Self:
        """Return the criterion for seizures up to a day, which is included."""
        return replace(self, to_day=day)

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        usual = type(self)
        own = f"as many seizures as in 28 days of {self.baseline.label}"
        parts = [own if self.number is None else "first seizure" if self.number == 1 else f"{self.number} seizures"]
        parts += [f"by day {self.to_day}"] if self.to_day is not None else []
        parts += [f"from day {self.from_day}"] if self.from_day != usual.from_day else []
        if self.number is None and self.rounding != usual.rounding:
            parts.append("rounded to the nearest")
        parts += ["missing days left open"] if self.missing_days != usual.missing_days else []
        parts += [f"{self.min_observed}% of days observed"] if self.min_observed != usual.min_observed else []
        return ", ".join(parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        own = (
            f"as many seizures as the subject had per 28 observed days in {self.baseline.label} (rounded "
            f"{'up' if self.rounding == 'up' else 'to the nearest whole number'})"
        )
        what = own if self.number is None else f"{self.number} seizure{'s' if self.number > 1 else ''}"
        until = "the end of the records" if self.to_day is None else f"day {self.to_day}"
        gaps = (
            "counted where they became certain"
            if self.missing_days == "taken as free"
            else "anywhere since the first missing day"
        )
        return (
            f"From day {self.from_day} to {until} {what}, {gaps}; at least {self.min_observed} percent of the days "
            "recorded where there were fewer."
        )


_FRENCH = (
    "French JA et al. 2015, time to the pre-randomization monthly seizure count; whether a count with a fraction is "
    "rounded up is a convention"
)
TIME_TO_BASELINE_COUNT = NthSeizure(source=_FRENCH)
TIME_TO_FIRST_SEIZURE = NthSeizure(1, source="Convention of monotherapy studies: the time to the first seizure")
