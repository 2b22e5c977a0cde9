"""What may go on in a study of depression beside the scores: who enters, who responds how, who stops treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cohort.scales import HAMD17
from synthetic_data.soundness import chance, demand, finite, lengths, span

Row = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class ResponseClass:
    """A kind of subject: how its course differs from the arm's means.

    Attributes:
        name: The class's name, which stands in what is latent.
        shares: Share of the subjects of the control arm and of the other arm, before selection at entry.
        shift: Points added to the arm's latent means, by visit, baseline first.
    """

    name: str
    shares: tuple[float, float]
    shift: Row

    def __post_init__(self) -> None:
        lengths(f"shares of {self.name}", self.shares, 2, "one for each arm")
        for share in self.shares:
            chance(f"share of {self.name}", share)
        finite(f"shift of {self.name}", self.shift)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A lowest score at entry, and raters who help a subject over it.

    Whoever is rated below `score` at baseline is not enrolled, and another subject is drawn: the baseline scores of the
    enrolled are high in part by chance, and fall later without any treatment (regression to the mean). Of those up to
    `reach` points below, a share `inflation` is enrolled with a recorded baseline raised to `score`; their later
    scores are not raised. It leaves a spike at the threshold and a fall that is no improvement.

    Attributes:
        score: Lowest recorded baseline score of those who enter.
        inflation: Share of those shortly below it whose baseline is raised to it.
        reach: How many points below `score` that happens.
    """

    score: int
    inflation: float = 0.0
    reach: int = 3

    def __post_init__(self) -> None:
        for name, low in (("score", 0), ("reach", 1)):
            value = getattr(self, name)
            sound = isinstance(value, int) and low <= value <= HAMD17.high
            demand(sound, f"{name} is {value!r}; expected a whole number from {low} to {HAMD17.high:g}")
        chance("inflation", self.inflation)


@dataclass(frozen=True, kw_only=True)
class Stopping:
    """Stopping the study treatment, which is not the same as leaving the study.

    Between two visits a subject still on treatment stops for intolerance with a chance given by arm and visit, usually
    early; if not, for inefficacy with logit(chance) = the visit's intercept - `slope` * (baseline score - last score
    rated). A share `stays` of those who stop goes on to be rated; the others leave the study with the treatment. Off
    treatment the scores of the treated arm lose the share `effect_lost` of the drug's effect: of the difference
    between the arms' latent mean changes from baseline at that visit. The control arm loses nothing.

    Attributes:
        intolerance: Chance of stopping for intolerance, by arm and visit after baseline.
        intercepts: Of stopping for inefficacy, for each visit after baseline; `-math.inf` where nobody stops.
        slope: Per point of improvement so far.
        stays: Share of those who stop who go on to be rated.
        effect_lost: 0 where the effect lasts, 1 where it is gone by the next visit.
    """

    intolerance: tuple[Row, Row]
    intercepts: Row
    slope: float = 0.1
    stays: float = 0.0
    effect_lost: float = 1.0

    def __post_init__(self) -> None:
        lengths("intolerance", self.intolerance, 2, "one row for each arm")
        for value in (*self.intolerance[0], *self.intolerance[1]):
            chance("intolerance", value)
        log_odds("intercepts of stopping", self.intercepts)
        finite("slope of stopping", [self.slope])
        chance("stays", self.stays)
        chance("effect_lost", self.effect_lost)


@dataclass(frozen=True, kw_only=True)
class Dosing:
    """What the treated arm takes; the control arm takes a placebo without a dose.

    Attributes:
        drug: Its name.
        starting_dose: mg a day from day 0.
        daily_dose: mg a day from `titration_day` on; DOSES are written where it differs from the starting dose.
        titration_day: First day of the full dose.
        adherence: Lowest and highest share of doses taken; each subject's own is uniform between them.
    """

    drug: str
    starting_dose: float
    daily_dose: float
    titration_day: int = 7
    adherence: tuple[float, float] = (0.85, 1.0)

    def __post_init__(self) -> None:
        finite("doses", [self.starting_dose, self.daily_dose])
        demand(
            0 < self.starting_dose <= self.daily_dose,
            f"doses are {self.starting_dose} and {self.daily_dose} mg; expected 0 < first <= second",
        )
        demand(self.titration_day >= 1, f"titration_day is {self.titration_day}; expected 1 or more")
        span("adherence", self.adherence, 0, 1)

    @property
    def titrated(self) -> bool:
        """Whether the dose changes."""
        return self.starting_dose != self.daily_dose


def log_odds(name: str, values: Sequence[float]) -> None:
    """Refuse log odds that are neither finite nor minus infinity (a chance of 0)."""
    finite(f"{name} (-inf apart)", [value for value in values if value != float("-inf")])


def check_classes(classes: tuple[ResponseClass, ...], visits: int) -> None:
    """Refuse classes that share a name, do not add up to everybody, or have another number of visits."""
    if not classes:
        return
    names = [one.name for one in classes]
    demand(len(set(names)) == len(names), f"a class is named twice among {names}")
    for one in classes:
        lengths(f"shift of {one.name}", one.shift, visits, "one for each visit")
    for place, arm in enumerate(("control", "other")):
        total = sum(one.shares[place] for one in classes)
        demand(abs(total - 1) < 1e-9, f"shares of the classes add up to {total:g} in the {arm} arm; expected 1")


def check_stopping(stopping: Stopping | None, visits: int) -> None:
    """Refuse chances of stopping for another number of visits."""
    if stopping is None:
        return
    for row in (*stopping.intolerance, stopping.intercepts):
        lengths("a row of stopping", row, visits - 1, "one for each visit after baseline")
