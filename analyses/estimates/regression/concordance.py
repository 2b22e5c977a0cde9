"""How often a prediction orders the times of two subjects rightly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analyses.estimates.regression.pair_counts import (
    Floats,
    Places,
    number_after,
    partners_after,
    partners_within,
)
from analyses.estimates.regression.risk_sets import case_weights, frequencies, masses
from analyses.estimates.regression.sample import Sample


@dataclass(frozen=True)
class Concordance:
    """Harrell's C: of the pairs that can be ordered, the share that the prediction orders rightly.

    A pair can be ordered where one has the event while the other is under observation in the same stratum: not two
    events on one day, but an event and a censoring on one day.

    Attributes:
        value: (concordant + tied / 2) / pairs.
        std_error: From the infinitesimal jackknife; None where it was not asked for.
        concordant: The pairs in which the higher hazard has the event first, each the product of its two weights.
        discordant: Those in which the lower hazard has it first.
        tied: Those with equal predictions.
    """

    value: float
    std_error: float | None
    concordant: float
    discordant: float
    tied: float


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows by stratum, prediction and day. Of a pair the row with the event asks, and the other is counted.

    Attributes:
        sign: 1, or -1 for pairs to be taken away.
        row: Which row of the sample.
        key: The stratum and the day as one number; a censoring comes after an event of the same day.
        bits: How many bits of it are the day.
        group: The stratum and the prediction as one number.
        asks: The weight of a row with the event, else 0.
        counted: The weight of a row that an event may count, else 0.
    """

    sign: int
    row: Places
    key: Places
    bits: int
    group: Places
    asks: Floats
    counted: Floats


def concordance(sample: Sample, linear_predictor: Floats, *, error: bool = True) -> Concordance | None:
    """Return Harrell's C of a linear predictor (higher: earlier event); None where no pair can be ordered.

    With late entry a pair counts where both are under observation on the day of the event: of the pairs in which one
    goes after the event of the other those are taken away in which it also comes after it. Time: the number of rows
    times the logarithm of the number of days; without `error` a third of it.

    Sources: Harrell FE, Califf RM, Pryor DB, et al. JAMA 1982;247:2543-6; Therneau TM, Watson DA. The concordance
    statistic and the Cox model. Mayo Clinic Technical Report 85, 2017.
    """
    parts = [part for part in (_rows(sample, linear_predictor), _late_rows(sample, linear_predictor)) if part]
    plain = not len(sample.frequency) and not len(sample.case_weight)
    all_ = [_partners(part) for part in parts]
    tied = [partners_within(part.group, part.key, part.asks, part.counted) for part in parts]
    mass = masses(sample)
    pairs, ties = (_half(mass, parts, partners) for partners in (all_, tied))
    if not pairs > 0:
        return None
    if plain and not error:
        each = None
        right = float(sum(p.sign * number_after(p.key, p.asks > 0, p.counted > 0, p.bits) for p in parts))
    else:
        each = [partners_after(part.key, part.asks, part.counted, part.bits) for part in parts]
        right = _half(mass, parts, each)
    value = (right + ties / 2) / pairs
    jackknife = None
    if error and each is not None:
        own = _by_row(parts, each, len(mass)) + _by_row(parts, tied, len(mass)) / 2
        influence = case_weights(sample) * (own - value * _by_row(parts, all_, len(mass))) / pairs
        jackknife = math.sqrt(float((frequencies(sample) * influence**2).sum()))
    return Concordance(value, jackknife, right, pairs - right - ties, ties)


def _by_row(parts: list[_Rows], partners: list[Floats], size: int) -> Floats:
    return sum(
        (p.sign * np.bincount(p.row, each, size).astype(float) for p, each in zip(parts, partners, strict=True)),
        np.zeros(size),
    )


def _half(mass: Floats, parts: list[_Rows], partners: list[Floats]) -> float:
    """Return the weight of pairs from what each row has of them: every pair is told twice."""
    return sum(p.sign * float(mass.take(p.row) @ each) for p, each in zip(parts, partners, strict=True)) / 2


def _partners(rows: _Rows) -> Floats:
    """Return the weight of each row's partners, whatever was foretold."""
    # numpy sorts short whole numbers by counting.
    order = np.argsort(rows.key.astype(np.uint16) if rows.key.max() < 2**16 else rows.key, kind="stable")
    key = rows.key[order]
    found = np.empty(len(key))
    found[order] = partners_within(key >> rows.bits, key, rows.asks[order], rows.counted[order])
    return found


def _rows(sample: Sample, prediction: Floats) -> _Rows:
    mass = masses(sample)
    days, place = np.unique(sample.time, return_inverse=True)
    bits = (2 * len(days)).bit_length()
    order, key, group = _sorted(_strata(sample), 2 * place + ~sample.event, bits, prediction)
    return _Rows(1, order, key, bits, group, (sample.event * mass)[order], mass[order])


def _late_rows(sample: Sample, prediction: Floats) -> _Rows | None:
    """Return those who come late, on the day on which they come, and the events; None where nobody comes late."""
    late, event = np.flatnonzero(sample.entry > 0), np.flatnonzero(sample.event)
    if not len(late):
        return None
    row, missed = np.append(late, event), np.arange(len(late) + len(event)) < len(late)
    days, place = np.unique(np.append(sample.entry[late], sample.time[event]), return_inverse=True)
    bits = (2 * len(days)).bit_length()
    order, key, group = _sorted(_strata(sample)[row], 2 * place + missed, bits, prediction[row])
    mass = masses(sample)[row[order]]
    return _Rows(-1, row[order], key, bits, group, ~missed[order] * mass, missed[order] * mass)


def _strata(sample: Sample) -> Places:
    return sample.stratum if len(sample.stratum) else np.zeros(len(sample.time), dtype=np.intp)


def _sorted(stratum: Places, day: Places, bits: int, prediction: Floats) -> tuple[Places, Places, Places]:
    """Return the order by stratum, prediction and day, and in it the stratum with the day and with the prediction."""
    order = np.argsort(prediction)
    ordered = prediction[order]
    fresh = np.append(False, ordered[1:] != ordered[:-1])
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.cumsum(fresh)
    group = stratum * (int(rank[order[-1]]) + 1) + rank
    if stratum.any() or not fresh[1:].all():
        order = np.argsort((group << bits) + day)
    return order, ((stratum << bits) + day)[order], group[order]
