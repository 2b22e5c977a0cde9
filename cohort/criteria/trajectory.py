"""Courses of epilepsy over years: remission early or late, fluctuation, persistent resistance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from cohort.criteria.control import ILAE_2010_CONTROL, SeizureControl
from cohort.criteria.criterion import Moves
from cohort.criteria.seizures import ILAE_2010_FREEDOM, SeizureFreedom
from cohort.criteria.soundness import check_percentage, check_source, check_whole
from cohort.errors import CriterionError


@dataclass(frozen=True)
class EpilepsyTrajectory:
    """The course of an epilepsy since the first drug, seen from the end of follow-up.

    The categories, the first that fits:

    - early remission: the first freedom long enough (`control.freedom`) came under one of the first `early_drugs` drug
      treatments, its run began within `early_days` of the first drug, and there was no seizure since;
    - fluctuating control: a run of at least `transient_days` without seizures and a seizure after it, or a rate lower
      than at baseline by `reduction` percent or more in `windows` windows of 28 days in a row;
    - persistent resistance: neither such a run nor such windows, and at least `failures` drug schedules in category 2;
    - late remission: free for long enough at the end, under a later treatment or after a later start;
    - unclassified: none of these;
    - not classifiable: the end of follow-up is less than `min_follow_up_days` after the first drug, or there was none.

    "met" is early or late remission; a fluctuating course is "not met" even where it ends free. Trajectory and
    resistance are two columns: a fluctuating course need not have two failures. Windows are counted from the day of
    the first drug; one with fewer than `min_observed` percent of its days recorded, the last one cut short, and one
    wholly inside a run of `transient_days` are left out, and end a row. Runs are counted over all treatments and the
    time between them. The day is the one on which the freedom of a remission was completed, or the one on which a
    transient freedom was lost.

    Missing records: a missing day is never a day without seizures. "undetermined" where follow-up is too short; without
    a recorded day; and where missing days hide what decides: no category fits so far, and between seizures so much time
    is not recorded that a run of `transient_days` or freedom may lie there, or the rate at baseline is not known.

    Attributes:
        control: What freedom is long enough, and what a failure is.
        early_drugs: Freedom under one of the first so many drug treatments is early.
        early_days: Its run begins no later than so many days after the first drug.
        transient_days: A run without seizures that is a response (a convention).
        reduction: Percentage by which the rate must be lower than at baseline for a response.
        windows: In how many windows of 28 days in a row.
        baseline_days: The days before the first drug over which the rate at baseline is taken (a convention).
        min_observed: Percentage of a window's and the baseline's days that must be recorded (a convention). Of the
            baseline only the days since the first record count, and at least 28 of them.
        failures: How many schedules must have failed for persistent resistance.
        remission_first: Whether freedom at the end goes before an earlier fluctuation (a convention).
        min_follow_up_days: How long a course must be seen.
        source: Who described it.
    """

    moves: ClassVar[Moves] = {"min_follow_up_days": "fewer"}

    control: SeizureControl = ILAE_2010_CONTROL
    early_drugs: int = 2
    early_days: int = 365
    transient_days: int = 90
    reduction: int = 50
    windows: int = 3
    baseline_days: int = 365
    min_observed: int = 80
    failures: int = 2
    remission_first: bool = False
    min_follow_up_days: int = 730
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        numbers = {name: getattr(self, name) for name in _WHOLE}
        check_whole(**numbers)
        if min(numbers.values()) < 1:
            raise CriterionError(f"{', '.join(_WHOLE)} are at least 1")
        check_percentage("reduction", self.reduction)
        check_percentage("min_observed", self.min_observed)
        if not isinstance(self.control, SeizureControl):
            raise CriterionError(f"treatments are judged by a SeizureControl, not by a {type(self.control).__name__}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        usual = type(self)
        own = {
            f"early under {self.early_drugs} drugs": self.early_drugs != usual.early_drugs,
            f"early within {self.early_days} days": self.early_days != usual.early_days,
            f"runs of {self.transient_days} days": self.transient_days != usual.transient_days,
            f"a reduction of {self.reduction}%": self.reduction != usual.reduction,
            f"{self.windows} windows": self.windows != usual.windows,
            f"{self.baseline_days} days of baseline": self.baseline_days != usual.baseline_days,
            f"{self.min_observed}% of a window recorded": self.min_observed != usual.min_observed,
            f"{self.failures} failures": self.failures != usual.failures,
            "remission before fluctuation": self.remission_first,
            f"seen for {self.min_follow_up_days} days": self.min_follow_up_days != usual.min_follow_up_days,
        }
        words = [words for words, differs in own.items() if differs]
        return ", ".join(["remission as the course of the epilepsy", *words, *self.control.unusual])

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"Early remission: {self.control.freedom.label} under one of the first {self.early_drugs} drugs, begun "
            f"within {self.early_days} days of the first and kept. Fluctuating control: {self.transient_days} days "
            f"without seizures and then a seizure, or a rate lower by {self.reduction} percent in {self.windows} "
            f"windows of 28 days in a row. Persistent resistance: neither, and {self.failures} failures. Late "
            f"remission: free at the end all the same. Seen for at least {self.min_follow_up_days} days."
        )


_WHOLE = (
    "early_drugs",
    "early_days",
    "transient_days",
    "windows",
    "baseline_days",
    "reduction",
    "min_observed",
    "failures",
    "min_follow_up_days",
)
EPILEPSY_TRAJECTORY = EpilepsyTrajectory(
    source="Convention of this package: early remission, fluctuating control and persistent resistance made rules"
)


_A_YEAR = replace(ILAE_2010_FREEDOM, times=0)


@dataclass(frozen=True)
class BrodieCourse:
    """Four courses of newly treated epilepsy: A early and sustained freedom, B delayed, C lost again, D never.

    A: a run that was long enough (`freedom`, a year) began within `early_days` of the first treatment and there was no
    seizure since. B: one that began later, and no seizure since. C: a run that was long enough, and a seizure after it,
    whatever came then. D: no such run. "met" is A or B. Runs are counted over all treatments and the time between. The
    day is the one on which the freedom of A or B was completed, or of C first lost.

    Missing records: a missing day is never a day without seizures. "undetermined" where follow-up since the first
    treatment is shorter than `min_follow_up_days`; without a recorded day; where there is no such run but missing days
    may hide one; and where the records of a freedom that was not lost end more than `freedom.max_gap_days` before
    follow-up does. A subject without a treatment has none of the courses and is "not met".

    Attributes:
        freedom: What freedom is long enough: a year, whatever the intervals before.
        early_days: A begins no later than so many days after the first treatment (from memory: 6 months).
        min_follow_up_days: How long a course must be seen (a convention).
        source: Who described it.
    """

    moves: ClassVar[Moves] = {"min_follow_up_days": "fewer"}

    freedom: SeizureFreedom = _A_YEAR
    early_days: int = 183
    min_follow_up_days: int = 365
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(early_days=self.early_days, min_follow_up_days=self.min_follow_up_days)
        if min(self.early_days, self.min_follow_up_days) < 1:
            raise CriterionError("early_days and min_follow_up_days are at least 1")
        if not isinstance(self.freedom, SeizureFreedom):
            raise CriterionError(f"a course is told by a SeizureFreedom, not by a {type(self.freedom).__name__}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        usual = type(self)
        own = {
            self.freedom.label: self.freedom != usual.freedom,
            f"early within {self.early_days} days": self.early_days != usual.early_days,
            f"seen for {self.min_follow_up_days} days": self.min_follow_up_days != usual.min_follow_up_days,
        }
        words = [words for words, differs in own.items() if differs]
        return ", ".join(["early or delayed sustained freedom (Brodie 2012)", *words])

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"A: freedom for {self.freedom.min_days} days, begun within {self.early_days} days of the first treatment "
            "and kept to the last follow-up. B: begun later and kept. C: lost again. D: never free for so long. Seen "
            f"for at least {self.min_follow_up_days} days."
        )


BRODIE_2012_COURSE = BrodieCourse(
    source="Brodie MJ et al. Neurology 2012;78:1548-54 (courses A to D; the limit of 6 months from memory)"
)
