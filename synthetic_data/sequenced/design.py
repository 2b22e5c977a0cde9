"""The parts of a sequenced study's truth: its days, its scores, what follows remission."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isclose

from synthetic_data.soundness import chance, demand, finite, lengths, span

Row = tuple[float, ...]

MONTH = 365.25 / 12
"""Days of a month of follow-up."""
MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """How long a step lasts and when it is rated; days are counted from the step's start.

    Attributes:
        weeks: Weeks of the planned ratings. One takes place unless the step ends within 7 days after it or before.
        jitter: A planned rating falls up to this many days before or after its day, each equally likely.
        full_days: Shortest and longest step of those who remit, fail, or take too little of a drug.
        intolerance_days: Shortest and longest step that ends for intolerance.
        short_days: Shortest and longest step that was too short for a fair test.
        leaving_days: Shortest and longest step of those who leave during it.
        remission_by_visit: Of those who remit, how many are first in remission at each planned rating; who is at one
            that did not take place is so at the exit.
        titration_days: When a dose is raised to the minimum that is a fair test, and to the usual one.
    """

    weeks: tuple[int, ...] = (2, 4, 6, 9, 12)
    jitter: int = 3
    full_days: tuple[int, int] = (84, 98)
    intolerance_days: tuple[int, int] = (7, 42)
    short_days: tuple[int, int] = (14, 27)
    leaving_days: tuple[int, int] = (14, 70)
    remission_by_visit: Row = (0.20, 0.18, 0.14, 0.28, 0.20)
    titration_days: tuple[int, int] = (14, 28)

    def __post_init__(self) -> None:
        demand(0 <= self.jitter <= 3, f"jitter is {self.jitter}; expected 0 to 3, so that ratings keep their order")
        demand(
            len(self.weeks) >= 2 and self.weeks[0] >= 1 and all(a < b for a, b in pairwise(self.weeks)),
            f"weeks are {self.weeks}; expected two or more, rising, from 1",
        )
        for name in ("full_days", "intolerance_days", "short_days", "leaving_days"):
            span(name, getattr(self, name), 1, inf)
        span("titration_days", self.titration_days, 1, inf)
        least = 7 * self.weeks[-2] + 7
        demand(
            self.full_days[0] >= least,
            f"full_days begin at {self.full_days[0]}; expected {least} or more: all ratings but the last are held",
        )
        lengths("remission_by_visit", self.remission_by_visit, len(self.weeks), "one for each planned rating")
        for share in self.remission_by_visit:
            chance("remission_by_visit", share)
        total = sum(self.remission_by_visit)
        demand(isclose(total, 1, abs_tol=1e-9), f"remission_by_visit adds up to {total:g}; expected 1")


@dataclass(frozen=True, kw_only=True)
class Symptoms:
    """Scores on the primary scale and beside it on the other.

    The baseline is normal, truncated to `baseline_range` and rounded. The exit score of a step is at or below the
    remission threshold exactly where the step ends in remission: normal around `remission_mean`, truncated and rounded.
    Without remission it lies above: normal, truncated and rounded, around

        baseline_mean + persistence * (entry score - baseline_mean) - improvement[k] * share

    where `share` is 1 after a full treatment and `untested` where it was not tolerated, no fair test or left early.
    Between entry and exit scores follow a curve with noise. Subjects with a better chance of remission enter milder and
    end milder, with the correlation `severity` between the log odds of their own chance and each of these scores.

    Attributes:
        baseline_mean: Mean of the untruncated baseline.
        baseline_sd: Its standard deviation.
        baseline_range: Lowest and highest baseline.
        improvement: Points by which those without remission improve in a full treatment, by step.
        improvement_sd: Standard deviation of their exit scores around the mean above.
        persistence: How much of a subject's distance from the mean at entry is still there at the exit.
        untested: What share of the improvement comes where the treatment was no fair test, not tolerated or left.
        severity: Correlation between subjects' chances and milder scores, from 0 to 1.
        remission_mean: Mean of the untruncated exit score in remission.
        remission_sd: Its standard deviation.
        noise_sd: Standard deviation of a rating between entry and exit around the subject's curve.
        companion_sd: Standard deviation of the other scale around the score that equals the primary one.
        companion_missing: How many ratings of the other scale are missing at exits, whatever the score.
    """

    baseline_mean: float
    baseline_sd: float
    baseline_range: tuple[int, int]
    improvement: Row
    improvement_sd: float = 4.0
    persistence: float = 0.7
    untested: float = 0.5
    severity: float = 0.4
    remission_mean: float = 3.5
    remission_sd: float = 2.0
    noise_sd: float = 2.0
    companion_sd: float = 3.5
    companion_missing: float = 0.0

    def __post_init__(self) -> None:
        finite("scores", [self.baseline_mean, self.remission_mean, self.persistence, *self.improvement])
        for name in ("baseline_sd", "improvement_sd", "remission_sd"):
            value = getattr(self, name)
            demand(0 < value < inf, f"{name} is {value}; expected a positive number")
        for name in ("noise_sd", "companion_sd"):
            demand(0 <= getattr(self, name) < inf, f"{name} is {getattr(self, name)}; expected 0 or more")
        for name in ("persistence", "untested", "severity", "companion_missing"):
            chance(name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """A year of monthly ratings after remission.

    A relapse comes in one of the 12 months; of those who relapse within them the share falls from month to month by a
    constant factor, so that their mean month is `relapse_months`. Whoever is still in follow-up drops out before the
    next rating with the chance `dropout`, whatever their state. Dropout and relapse have nothing to do with each other.

    Attributes:
        relapse: Share that relapses within 12 months had nobody dropped out, by the step of remission.
        relapse_months: Mean month of the rating that shows the relapse, among those who relapse, by step: 1 to 12.
        dropout: Chance of dropping out, each month.
        remission_drift: By how many points ratings in follow-up lie above the exit score, on average.
        rating_sd: Their standard deviation.
        relapse_mean: Mean score of the rating that shows a relapse, before it is held at or above the threshold.
    """

    relapse: Row
    relapse_months: Row
    dropout: float = 0.0
    remission_drift: float = 1.0
    rating_sd: float = 2.5
    relapse_mean: float = 14.0

    def __post_init__(self) -> None:
        for k, share in enumerate(self.relapse, start=1):
            chance(f"relapse after step {k}", share)
        for k, mean in enumerate(self.relapse_months, start=1):
            demand(1 <= mean <= MONTHS, f"relapse_months after step {k} is {mean}; expected 1 to {MONTHS}")
        chance("dropout", self.dropout)
        finite("follow-up scores", [self.remission_drift, self.rating_sd, self.relapse_mean])
        demand(self.rating_sd >= 0, f"rating_sd is {self.rating_sd}; expected 0 or more")


@dataclass(frozen=True, kw_only=True)
class Unfair:
    """What makes a treatment no fair test, and how well drugs are taken.

    Attributes:
        dose: Share of the unfair treatments that are kept at half of the minimum dose.
        duration: Share that are given up too early.
        adherence: Share that are taken too rarely.
        good: Lowest and highest share of doses taken in all other treatments.
        poor: The same in those taken too rarely.
    """

    dose: float = 0.4
    duration: float = 0.3
    adherence: float = 0.3
    good: tuple[float, float] = (0.85, 1.0)
    poor: tuple[float, float] = (0.3, 0.7)

    @property
    def shares(self) -> Row:
        """The three shares."""
        return self.dose, self.duration, self.adherence

    def __post_init__(self) -> None:
        for name in ("dose", "duration", "adherence"):
            chance(name, getattr(self, name))
        total = sum(self.shares)
        demand(isclose(total, 1, abs_tol=1e-9), f"dose, duration and adherence add up to {total:g}; expected 1")
        span("good", self.good, 0, 1)
        span("poor", self.poor, 0, 1)


USUAL_CALENDAR = Calendar()
USUAL_UNFAIR = Unfair()
