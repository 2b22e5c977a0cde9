"""Scores that say when antibodies are worth looking for; never that an antibody is the cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, get_args

from cohort.criteria.candidacy import NotRecorded, check_criterion
from cohort.criteria.criterion import Criterion, Moves
from cohort.criteria.soundness import check_choice, check_source, check_whole
from cohort.criteria.wording import unusual
from cohort.errors import CriterionError


@dataclass(frozen=True)
class ScoreItem:
    """One item of a score: a finding (or a covariate of that name) that is answered yes or no.

    Attributes:
        finding: The name.
        points: What it counts when it is present.
        group: Items of one group count once, with the most points.
    """

    finding: str
    points: int
    group: str = ""

    def __post_init__(self) -> None:
        check_whole(points=self.points)
        if not self.finding or self.points < 1:
            raise CriterionError("an item of a score has a name and at least 1 point")


REFRACTORY = "refractory to two drugs"
_APE2_ITEMS = (
    ScoreItem("onset within a year or rapidly progressive", 1),
    ScoreItem("neuropsychiatric change", 1),
    ScoreItem("autonomic dysfunction", 1),
    ScoreItem("viral prodrome", 2),
    ScoreItem("faciobrachial dystonic seizures", 3, "face"),
    ScoreItem("facial dyskinesia", 2, "face"),
    ScoreItem(REFRACTORY, 2),
    ScoreItem("inflammatory CSF", 2),
    ScoreItem("encephalitis on MRI", 2),
    ScoreItem("cancer within five years", 2),
)
_APE_ITEMS = tuple(
    ScoreItem(item.finding, 2, item.group) if item.finding == "faciobrachial dystonic seizures" else item
    for item in _APE2_ITEMS
)
_RITE2_ITEMS = (
    *_APE2_ITEMS,
    ScoreItem("immunotherapy within six months of onset", 2),
    ScoreItem("antibody against the cell surface", 2),
)
_ITEMS = {"APE2": _APE2_ITEMS, "APE": _APE_ITEMS, "RITE2": _RITE2_ITEMS}


@dataclass(frozen=True)
class AntibodyScore:
    """Points of features that make an autoimmune cause likely enough to look for antibodies.

    Circular where it is used to predict resistance: an item, two points of the four needed, is that two drugs have
    failed. A high score is a reason to test, and no diagnosis; nor is an antibody (a low titre least of all).

    An item is present from the first day on which it was recorded as present, and stays so; it is absent where it was
    recorded as absent and never as present. Faciobrachial dystonic seizures and facial dyskinesias count once.

    Missing records: a missing item leaves the verdict undetermined, unless the items known to be present suffice, or
    all that is missing would not. Recorded is what FINDINGS or a covariate of the item's name says (yes, present,
    positive, a number above 0; no, absent, negative, 0); a covariate is taken to be known on day 0.

    Attributes:
        name: The score's name.
        at_least: From how many points on it is met.
        items: The items.
        resistance: Which criterion says that two drugs have failed; None where it is recorded like the other items.
        not_recorded: What an item is that nobody recorded: many who use a score count it as absent (a convention).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"at_least": "fewer"}

    name: str = "APE2"
    at_least: int = 4
    items: tuple[ScoreItem, ...] = _APE2_ITEMS
    resistance: Criterion | None = None
    not_recorded: NotRecorded = "undetermined"
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(at_least=self.at_least)
        check_choice("not_recorded", self.not_recorded, get_args(NotRecorded))
        if not 1 <= self.at_least <= self.most:
            raise CriterionError(f"{self.name} reaches {self.most} points; at_least lies between 1 and that")
        names = [item.finding for item in self.items]
        if len(set(names)) < len(names):
            raise CriterionError(f"an item stands twice in {self.name}: {names}")
        if self.resistance is not None:
            check_criterion(self.resistance)
            if REFRACTORY not in names:
                raise CriterionError(f"{self.name} has no item {REFRACTORY!r} that resistance could answer")

    @property
    def most(self) -> int:
        """The most points that can be reached."""
        alone = sum(item.points for item in self.items if not item.group)
        groups = {item.group for item in self.items if item.group}
        return alone + sum(max(item.points for item in self.items if item.group == group) for group in groups)

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        parts = [f"{self.name} of {self.at_least} or more"]
        if self.items != _ITEMS.get(self.name):
            parts.append(" and ".join(f"{item.finding} {item.points}{item.group}" for item in self.items))
        if self.resistance is not None:
            parts.append(f"two drugs by {self.resistance.label}")
        if self.not_recorded == "absent":
            parts.append("what is not recorded is absent")
        return ", ".join(parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        told = "; ".join(f"{item.finding} {item.points}" for item in self.items)
        return f"At least {self.at_least} of {self.most} points: {told}."


APE2 = AntibodyScore(source="Dubey D et al. Epilepsia 2017;58:1181-9 and 2018 (Mayo Clinic), as reprinted; >= 4 points")
APE = AntibodyScore(
    name="APE",
    items=_APE_ITEMS,
    source="Dubey D et al. JAMA Neurol 2017;74:397-402 (items from memory; 387 subjects: sensitivity 97.7, specificity "
    "77.9 percent)",
)
RITE2 = AntibodyScore(
    name="RITE2",
    at_least=7,
    items=_RITE2_ITEMS,
    source="Dubey D et al. Epilepsia 2017;58:1181-9 (response to immunotherapy; items and cut from memory)",
)


@dataclass(frozen=True)
class ImmuneWorkup:
    """Whether to look for antibodies: new focal seizures with a sign of an immune cause, and the score high enough.

    An antibody alone never meets it, and a score alone neither: the clinical pattern comes first. What comes of
    immunotherapy is described as an exposure; no pooled effect of it is known.

    Missing records: a question that nobody answered leaves it undetermined, unless another answer decides: no new focal
    seizures, all signs absent, or a score that is too low.

    Attributes:
        seizures: The finding of new focal seizures.
        signs: The findings of which one must be present.
        score: The score that must be met.
        not_recorded: What a finding of the pattern is that nobody recorded (a convention).
        source: Who proposed it.
    """

    moves: ClassVar[Moves] = {}

    seizures: str = "new focal seizures"
    signs: tuple[str, ...] = (
        "neuropsychiatric change",
        "inflammatory CSF",
        "encephalitis on MRI",
        "systemic autoimmunity",
    )
    score: AntibodyScore = APE2
    not_recorded: NotRecorded = "undetermined"
    source: str = "Convention of this package, after a review of autoimmune epilepsy"

    def __post_init__(self) -> None:
        check_source(self.source)
        check_choice("not_recorded", self.not_recorded, get_args(NotRecorded))
        if not isinstance(self.score, AntibodyScore):
            raise CriterionError(f"score is an AntibodyScore, not {self.score!r}")
        if isinstance(self.signs, str) or not self.signs:
            raise CriterionError(f"signs are findings in a tuple, not {self.signs!r}")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; what is unusual is named."""
        return f"antibodies worth looking for{unusual(self, type(self)())}"

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return f"{self.seizures.capitalize()} with {' or '.join(self.signs)}, and {self.score.label}."


IMMUNE_WORKUP = ImmuneWorkup()
