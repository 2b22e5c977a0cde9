"""What is true of diaries that nobody treats."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from synthetic_data.diary.truth import Diary
from synthetic_data.natural_history.answers import natural_history_estimates
from synthetic_data.soundness import chance, demand, whole


@dataclass(frozen=True, kw_only=True)
class NaturalHistoryTruth:
    """Subjects who keep a seizure diary from day 0 on, without a change of treatment: chance alone makes it vary.

    What falls from one period to the next is natural fluctuation and regression to the mean, and a rule that finds
    responders here finds them without a drug.

    Attributes:
        diary: How seizures come, and what of them is written down.
        days: Length of the diary; the last day is `days` - 1.
        share_female: Sex is a covariate without effect.

    Raises:
        TruthError: The parameters contradict each other.
    """

    diary: Diary
    days: int = 365
    share_female: float = 0.5

    def __post_init__(self) -> None:
        demand(isinstance(self.diary, Diary), f"diary is a {type(self.diary).__name__}; expected a Diary")
        whole("days", self.days, 1)
        chance("share_female", self.share_female)

    def estimates(self) -> pl.DataFrame:
        """Return the true values in the ESTIMATES shape: "mean" and "quantile" (`at` .25, .5, .75) of the expected
        "seizures per 28 days" of the subjects, as they would write them down: what is forgotten is not counted. Where
        subjects have clusters and cycles at once, the rates come out up to 3 percent higher.
        """  # noqa: D205 - one sentence
        return natural_history_estimates(self)
