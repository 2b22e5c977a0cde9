"""What is true of successive treatments: who has which chance, and what takes subjects out of the sequence."""

from __future__ import annotations

from dataclasses import dataclass

from synthetic_data.soundness import chance, demand, finite, lengths
from synthetic_data.succession.frailty import Frailty

Row = tuple[float, ...]

_EXITS = ("intolerance", "inadequate", "other_exit")


@dataclass(frozen=True, kw_only=True)
class RiskFactor:
    """A covariate with two levels that shifts a subject's log odds of remission on every treatment.

    Attributes:
        name: The covariate's name in SUBJECTS.
        levels: The level without the factor, the level with it.
        share: How many have the factor, independently of everything else.
        log_odds: What the factor adds to the log odds of remission.
    """

    name: str
    levels: tuple[str, str]
    share: float
    log_odds: float

    def __post_init__(self) -> None:
        chance(f"share of {self.name}", self.share)
        finite(f"log_odds of {self.name}", [self.log_odds])
        demand(len(set(self.levels)) == 2, f"{self.name} has levels {self.levels}; expected two that differ")


@dataclass(frozen=True, kw_only=True)
class Succession:
    """Successive treatments, each ending in remission, intolerance, failure, no fair test or another exit.

    Of those who start treatment k, whatever their chance, `intolerance[k]` stop because they cannot tolerate it,
    `inadequate[k]` take it in a way that is no fair test (the wrong drug, too low a dose, too short, not taken) and do
    not remit, and `other_exit[k]` leave for good for a reason unrelated to the treatment; the others remit with

        log odds = log odds of the subject's own chance + risk factors + step_log_odds[k] - dependence * m

    where m counts the subject's earlier treatments that failed for inefficacy after a fair test. A treatment that was
    not tolerated or not adequate was never tried out: it changes no chance. Whoever did not remit goes on to treatment
    k + 1 or leaves, with log odds of leaving = log odds of `leaving[k]` + `leaving_slope` * (1/2 - own chance, risk
    factors included).

    Two dials make later treatments succeed less often. Frailty (subjects differ, and the easy cases leave with
    remission) is selection; `dependence` is a failed treatment that makes the next one worse. `step_log_odds` is a
    third, the treatments of a step being weaker or stronger themselves; records alone cannot tell it from
    `dependence`.

    Attributes:
        frailty: How subjects' own chances are distributed: `Beta`, `LogitNormal`, `TwoClasses`.
        steps: How many treatments there are at most.
        dependence: Log odds that one failure for inefficacy takes from every later treatment.
        step_log_odds: Log odds by step; empty where treatments are alike.
        intolerance: Chance of stopping for intolerance, by step.
        inadequate: Chance of a treatment that is no fair test, by step; empty where all are fair.
        other_exit: Chance of leaving during a treatment, by step; empty where nobody does.
        leaving: Chance of not going on after a treatment without remission, for each step but the last; empty where all
            go on.
        leaving_slope: How much likelier subjects with a low chance are to leave, in log odds from a chance of 1 to 0.
        risk_factors: Covariates with an effect.

    Raises:
        TruthError: The parameters contradict each other.
    """

    frailty: Frailty
    steps: int
    dependence: float = 0.0
    step_log_odds: Row = ()
    intolerance: Row = ()
    inadequate: Row = ()
    other_exit: Row = ()
    leaving: Row = ()
    leaving_slope: float = 0.0
    risk_factors: tuple[RiskFactor, ...] = ()

    def __post_init__(self) -> None:
        demand(
            isinstance(self.frailty, Frailty),
            f"frailty is a {type(self.frailty).__name__}; expected Beta, LogitNormal or TwoClasses",
        )
        demand(self.steps >= 1, f"steps is {self.steps}; expected 1 or more")
        finite("dependence and leaving_slope", [self.dependence, self.leaving_slope])
        for name, wanted in (*((name, 0) for name in ("step_log_odds", *_EXITS)), ("leaving", 1)):
            row = getattr(self, name) or (0.0,) * (self.steps - wanted)
            lengths(name, row, self.steps - wanted, "one for each step" + (" but the last" if wanted else ""))
            object.__setattr__(self, name, tuple(row))
        finite("step_log_odds", self.step_log_odds)
        for name in (*_EXITS, "leaving"):
            for k, share in enumerate(getattr(self, name), start=1):
                chance(f"{name} at step {k}", share)
        for k, exits in enumerate(zip(*(getattr(self, name) for name in _EXITS), strict=True), start=1):
            demand(sum(exits) <= 1, f"{', '.join(_EXITS)} at step {k} add up to more than 1")
        names = [factor.name for factor in self.risk_factors]
        demand(len(set(names)) == len(names), f"a risk factor is named twice among {names}")
