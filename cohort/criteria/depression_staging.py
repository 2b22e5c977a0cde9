"""How far resistance of a depressive episode has gone: three staging methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cohort.criteria.antidepressant_result import ANTIDEPRESSANT_FAILURE, AntidepressantResult
from cohort.criteria.criterion import Moves
from cohort.criteria.depressive_episodes import CURRENT_EPISODE, EpisodeRule
from cohort.criteria.severity import HAMD17_SEVERITY_ZIMMERMAN, Severity
from cohort.criteria.soundness import check_choice, check_number, check_part, check_source, check_texts, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError

ECT = ("ect", "bilateral ect", "electroconvulsive therapy")


def _check(criterion: ThaseRush | Maudsley | MGHStaging, low: float, high: float) -> None:
    check_source(criterion.source)
    check_number(at_least=criterion.at_least)
    check_texts(ect=criterion.ect)
    check_part("result", criterion.result, AntidepressantResult)
    check_part("episodes", criterion.episodes, EpisodeRule)
    if not low <= criterion.at_least <= high:
        raise CriterionError(f"at_least lies between {low:g} and {high:g}, not {criterion.at_least:g}")
    if criterion.episodes.which != "current":
        raise CriterionError("a stage is that of the current episode; name an EpisodeRule of 'current'")


@dataclass(frozen=True)
class ThaseRush:
    """The stage of Thase and Rush, from 0 (no adequate failure) to V, each beyond the one before it.

    I: an adequate treatment of one class failed; II: of a distinctly different class too; III: a tricyclic too; IV: a
    monoamine oxidase inhibitor too; V: a course of electroconvulsive therapy too. No stage is skipped: who failed an
    SSRI and an MAOI and no tricyclic is at II. A combination counts for one class. Augmentation has no stage. The value
    is the stage.

    A course of electroconvulsive therapy (a treatment of one of the names in `ect`, of whatever kind) failed where it
    was stopped and its last rating shows no success, or, unrated, where it was stopped for inefficacy. Records do not
    say whether it was bilateral: it is taken to have been (a convention).

    Missing records: treatments of which too little is known leave the verdict undetermined where the stage could reach
    `at_least` with them.

    Attributes:
        at_least: The stage from which on the verdict is "met".
        result: When a treatment has failed.
        episodes: Which treatments belong together.
        third_class: Whether stage III asks for two classes beside the tricyclic (a convention), or takes the tricyclic
            itself for one of the two classes of stage II.
        tricyclic: The classes that are tricyclic.
        monoamine: The classes that are monoamine oxidase inhibitors; reversible ones (RIMA) are none (a convention).
        ect: The names of electroconvulsive therapy, in lower case.
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"at_least": "fewer", "third_class": "fewer"}

    at_least: int = 2
    result: AntidepressantResult = ANTIDEPRESSANT_FAILURE
    episodes: EpisodeRule = CURRENT_EPISODE
    third_class: bool = True
    tricyclic: tuple[str, ...] = ("TCA",)
    monoamine: tuple[str, ...] = ("MAOI",)
    ect: tuple[str, ...] = ECT
    source: str = "Thase ME, Rush AJ. J Clin Psychiatry 1997;58(suppl 13):23-9"

    def __post_init__(self) -> None:
        check_whole(at_least=self.at_least)
        check_texts(tricyclic=self.tricyclic, monoamine=self.monoamine)
        _check(self, 1, 5)

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"Thase-Rush stage at least {self.at_least}{unusual(self, ThaseRush(self.at_least))}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"Stage {self.at_least} or more of: adequate failure of one class (1), of a different class too (2), of a "
            "tricyclic too (3), of a monoamine oxidase inhibitor too (4), of electroconvulsive therapy too (5)."
        )


@dataclass(frozen=True)
class Maudsley:
    """The Maudsley Staging Method: 3 to 15 points for duration, severity, failures, augmentation and ECT.

    Duration of the current episode (to 12 months, to 24, longer): 1 to 3. Severity at baseline (none, mild, moderate,
    severe, severe with psychotic features): 1 to 5. Different antidepressants that failed (1-2, 3-4, 5-6, 7-10, more):
    1 to 5. Augmentation used, electroconvulsive therapy used: 1 each. The value is the points, the category the band:
    mild 3 to 6, moderate 7 to 10, severe 11 to 15. Without a failure the method says nothing: "not met", without a
    value (a convention). Duration counts to the episode's end, or to the end of follow-up where it goes on.

    Missing records: where the episode's start, the severity or treatments are not known, the verdict is undetermined
    unless the points reach `at_least` at their least, or not even at their most; the value is then null.

    Attributes:
        at_least: The points from which on the verdict is "met"; registers use 5.
        result: When a treatment has failed.
        episodes: Which treatments belong together.
        severity: The bands of severity; baseline is the last rating on or before day 0.
        psychotic: The finding, and the covariate, that tells of psychotic features: its result "yes", "present" or
            "true", or a value of 1.
        missing_psychotic: Whether psychotic features that nothing tells of are "absent" or "undetermined" (a
            convention; it matters where the severity is severe).
        augmentation_days: How long an augmentation must last to be used (3 weeks, from memory).
        month_days: The length of a month; twelve of them are still "to 12 months" (a convention).
        ect: The names of electroconvulsive therapy, in lower case.
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"at_least": "fewer"}

    at_least: int = 5
    result: AntidepressantResult = ANTIDEPRESSANT_FAILURE
    episodes: EpisodeRule = CURRENT_EPISODE
    severity: Severity = HAMD17_SEVERITY_ZIMMERMAN
    psychotic: str = "psychotic features"
    missing_psychotic: Literal["absent", "undetermined"] = "absent"
    augmentation_days: int = 21
    month_days: float = 30.4375
    ect: tuple[str, ...] = ECT
    source: str = "Fekadu A et al. J Clin Psychiatry 2009;70:177-84; 5 points as in registers"

    def __post_init__(self) -> None:
        check_whole(at_least=self.at_least, augmentation_days=self.augmentation_days)
        _check(self, 3, 15)
        check_part("severity", self.severity, Severity)
        check_number(month_days=self.month_days)
        check_choice("missing_psychotic", self.missing_psychotic, ("absent", "undetermined"))
        if self.augmentation_days < 1 or not 28 <= self.month_days <= 31:
            raise CriterionError("augmentation_days is at least 1, month_days between 28 and 31")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"Maudsley staging at least {self.at_least} points{unusual(self, Maudsley(self.at_least))}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"At least {self.at_least} of the 3 to 15 points for the episode's duration, severity at baseline, failed "
            "antidepressants, augmentation and electroconvulsive therapy; without a failure there are none."
        )


@dataclass(frozen=True)
class MGHStaging:
    """The staging of the Massachusetts General Hospital: points that add up without an upper end.

    1 for each different antidepressant that failed, 0.5 for each of their treatments that was optimised, 0.5 for each
    augmentation, 3 for electroconvulsive therapy, however many courses. Optimised: the dose was raised after it had
    been adequate (a convention). The value is the points.

    Missing records: treatments of which too little is known leave the verdict undetermined where the points could reach
    `at_least` with them.

    Attributes:
        at_least: The points from which on the verdict is "met"; registers use 4.
        result: When a treatment has failed.
        episodes: Which treatments belong together.
        augmentation_days: How long an augmentation must last to count (3 weeks, from memory).
        ect: The names of electroconvulsive therapy, in lower case.
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"at_least": "fewer", "augmentation_days": "fewer"}

    at_least: float = 4
    result: AntidepressantResult = ANTIDEPRESSANT_FAILURE
    episodes: EpisodeRule = CURRENT_EPISODE
    augmentation_days: int = 21
    ect: tuple[str, ...] = ECT
    source: str = (
        "Petersen T et al. J Clin Psychopharmacol 2005;25:336-41 (the citation from memory); 4 points as in registers"
    )

    def __post_init__(self) -> None:
        check_whole(augmentation_days=self.augmentation_days)
        _check(self, 0.5, 100)
        if self.augmentation_days < 1:
            raise CriterionError("augmentation_days is at least 1")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"MGH staging at least {self.at_least:g} points{unusual(self, MGHStaging(self.at_least))}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"At least {self.at_least:g} points: 1 for each antidepressant that failed in an adequate treatment, 0.5 "
            "for each optimisation and each augmentation, 3 for electroconvulsive therapy."
        )


THASE_RUSH = ThaseRush()
MAUDSLEY = Maudsley()
MGH_STAGING = MGHStaging()
