"""Whether a baseline diary lets a subject into an add-on study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from cohort.criteria.criterion import Moves
from cohort.criteria.seizures import Period
from cohort.criteria.soundness import check_choice, check_part, check_percentage, check_source, check_whole
from cohort.errors import CriterionError

ThinDiary = Literal["not met", "undetermined"]
_EIGHT_WEEKS = Period(-56, -1)


@dataclass(frozen=True)
class DiaryEligibility:
    """Enough seizures in the baseline, in each 28 days of it, and no long stretch without one.

    A floor of seizures brings people in at their worst, so that a fall afterwards is partly a return to their mean:
    compare with a concurrent control (see `AboveAtEntry` for its like on a scale).

    Recorded seizures count, of every type; a day without a record is missing and adds none. A stretch without seizures
    reaches from one recorded free day to another and stands where enough of it was recorded and no gap is too long.
    Too few recorded days make a diary ineligible by the convention of such studies ("not met"), or undetermined; it is
    always undetermined where the records end before the baseline does, unless a stretch is too long already. Totals
    over several days: one with seizures that reaches over an edge belongs to neither side, and how long the longest
    stretch was is not known where one lies in the baseline; the verdict is undetermined where that decides.

    Attributes:
        baseline: The days of the baseline period.
        min_seizures: The fewest seizures in the baseline.
        min_per_28_days: The fewest in each 28 consecutive days of it, counted from its first day; 0 asks nothing. That
            each month of the published rules is meant, and not the mean, is a convention.
        max_free_days: The longest stretch without a seizure that is allowed; None allows any.
        min_observed: The percentage of the baseline's days that must have been recorded (a convention).
        thin_diary: What fewer recorded days make of the verdict: "not met" or "undetermined" (a convention).
        run_observed: The percentage of a free stretch's days that must have been recorded (a convention).
        max_gap_days: The longest gap in the records that a free stretch may span (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {
        "min_seizures": "fewer",
        "min_per_28_days": "fewer",
        "max_free_days": "more",
        "min_observed": "fewer",
        "run_observed": "more",
        "max_gap_days": "fewer",
    }

    baseline: Period = _EIGHT_WEEKS
    min_seizures: int = 8
    min_per_28_days: int = 0
    max_free_days: int | None = None
    min_observed: int = 80
    thin_diary: ThinDiary = "not met"
    run_observed: int = 90
    max_gap_days: int = 14
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(min_seizures=self.min_seizures, min_per_28_days=self.min_per_28_days)
        check_whole(max_free_days=self.max_free_days or 0, max_gap_days=self.max_gap_days)
        for name in ("min_observed", "run_observed"):
            check_percentage(name, getattr(self, name))
            check_whole(**{name: getattr(self, name)})
        check_choice("thin_diary", self.thin_diary, get_args(ThinDiary))
        if min(self.min_seizures, self.min_per_28_days, self.max_gap_days, self.max_free_days or 0) < 0:
            raise CriterionError("numbers of seizures and days are at least 0")
        check_part("baseline", self.baseline, Period)
        if self.min_per_28_days and self.baseline.days % 28:
            raise CriterionError(f"a baseline of {self.baseline.days} days cannot be told in stretches of 28 days")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        usual = type(self)
        parts = [f"at least {self.min_seizures} seizures in {self.baseline.label}"]
        parts += [f"{self.min_per_28_days} in each 28"] if self.min_per_28_days else []
        parts += [] if self.max_free_days is None else [f"no {self.max_free_days + 1} days free"]
        parts += [f"{self.min_observed}% of days observed"] if self.min_observed != usual.min_observed else []
        parts += ["a thin diary undetermined"] if self.thin_diary != usual.thin_diary else []
        if self.max_free_days is not None:
            parts += [f"{self.run_observed}% of free days observed"] if self.run_observed != usual.run_observed else []
            parts += [f"gaps up to {self.max_gap_days} days"] if self.max_gap_days != usual.max_gap_days else []
        return ", ".join(parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        each = f", at least {self.min_per_28_days} in each 28 days of it" if self.min_per_28_days else ""
        free = (
            ""
            if self.max_free_days is None
            else f", no stretch of more than {self.max_free_days} days without a seizure"
        )
        return (
            f"At least {self.min_seizures} seizures in {self.baseline.label}{each}{free}, with at least "
            f"{self.min_observed} percent of the days recorded."
        )


CENOBAMATE_C013_ELIGIBILITY = DiaryEligibility(
    min_per_28_days=3, max_free_days=21, source="Cenobamate study C013 (focal seizures, 8 weeks of baseline)"
)
CENOBAMATE_C017_ELIGIBILITY = DiaryEligibility(
    min_per_28_days=3,
    max_free_days=25,
    source="Cenobamate study C017, Krauss GL et al. Lancet Neurol 2020;19:38-48 (focal seizures, 8 weeks of baseline)",
)
BRIVARACETAM_ELIGIBILITY = DiaryEligibility(
    min_per_28_days=2, source="Brivaracetam add-on studies (focal seizures, 8 weeks of baseline)"
)
