"""Which treatments belong to one depressive episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cohort.criteria.soundness import check_choice, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError


@dataclass(frozen=True)
class EpisodeRule:
    """Which episode is judged, and which treatments belong to it: those that begin in it.

    Episodes are the spans called "depressive episode" in EPISODES. Spans parted by fewer than `well_days` are one
    episode; an episode lasts until the next begins as far as treatments are concerned, so that a treatment begun in the
    well time after it continues it. A missing end means that it goes on. A subject without any such record has, with
    `missing="one"`, one episode that holds every treatment and whose start is not known; with "undetermined", the
    verdict is undetermined.

    Attributes:
        which: The "current" episode, the last one begun, or "any": the first in which the rule is met.
        well_days: How many days without symptoms part two episodes: two months.
        missing: What a subject without a record of episodes has (a convention).
        name: The word in EPISODES.episode, whatever its case.
    """

    which: Literal["current", "any"] = "current"
    well_days: int = 60
    missing: Literal["one", "undetermined"] = "one"
    name: str = "depressive episode"

    def __post_init__(self) -> None:
        check_whole(well_days=self.well_days)
        check_choice("which", self.which, ("current", "any"))
        check_choice("missing", self.missing, ("one", "undetermined"))
        if self.well_days < 0:
            raise CriterionError("well_days is at least 0")

    @property
    def words(self) -> str:
        """The episode in words."""
        return {"current": "the current episode", "any": "one episode"}[self.which]

    @property
    def label(self) -> str:
        """What is unusual, in words."""
        return f"{self.words}{unusual(self, EpisodeRule(self.which))}"


CURRENT_EPISODE = EpisodeRule()
