"""The course of a depression over the treatments of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cohort.criteria.antidepressant_result import ANTIDEPRESSANT_FAILURE, AntidepressantResult
from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_choice, check_number, check_part, check_source, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError
from cohort.scales import scale


@dataclass(frozen=True)
class DepressionTrajectory:
    """Early remission, a fluctuating course, a persistent one, or another, as in the trajectories of epilepsy.

    The categories, the first that fits:

    - early remission: in remission by `early_days` after the start of one of the first `early_treatments`
      antidepressants, under it, and no later score of `relapse_score` or more;
    - fluctuating: a fall of half from baseline at some rating, and a later score above half of the baseline, or of
      `relapse_score` or more;
    - persistent: at least `adequate` different antidepressants in an adequate treatment, and no rating with an
      improvement of 25 (strict) or 50 percent (lenient), as `persistent` says;
    - other: none of these.

    "met" is early remission. Baseline is the last rating on or before day 0; courses of treatment have their own. The
    day is that of the remission, of the loss, or of the last rating.

    Missing records: a missing baseline, or no rating after it, leaves the verdict undetermined; so do adequate
    treatments that may be hidden by missing doses, where everything else is persistent. Ratings that were missed are
    not filled in.

    Attributes:
        result: The scale with its remission, and which treatments were adequate.
        early_treatments: Remission under one of the first so many antidepressants is early.
        early_days: How many days after the start.
        relapse_score: The score at which remission or response is lost, in points of the scale.
        persistent: What no rating may reach: an "improvement below 25" (strict) or "improvement below 50" (lenient).
        adequate: How many adequate antidepressants a persistent course has had.
        source: Who described it.
    """

    moves: ClassVar[Moves] = {"early_treatments": "more", "early_days": "more", "relapse_score": "more"}

    result: AntidepressantResult = ANTIDEPRESSANT_FAILURE
    early_treatments: int = 2
    early_days: int = 56
    relapse_score: float = 14
    persistent: Literal["improvement below 25", "improvement below 50"] = "improvement below 25"
    adequate: int = 2
    source: str = "Convention of this package: the trajectories of epilepsy carried over to scores of depression"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_part("result", self.result, AntidepressantResult)
        check_number(relapse_score=self.relapse_score)
        numbers = {name: getattr(self, name) for name in ("early_treatments", "early_days", "adequate")}
        check_whole(**numbers)
        check_choice("persistent", self.persistent, ("improvement below 25", "improvement below 50"))
        if min(numbers.values()) < 1:
            raise CriterionError(f"{', '.join(numbers)} are at least 1")
        known = scale(self.result.remission.scale)
        if not self.result.remission.threshold < self.relapse_score <= known.high:
            raise CriterionError(f"a relapse lies above remission and up to {known.high:g}, not {self.relapse_score:g}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"early remission as the course of the depression{unusual(self, DepressionTrajectory())}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        named = self.result.remission
        return (
            f"{named.scale} {named.bound} {named.threshold:g} within {self.early_days} days of the start of one of the "
            f"first {self.early_treatments} antidepressants, and no later score of {self.relapse_score:g} or more; "
            f"else fluctuating, persistent ({self.persistent} percent over {self.adequate} adequate ones) or other."
        )


DEPRESSION_TRAJECTORY = DepressionTrajectory()
