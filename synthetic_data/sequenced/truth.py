"""What is true of a sequenced study of depression."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import polars as pl

from synthetic_data.sequenced.answers import sequenced_estimates
from synthetic_data.sequenced.design import USUAL_CALENDAR, USUAL_UNFAIR, Calendar, FollowUp, Symptoms, Unfair
from synthetic_data.sequenced.instruments import INSTRUMENTS, Instrument
from synthetic_data.sequenced.options import Options, demand_options
from synthetic_data.soundness import chance, demand, finite, lengths, span
from synthetic_data.succession.truth import Succession


@dataclass(frozen=True, kw_only=True)
class SequencedTruth:
    """An outpatient study of depression in up to four steps: who does not remit goes to the next step or leaves.

    What comes of each step is drawn by `succession`, whose results mean here: remission, a score at or below the
    scale's threshold (QIDS-SR16 5, HAM-D17 7) at the step's exit, its last rating; intolerance, an early exit above
    it; inefficacy, an exit above it after a full treatment; inadequate, the same after a dose that was too low, a
    course that was too short, or tablets not taken; other, leaving during the step, above the threshold at the last
    rating. The exit of a step is the entry of the next, which starts on the following day.

    "In remission at the exit" and "ever in remission" differ: a subject who does not remit may touch the threshold
    between entry and exit. Those who remit are above it until the day of remission and at or below it from then on.

    All options of a step have the same chance. Which one a subject takes has nothing to do with the chance either, but
    whoever could not tolerate a drug switches and never augments it; the shares of the options hold for all who start
    the step.

    Remission does not end the treatment: it goes on in follow-up without an end, and ends for inefficacy with the
    rating that shows a relapse, after which the study looks no further. A treatment that was no fair test is recorded
    as ended for inefficacy, as an unsuspecting clinic would; doses, days and adherence tell what it was.

    Attributes:
        name: The study's name.
        title: The study in words.
        succession: Who remits on which step, and what takes subjects out of the sequence.
        options: What each step offers.
        scale: The scale that decides, "QIDS-SR16" or "HAMD17"; the other one is rated at entry and exits.
        symptoms: Scores.
        follow_up: What follows remission.
        calendar: Days.
        unfair: What makes a treatment no fair test.
        ages: Youngest and oldest, in years.
        share_female: Sex, age and recurrence are covariates without effect.
        share_recurrent: How many had earlier episodes.
        episode_days: Median length of the episode before day 0; log-normal with a standard deviation of the log of 1.

    Raises:
        TruthError: The parameters contradict each other.
    """

    name: str = "sequenced"
    title: str = "Simulated sequenced treatment of depression"
    succession: Succession
    options: Options
    scale: str = "QIDS-SR16"
    symptoms: Symptoms
    follow_up: FollowUp
    calendar: Calendar = USUAL_CALENDAR
    unfair: Unfair = USUAL_UNFAIR
    ages: tuple[int, int] = (18, 75)
    share_female: float = 0.6
    share_recurrent: float = 0.75
    episode_days: float = 240.0

    def __post_init__(self) -> None:
        demand(self.scale in INSTRUMENTS, f"scale is {self.scale!r}; expected one of {', '.join(INSTRUMENTS)}")
        steps = self.succession.steps
        demand_options(self.options, steps)
        lengths("improvement", self.symptoms.improvement, steps, "one for each step")
        lengths("relapse", self.follow_up.relapse, steps, "one for each step")
        lengths("relapse_months", self.follow_up.relapse_months, steps, "one for each step")
        found = self.instrument
        span("baseline_range", self.symptoms.baseline_range, found.remission + 1, found.scale.high)
        span("ages", self.ages, 0, inf)
        chance("share_female", self.share_female)
        chance("share_recurrent", self.share_recurrent)
        finite("episode_days", [self.episode_days])
        demand(self.episode_days >= 1, f"episode_days is {self.episode_days}; expected 1 or more")

    @property
    def instrument(self) -> Instrument:
        """The scale that decides, with its thresholds."""
        return INSTRUMENTS[self.scale]

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape.

        Numbers that `cohort.classify` and `analyses.proportions` find carry their labels and no group. The criterion
        names the step's exit; the term "observed cases" is of those who started the step, "non-responder imputation" of
        all subjects. They are remission on the deciding scale (exact), response from baseline on it and remission on
        the other scale (long run), and remission at any rating ("ever", long run). With the terms "after intolerance",
        "after inefficacy", "after no fair test": remission of those whose previous step ended so.

        By step (`group` "1", "2" ...): "treatment started" among all subjects, "stopped for intolerance" among those
        who started; response from the step's own entry (long run); the "cumulative share" in remission at an exit up to
        this step: as "observed", by the "product-limit" of the shares above (which counts those who leave
        during a step as not in remission and takes those who leave between steps to be like those who stay), and "had
        nobody left", neither between steps nor during one, where leavers are tested fairly instead; the "selection
        share" of the fall in remission since step 1, which remains without dependence on failures and with all steps
        alike; "survival" without relapse and the "share" that relapses
        within 12 months of remission, had nobody dropped out. One row tells the share of all subjects who remitted and
        neither relapsed nor dropped out over 12 months.

        Exact but for the long run of 200,000 subjects, which carries its `std_error`.
        """
        return sequenced_estimates(self)
