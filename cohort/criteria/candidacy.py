"""Which therapy beyond drugs a resistant epilepsy points to, and when the subject was referred for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self, get_args

from cohort.criteria.criterion import Criterion, Moves
from cohort.criteria.resistance import ILAE_2010_RESISTANCE
from cohort.criteria.soundness import check_choice, check_source, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError, some

NotRecorded = Literal["absent", "undetermined"]

# The ways in the order in which the path comes to them.
WAYS = (
    "continue drug therapy",
    "evaluate",
    "resection",
    "hemispherotomy",
    "callosotomy, diet or stimulation",
    "ketogenic diet",
    "diet or stimulation",
)


@dataclass(frozen=True)
class Candidacy:
    """The way that the guidance points to, question by question; the first that is answered yes decides.

    1. Not resistant to drugs: "continue drug therapy", the only "not met". 2. The network of the seizures not known:
    "evaluate". 3. One concordant focus that can be resected: "resection". 4. One hemisphere, catastrophic and
    unilateral: "hemispherotomy". 5. Injurious drop seizures: "callosotomy, diet or stimulation", palliative. 6. A
    developmental and epileptic encephalopathy: "ketogenic diet". 7. Else (generalized, without a lesion, multifocal, or
    not to be resected): "diet or stimulation". Who is resistant is to be referred to a comprehensive centre whatever
    the way, on the day that resistance is established (`Referral`).

    Resection is never the way in a generalized epilepsy: where the epilepsy type says so, question 3 is answered no
    whatever EEG and MRI say. Antibodies have no part in it (`ImmuneWorkup` is the branch that asks for them). Of each
    finding the latest recorded answer counts, so the way may change; the day is the one since which it has stood.

    The synthesis guides a discussion, and says nothing of how well a therapy works.

    Missing records: resistance undetermined, or no result of the network: undetermined. A hemisphere, drops or syndrome
    that nobody recorded count as absent, or leave the later questions undetermined, as `not_recorded` says. A missing
    epilepsy type forbids nothing.

    Attributes:
        resistance: When the epilepsy is resistant to drugs.
        network: The finding whose result says where seizures begin.
        resectable: Its results that mean one concordant focus that can be resected.
        other_networks: Its other results that mean something; another one is an error, not a guess.
        unknown_networks: Its results that mean that nothing is known.
        hemisphere: The finding (yes or no) of a catastrophic epilepsy of one hemisphere.
        hemispheric_syndromes: Syndromes that mean the same.
        drops: The finding (yes or no) of injurious generalized or atonic drop seizures.
        encephalopathies: The syndromes of question 6.
        not_recorded: What a hemisphere, drops or syndrome is that nobody recorded (a convention).
        syndrome: The covariate that names the syndrome.
        epilepsy_type: The covariate that says focal or generalized.
        source: Who proposed it.
    """

    moves: ClassVar[Moves] = {}

    resistance: Criterion = ILAE_2010_RESISTANCE
    network: str = "EEG and MRI"
    resectable: tuple[str, ...] = ("focal concordant lesion", "focal, concordant and resectable")
    other_networks: tuple[str, ...] = ("focal, not resectable", "focal, no lesion", "multifocal", "generalized")
    unknown_networks: tuple[str, ...] = ("unknown", "inconclusive")
    hemisphere: str = "one hemisphere"
    hemispheric_syndromes: tuple[str, ...] = ("Rasmussen encephalitis", "hemimegalencephaly")
    drops: str = "injurious drop seizures"
    encephalopathies: tuple[str, ...] = (
        "infantile spasms",
        "infantile epileptic spasms syndrome",
        "West syndrome",
        "Lennox-Gastaut syndrome",
        "Dravet syndrome",
        "developmental and epileptic encephalopathy",
    )
    not_recorded: NotRecorded = "absent"
    syndrome: str = "syndrome"
    epilepsy_type: str = "epilepsy_type"
    source: str = "Convention of this package, after a synthesis of guidance on resistant epilepsy in childhood"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_criterion(self.resistance)
        check_choice("not_recorded", self.not_recorded, get_args(NotRecorded))
        if len({name.lower() for name in self.networks}) < len(self.networks):
            raise CriterionError(
                f"a result of {self.network} means one thing, and one of these stands twice: {some(self.networks, 20)}"
            )
        if len({self.network, self.hemisphere, self.drops}) < 3:
            raise CriterionError("network, hemisphere and drops are three findings, each with its own name")

    @property
    def networks(self) -> tuple[str, ...]:
        """All results of the network that are known to the rule."""
        return (*self.resectable, *self.other_networks, *self.unknown_networks)

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"candidate for a therapy beyond drugs{unusual(self, type(self)())}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            "Resistant to drugs, and the network of the seizures known: resection of one concordant focus, never in a "
            "generalized epilepsy; else hemispherotomy, callosotomy, ketogenic diet or stimulation, by hemisphere, "
            "drop seizures and syndrome."
        )


@dataclass(frozen=True)
class Referral:
    """Referred to a comprehensive centre within some days of the day on which resistance was established.

    Guidance asks for the referral on that day; how many days later is late is a convention, so the criterion has none
    until `within` names it. `time_to` turns it into the time from resistance to referral: the first referral on or
    after the day of resistance is the event, and who was never referred is censored at the end of follow-up.

    Missing records: no referral recorded means not referred so far, in a study that records any; so follow-up that ends
    before the day asked for leaves it undetermined, as does resistance that is undetermined. Who is not resistant does
    not meet it.

    Attributes:
        days: How many days after resistance; None until `within` names it.
        resistance: When the epilepsy is resistant to drugs.
        finding: The finding that records a referral; a result of "no", or a value of 0, is none.
        earlier: Whether a referral before the day of resistance is "passed over", or "counts" as one on that day (a
            convention).
        source: Who asks for it.
    """

    moves: ClassVar[Moves] = {"days": "more"}

    days: int | None = None
    resistance: Criterion = ILAE_2010_RESISTANCE
    finding: str = "referral"
    earlier: Literal["passed over", "counts"] = "passed over"
    source: str = (
        "Convention of this package, after guidance on resistant epilepsy in childhood: refer when it is established"
    )

    def __post_init__(self) -> None:
        check_source(self.source)
        check_criterion(self.resistance)
        check_choice("earlier", self.earlier, ("passed over", "counts"))
        check_whole(days=self.days or 0)
        if self.days is not None and self.days < 0:
            raise CriterionError("days are at least 0")

    def within(self, days: int) -> Self:
        """Return the criterion with the days after resistance that are not late."""
        return replace(self, days=days)

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        when = "" if self.days is None else f" within {self.days} days"
        return f"referred after resistance{when}{unusual(replace(self, days=None), type(self)())}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        when = "once" if self.days is None else f"within {self.days} days of the day on which"
        return f"Referred to a comprehensive centre {when} the epilepsy was established to be resistant to drugs."


def check_criterion(criterion: object) -> None:
    """Refuse what is no criterion where one is needed.

    Raises:
        CriterionError: It is none.
    """
    if not all(hasattr(criterion, name) for name in ("label", "definition", "source", "moves")):
        raise CriterionError(f"resistance is a criterion, not {criterion!r}")


CANDIDACY = Candidacy()
REFERRAL = Referral()
