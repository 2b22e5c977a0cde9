"""The two scales of a sequenced study: what remission and relapse are on each, and how one speaks of the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.scales import HAMD17, QIDS_SR16, Scale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Instrument:
    """A scale with the thresholds of STAR*D (Rush AJ et al. Am J Psychiatry 2006;163:1905-17).

    Attributes:
        scale: The scale.
        remission: The highest score in remission.
        relapse: The lowest score of a relapse.
    """

    scale: Scale
    remission: int
    relapse: int

    @property
    def remission_label(self) -> str:
        """Remission, as the criterion of that name calls it."""
        return f"{self.scale.name} remission (<= {self.remission})"

    @property
    def response_label(self) -> str:
        """Response, as the criterion of that name calls it."""
        return f"{self.scale.name} response (>= 50%)"

    @property
    def relapse_label(self) -> str:
        """Relapse in follow-up."""
        return f"{self.scale.name} relapse (>= {self.relapse})"


INSTRUMENTS = {
    QIDS_SR16.name: Instrument(QIDS_SR16, remission=5, relapse=11),
    HAMD17.name: Instrument(HAMD17, remission=7, relapse=14),
}

# HAM-D17 totals that stand beside QIDS-SR16 totals of 0 to 27, the middle where the published table gives two (Rush AJ
# et al. Biol Psychiatry 2003;54:573-83 and the scale's own site). The table gives 18-19 for both 14 and 15: one each.
# The last stands for 36 to 52.
_HAMD17 = (
    0, 1.5, 3, 4, 5.5, 7, 8, 9.5, 11, 12, 13, 14.5, 16, 17, 18, 19, 20, 21.5, 23, 24, 25, 26.5, 28, 29, 30.5, 32, 34, 40
)  # fmt: skip


def companion_of(name: str) -> Instrument:
    """Return the other scale."""
    return INSTRUMENTS[HAMD17.name if name == QIDS_SR16.name else QIDS_SR16.name]


def beside(scores: Ints, scale: str, sd: float, rng: np.random.Generator) -> Ints:
    """Draw what the other scale shows for scores of `scale`.

    The published table of equal totals, interpolated, with normal noise, rounded and held within the scale. It holds
    for groups: it is no rule to turn one subject's score, or change, into the other scale's.

    >>> beside(np.array([5, 15]), "QIDS-SR16", 0.0, np.random.default_rng(1)).tolist()
    [7, 19]
    """
    qids = np.arange(len(_HAMD17), dtype=np.float64)
    known, wanted = (qids, np.array(_HAMD17)) if scale == QIDS_SR16.name else (np.array(_HAMD17), qids)
    other = companion_of(scale).scale
    latent = np.interp(scores, known, wanted) + sd * rng.standard_normal(scores.shape)
    return rounded(latent, int(other.low), int(other.high))


def rounded(latent: Floats, low: int | Ints, high: int | Ints) -> Ints:
    """Return whole scores, rounded half up and held within `low` and `high`."""
    return np.clip(np.floor(latent + 0.5), low, high).astype(np.int64)
