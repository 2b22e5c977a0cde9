"""The log-rank test of time to remission, of one study or of many at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

import cohort
from analyses.estimates.result import Estimates
from analyses.estimates.survival.log_rank import log_rank
from analyses.estimates.survival.log_rank_many import ManyLogRanks, log_rank_many
from analyses.plan.performed import about
from analyses.plan.replication.replicates import LABELS, NUMBERS, REPLICATES, failures
from cohort.criteria import HAMD17_REMISSION, Remission
from cohort.errors import EstimationError, some
from cohort.records.study import Study
from synthetic_data.estimands import Truth
from synthetic_data.hamd.scores import Scores, draw_scores
from synthetic_data.hamd.truth import HamdTruth

NOTHING_TO_COMPARE = "no event falls on a visit at which both arms are at risk; there is nothing to compare"


@dataclass(frozen=True)
class RemissionLogRank:
    """Log-rank comparison of the arms' times to the first scheduled HAM-D17 rating in remission.

    Time is counted in visits: everybody rated at a visit is at risk there together, on whatever days the ratings fell.
    Who never remits is censored at the last visit. Whoever enters in remission is not left out.

    Called with a study it is an ordinary analysis for `replicate`: `cohort.time_to`, then `analyses.log_rank`. Of a
    `HamdTruth` it draws and tests many studies at once, without building them: the same numbers from the same scores.

    Attributes:
        threshold: The highest score in remission.
    """

    threshold: float = HAMD17_REMISSION.threshold

    @property
    def criterion(self) -> Remission:
        """The rule for remission."""
        return replace(HAMD17_REMISSION, threshold=self.threshold)

    def __call__(self, study: Study) -> Estimates:
        """Return the log-rank test of one study.

        Raises:
            EstimationError: A time ends at an unscheduled rating, somebody enters late, or there is nothing to compare.
        """
        events = _in_visits(study, cohort.time_to(study, self.criterion), self.criterion.scale)
        return about(log_rank(events), self.criterion.label)

    def takes(self, truth: Truth) -> bool:
        """Return whether studies of this truth can be drawn at once."""
        return type(truth) is HamdTruth

    def many(self, truth: HamdTruth, studies: int, subjects: int, rng: np.random.Generator) -> pl.DataFrame:
        """Return the log-rank tests of many studies as REPLICATES.

        Args:
            truth: What is true; subjects are allocated to the arms one to one.
            studies: How many.
            subjects: How many in each.
            rng: The generator.
        """
        control = (subjects + 1) // 2
        arm = np.broadcast_to((np.arange(subjects) >= control).astype(np.int8), (studies, subjects))
        counts = self.counts(draw_scores(truth, arm, rng), control)
        return _rows(log_rank_many(*counts), truth.arms, self.criterion.label)

    def counts(self, scores: Scores, control: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return who is at risk and who remits, by study, arm and visit after baseline.

        Args:
            scores: By study, subject and visit, the subjects of the control arm first.
            control: How many those are.
        """
        studies, _, visits = scores.recorded.shape
        at_risk = np.zeros((studies, 2, visits - 1), dtype=np.int64)
        events = np.zeros_like(at_risk)
        waiting = np.ones(scores.recorded.shape[:2], dtype=np.bool_)
        followed = _followed(scores.present)
        for j in range(1, visits):
            waiting &= followed[j]
            remits = waiting & scores.present[:, :, j] & (scores.recorded[:, :, j] <= self.threshold)
            for arm, who in enumerate((slice(control), slice(control, None))):
                at_risk[:, arm, j - 1] = np.count_nonzero(waiting[:, who], axis=1)
                events[:, arm, j - 1] = np.count_nonzero(remits[:, who], axis=1)
            waiting &= ~remits
        return at_risk, events


def _followed(present: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Return by visit who is rated then or at any later visit."""
    followed = [present[:, :, -1]]
    for j in range(present.shape[2] - 2, -1, -1):
        followed.append(followed[-1] | present[:, :, j])
    return followed[::-1]


def _rows(found: ManyLogRanks, arms: tuple[str, str], criterion: str) -> pl.DataFrame:
    """Return the tests as REPLICATES, each study's rows in the order of `log_rank`."""
    compared = np.flatnonzero(~np.isnan(found.chi_square))
    columns = [found.observed, found.expected, found.variance[:, None], found.chi_square[:, None]]
    numbers = np.concatenate([column[compared].astype(np.float64) for column in columns], axis=1)
    labels = _labels(arms, criterion)
    p_value = np.full(numbers.shape, np.nan)
    p_value[:, -1] = found.p_value[compared]
    rows = labels[np.tile(np.arange(labels.height), len(compared))].with_columns(
        replicate=np.repeat(compared, labels.height),
        estimate=numbers.ravel(),
        p_value=pl.Series(p_value.ravel(), nan_to_null=True),
    )
    silent = np.flatnonzero(np.isnan(found.chi_square)).tolist()
    return pl.concat([rows.select(REPLICATES.names()), failures(dict.fromkeys(silent, NOTHING_TO_COMPARE))])


def _labels(arms: tuple[str, str], criterion: str) -> pl.DataFrame:
    by_arm = [{"statistic": name, "group": arm} for name in ("observed", "expected") for arm in arms]
    tested = [{"statistic": "variance", "group": arms[0]}, {"statistic": "log-rank chi-square", "reference": arms[0]}]
    named = {"analysis": "", "population": "all", "criterion": criterion}
    blank = dict.fromkeys((*LABELS, *NUMBERS, "failure"))
    return pl.DataFrame([blank | named | row for row in (*by_arm, *tested)], schema_overrides=REPLICATES)


def _in_visits(study: Study, events: pl.DataFrame, scale: str) -> pl.DataFrame:
    """Return the events with their arm, on a clock that counts visits."""
    order = pl.col("visit").cast(pl.Enum(study.visits)).to_physical().cast(pl.Float64)
    rated = study.ratings.filter(scale=scale).drop_nulls(["score", "visit"])
    visits = rated.group_by("subject_id", left="day").agg(number=order.max())
    timed = events.join(visits, on=["subject_id", "left"], how="left").join(
        study.subjects.select("subject_id", "arm"), on="subject_id", how="left"
    )
    strange = timed.filter(pl.col("number").is_null() | (pl.col("entry") > 0))["subject_id"]
    if len(strange):
        raise EstimationError(
            f"{len(strange)} of {events.height} times end at an unscheduled rating or begin late (subjects "
            f"{some(strange.sort())}); they cannot be counted in visits: use cohort.time_to and analyses.log_rank"
        )
    return timed.with_columns(left="number", right=pl.when(pl.col("right").is_not_null()).then("number"))
