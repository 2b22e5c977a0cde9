"""How often a prediction orders the times of two subjects rightly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analyses.estimates.regression.lower_counts import Compared, Floats, Places, compared
from analyses.estimates.regression.risk_sets import Flags, case_weights, frequencies, masses
from analyses.estimates.regression.sample import Sample


@dataclass(frozen=True)
class Concordance:
    """Harrell's C: of the pairs that can be ordered, the share that the prediction orders rightly.

    A pair can be ordered where one has the event while the other is under observation in the same stratum: not two
    events on one day, but an event and a censoring on one day.

    Attributes:
        value: (concordant + tied / 2) / pairs.
        std_error: From the infinitesimal jackknife.
        concordant: The pairs in which the higher hazard has the event first, each the product of its two weights.
        discordant: Those in which the lower hazard has it first.
        tied: Those with equal predictions.
    """

    value: float
    std_error: float
    concordant: float
    discordant: float
    tied: float


@dataclass(frozen=True, eq=False)
class _Order:
    """When rows come and go, as whole numbers that grow with the stratum and then with the day.

    Where days are equal an event comes before a censoring, and an entry stands with the events, which it misses.
    """

    since: Places
    until: Places
    beyond: Places  # the row's stratum is over
    late: Places  # the rows that come late


def concordance(sample: Sample, linear_predictor: Floats) -> Concordance | None:
    """Return Harrell's C of a linear predictor (higher: earlier event); None where no pair can be ordered.

    With late entry a pair counts where both are under observation on the day of the event. Time: n log n.

    Sources: Harrell FE, Califf RM, Pryor DB, et al. JAMA 1982;247:2543-6; Therneau TM, Watson DA. The concordance
    statistic and the Cox model. Mayo Clinic Technical Report 85, 2017.
    """
    _, rank = np.unique(linear_predictor, return_inverse=True)
    mass, order = masses(sample), _ordered(sample)
    outlived = _outliving(sample.event, rank, mass, order)
    own = mass[sample.event]
    concordant, tied, discordant = (float((own * part).sum()) for part in outlived)
    pairs = concordant + tied + discordant
    if not pairs > 0:
        return None
    value = (concordant + tied / 2) / pairs
    seen = _witnessed(sample.event, rank, mass, order)
    right, partners = seen.higher + seen.equal / 2, seen.lower + seen.equal + seen.higher
    right[sample.event] += outlived.lower + outlived.equal / 2
    partners[sample.event] += outlived.lower + outlived.equal + outlived.higher
    influence = case_weights(sample) * (right - value * partners) / pairs
    error = math.sqrt(float((frequencies(sample) * influence**2).sum()))
    return Concordance(value, error, concordant, discordant, tied)


def _ordered(sample: Sample) -> _Order:
    stratum = sample.stratum if len(sample.stratum) else np.zeros(len(sample.time), dtype=np.intp)
    late = np.flatnonzero(sample.entry > 0)
    days = np.unique(np.concatenate([sample.time, sample.entry[late]]))
    size = 2 * len(days) + 2
    until = stratum * size + 2 * np.searchsorted(days, sample.time) + 2 + ~sample.event
    since = stratum * size
    since[late] += 2 * np.searchsorted(days, sample.entry[late]) + 2
    return _Order(since, until, (stratum + 1) * size, late)


def _outliving(event: Flags, rank: Places, mass: Floats, order: _Order) -> Compared:
    """Return, for each event, those under observation who go later, by how their prediction compares with its own."""
    own, over = order.until[event], order.beyond[event]
    going = _sorted(order.until)
    begin = _up_to(order.until, own, over.max())
    found = compared(rank[going], mass[going], begin, _up_to(order.until, over - 1, over.max()), rank[event])
    if not len(order.late):
        return found
    starts = order.since[order.late]
    coming = order.late[_sorted(starts)]
    places = _up_to(starts, own - 1, over.max()), _up_to(starts, over - 1, over.max())
    absent = compared(rank[coming], mass[coming], *places, rank[event])
    return Compared(*(all_ - missing for all_, missing in zip(found, absent, strict=True)))


def _witnessed(event: Flags, rank: Places, mass: Floats, order: _Order) -> Compared:
    """Return, for each row, the events that it is under observation for, other than on the day of its own."""
    days = order.until[event]
    happening = np.flatnonzero(event)[_sorted(days)]
    begin, end = (_up_to(days, asked, order.beyond.max()) for asked in (order.since, order.until - 1))
    return compared(rank[happening], mass[happening], begin, end, rank)


def _sorted(keys: Places) -> Places:
    # numpy sorts short whole numbers by counting.
    return np.argsort(keys.astype(np.uint16) if keys.max() < 2**16 else keys, kind="stable")


def _up_to(keys: Places, asked: Places, highest: int) -> Places:
    """Return how many of the keys are no higher than each of those asked for."""
    if highest > 8 * (len(keys) + len(asked)):
        return np.searchsorted(np.sort(keys), asked, side="right")
    return np.cumsum(np.bincount(keys, minlength=highest + 1)).take(asked)
