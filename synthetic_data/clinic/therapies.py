"""What may follow when drugs have failed: diet, stimulation, surgery, immunotherapy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from synthetic_data.clinic.prescriptions import EPILEPSY_TYPES
from synthetic_data.soundness import chance, demand, span

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

KINDS = ("diet", "stimulation", "surgery", "immunotherapy")


@dataclass(frozen=True, kw_only=True)
class Therapy:
    """A therapy for subjects in whom drugs have failed, and what comes of it.

    Attributes:
        name: In TREATMENTS.drug.
        kind: In TREATMENTS.kind.
        chance: How many of those whom it suits, and who had none before it in the list, receive it.
        response: How many of those treated lose half of their seizures or more, the free included.
        freedom: How many become free of seizures.
        epilepsy_types: Whom it suits; never generalized epilepsy for surgery.
        results: The results of EEG and MRI that it needs; empty where any will do.
        antibody: Whether it needs a positive antibody.
        delay_days: Shortest and longest time from the last drug's stop to the therapy's start.

    Raises:
        TruthError: The parameters contradict each other.
    """

    name: str
    kind: Literal["diet", "stimulation", "surgery", "immunotherapy"]
    chance: float
    response: float
    freedom: float
    epilepsy_types: tuple[str, ...] = EPILEPSY_TYPES
    results: tuple[str, ...] = ()
    antibody: bool = False
    delay_days: tuple[int, int] = (28, 180)

    def __post_init__(self) -> None:
        for name in ("chance", "response", "freedom"):
            chance(f"{name} of {self.name}", getattr(self, name))
        demand(self.freedom <= self.response, f"{self.name}: more become free than respond")
        demand(self.kind in KINDS, f"{self.name} is of kind {self.kind!r}; expected one of {KINDS}")
        demand(
            bool(self.epilepsy_types) and set(self.epilepsy_types) <= set(EPILEPSY_TYPES),
            f"{self.name} suits {self.epilepsy_types}; expected some of {EPILEPSY_TYPES}",
        )
        resects = self.kind == "surgery" and "generalized" in self.epilepsy_types
        demand(not resects, f"{self.name} is surgery; it suits no generalized epilepsy, so name only 'focal'")
        span(f"delay_days of {self.name}", self.delay_days, 0, inf)

    def suits(
        self, epilepsy_type: NDArray[np.str_], result: NDArray[np.str_], antibody: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return whom it suits, by subject."""
        fits = np.isin(epilepsy_type, self.epilepsy_types) & (antibody | (not self.antibody))
        return np.asarray(fits & np.isin(result, self.results) if self.results else fits)


def therapy_shares(truth: ClinicTruth) -> list[float]:
    """Return which share of those in whom drugs have failed receives each therapy."""
    shares = [0.0] * len(truth.therapies)
    for weight, kind, result, positive in _strata(truth):
        waiting = weight
        for place, therapy in enumerate(truth.therapies):
            if therapy.suits(np.array([kind]), np.array([result]), np.array([positive]))[0]:
                shares[place] += waiting * therapy.chance
                waiting *= 1 - therapy.chance
    return shares


def _strata(truth: ClinicTruth) -> Iterator[tuple[float, str, str, bool]]:
    """Yield every kind of subject that therapies tell apart, with its share."""
    negative = float(np.prod([1 - antibody.share for antibody in truth.antibodies]))
    for syndrome, (positive, share) in product(truth.syndromes, ((True, 1 - negative), (False, negative))):
        if truth.network is None:
            yield syndrome.share * share, syndrome.epilepsy_type, "", positive
            continue
        for result, found in zip(truth.network.results, getattr(truth.network, syndrome.epilepsy_type), strict=True):
            yield syndrome.share * share * found, syndrome.epilepsy_type, result, positive
