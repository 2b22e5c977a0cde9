"""Whether a drug treatment was a fair test: the right drug, enough of it, long enough, and taken."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_percentage, check_source, check_whole
from cohort.drugs import (
    ANTIDEPRESSANT_DOSES,
    ANTISEIZURE_CHILDREN,
    ANTISEIZURE_HALF_DDD,
    ANTISEIZURE_SUITABILITY,
    ATHF_DOSES,
    ATRQ_DOSES,
    AUGMENTATION,
    DoseTable,
    SuitabilityTable,
)
from cohort.errors import CriterionError

_CHOICES = {
    "bound": (">=", ">"),
    "clock": ("minimum dose", "first dose"),
    "reduction": ("restarts", "pauses"),
    "combination": ("new drugs", "any drug", "every drug"),
    "seizure_types": ("one", "every"),
    "missing_adherence": ("taken", "undetermined"),
    "missing_age": ("undetermined", "adult"),
}


@dataclass(frozen=True)
class Adequacy:
    """A treatment was adequate: a suitable drug, at or above a minimum dose, for long enough, taken as prescribed.

    Days count from the first day on which the dose is at or above the minimum and has settled: titration never counts,
    and a fall below the minimum starts the count anew. "not met" says why, and none of the reasons is a failure of the
    drug: it is no drug, it does not suit, the dose was too low, it was stopped for intolerance before it was adequate,
    it was not taken, or not taken for long enough. A course that goes on and may still get there is undetermined.

    Doses are those of DOSES, each until the drug's next record or its stop, else the constant one of the treatment;
    before a drug's first record in DOSES the constant one holds. Children (below `adult_from` at the treatment's start)
    are never judged by the adults' doses.

    Missing records: a missing dose, a drug that is not in the table, a missing age or weight leave the verdict
    undetermined, but only where they could change it: a dose above what would be asked at any age needs no age. A
    missing half-life is a settling time of zero. Suitability that is not known leaves the verdict undetermined.

    Attributes:
        doses: Minimum doses of adults.
        children: Minimum doses of children; None where there is no rule for them: they are undetermined.
        suitability: Which drug suits whom; None does not ask.
        min_days: How many days at the dose make the treatment adequate (a drug's own number in the table goes first).
        min_adherence: The percentage of the doses, weighted by days, that must have been taken; of several drugs that
            are judged, of each.
        missing_adherence: Whether doses without a record of adherence were "taken" or leave the verdict "undetermined"
            (a convention).
        missing_age: Whether a subject without an age is an "adult" or "undetermined" (a convention).
        half_lives: How many half-lives a dose takes to settle once the minimum is reached; 0 or 5 (a convention).
        bound: ">=" counts days at exactly the minimum dose, ">" does not (both are in use).
        clock: Whether days count from the "minimum dose" on, or, where it is reached at all, from the "first dose", so
            that titration does count (a convention; some histories tell no more).
        reduction: Whether a fall below the minimum "restarts" the count, or "pauses" it (a convention).
        combination: Of a combination, judge the "new drugs" (those that the previous treatment did not hold; all of
            them where none is new), "any drug" (one adequate drug suffices) or "every drug" (a convention).
        seizure_types: Whether the drug must suit "one" of the subject's seizure types and aggravate none, or "every"
            one (a convention).
        adult_from: The age in years from which the adults' doses hold.
        age: The covariate with the age in years on day 0; a treatment begun before birth has no recorded age.
        weight: The covariate with the weight in kg; one of 0 or less was not recorded.
        syndrome: The covariate with the syndrome.
        epilepsy_type: The covariate with the type of epilepsy, focal or generalized.
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"min_days": "fewer", "min_adherence": "fewer", "half_lives": "fewer"}

    doses: DoseTable
    children: DoseTable | None = None
    suitability: SuitabilityTable | None = None
    min_days: int = 42
    min_adherence: int = 80
    missing_adherence: Literal["taken", "undetermined"] = "taken"
    missing_age: Literal["undetermined", "adult"] = "undetermined"
    half_lives: int = 0
    bound: Literal[">=", ">"] = ">="
    clock: Literal["minimum dose", "first dose"] = "minimum dose"
    reduction: Literal["restarts", "pauses"] = "restarts"
    combination: Literal["new drugs", "any drug", "every drug"] = "new drugs"
    seizure_types: Literal["one", "every"] = "one"
    adult_from: int = 18
    age: str = "age"
    weight: str = "weight"
    syndrome: str = "syndrome"
    epilepsy_type: str = "epilepsy_type"
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(min_days=self.min_days, min_adherence=self.min_adherence, half_lives=self.half_lives)
        check_percentage("min_adherence", self.min_adherence)
        if min(self.min_days, self.half_lives, self.adult_from) < 0:
            raise CriterionError("min_days, half_lives and adult_from are at least 0")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise CriterionError(f"{name} is one of {choices}, not {getattr(self, name)!r}")
        for name, kind in (("doses", DoseTable), ("children", DoseTable), ("suitability", SuitabilityTable)):
            value = getattr(self, name)
            if not (isinstance(value, kind) or (value is None and name != "doses")):
                raise CriterionError(f"{name} is a {kind.__name__} (read your own with .read(path)), not {value!r}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        parts = [f"adequate treatment ({self.doses.name}, {self.min_days} days)"]
        parts += [self.children.name] if self.children else []
        parts += [self.suitability.name] if self.suitability else []
        parts += [f"{self.half_lives} half-lives to settle"] if self.half_lives else []
        return ", ".join([*parts, *self._unusual()])

    def _unusual(self) -> list[str]:
        words = {
            "min_adherence": f"adherence {self.min_adherence}%",
            "missing_adherence": "adherence must be recorded",
            "missing_age": "adults where no age is recorded",
            "bound": "above the minimum dose",
            "clock": "days since the first dose",
            "reduction": "a lower dose pauses the count",
            "combination": f"{self.combination} of a combination",
            "seizure_types": "every seizure type suited",
            "adult_from": f"adults from {self.adult_from} years",
        }
        names = ("age", "weight", "syndrome", "epilepsy_type")
        words |= {name: f"{name.replace('_', ' ')} is {getattr(self, name)!r}" for name in names}
        usual = {field.name: field.default for field in fields(self)}
        return [text for name, text in words.items() if getattr(self, name) != usual[name]]

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        dose = "at or above" if self.bound == ">=" else "above"
        settled = f", from {self.half_lives} half-lives after it was reached" if self.half_lives else ""
        children = f" ({self.children.name} below {self.adult_from} years)" if self.children else ""
        suited = " that suits the subject's epilepsy" if self.suitability else ""
        count = "" if self.reduction == "pauses" else " in a row"
        since = " counted from its first day, in the end" if self.clock == "first dose" else ""
        return (
            f"A drug{suited}, taken for at least {self.min_days} days{count}{since} {dose} the minimum dose "
            f"({self.doses.name}){children}{settled}, with at least {self.min_adherence} percent of the doses taken."
        )


ANTISEIZURE_ADEQUACY = Adequacy(
    ANTISEIZURE_HALF_DDD,
    ANTISEIZURE_CHILDREN,
    ANTISEIZURE_SUITABILITY,
    min_days=28,
    half_lives=5,
    source="Kwan P et al. Epilepsia 2010;51:1069-77 (appropriate, adequate, tolerated); half of the DDD as in cohort "
    "studies; 28 days and 5 half-lives are conventions",
)
ANTIDEPRESSANT_ADEQUACY = Adequacy(
    ANTIDEPRESSANT_DOSES,
    min_days=42,
    source="Six to eight weeks at an adequate dose, 80 percent of it taken: usual wording of treatment resistance",
)
ATRQ_ADEQUACY = Adequacy(
    ATRQ_DOSES, min_days=42, source="MGH Antidepressant Treatment Response Questionnaire (doses from memory), 6 weeks"
)
ATHF_ADEQUACY = Adequacy(
    ATHF_DOSES,
    min_days=29,
    source="Antidepressant Treatment History Form, rating 3 or higher (doses from memory), more than 4 weeks",
)
AUGMENTATION_ADEQUACY = Adequacy(
    AUGMENTATION, min_days=28, source="Three to four weeks beside an antidepressant; from memory, not confirmed"
)
