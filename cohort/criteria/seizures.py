"""Seizure rates compared between two periods, and sustained freedom from seizures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self, get_args

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import (
    check_bound,
    check_choice,
    check_part,
    check_percentage,
    check_source,
    check_whole,
)
from cohort.errors import CriterionError

IntervalBefore = Literal["each treatment", "first treatment"]
MissingDays = Literal["observed rate", "zero", "baseline rate"]


@dataclass(frozen=True)
class Period:
    """Days `from_day` to `to_day`, both included."""

    from_day: int
    to_day: int

    def __post_init__(self) -> None:
        check_whole(from_day=self.from_day, to_day=self.to_day)
        if self.to_day < self.from_day:
            raise CriterionError(f"a period from day {self.from_day} cannot end on day {self.to_day}")

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.to_day - self.from_day + 1

    @property
    def label(self) -> str:
        """The period in words."""
        return f"days {self.from_day} to {self.to_day}"


@dataclass(frozen=True)
class SeizureResponse:
    """A fall of the seizure rate per 28 observed days by at least a given percentage.

    Counts and days are compared as whole numbers: 6 seizures in 29 days falling to 3 in 29 is exactly 50 percent. No
    seizure at baseline: "not met", since the percentage is undefined. A reduction of 100 percent is freedom from
    seizures in the treatment period and asks nothing of the baseline.

    Missing days: a day without a record, or recorded as missing, is never zero; it belongs to neither the seizures nor
    the days of the rate. A total with seizures that lies only partly in a period is left out of it, its days missing;
    a span without seizures counts with the days that lie in the period. Too few observed days in either period:
    undetermined. For freedom one recorded seizure in the treatment period decides ("not met"), however many days are
    missing, and a total with seizures that reaches into the period from outside leaves its freedom undetermined.

    Freedom from seizures over the weeks of a period is not the sustained freedom of `SeizureFreedom`, which takes a
    year or more: two names for two things. Counting responders loses what the size of the change tells: report both,
    and say which is primary.

    Attributes:
        reduction: The percentage by which the rate must have fallen; 100 is freedom from seizures in the period.
        bound: ">=" includes exactly that percentage, ">" does not.
        baseline: The days of the baseline period.
        treatment: The days of the treatment period.
        min_observed: The percentage of each period's days that must have been recorded (a convention; 80 is common).
        complete: Whether the records must reach the treatment period's last day or beyond: freedom is never granted to
            a dropout.
        source: Who defined it.
        missing_days: What a missing day holds, for sensitivity (a convention): as many seizures as the period's
            recorded days have ("observed rate"), none ("zero", in both periods), or, in the treatment period, as many
            as the baseline's recorded days have ("baseline rate"). `min_observed` is asked for all the same; 1 lets
            nearly empty periods in. To count dropouts as nonresponders, ask `proportions` for undetermined="not met".
    """

    moves: ClassVar[Moves] = {"reduction": "fewer", "min_observed": "fewer"}

    reduction: float
    bound: Literal[">=", ">"] = ">="
    baseline: Period = Period(-56, -1)
    treatment: Period = Period(0, 83)
    min_observed: int = 80
    complete: bool = False
    source: str = ""
    missing_days: MissingDays = "observed rate"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_percentage("reduction", self.reduction)
        check_bound(self.bound, self.reduction)
        check_percentage("min_observed", self.min_observed)
        check_whole(min_observed=self.min_observed)
        check_choice("missing_days", self.missing_days, get_args(MissingDays))
        if self.freedom and self.missing_days != "observed rate":
            raise CriterionError("freedom is judged on recorded days alone; `missing_days` is for rates")
        check_part("baseline", self.baseline, Period)
        check_part("treatment", self.treatment, Period)
        if self.baseline.to_day >= self.treatment.from_day:
            raise CriterionError("the baseline period must end before the treatment period begins")

    def between(self, baseline: Period | tuple[int, int], treatment: Period | tuple[int, int]) -> Self:
        """Return the criterion with other periods, each a Period or its first and last day."""
        first, second = (days if isinstance(days, Period) else Period(*days) for days in (baseline, treatment))
        return replace(self, baseline=first, treatment=second)

    @property
    def freedom(self) -> bool:
        """Whether nothing less than no seizure in the treatment period satisfies it."""
        return self.reduction == 100

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        what = "no seizures" if self.freedom else f"seizure rate reduced by {self.bound} {self.reduction:g}%"
        return f"{what}, {self.treatment.label}{self._unusual()}"

    def _unusual(self) -> str:
        usual = self.freedom or self.baseline == type(self).baseline
        parts = [] if usual else [f"against {self.baseline.label}"]
        if self.min_observed != (90 if self.freedom else 80):
            parts.append(f"{self.min_observed}% of days observed")
        if self.complete != self.freedom:
            parts.append("observed to the last day" if self.complete else "dropouts included")
        if self.missing_days != type(self).missing_days:
            parts.append("missing days as zero" if self.missing_days == "zero" else "missing days at the baseline rate")
        return "".join(f", {part}" for part in parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        wholly = " and a record on the treatment period's last day or later" if self.complete else ""
        if self.freedom:
            return (
                f"No seizure in {self.treatment.label}, with at least {self.min_observed} percent of its days "
                f"recorded{wholly}."
            )
        filled = {
            "observed rate": "",
            "zero": "; a missing day holds none",
            "baseline rate": "; a missing day of treatment holds as many as a day of the baseline",
        }
        return (
            f"Seizures per 28 observed days in {self.treatment.label} lower than in {self.baseline.label} by "
            f"{self.bound} {self.reduction:g} percent, with at least {self.min_observed} percent of the days of each "
            f"period recorded{wholly}{filled[self.missing_days]}."
        )


_RESPONDER = "Responder convention of add-on studies, for example Krauss GL et al. Lancet Neurol 2020;19:38-48"
SEIZURE_RESPONSE_50 = SeizureResponse(50, source=_RESPONDER)
SEIZURE_RESPONSE_75 = SeizureResponse(75, source=_RESPONDER)
SEIZURE_RESPONSE_90 = SeizureResponse(90, source=_RESPONDER)
SEIZURE_RESPONSE_100 = SeizureResponse(100, min_observed=90, complete=True, source=_RESPONDER)


@dataclass(frozen=True)
class SeizureFreedom:
    """Sustained freedom from seizures under one treatment: long enough to mean something for this person.

    The run is counted from the first day of the treatment or from its last seizure, whichever is later, up to the day
    the treatment stops or the records end; a seizure on the first or the last day of the treatment is one under it. A
    run from day s lasts e - s days on day e. It suffices when it reaches `min_days` or `times` the longest interval
    between seizures in the `lookback_days` before the treatment, whichever is longer. Once reached, the verdict stays
    "met"; a later relapse is in `states`. A seizure under the treatment and no sufficient run: "not met". No seizure,
    but the run too short, the treatment stopped or too many days missing: "undetermined", with the reason.

    The interval is looked for before each treatment, so that a partly effective second drug lengthens what the third
    must reach, or before the subject's first treatment of any kind. Seizures on one day are one. Fewer than two in the
    look-back: the last two ever; fewer still: `min_days` alone. Where only totals over several days exist, the longest
    interval that they allow is taken. Missing days before the treatment are taken to hold no seizure.

    Missing days under the treatment: a day without a record is missing. A run (the days after s up to e) stands where
    at least `min_observed` percent of it were recorded and no gap is longer than `max_gap_days`; the percentage is of
    the whole run, not of its best part. A longer gap starts the run anew, on the first day recorded again. A total with
    seizures that reaches over the treatment's first or last day is no seizure under it, but no run reaches over it.

    Courses that overlap are judged each by itself: a seizure counts under each.

    A rate that stays as it is almost never brings a free year: what a count model fitted to a diary predicts for twelve
    months says little of freedom, which needs a state of remission in the model.

    Attributes:
        min_days: The shortest sufficient run.
        times: How many times the longest earlier interval.
        lookback_days: How far back that interval is looked for.
        min_observed: Percentage of a run's days that must be recorded (a convention).
        max_gap_days: The longest gap in the records that a run may span (a convention).
        interval_before: Before what the interval is looked for: "each treatment", as the published text has it, or
            "first treatment", the reading of "before the intervention" as before any (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"min_days": "fewer", "times": "fewer", "min_observed": "fewer"}

    min_days: int = 365
    times: int = 3
    lookback_days: int = 365
    min_observed: int = 90
    max_gap_days: int = 14
    interval_before: IntervalBefore = "each treatment"
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(min_days=self.min_days, times=self.times, lookback_days=self.lookback_days)
        check_whole(min_observed=self.min_observed, max_gap_days=self.max_gap_days)
        if min(self.min_days, self.lookback_days) < 1 or min(self.times, self.max_gap_days) < 0:
            raise CriterionError("min_days and lookback_days are at least 1, times and max_gap_days at least 0")
        check_percentage("min_observed", self.min_observed)
        check_choice("interval_before", self.interval_before, get_args(IntervalBefore))

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        usual = type(self)
        if self == replace(ILAE_2010_FREEDOM, source=self.source):
            return "sustained seizure freedom (ILAE 2010)"
        parts = [f"seizure freedom for {self.min_days} days or {self.times} times the longest earlier interval"]
        parts += [f"looked for over {self.lookback_days} days"] if self.lookback_days != usual.lookback_days else []
        parts += [f"before the {self.interval_before}"] if self.interval_before != usual.interval_before else []
        parts += [f"{self.min_observed}% of days recorded"] if self.min_observed != usual.min_observed else []
        parts += [f"gaps up to {self.max_gap_days} days"] if self.max_gap_days != usual.max_gap_days else []
        return ", ".join(parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        before = "the treatment" if self.interval_before == "each treatment" else "the first treatment"
        return (
            f"No seizure for {self.min_days} days or {self.times} times the longest interval between seizures in the "
            f"{self.lookback_days} days before {before} (with fewer than two there, between the last two ever), "
            f"whichever is longer; at least {self.min_observed} percent of the days recorded, and a gap above "
            f"{self.max_gap_days} days begins the run anew."
        )


_KWAN = "Kwan P et al. Epilepsia 2010;51:1069-77"
ILAE_2010_FREEDOM = SeizureFreedom(
    source=f"{_KWAN} (12 months or three times the longest interval before the intervention)"
)
