"""What is true of an epilepsy clinic."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import Literal

import polars as pl

from synthetic_data.clinic.answers import clinic_estimates
from synthetic_data.soundness import chance, demand, finite, span

Row = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Prescription:
    """A drug with the daily dose in mg at which it is begun and the one at which it is kept."""

    drug: str
    starting_dose: float
    daily_dose: float

    def __post_init__(self) -> None:
        fits = isfinite(self.daily_dose) and 0 < self.starting_dose <= self.daily_dose
        demand(
            fits, f"{self.drug}: doses are {self.starting_dose} and {self.daily_dose} mg; expected 0 < first <= second"
        )


@dataclass(frozen=True, kw_only=True)
class ClinicTruth:
    """An epilepsy clinic: a year of diary, then treatments in sequence until one brings freedom from seizures.

    A subject's untreated rate is log-normal among those at or above `rate_floor`; day counts are gamma-Poisson with the
    subject's own overdispersion, independent between days. Of those who start treatment k a share `intolerance`
    stops early at the starting dose, without an effect on seizures; of the others a share `freedom[k]` becomes
    seizure-free for good after a lag, the rest goes on at a rate lowered by `reduction` and stops the course for
    inefficacy. Whoever is not freed starts the next treatment on the following day; after the last one seizures go
    on at the untreated rate. Chances do not depend on the subject: there is no frailty, and nobody is lost.

    The shares are decided by the end of follow-up: the last treatment begins at the latest after all earlier courses
    in full length, freedom begins at the latest `lag_days` later and must still last `sustained_days`; a shorter
    follow-up is refused. In the preset: 2 * 480 + 28 + 365 = 1353 of 1642 days. With the floor of 4 in 28 days fewer
    than 1 in 1000 subjects have gaps longer than 121 days between the seizures of the year before a treatment, so that
    three times the gap hardly ever exceeds a year; the days to spare decide those as well.

    Attributes:
        prescriptions: Drugs to draw from; each subject takes different ones in random order.
        freedom: Chance of freedom among those who tolerate treatment 1, 2, ...
        intolerance: Chance of stopping for intolerance, at every treatment.
        log_rate_mean: Mean of the natural log of the untreated seizures in 28 days, before the floor.
        log_rate_sd: Its standard deviation.
        rate_floor: Lowest untreated rate in 28 days.
        spread_intercept: log10 SD = spread_intercept + spread_slope * log10 mean of a subject's seizures in 30 days.
        spread_slope: See `spread_intercept`; overdispersion is never below Poisson's.
        reduction: Share of the seizures that a failing treatment takes away.
        lag_days: Freedom begins 0 to this many days after the start, each equally likely.
        intolerance_days: Shortest and longest course that ends for intolerance.
        course_days: Shortest and longest course that ends for inefficacy.
        diary_days: Days of diary before the first treatment, which starts on day 0.
        follow_up_days: Days of diary from day 0 on; the last is day `follow_up_days` - 1.
        sustained_days: How long freedom must at least be seen to last.
        missing: Chance that a day was recorded as missing, whatever happened on it.
        adherence: Lowest and highest share of doses taken over a course; recorded when the course has ended.
        share_female: Sex, age and epilepsy type are covariates without effect.
        share_focal: The others have generalized epilepsy.
        ages: Youngest and oldest, in years.
        diary: "events" writes days with seizures and days recorded as missing, and the span of observation in which any
            other day is a day without seizures; "daily" writes every day.

    Raises:
        TruthError: The parameters contradict each other.
    """

    prescriptions: tuple[Prescription, ...]
    freedom: Row
    intolerance: float
    log_rate_mean: float
    log_rate_sd: float
    rate_floor: float = 4.0
    spread_intercept: float = 0.04
    spread_slope: float = 0.74
    reduction: float = 0.3
    lag_days: int = 28
    intolerance_days: tuple[int, int] = (7, 42)
    course_days: tuple[int, int] = (360, 480)
    diary_days: int = 365
    follow_up_days: int = 1642
    sustained_days: int = 365
    missing: float = 0.03
    adherence: tuple[float, float] = (0.85, 1.0)
    share_female: float = 0.5
    share_focal: float = 0.6
    ages: tuple[int, int] = (18, 65)
    diary: Literal["events", "daily"] = "events"

    def __post_init__(self) -> None:
        for name in ("intolerance", "reduction", "missing", "share_female", "share_focal"):
            chance(name, getattr(self, name))
        for k, share in enumerate(self.freedom, start=1):
            chance(f"freedom on treatment {k}", share)
        finite(
            "rates", [self.log_rate_mean, self.log_rate_sd, self.rate_floor, self.spread_intercept, self.spread_slope]
        )
        demand(self.log_rate_sd > 0, f"log_rate_sd is {self.log_rate_sd}; expected a positive number")
        demand(self.rate_floor > 0, f"rate_floor is {self.rate_floor}; expected a positive number")
        for name in ("intolerance_days", "course_days", "ages"):
            span(name, getattr(self, name), 1, inf)
        span("adherence", self.adherence, 0, 1)
        for name, low in (("lag_days", 0), ("diary_days", 0), ("sustained_days", 1)):
            demand(getattr(self, name) >= low, f"{name} is {getattr(self, name)}; expected {low} or more")
        demand(self.diary in ("events", "daily"), f"diary is {self.diary!r}; expected 'events' or 'daily'")
        self._check_treatments()

    def _check_treatments(self) -> None:
        drugs, steps = {prescription.drug for prescription in self.prescriptions}, len(self.freedom)
        demand(steps >= 1, "freedom is empty; expected the chance on at least one treatment")
        demand(len(drugs) == len(self.prescriptions), "a drug is listed twice among the prescriptions")
        demand(len(drugs) >= steps, f"{len(drugs)} drugs cannot fill {steps} treatments; list as many drugs or more")
        longest = max(self.course_days[1], self.intolerance_days[1])
        needed = max((steps - 1) * longest + self.lag_days + self.sustained_days, steps * longest)
        demand(
            self.follow_up_days >= needed,
            f"follow_up_days is {self.follow_up_days}, too few to decide {steps} treatments; expected {needed} or more",
        )

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape, all of them of the statistic "share".

        By treatment number (`group` "1", "2" ...): sustained seizure freedom and stopping for intolerance among all who
        start the treatment, the intolerant included, and "treatment started" among all subjects. With `term` "any
        treatment": freedom on any of them. Records may leave freedom undetermined in some who stopped for intolerance;
        an estimate of these shares counts them as not free.
        """
        return clinic_estimates(self)
