"""Control of seizures under one treatment: freedom, failure, or not yet to be told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

from cohort.criteria.adequacy import ANTISEIZURE_ADEQUACY, Adequacy
from cohort.criteria.criterion import Moves
from cohort.criteria.seizures import ILAE_2010_FREEDOM, SeizureFreedom
from cohort.criteria.soundness import check_choice, check_source, check_whole
from cohort.errors import CriterionError

AfterRelapse = Literal["undetermined", "failure"]
MissedDoses = Literal["set aside", "no test", "counted"]
StatusAs = Literal["a seizure", "left out"]
EffectsAsked = Literal["where any is recorded", "always", "never"]


@dataclass(frozen=True)
class SeizureControl:
    """The outcome category of each treatment: 1 seizure-free, 2 failure, 3 undetermined; A, B or C for adverse effects.

    The verdicts are "met" for category 1, "not met" for 2, "undetermined" with its reason for 3. The steps, in this
    order, with what is known on the day asked:

    1. Free from seizures for long enough (`freedom`), and no seizure under the treatment since: 1. A success is denied
       neither for a low dose nor for missed doses nor for a drug that does not suit.
    2. Free for long enough once, and a seizure since: a relapse, by `after_relapse`.
    3. Drug, dose or diary not known: 3. 4. The drug does not suit: 3. 5. The adequate dose never reached: 3, stopped
       for intolerance or dose too low. 6. Doses not taken: 3.
    7. A seizure at an adequate dose: 2 once the dose has been adequate for `min_exposure_days`, however much rarer
       seizures have become; before, 3, too short.
    8. No seizure at an adequate dose, and not free for long enough: 3, follow-up too short.

    So a failure is not final: freedom reached later, at a higher dose perhaps, turns 2 into 1. Seizures while the dose
    is raised are no evidence, nor are those at a dose reduced below the minimum, after which exposure begins anew; what
    was a failure at an adequate dose remains one when the dose is reduced later. A total over several days is a
    seizure at an adequate dose only where it lies wholly in it. Seizures provoked in other ways than by missed doses
    count like any other (from memory).

    A surgery, a device or a diet has a category too, its dose and suitability not asked. Courses that overlap are
    judged each by itself: a seizure counts under each.

    Adverse effects: B where an effect is recorded under the treatment's number, or without a number on one of its days,
    or where it was stopped for intolerance; else A where the study asked for effects and C where it did not
    (`effects_asked`). That the letters mean no, yes, and not known is from memory.

    Missing records: a missing day is never a day without seizures (see `freedom` for how many a run may hold). A
    missing dose, age or suitability leaves the treatment undetermined unless it is category 1 or a relapse after it,
    and so does a treatment without a recorded day. Missing adherence is treated as `adequacy` says. A missing reason
    for stopping is none.

    Attributes:
        freedom: What freedom is long enough.
        adequacy: What dose is adequate, which drugs suit, and how many doses must be taken. Its days are not read.
        min_exposure_days: Days at an adequate dose before a seizure makes a failure. No authority gives a number: 28 is
            a convention, 0 and 90 are others.
        after_relapse: Whether a relapse after freedom that was long enough is "undetermined", to be evaluated anew (a
            convention), or a "failure", as the published words on category 2 can be read.
        judge_after_optimisation: Whether seizures before the last increase of the dose are passed over (a convention).
        missed_doses: What a seizure at an adequate dose on days of missed doses says (a convention). "set aside":
            nothing, and without another seizure the treatment is 3; "no test": the treatment is 3 whatever else
            happens; "counted": it is a seizure like any other.
        status_epilepticus: Whether an episode of status epilepticus in EPISODES, under one of the names of
            `StatusEpilepticus`, is "a seizure": one, on its first day, unless the diary has one then (a convention);
            or "left out", because the diary holds it.
        effects_asked: Whether a treatment without adverse effects had none (A) or was not asked (C): asked "where any
            is recorded" by then in the study, "always", or "never" (a convention).
        settling_days: Days before a treatment that is not a drug counts as adequately applied (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {}

    freedom: SeizureFreedom = ILAE_2010_FREEDOM
    adequacy: Adequacy = ANTISEIZURE_ADEQUACY
    min_exposure_days: int = 28
    after_relapse: AfterRelapse = "undetermined"
    judge_after_optimisation: bool = False
    missed_doses: MissedDoses = "set aside"
    status_epilepticus: StatusAs = "a seizure"
    effects_asked: EffectsAsked = "where any is recorded"
    settling_days: int = 0
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        if not isinstance(self.freedom, SeizureFreedom) or not isinstance(self.adequacy, Adequacy):
            raise CriterionError("seizure control is made of a SeizureFreedom and an Adequacy")
        check_whole(min_exposure_days=self.min_exposure_days, settling_days=self.settling_days)
        if min(self.min_exposure_days, self.settling_days) < 0:
            raise CriterionError("min_exposure_days and settling_days are at least 0")
        check_choice("after_relapse", self.after_relapse, get_args(AfterRelapse))
        check_choice("missed_doses", self.missed_doses, get_args(MissedDoses))
        check_choice("status_epilepticus", self.status_epilepticus, get_args(StatusAs))
        check_choice("effects_asked", self.effects_asked, get_args(EffectsAsked))

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        return ", ".join(["seizure control by treatment (ILAE 2010, level 1)", *self.unusual])

    @property
    def unusual(self) -> list[str]:
        """What differs from the published definition and the usual conventions, each in a few words."""
        usual = replace(type(self)(source="x"), source=self.source)
        changed = {
            self.freedom.label: self.freedom != usual.freedom,
            self.adequacy.label: self.adequacy != usual.adequacy,
            f"{self.min_exposure_days} days of exposure": self.min_exposure_days != usual.min_exposure_days,
            f"a relapse is {self.after_relapse}": self.after_relapse != usual.after_relapse,
            "judged after the last increase of the dose": self.judge_after_optimisation,
            f"seizures on days of missed doses {self.missed_doses}": self.missed_doses != usual.missed_doses,
            f"status epilepticus {self.status_epilepticus}": self.status_epilepticus != usual.status_epilepticus,
            f"adverse effects {self.effects_asked} asked for": self.effects_asked != usual.effects_asked,
            f"other therapies after {self.settling_days} days": self.settling_days != usual.settling_days,
        }
        return [words for words, differs in changed.items() if differs]

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        relapse = "undetermined" if self.after_relapse == "undetermined" else "category 2"
        return (
            f"Category 1: {self.freedom.label}, and no seizure since; a relapse after it is {relapse}. Category 2: a "
            f"seizure at an adequate dose of a suitable drug that is taken, after at least {self.min_exposure_days} "
            "days at that dose. Category 3: everything else, with its reason."
        )


ILAE_2010_CONTROL = SeizureControl(
    source="Kwan P et al. Epilepsia 2010;51:1069-77 (level 1; letters and minimum data set from memory)"
)
