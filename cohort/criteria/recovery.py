"""What follows remission: recovery, relapse before it, recurrence after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cohort.criteria.criterion import Moves
from cohort.criteria.soundness import check_number, check_source, check_whole
from cohort.criteria.sustained import FRANK_1991_REMISSION, HAMD17_SUSTAINED_REMISSION, SustainedRemission
from cohort.errors import CriterionError
from cohort.scales import scale


@dataclass(frozen=True)
class AfterRemission:
    """What recovery, relapse and recurrence share.

    The episode has returned at a score of `full_score` or more that is confirmed: the next rating reaches it too, or
    one within `confirm_days`. The day on which that is known, the confirming rating's, is the day of the verdict.
    """

    remission: SustainedRemission
    full_score: float
    recovery_days: int | None
    source: str
    kept: Literal["without return", "in remission"] = "without return"
    confirm_days: int | None = 14

    def __post_init__(self) -> None:
        check_source(self.source)
        check_whole(recovery_days=self.recovery_days or 0, confirm_days=self.confirm_days or 0)
        if not isinstance(self.remission, SustainedRemission):
            raise CriterionError(f"remission is a SustainedRemission, not {self.remission!r}")
        high = scale(self.scale).high
        check_number(full_score=self.full_score)
        if not self.remission.threshold < self.full_score <= high:
            raise CriterionError(
                f"full_score lies above remission ({self.remission.threshold:g}) and up to {high:g}, not at "
                f"{self.full_score:g}"
            )
        if self.kept not in ("without return", "in remission"):
            raise CriterionError(f"until recovery one stays 'without return' or 'in remission', not {self.kept!r}")
        if (self.recovery_days is not None and self.recovery_days < 1) or (self.confirm_days or 0) < 0:
            raise CriterionError("recovery_days is at least 1, confirm_days at least 0")

    @property
    def scale(self) -> str:
        """The scale's name."""
        return self.remission.scale

    @property
    def returned(self) -> str:
        """What counts as the episode's return, in words."""
        confirmed = (
            "" if self.confirm_days is None else f", confirmed at the next visit or within {self.confirm_days} days"
        )
        return f"{self.scale} >= {self.full_score:g}{confirmed}"

    @property
    def recovered(self) -> str:
        """What counts as recovery, in words; empty where there is none."""
        return "" if self.recovery_days is None else f"{self.recovery_days} days {self.kept}"

    @property
    def _until(self) -> str:
        steady = "every rating in remission" if self.kept == "in remission" else "no return"
        return f"{self.recovery_days} days from the onset of remission with {steady}"

    @property
    def _terms(self) -> str:
        return f"remission is {self.remission.run}; a return is {self.returned}"

    def _label(self, what: str) -> str:
        recovery = f"; recovery: {self.recovered}" if self.recovery_days else ""
        return f"{what} (return: {self.returned}; remission: {self.remission.run}{recovery})"


@dataclass(frozen=True)
class Recovery(AfterRemission):
    """Remission that has lasted so long that the episode is over.

    The clock starts with the first rating of the remission (its onset), once remission is established; the day of the
    verdict is that of the first rating with which the days are complete, never the onset. With `kept` "without return"
    a score between remission and the full episode loses nothing, as the ACNP has it (only a relapse ends a remission);
    the completing rating may then be any that is below `full_score` and follows no full score by `confirm_days` or
    fewer. With "in remission" every rating must be in remission.

    A missing rating (no record, or a null score) does no harm as long as no two ratings are further apart than the
    remission's `max_gap_days`; beyond that remission must be established anew. The verdict is undetermined without a
    rating after baseline, and where recovery was not seen and a remission, or a run that might become one, was not seen
    to end, because the ratings stop or the next one comes too late.

    Attributes:
        remission: What remission is, and how far apart ratings may be.
        full_score: The lowest score of the full episode.
        recovery_days: How long the remission must last, from its onset.
        source: Who defined it.
        kept: What must hold until then: "without return" of the full episode, or "in remission" at every rating.
        confirm_days: A full score counts where the next rating is one too, or one within so many days (a convention);
            None takes every full score.
    """

    moves: ClassVar[Moves] = {"recovery_days": "fewer", "full_score": "more", "confirm_days": "fewer"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.recovery_days is None:
            raise CriterionError("a recovery names its recovery_days")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return self._label("recovery")

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"{self._until} ({self._terms}); undetermined where that was not seen and a remission, or a run that might "
            "become one, was not seen to end."
        )


@dataclass(frozen=True)
class Relapse(AfterRemission):
    """The full episode returns after remission and before recovery.

    The verdict speaks of the days that were followed: "not met" is no return that was seen, however early follow-up
    ended, and nobody relapses who was never in remission ("no remission before"). Shares of it need those in remission
    as denominator; `time_to` counts time from remission and censors at the last rating or at recovery.

    A missing rating is neither a relapse nor its confirmation, and what a gap hides is not seen. The verdict is
    undetermined without a rating after baseline; where the last rating is a full score that nothing confirms yet; and
    where a full score came back, and the ratings before it were so far apart (`max_gap_days` of the remission) that it
    cannot be told whether remission had been reached, or recovery.

    Attributes:
        remission: What remission is, and how far apart ratings may be.
        full_score: The lowest score of the full episode.
        recovery_days: How long a remission lasts until recovery, from its onset; None knows no recovery, so that every
            return is a relapse.
        source: Who defined it.
        kept: What must hold until recovery: "without return" of the full episode, or "in remission" at every rating.
        confirm_days: A full score counts where the next rating is one too, or one within so many days (a convention);
            None takes every full score.
    """

    moves: ClassVar[Moves] = {"full_score": "fewer", "confirm_days": "more", "recovery_days": "more"}

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return self._label("relapse")

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        before = f" and before recovery, {self._until}" if self.recovery_days else ""
        return (
            f"A return after remission{before} ({self._terms}); undetermined where a last full score is not confirmed "
            "or gaps hide what went before it."
        )


@dataclass(frozen=True)
class Recurrence(AfterRemission):
    """A new episode: the full episode returns after recovery.

    Like `Relapse`, it speaks of the days that were followed; nobody who has not recovered has a recurrence ("no
    recovery before").

    A missing rating is neither a recurrence nor its confirmation. The verdict is undetermined without a rating after
    baseline; where the last rating is a full score after recovery that nothing confirms yet; and where a full score
    came back, and the ratings before it were so far apart that it cannot be told whether recovery had been reached.

    Attributes:
        remission: What remission is, and how far apart ratings may be.
        full_score: The lowest score of the full episode.
        recovery_days: How long a remission lasts until recovery, from its onset.
        source: Who defined it.
        kept: What must hold until recovery: "without return" of the full episode, or "in remission" at every rating.
        confirm_days: A full score counts where the next rating is one too, or one within so many days (a convention);
            None takes every full score.
    """

    moves: ClassVar[Moves] = {"recovery_days": "fewer"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.recovery_days is None:
            raise CriterionError("a recurrence follows a recovery; name its recovery_days")

    @property
    def label(self) -> str:
        """The criterion in a few words, as it stands in OUTCOMES."""
        return self._label("recurrence")

    @property
    def definition(self) -> str:
        """The rule in a sentence."""
        return (
            f"A return after recovery, {self._until} ({self._terms}); undetermined where a last full score is not "
            "confirmed or gaps hide what went before it."
        )


_FRANK = "Frank E et al. Arch Gen Psychiatry 1991;48:851-5 (six months of remission; 15 and two weeks from memory)"
_ACNP = (
    "ACNP, Rush AJ et al. Neuropsychopharmacology 2006;31:1841-53 (four months after the onset of remission, lost by "
    "relapse alone); its symptoms are approximated by a total, 14 is STAR*D's"
)
_MONTHS_4, _MONTHS_6 = 122, 183  # calendar months, rounded up

FRANK_1991_RECOVERY = Recovery(FRANK_1991_REMISSION, 15, _MONTHS_6, _FRANK, "in remission")
FRANK_1991_RELAPSE = Relapse(FRANK_1991_REMISSION, 15, _MONTHS_6, _FRANK, "in remission")
FRANK_1991_RECURRENCE = Recurrence(FRANK_1991_REMISSION, 15, _MONTHS_6, _FRANK, "in remission")
ACNP_2006_RECOVERY = Recovery(HAMD17_SUSTAINED_REMISSION, 14, _MONTHS_4, _ACNP)
ACNP_2006_RECURRENCE = Recurrence(HAMD17_SUSTAINED_REMISSION, 14, _MONTHS_4, _ACNP)
HAMD17_RELAPSE = Relapse(
    HAMD17_SUSTAINED_REMISSION,
    14,
    _MONTHS_4,
    "Convention of this package: 14 as in STAR*D's follow-up, confirmed, before the ACNP's recovery",
)
# One self-rating in remission at the start of follow-up, one full score after it: no run and no confirmation.
STARD_RELAPSE_QIDS = Relapse(
    SustainedRemission("QIDS-SR16", 5, "STAR*D", visits=1, days=0),
    11,
    None,
    "STAR*D, Rush AJ et al. Am J Psychiatry 2006;163:1905-17 (QIDS-SR16 of at least 11 during follow-up)",
    confirm_days=None,
)
