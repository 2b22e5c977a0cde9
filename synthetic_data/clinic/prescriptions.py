"""Which drugs an epilepsy clinic prescribes, to whom, in which doses."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from synthetic_data.soundness import chance, demand

EPILEPSY_TYPES = ("focal", "generalized")


@dataclass(frozen=True, kw_only=True)
class Syndrome:
    """A kind of epilepsy and how many have it.

    Attributes:
        name: In the covariate `syndrome`.
        epilepsy_type: In the covariate `epilepsy_type`.
        share: How many of the cohort have it.
    """

    name: str
    epilepsy_type: Literal["focal", "generalized"]
    share: float

    def __post_init__(self) -> None:
        chance(f"share of {self.name}", self.share)
        demand(
            self.epilepsy_type in EPILEPSY_TYPES,
            f"{self.name} is {self.epilepsy_type!r}; expected 'focal' or 'generalized'",
        )


@dataclass(frozen=True, kw_only=True)
class Prescription:
    """A drug with the daily dose in mg at which it is begun and the one at which it is kept.

    Attributes:
        drug: Its name.
        starting_dose: Too low to be a fair test; whoever cannot tolerate the drug never gets beyond it.
        daily_dose: The dose at which it is kept.
        unsuited: Names of the syndromes that it does not suit.
    """

    drug: str
    starting_dose: float
    daily_dose: float
    unsuited: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fits = isfinite(self.daily_dose) and 0 < self.starting_dose <= self.daily_dose
        demand(
            fits, f"{self.drug}: doses are {self.starting_dose} and {self.daily_dose} mg; expected 0 < first <= second"
        )


@dataclass(frozen=True, kw_only=True)
class Titration:
    """How a dose is raised from the starting to the daily dose, and then recorded in DOSES.

    Attributes:
        days: Days from the start to the full daily dose; 0 gives it at once, and writes no DOSES.
        rises: In how many equal rises, each after the same number of days.
    """

    days: int = 0
    rises: int = 4

    def __post_init__(self) -> None:
        demand(self.days >= 0, f"titration takes {self.days} days; expected 0 or more")
        demand(self.rises >= 1, f"titration has {self.rises} rises; expected 1 or more")
        demand(
            self.days == 0 or self.rises <= self.days, f"{self.rises} rises do not fit into {self.days} days, one a day"
        )


def suits(prescriptions: tuple[Prescription, ...], syndromes: tuple[Syndrome, ...]) -> NDArray[np.bool_]:
    """Return whether each drug suits each syndrome, by syndrome and drug."""
    return np.array([[syndrome.name not in drug.unsuited for drug in prescriptions] for syndrome in syndromes])


def check_prescriptions(
    prescriptions: tuple[Prescription, ...], syndromes: tuple[Syndrome, ...], treatments: int
) -> None:
    """Refuse drugs that are named twice, suit too few, or name a syndrome that nobody has.

    Raises:
        TruthError: As said.
    """
    names = [syndrome.name for syndrome in syndromes]
    demand(len(set(names)) == len(names) > 0, f"syndromes are {names}; expected one or more, all different")
    total = sum(syndrome.share for syndrome in syndromes)
    demand(abs(total - 1) < 1e-9, f"the shares of the syndromes add up to {total:g}; expected 1")
    demand(
        len({drug.drug for drug in prescriptions}) == len(prescriptions),
        "a drug is listed twice among the prescriptions",
    )
    strange = sorted({name for drug in prescriptions for name in drug.unsuited} - set(names))
    demand(not strange, f"prescriptions name {strange}, which are no syndromes of this clinic; expected {names}")
    for name, suited in zip(names, suits(prescriptions, syndromes).sum(axis=1) if prescriptions else [0], strict=False):
        demand(
            suited >= treatments,
            f"{suited} drugs that suit {name} cannot fill {treatments} treatments; list as many drugs or more",
        )
