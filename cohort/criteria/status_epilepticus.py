"""Status epilepticus: an emergency of minutes and hours, an event of its own beside the seizures of a diary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_part, check_source
from cohort.errors import CriterionError


@dataclass(frozen=True)
class StatusEpilepticus:
    """An episode of status epilepticus: a seizure that lasted beyond the time at which treatment must begin.

    Resistance to drugs is a matter of months and years; a refractory status is one of hours, and neither implies the
    other. `status_epilepticus` lists the episodes; `with_status_as_one_seizure` makes one seizure of each for the
    rules that count seizures.

    The episodes are those of EPISODES that bear one of the names, in any case of letters; episodes of a subject that
    overlap are one, with the graver name. How refractory one was is told by its name alone, never from the courses in
    TREATMENTS; a refractory one lasted beyond both times, since it went on under two intravenous drugs.

    Missing records: an episode without a recorded end, or recorded by whole days that begin and end on one day, has no
    known duration, and one of unknown kind is compared with both times and decided where they agree; otherwise the
    verdict is undetermined, unless another episode decides. A subject without an episode is "not met" as far as it was
    followed, and undetermined where nothing of it was recorded.

    Attributes:
        convulsive: The names of episodes with tonic-clonic seizures.
        focal: The names of focal ones.
        other: The names of those whose kind is not told.
        refractory: The names of refractory ones: gone on under two suitable intravenous drugs, one a benzodiazepine
            (some ask for three).
        super_refractory: The names of those that went on or came back 24 hours or more after anaesthesia began (the 24
            hours are from memory).
        t1_convulsive: Minutes after which a convulsive seizure is a status, to be treated.
        t1_focal: The same of a focal one.
        t2_convulsive: Minutes after which a convulsive one may do lasting damage (from memory).
        t2_focal: The same of a focal one (from memory).
        source: Who defined it.
    """

    moves: ClassVar[Moves] = {"t1_convulsive": "fewer", "t1_focal": "fewer"}

    convulsive: tuple[str, ...] = ("convulsive status epilepticus", "tonic-clonic status epilepticus")
    focal: tuple[str, ...] = ("focal status epilepticus",)
    other: tuple[str, ...] = ("status epilepticus", "nonconvulsive status epilepticus")
    refractory: tuple[str, ...] = ("refractory status epilepticus",)
    super_refractory: tuple[str, ...] = ("super-refractory status epilepticus",)
    t1_convulsive: float = 5
    t1_focal: float = 10
    t2_convulsive: float = 30
    t2_focal: float = 60
    source: str = ""

    def __post_init__(self) -> None:
        check_source(self.source)
        for kind in ("convulsive", "focal", "other", "refractory", "super_refractory"):
            check_part(kind, getattr(self, kind), tuple)
        if len(set(self.names)) < len(self.names):
            raise CriterionError("an episode's name stands for one kind of status epilepticus only")
        for first, second in ((self.t1_convulsive, self.t2_convulsive), (self.t1_focal, self.t2_focal)):
            if not 0 < first <= second:
                raise CriterionError(f"t1 lies above 0 and at or before t2, not {first:g} and {second:g} minutes")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in small letters."""
        each = (*self.convulsive, *self.focal, *self.other, *self.refractory, *self.super_refractory)
        return tuple(name.lower() for name in each)

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES; conventions are named where they are unusual."""
        usual = type(self)
        parts = ["status epilepticus"]
        for name, value in (("t1", (self.t1_convulsive, self.t1_focal)), ("t2", (self.t2_convulsive, self.t2_focal))):
            if value != tuple(getattr(usual, f"{name}_{kind}") for kind in ("convulsive", "focal")):
                parts.append(f"{name} {value[0]:g} minutes convulsive, {value[1]:g} focal")
        for kind in ("convulsive", "focal", "other", "refractory", "super_refractory"):
            if getattr(self, kind) != getattr(usual, kind):
                parts.append(f"{kind.replace('_', '-')}: {' or '.join(getattr(self, kind)) or 'no name'}")
        return ", ".join(parts)

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"An episode of status epilepticus of at least {self.t1_convulsive:g} minutes where it was convulsive, "
            f"{self.t1_focal:g} where it was focal, or a refractory one; "
            f"danger of lasting damage from {self.t2_convulsive:g} and {self.t2_focal:g} minutes."
        )


STATUS_EPILEPTICUS = StatusEpilepticus(
    source="ILAE: Trinka E et al. Epilepsia 2015;56:1515-23 (the citation, and the times after which damage may last, "
    "from memory)"
)
