"""A fall of the seizure rate under a therapy that is no drug, counted from the therapy's own start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cohort.criteria.criterion import Moves
from cohort.criteria.seizures import Period, SeizureResponse
from cohort.criteria.soundness import check_part, check_source
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError

_BEFORE, _AFTER = Period(-56, -1), Period(0, 83)


@dataclass(frozen=True)
class TherapyResponse:
    """A fall of the seizure rate from the days before a therapy to days after its start, by a percentage or more.

    One verdict for each treatment of these kinds: diet, stimulation, surgery, immunotherapy. They are judged like a
    drug and never counted as one. The rate is compared as in `SeizureResponse`, with days counted from the therapy's
    first day; later days count whether or not it was stopped by then, and other treatments may run beside it. A device
    that is set slowly and a diet need months, so the days after the start are a choice.

    Missing days: as in `SeizureResponse`, a missing day is never one without seizures, and too few recorded days in
    either period leave the verdict undetermined.

    Attributes:
        reduction: The percentage by which the rate must have fallen; 100 is freedom from seizures in the period.
        bound: ">=" includes exactly that percentage, ">" does not.
        before: The days of the baseline, counted from the therapy's start, which is day 0.
        after: The days that are compared with it.
        min_observed: The percentage of each period's days that must have been recorded (a convention).
        complete: Whether the records must reach the last of the days after, or go beyond.
        kinds: Which kinds of treatment are judged; a combination is judged where any of its parts is of one.
        source: Who uses it.
    """

    moves: ClassVar[Moves] = {"reduction": "fewer", "min_observed": "fewer"}

    reduction: float = 50
    bound: Literal[">=", ">"] = ">="
    before: Period = _BEFORE
    after: Period = _AFTER
    min_observed: int = 80
    complete: bool = False
    kinds: tuple[str, ...] = ("diet", "stimulation", "surgery", "immunotherapy", "psychotherapy", "other")
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        if not self.kinds or isinstance(self.kinds, str):
            raise CriterionError(f"kinds are kinds of treatment in a tuple, not {self.kinds!r}")
        check_part("before", self.before, Period)
        check_part("after", self.after, Period)
        if self.before.to_day >= 0 or self.after.from_day < 0:
            raise CriterionError("the days before the therapy end before day 0, and those after begin with it or later")
        _ = self.response

    @property
    def response(self) -> SeizureResponse:
        """The rule on the rate, its days counted from the therapy's start."""
        return SeizureResponse(
            self.reduction,
            self.bound,
            baseline=self.before,
            treatment=self.after,
            min_observed=self.min_observed,
            complete=self.complete,
            source=self.source,
        )

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"response to a therapy that is no drug{unusual(self, type(self)(source='any'))}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return f"Counted from the therapy's start: {self.response.definition}"


THERAPY_RESPONSE_50 = TherapyResponse(
    source="Responder convention; ketogenic diet, Neal EG et al. Lancet Neurol 2008;7:500-6: half, after three months"
)
