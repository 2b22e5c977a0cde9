"""What is true of a randomized add-on study of epilepsy."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import polars as pl

from synthetic_data.add_on.answers import add_on_estimates
from synthetic_data.diary.truth import Diary
from synthetic_data.soundness import chance, demand, finite, lengths, span

Pair = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Stopping:
    """When treatment is stopped for one reason: a Weibull time, the same for all subjects of an arm.

    Attributes:
        by_end: Chance of stopping before the last day of treatment if there were no other reason, by arm.
        shape: Below 1 most stop early, above 1 most stop late.
    """

    by_end: Pair
    shape: float

    def __post_init__(self) -> None:
        lengths("by_end", self.by_end, 2, "one for each arm")
        for share in self.by_end:
            demand(0 <= share < 1, f"chance of stopping is {share}; expected a share from 0 to below 1")
        finite("shape", [self.shape])
        demand(self.shape > 0, f"shape is {self.shape}; expected a positive number")


@dataclass(frozen=True, kw_only=True)
class AddOnTruth:
    """A two-arm randomized study of a drug added to the treatment of epilepsy that goes on in spite of drugs.

    Subjects are drawn from all who could be asked, and enter if their baseline diary, as written down, holds enough
    seizures and no long run of days without any (a day on which nothing was written is a day without). Day 0 is
    randomization; baseline is the days before it. Entry on a high count makes the rate fall afterwards without any
    treatment (regression to the mean). The drug multiplies the rate of each day by 1 - reduction * dose / target dose;
    the dose rises in equal steps over the titration, from the starting dose to the target.

    Treatment is stopped for intolerance or for inefficacy, whichever comes first; both are independent of the
    seizures, given the arm. From the day after the stop the rate is the untreated one. Of those who stop a share goes
    on with the diary to the end; the others leave the study on the day of the stop.

    Attributes:
        diary: How seizures come and what is written down of them.
        arms: Control first; subjects are allocated one to one.
        reductions: Share of the seizures taken away at the target dose, by arm.
        drug: The drug's name.
        starting_dose: Daily dose in mg on day 0.
        target_dose: Daily dose in mg from day `titration_days` on.
        titration_days: Length of the titration; 0 for none.
        step_days: Days at one dose during titration.
        baseline_days: Length of the baseline; it ends on day -1.
        treatment_days: Length of the treatment, titration included.
        minimum_seizures: Fewest seizures in the baseline's diary, 1 or more.
        longest_gap: Longest run of baseline days without a seizure.
        intolerance: Stopping for adverse effects.
        inefficacy: Stopping for lack of effect.
        keeps_diary: Share of those who stop that goes on with the diary.
        adherence: Lowest and highest share of doses taken, uniform between; without an effect.
        share_female: Sex and age are covariates without an effect.
        ages: Youngest and oldest, in years.

    Raises:
        TruthError: The parameters contradict each other; or, when subjects are drawn, fewer than about 1 in 1000
            are eligible.
    """

    diary: Diary
    arms: tuple[str, str] = ("placebo", "drug")
    reductions: Pair = (0.0, 0.30)
    drug: str = "study drug"
    starting_dose: float = 50.0
    target_dose: float = 200.0
    titration_days: int = 0
    step_days: int = 7
    baseline_days: int = 56
    treatment_days: int = 84
    minimum_seizures: int = 8
    longest_gap: int = 25
    intolerance: Stopping = field(default_factory=lambda: Stopping(by_end=(0.0, 0.0), shape=0.7))
    inefficacy: Stopping = field(default_factory=lambda: Stopping(by_end=(0.0, 0.0), shape=2.0))
    keeps_diary: float = 1.0
    adherence: Pair = (0.85, 1.0)
    share_female: float = 0.5
    ages: tuple[int, int] = (18, 65)

    def __post_init__(self) -> None:
        demand(len(self.arms) == 2 == len(set(self.arms)), f"arms are {self.arms}; expected two names, control first")
        lengths("reductions", self.reductions, 2, "one for each arm")
        for name, share in zip(self.arms, self.reductions, strict=True):
            chance(f"reduction on {name}", share)
        for name in ("keeps_diary", "share_female"):
            chance(name, getattr(self, name))
        for name, low in (("step_days", 1), ("baseline_days", 1), ("treatment_days", 2), ("minimum_seizures", 1)):
            demand(getattr(self, name) >= low, f"{name} is {getattr(self, name)}; expected {low} or more")
        demand(self.longest_gap >= 0, f"longest_gap is {self.longest_gap}; expected 0 or more")
        span("adherence", self.adherence, 0, 1)
        span("ages", self.ages, 1, inf)
        self._check_doses()

    def _check_doses(self) -> None:
        finite("doses", [self.starting_dose, self.target_dose])
        demand(
            0 < self.starting_dose <= self.target_dose,
            f"doses are {self.starting_dose} and {self.target_dose} mg; expected 0 < first <= second",
        )
        demand(
            0 <= self.titration_days <= self.treatment_days,
            f"titration_days is {self.titration_days}; expected 0 to {self.treatment_days}, the days of treatment",
        )

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape.

        Stopping the treatment is an intercurrent event; `term` says how it is handled:

        - "hypothetical": the diary of all treatment days had nobody stopped.
        - "treatment policy": the diary of all treatment days, kept by everybody, with the effect gone after a stop.
        - "while on treatment": the diary up to the stop.
        - "composite": as hypothetical, but who stops has not responded.

        By arm (`group`), with the labels of the package's criteria: "share" whose rate of seizures fell by 50 and by 75
        percent or more against baseline, and without seizures; "median" of the "percent change of the rate"
        (negative is fewer). Of the second arm against the first (`reference`): "risk difference", and "ratio of mean
        rates" of "seizures per 28 days" on the treatment days. "survival" (`term` "time point") is the share in whom
        "withdrawal of treatment 1" has not come by day `at`, "cumulative incidence" the share in whom it has for the
        reason in `term`.

        All diaries are complete: missing days, gaps and leaving the study are left out, and so is their bearing on
        eligibility; under-reporting is in. Withdrawal is exact. Where there are neither clusters nor cycles, so is the
        ratio of mean rates: stopping is independent of the seizures, so it is the ratio of what is left of the rate on
        average over days and stops. All else comes from one seeded run of 200,000 eligible subjects, each under both
        arms, and carries its `std_error`; the run takes a few seconds once.
        """
        return add_on_estimates(self)
