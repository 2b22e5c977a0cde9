"""What is true of seizure diaries."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

from synthetic_data.soundness import chance, demand, finite, span


@dataclass(frozen=True, kw_only=True)
class Diary:
    """How often seizures come untreated, how unevenly, and what of it is written down.

    A subject's untreated rate is log-normal, among those at or above `rate_floor`. Day counts are Poisson around a
    gamma rate with the subject's own overdispersion, which follows the log-linear relation between the mean and the
    standard deviation of monthly counts. In some subjects a seizure raises the rate of the next day and lowers that of
    the days after, so that the mean is kept and seizures come in clusters; in some the rate swings with the week or
    with a cycle of about a month. Treatments multiply the rate. The exact rules stand at `diary.counts.draw_counts`.

    What is written down is less: each seizure is forgotten with the chance `under_reporting`; single days are missing
    whatever happened on them; after a day with many seizures several days may be missing in a row, which is missingness
    that tells something.

    Attributes:
        log_rate_mean: Mean of the natural log of the untreated seizures in 30 days, before the floor.
        log_rate_sd: Its standard deviation.
        rate_floor: Lowest untreated rate in 28 days; 0 for none.
        spread_intercept: log10 SD = spread_intercept + spread_slope * log10 mean of a subject's seizures in 30 days.
        spread_slope: See `spread_intercept`; overdispersion is never below Poisson's.
        spread_sd: Standard deviation of the natural log of a subject's SD around that line.
        cluster_share: How many subjects have clusters.
        cluster_rise: By what the rate is multiplied on the day after a seizure in those subjects, 1 to 2: more could
            not be taken back on the days after it without a rate below zero.
        cluster_days: How many further days the rate is lowered so that the mean is kept.
        weekly_share: How many subjects have a seven-day cycle.
        monthly_share: How many have a cycle of `monthly_days`.
        monthly_days: Shortest and longest of these cycles, in days.
        cycle_amplitude: Highest amplitude of a cycle, as a share of the rate; each subject's is uniform below it.
        under_reporting: Chance that a seizure is not written down.
        missing: Chance that a day was recorded as missing, whatever happened on it.
        gap_seizures: A day with so many seizures or more may be followed by a gap.
        gap_chance: Chance of such a gap; 0 for none.
        gap_days: Shortest and longest gap.
        form: "events" writes days with seizures and days recorded as missing, and the span of observation in which any
            other day is a day without seizures; "daily" writes every day.

    Raises:
        TruthError: The parameters contradict each other.
    """

    log_rate_mean: float = 1.23
    log_rate_sd: float = 1.15
    rate_floor: float = 0.0
    spread_intercept: float = 0.04
    spread_slope: float = 0.74
    spread_sd: float = 0.0
    cluster_share: float = 0.0
    cluster_rise: float = 2.0
    cluster_days: int = 7
    weekly_share: float = 0.0
    monthly_share: float = 0.0
    monthly_days: tuple[int, int] = (20, 35)
    cycle_amplitude: float = 0.5
    under_reporting: float = 0.0
    missing: float = 0.03
    gap_seizures: int = 3
    gap_chance: float = 0.0
    gap_days: tuple[int, int] = (1, 7)
    form: Literal["events", "daily"] = "events"

    def __post_init__(self) -> None:
        shares = ("cluster_share", "weekly_share", "monthly_share", "under_reporting", "missing", "gap_chance")
        for name in (*shares, "cycle_amplitude"):
            chance(name, getattr(self, name))
        finite("rates", [self.log_rate_mean, self.log_rate_sd, self.rate_floor])
        finite("spreads", [self.spread_intercept, self.spread_slope, self.spread_sd, self.cluster_rise])
        demand(self.log_rate_sd > 0, f"log_rate_sd is {self.log_rate_sd}; expected a positive number")
        demand(self.rate_floor >= 0, f"rate_floor is {self.rate_floor}; expected 0 or more")
        demand(self.spread_sd >= 0, f"spread_sd is {self.spread_sd}; expected 0 or more")
        demand(
            1 <= self.cluster_rise <= 2, f"cluster_rise is {self.cluster_rise}; expected 1 to 2, which keeps the mean"
        )
        for name in ("cluster_days", "gap_seizures"):
            demand(getattr(self, name) >= 1, f"{name} is {getattr(self, name)}; expected 1 or more")
        span("monthly_days", self.monthly_days, 2, inf)
        span("gap_days", self.gap_days, 1, inf)
        demand(self.form in ("events", "daily"), f"form is {self.form!r}; expected 'events' or 'daily'")
