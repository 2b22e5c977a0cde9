"""What came of one antidepressant treatment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from cohort.criteria.adequacy import ANTIDEPRESSANT_ADEQUACY, ATRQ_ADEQUACY, AUGMENTATION_ADEQUACY, Adequacy
from cohort.criteria.criterion import Moves
from cohort.criteria.scores import HAMD17_REMISSION, Remission
from cohort.criteria.soundness import check_choice, check_part, check_source, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError

Failure = Literal["no remission", "improvement below 50", "improvement below 25"]
FAILURES: dict[str, int | None] = {"no remission": None, "improvement below 50": 50, "improvement below 25": 25}


@dataclass(frozen=True)
class AntidepressantResult:
    """Whether one treatment was an adequate antidepressant treatment that failed, or what else came of it.

    Met: it failed. A treatment that was too low in dose, too short, not taken, or stopped because it was not tolerated
    before it was adequate is none of the failures, each with its own category; nor is one that succeeded, however low
    its dose. Remission is a success under every rule of failure, a low baseline notwithstanding (12 to 7 is remission
    and a fall of 42 percent).

    Baseline is the last rating at or before the treatment's start. A rating counts from the moment after the start to
    `grace_days` after the stop, and never beyond the start of the subject's next treatment. The last of these is the
    treatment's score. It can show a failure only from the day on which the dose has been adequate for as many days as
    the adequacy asks; it can show a success on any day. Scores of other scales are never looked at.

    An augmentation is a course that brings an augmenting agent and no antidepressant that the subject had not before.
    It is a second antidepressant to nobody; it is judged by its own adequacy, or, without one, it can succeed but not
    fail. A combination that brings an antidepressant is one antidepressant treatment.

    Missing records: a dose or adherence that cannot be judged (as `adequacy` says), no rating in the window, or no
    baseline where an improvement is asked for leave the treatment undetermined ("unknown"), unless it was certainly too
    short, not taken or not tolerated. A treatment that goes on and was not adequate for long enough yet is undetermined
    too ("ongoing"). A baseline of zero has no percentage: "not met", with that reason.

    Attributes:
        adequacy: Dose, days and adherence that make a treatment adequate.
        remission: The scale, and the score in remission; without an endpoint, since the window above names the rating.
        failure: What an adequate treatment must lack to have failed: "no remission", or an improvement that stayed
            below 50 or below 25 percent of the treatment's own baseline.
        lost: What a success is that was lost again under the same treatment (tachyphylaxis): a "success", as the
            Massachusetts General Hospital questionnaire has it, or a "failure" (the treatment's last score alone
            decides). Success is here remission or, unless only remission counts, a fall of half (a convention).
        intolerance_counts: Whether a treatment stopped for intolerance without success is a failure too, as in STAR*D.
        augmentation: How an augmentation's adequacy is judged; None lets no augmentation fail (a convention).
        unrated: What decides an adequate treatment that was stopped without a rating in the window: nothing
            ("unknown"), or the recorded "stop reason" (a convention).
        baseline_days: How many days before the start the baseline may lie (a convention).
        grace_days: How many days after the stop a rating still belongs to the treatment (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"intolerance_counts": "more"}

    adequacy: Adequacy = ANTIDEPRESSANT_ADEQUACY
    remission: Remission = HAMD17_REMISSION
    failure: Failure = "no remission"
    lost: Literal["success", "failure"] = "success"
    intolerance_counts: bool = False
    augmentation: Adequacy | None = None
    unrated: Literal["unknown", "stop reason"] = "unknown"
    baseline_days: int = 28
    grace_days: int = 7
    source: str = "Convention of this package, after reviews of resistant depression: dose, duration and adherence"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(baseline_days=self.baseline_days, grace_days=self.grace_days)
        check_part("adequacy", self.adequacy, Adequacy)
        check_part("remission", self.remission, Remission)
        if self.augmentation is not None:
            check_part("augmentation", self.augmentation, Adequacy)
        check_choice("failure", self.failure, tuple(FAILURES))
        check_choice("lost", self.lost, ("success", "failure"))
        check_choice("unrated", self.unrated, ("unknown", "stop reason"))
        if self.remission.endpoint is not None:
            raise CriterionError("the result of a treatment names its own rating; give a remission without an endpoint")
        if self.baseline_days < 0 or self.grace_days < 0:
            raise CriterionError("baseline_days and grace_days are at least 0")

    @property
    def improvement(self) -> int | None:
        """The percentage below which an improvement is a failure; None where only remission counts."""
        return FAILURES[self.failure]

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"adequate antidepressant treatment failed{unusual(self, AntidepressantResult())}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        lacking = f"without {self.remission.scale} {self.remission.bound} {self.remission.threshold:g}"
        if self.improvement:
            lacking += f" and with {self.failure} percent"
        stopped = ", or one stopped for intolerance" if self.intolerance_counts else ""
        return (
            f"An adequate antidepressant treatment of at least {self.adequacy.min_days} days {lacking} at its last "
            f"rating{' and at all earlier ones' if self.lost == 'success' else ''}{stopped}; what was too low, too "
            f"short, not taken or not tolerated is no failure."
        )


ANTIDEPRESSANT_FAILURE = AntidepressantResult()
ATRQ_FAILURE = AntidepressantResult(
    adequacy=ATRQ_ADEQUACY,
    failure="improvement below 50",
    augmentation=AUGMENTATION_ADEQUACY,
    unrated="stop reason",
    source="MGH Antidepressant Treatment Response Questionnaire, as in a worked case (Current Psychiatry 2012); "
    "its doses are from memory",
)
STARD_FAILURE = replace(
    ANTIDEPRESSANT_FAILURE,
    intolerance_counts=True,
    source="STAR*D, Rush AJ et al. Am J Psychiatry 2006;163:1905-17: no remission, or not tolerated",
)
