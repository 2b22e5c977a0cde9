"""Apparent resistance to antidepressants that has another cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cohort.criteria.antidepressant_result import ANTIDEPRESSANT_FAILURE, AntidepressantResult
from cohort.criteria.criterion import Moves
from cohort.criteria.depressive_episodes import CURRENT_EPISODE, EpisodeRule
from cohort.criteria.soundness import check_choice, check_part, check_source, check_texts, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError


@dataclass(frozen=True)
class FindingCause:
    """A cause that a finding shows: a number beyond a threshold, or a word in its result.

    The last finding decides. One in another unit than those listed, or without what is compared, tells nothing. A cause
    is no longer "untreated" where a treatment named in `treated_by` was under way on the finding's day or later; the
    names are compared in lower case.

    Attributes:
        cause: The cause in words.
        finding: The name in FINDINGS.finding, and of a covariate that may tell the same in words.
        threshold: What the value is compared with; None where the result's words decide.
        bound: ">" or ">=".
        units: Units in which the value may stand; a value without a unit is taken as it is.
        word: What the result contains, in lower case, where the words decide.
        treated_by: Treatments that take the cause away.
    """

    cause: str
    finding: str
    threshold: float | None = None
    bound: Literal[">", ">="] = ">"
    units: tuple[str, ...] = ()
    word: str = ""
    treated_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.threshold is None) == (not self.word):
            raise CriterionError(f"{self.cause}: a finding is compared with a threshold or a word, one of them")
        check_choice("bound", self.bound, (">", ">="))

    @property
    def label(self) -> str:
        """The cause with what shows it."""
        shown = self.word if self.threshold is None else f"{self.bound} {self.threshold:g}"
        return f"{self.cause} ({self.finding} {shown})"


BIPOLAR = FindingCause("bipolar disorder", "diagnosis", word="bipolar")
HYPOTHYROIDISM = FindingCause(
    "untreated hypothyroidism",
    "TSH",
    10,
    units=("mIU/L", "mU/L", "uIU/mL"),
    treated_by=("levothyroxine",),
)
SLEEP_APNOEA = FindingCause(
    "untreated sleep apnoea",
    "AHI",
    15,
    ">=",
    units=("events/h", "/h", "per hour"),
    treated_by=("cpap", "continuous positive airway pressure"),
)
PHARMACOKINETIC_BARRIER = FindingCause("pharmacokinetic barrier", "ABCB1", word="barrier")


@dataclass(frozen=True)
class PseudoResistance:
    """As many different antidepressants without success as resistance needs, and a cause other than resistance.

    Causes of two kinds are looked for, and the first in the order of `findings`, then of `of_treatments`, is the
    category; the evidence lists them all. A finding is a cause by itself. Intolerance, nonadherence, and an inadequate
    dose or duration are causes where treatments that ended so make up the number and the adequate failures alone do
    not: who failed two treatments adequately is not excused by a third one that was not taken.

    Missing records: a finding that was never made is missing. With `missing="undetermined"` the verdict is undetermined
    where no other cause is found; with "absent" it counts as normal (a convention). Treatments that cannot be judged
    are left out.

    Attributes:
        failures: How many antidepressants without success make resistance apparent.
        result: How a treatment is judged.
        episodes: Which treatments belong together.
        findings: The causes that findings show, in their order. Thresholds of 10 mIU/L and 15 an hour are conventions.
            `PHARMACOKINETIC_BARRIER` may be added: reviews disagree whether it is pseudo-resistance or a mechanism of
            resistance.
        of_treatments: The categories of `result` that are causes, in their order.
        missing: What a finding is that was never made.
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {}

    failures: int = 2
    result: AntidepressantResult = ANTIDEPRESSANT_FAILURE
    episodes: EpisodeRule = CURRENT_EPISODE
    findings: tuple[FindingCause, ...] = (BIPOLAR, HYPOTHYROIDISM, SLEEP_APNOEA)
    of_treatments: tuple[str, ...] = ("intolerance", "nonadherence", "inadequate dose", "inadequate duration")
    missing: Literal["undetermined", "absent"] = "undetermined"
    source: str = "Convention of this package, after reviews of resistant depression; thresholds are conventions"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(failures=self.failures)
        if self.failures < 1:
            raise CriterionError(f"resistance needs at least 1 failure, not {self.failures}")
        check_choice("missing", self.missing, ("undetermined", "absent"))
        check_part("result", self.result, AntidepressantResult)
        check_part("episodes", self.episodes, EpisodeRule)
        for each in self.findings:
            check_part("each of findings", each, FindingCause)
        check_texts(of_treatments=self.of_treatments)
        unknown = set(self.of_treatments) - set(CAUSES_OF_TREATMENTS)
        if unknown:
            raise CriterionError(f"{sorted(unknown)} are no causes; there are {', '.join(CAUSES_OF_TREATMENTS)}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"pseudo-resistance to antidepressants{unusual(self, PseudoResistance())}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        causes = ", ".join([*(each.label for each in self.findings), *self.of_treatments])
        alone = f"; {', '.join(self.of_treatments)} only where the adequate failures alone do not make up the number"
        return (
            f"At least {self.failures} different antidepressants without success in {self.episodes.words}, and one of: "
            f"{causes}{alone if self.of_treatments else ''}."
        )


CAUSES_OF_TREATMENTS = ("intolerance", "nonadherence", "inadequate dose", "inadequate duration")
PSEUDO_RESISTANCE = PseudoResistance()
