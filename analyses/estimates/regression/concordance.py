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
    going = np.argsort(order.until, kind="stable")
    ends, own = order.until[going], order.until[event]
    start = np.searchsorted(ends, own, side="right")
    found = compared(rank[going], mass[going], start, np.searchsorted(ends, order.beyond[event]), rank[event])
    if not len(order.late):
        return found
    coming = order.late[np.argsort(order.since[order.late], kind="stable")]
    starts = order.since[coming]
    places = np.searchsorted(starts, own), np.searchsorted(starts, order.beyond[event])
    absent = compared(rank[coming], mass[coming], *places, rank[event])
    return Compared(*(all_ - missing for all_, missing in zip(found, absent, strict=True)))


def _witnessed(event: Flags, rank: Places, mass: Floats, order: _Order) -> Compared:
    """Return, for each row, the events that it is under observation for, other than on the day of its own."""
    happening = np.flatnonzero(event)[np.argsort(order.until[event], kind="stable")]
    days = order.until[happening]
    places = np.searchsorted(days, order.since, side="right"), np.searchsorted(days, order.until)
    return compared(rank[happening], mass[happening], *places, rank)
