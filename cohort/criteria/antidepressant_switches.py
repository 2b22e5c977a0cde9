"""Resistance as registers see it: by switches of antidepressants, without scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_source, check_whole
from cohort.criteria.wording import unusual
from cohort.drugs import ANTIDEPRESSANT_DOSES, DoseTable
from cohort.errors import CriterionError


@dataclass(frozen=True)
class AntidepressantSwitches:
    """A number of switches to another antidepressant within a time from the first, as registers of prescriptions count.

    A switch is the start of an antidepressant that the subject had not before, whatever the reason, beside the earlier
    ones or in their place (a convention); a combination is one. Neither dose nor duration nor scores are asked for, so
    that intolerance and preference count as much as lack of effect: that is what makes the shares of registers differ.

    Missing records: who was followed for less than the time, without enough switches so far, is undetermined. Somebody
    without an antidepressant has not switched: "not met".

    Attributes:
        switches: How many.
        within_days: How many days after the first antidepressant's start the last of them may come.
        doses: Drugs that count as antidepressants beside those known as such; the doses are not looked at.
        source: Who uses it.
    """

    moves: ClassVar[Moves] = {"switches": "fewer"}

    switches: int = 2
    within_days: int = 365
    doses: DoseTable = ANTIDEPRESSANT_DOSES
    source: str = "Register studies, for example of 211,689 subjects in Denmark (14.0 percent within the first year)"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(switches=self.switches, within_days=self.within_days)
        if self.switches < 1 or self.within_days < 1:
            raise CriterionError("switches and within_days are at least 1")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        usual = AntidepressantSwitches(self.switches, self.within_days)
        return f"{self.switches} switches of antidepressants within {self.within_days} days{unusual(self, usual)}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"At least {self.switches} starts of another antidepressant within {self.within_days} days of the first, "
            "for whatever reason."
        )


TRD_REGISTER_SECOND_SWITCH = AntidepressantSwitches()
