"""Resistance to antiseizure drugs: by adequate failures, or by drugs that were given up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

from cohort.criteria.control import ILAE_2010_CONTROL, SeizureControl
from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_choice, check_source, check_whole
from cohort.errors import CriterionError

FreedomBy = Literal["any treatment", "drugs"]
AfterStop = Literal["kept", "lost"]


@dataclass(frozen=True)
class DrugResistance:
    """What a subject is on the day asked: responsive, resistant, or neither yet ("undefined").

    Responsive: free from seizures for long enough under the current treatment (category 1 of `control`), and no seizure
    since. Resistant: at least `failures` different schedules of drugs in category 2, and not responsive. Everything
    else is undefined: one failure, intolerance only, too short a follow-up. None of it is for good: a resistant subject
    who comes free is responsive, and resistant again after a relapse; `resistance_states` has the spans. The categories
    are those words; "met" is resistant, "not met" the other two.

    A schedule is the set of its drugs: a combination counts once, an add-on is a schedule of its own, and the same drug
    taken again, at whatever dose, is the same schedule. Surgery, devices and diets never count among the failures (from
    memory). The day of resistance is the one on which the last of the failures needed was established: the first
    seizure at an adequate dose, or the day the exposure became long enough if that is later (a convention); not the
    start or the stop of a drug.

    Missing records: "undetermined" only where a failure may be hidden, that is where the schedules that failed and
    those of which too little is known (drug, dose, age, suitability or adherence not known, no recorded day, or a run
    long enough but for missing days) together would suffice. What was not recorded cannot make a subject responsive.
    Subjects without a treatment are undefined.

    Attributes:
        failures: How many schedules must have failed.
        control: How each treatment is judged.
        freedom_by: Whether freedom under "any treatment", surgery or diet included, ends resistance (a convention), or
            under "drugs" alone.
        after_stop: Whether freedom is "kept" after the treatment is stopped, until a seizure or the start of another
            treatment, or "lost" with the stop (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"failures": "fewer"}

    failures: int = 2
    control: SeizureControl = ILAE_2010_CONTROL
    freedom_by: FreedomBy = "any treatment"
    after_stop: AfterStop = "kept"
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(failures=self.failures)
        if self.failures < 1:
            raise CriterionError("failures is at least 1")
        if not isinstance(self.control, SeizureControl):
            raise CriterionError(f"treatments are judged by a SeizureControl, not by a {type(self.control).__name__}")
        check_choice("freedom_by", self.freedom_by, get_args(FreedomBy))
        check_choice("after_stop", self.after_stop, get_args(AfterStop))

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        parts = ["drug-resistant epilepsy (ILAE 2010)"]
        parts += [f"{self.failures} failures"] if self.failures != type(self).failures else []
        parts += self.control.unusual
        parts += ["freedom by drugs alone"] if self.freedom_by == "drugs" else []
        parts += ["freedom lost with the stop"] if self.after_stop == "lost" else []
        return ", ".join(parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        by = "" if self.freedom_by == "any treatment" else " drug"
        relapse = "" if self.control.after_relapse == "undetermined" else ", a relapse after freedom among them"
        return (
            f"At least {self.failures} different schedules of antiseizure drugs failed at an adequate dose "
            f"(category 2{relapse}), and no{by} treatment that the subject is on has brought sustained freedom."
        )


ILAE_2010_RESISTANCE = DrugResistance(source="Kwan P et al. Epilepsia 2010;51:1069-77 (level 2)")


@dataclass(frozen=True)
class DrugsGivenUp:
    """Resistance by name only: drugs stopped for lack of effect or for intolerance, whatever dose, time or adherence.

    Cohorts and registers that hold no dose and no diary count so, "failed two drugs for any reason"; in a Finnish
    cohort of 459 it called 20.0 percent resistant where the definition of 2010 called 16.3. Nothing is asked of
    seizures, so freedom on a later drug does not end it. A schedule is the set of its drugs, as in `DrugResistance`;
    placebo, surgery, devices and diets do not count.

    Missing records: "undetermined" only where stops without a recorded reason, together with those that count, would
    suffice. A missing dose, diary or adherence does not matter. Subjects without a treatment do not meet it.

    Attributes:
        failures: How many different schedules must have been given up.
        reasons: For which recorded reasons (a convention: the cohorts' "any reason" is not spelt out in more detail).
        source: Who used it.
    """

    moves: ClassVar[Moves] = {"failures": "fewer"}

    failures: int = 2
    reasons: tuple[str, ...] = ("inefficacy", "intolerance", "inefficacy and intolerance")
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(failures=self.failures)
        if self.failures < 1:
            raise CriterionError("failures is at least 1")
        if not isinstance(self.reasons, tuple) or not self.reasons:
            raise CriterionError(f"`reasons` names one or more reasons for stopping, in a tuple, not {self.reasons!r}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        usual = self.reasons == type(self).reasons
        why = "lack of effect or intolerance" if usual else " or ".join(self.reasons)
        return f"{self.failures} drugs given up for {why}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        why = ", ".join(self.reasons)
        return (
            f"At least {self.failures} different schedules of antiseizure drugs stopped for one of these reasons: "
            f"{why}; dose, time, adherence and seizures are not asked for."
        )


TWO_DRUGS_FAILED_ANY_REASON = DrugsGivenUp(
    source="Cohorts and registers; in a Finnish cohort of 459 it gave 20.0 percent where ILAE 2010 gave 16.3"
)
ILAE_2010_RESISTANCE_RELAPSE_COUNTS = replace(
    ILAE_2010_RESISTANCE,
    control=replace(ILAE_2010_CONTROL, after_relapse="failure"),
    source="Kwan P et al. Epilepsia 2010;51:1069-77 (level 2, a relapse after sustained freedom read as category 2)",
)
