"""Resistance of a depressive episode to antidepressants, by its definitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from cohort.criteria.antidepressant_result import ANTIDEPRESSANT_FAILURE, AntidepressantResult
from cohort.criteria.criterion import Moves
from cohort.criteria.depressive_episodes import CURRENT_EPISODE, EpisodeRule
from cohort.criteria.pseudo_resistance import PseudoResistance
from cohort.criteria.soundness import check_part, check_source, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError


@dataclass(frozen=True)
class TreatmentResistance:
    """A depressive episode in which a number of different antidepressants failed, each in an adequate treatment.

    A drug counts once, however often it was tried again; a combination counts once, and only where it brings a drug
    (or, with `different_class`, a class) that had not failed before. An augmentation is not another antidepressant. A
    remission after the failures leaves the episode resistant; a new episode begins at none.

    Missing records: treatments that cannot be judged leave the verdict undetermined where the failures among them could
    make up the number. A treatment that still goes on does not: what it will bring is not missing, it has not happened.
    Bipolar disorder excludes where it is recorded and not otherwise.

    Attributes:
        failures: How many.
        different_class: Whether each must be of another pharmacological class.
        result: When a treatment has failed.
        episodes: Which treatments belong together.
        veto: Pseudo-resistance that takes the verdict back; None asks for none. Only a pseudo-resistance that is met
            does so, one that is undetermined does not (a convention).
        bipolar_excluded: Whether subjects with bipolar disorder cannot meet it.
        diagnosis: The covariate, and the finding in FINDINGS, that names the diagnosis; "bipolar" in its text counts
            unless the text denies it ("not bipolar").
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"failures": "fewer", "different_class": "fewer", "bipolar_excluded": "fewer"}

    failures: int = 2
    different_class: bool = False
    result: AntidepressantResult = ANTIDEPRESSANT_FAILURE
    episodes: EpisodeRule = CURRENT_EPISODE
    veto: PseudoResistance | None = None
    bipolar_excluded: bool = True
    diagnosis: str = "diagnosis"
    source: str = "Convention of this package, after reviews of resistant depression: no remission in two treatments"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(failures=self.failures)
        check_part("result", self.result, AntidepressantResult)
        check_part("episodes", self.episodes, EpisodeRule)
        if self.veto is not None:
            check_part("veto", self.veto, PseudoResistance)
        if self.failures < 1:
            raise CriterionError(f"resistance needs at least 1 failure, not {self.failures}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        usual = TreatmentResistance(failures=self.failures)
        result = unusual(self.result, ANTIDEPRESSANT_FAILURE)
        own = unusual(replace(self, result=usual.result), usual)
        return f"depression resistant to {self.failures} antidepressants{own}{result}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        classes = " of different classes" if self.different_class else ""
        vetoed = ", pseudo-resistance left out" if self.veto else ""
        return (
            f"At least {self.failures} different antidepressants{classes} failed in {self.episodes.words}, each in an "
            f"adequate treatment of at least {self.result.adequacy.min_days} days ({self.result.failure}"
            f"{' percent' if self.result.improvement else ''}){vetoed}."
        )


_CONVENTION = "numbers that the text does not fix are conventions"


def _judged(failure: Literal["improvement below 50", "improvement below 25"], min_days: int) -> AntidepressantResult:
    adequacy = replace(ANTIDEPRESSANT_FAILURE.adequacy, min_days=min_days)
    return replace(ANTIDEPRESSANT_FAILURE, failure=failure, adequacy=adequacy)


TRD_NO_REMISSION_TWO_CLASSES = TreatmentResistance(different_class=True)
TRD_EMA_2013 = TreatmentResistance(
    result=_judged("improvement below 25", 42),
    source=f"EMA/CHMP/185423/2010 Rev 2, 2013: no clinically meaningful improvement after two products; {_CONVENTION}",
)
TRD_FDA = TreatmentResistance(
    result=_judged("improvement below 50", 42),
    source="FDA usage: inadequate response to at least two antidepressants of adequate dose and duration in the "
    f"current episode; {_CONVENTION}",
)
TRD_RYBAK_2021 = TreatmentResistance(
    result=_judged("improvement below 50", 28),
    source="Rybak YE et al. 2021, consensus: no response (50 percent) to two adequate treatments of 4 to 6 weeks",
)
TRD_SFORZINI_2021 = TreatmentResistance(
    result=_judged("improvement below 25", 28),
    source="Sforzini L et al. 2021, Delphi consensus: improvement below 25 percent, no failure before week 4; "
    "25 to 49 percent is partial response (from memory)",
)
