"""True values of an epilepsy clinic that depend on time: withdrawal of the first treatment, relapse."""

from __future__ import annotations

from collections.abc import Iterator
from math import expm1
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthetic_data.clinic.prescribing import CAUSES
from synthetic_data.clinic.prescriptions import suits
from synthetic_data.succession.shares import step_shares

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Floats = NDArray[np.float64]
Row = dict[str, object]

WITHDRAWAL = "withdrawal of treatment 1"
RELAPSE = "relapse after sustained freedom"
DAYS = (90, 182, 365, 730, 1095, 1460)
YEARS = (1, 5)


def withdrawal_rows(truth: ClinicTruth) -> Iterator[Row]:
    """Yield survival on the first treatment and the incidence of its stops by reason, at days since its start.

    A subject who is lost is censored, as records show it: the values are limits of the product-limit estimate and of
    the estimate of Aalen and Johansen with that censoring.
    """
    on = np.arange(truth.lengths.longest + 1)  # days from the start to the stop
    shares = step_shares(truth.succession)
    stops = {
        "intolerance": shares.intolerance[0] * _mass(truth.lengths.intolerance.within(on + 1)),
        "inefficacy": _inefficacy(truth, shares.inefficacy[0], shares.inadequate[0], on),
    }
    lost = shares.other[0] * _mass(truth.lengths.lost.within(on + 1))
    every = sum(stops.values())
    at_risk = 1 - np.cumsum(every + lost) + every + lost
    hazard = np.divide(every, at_risk, out=np.zeros_like(every), where=at_risk > 1e-12)
    survival = np.cumprod(1 - hazard)
    before = np.append(1.0, survival[:-1])
    incidence = {reason: np.cumsum(before * _over(mass, at_risk)) for reason, mass in stops.items()}
    for day in (day for day in DAYS if day < truth.follow_up_days):
        place, row = min(day, on[-1]), {"criterion": WITHDRAWAL, "at": float(day)}
        yield row | {"statistic": "survival", "term": "time point", "estimate": float(survival[place])}
        for reason, curve in incidence.items():
            yield row | {"statistic": "cumulative incidence", "term": reason, "estimate": float(curve[place])}


def _inefficacy(truth: ClinicTruth, tested: float, unfair: float, on: NDArray[np.int64]) -> Floats:
    """Return the chance of a stop for inefficacy by days on the treatment, fairly tested or not."""
    early = _share_too_early(truth)
    low, high = truth.lengths.too_early
    long = _mass(truth.lengths.inefficacy.within(on + 1))
    short = _mass(np.clip((on + 2 - low) / (high - low + 1), 0, 1))
    return np.asarray((tested + unfair * (1 - early)) * long + unfair * early * short)


def _share_too_early(truth: ClinicTruth) -> float:
    """Return how many of the unfair first treatments were stopped too early: one cause of all that are possible."""
    fits = suits(truth.prescriptions, truth.syndromes)
    possible = np.where(fits.all(axis=1), len(CAUSES) - 1, len(CAUSES))
    return float(np.array([one.share for one in truth.syndromes]) @ (1 / possible))


def relapse_rows(truth: ClinicTruth) -> Iterator[Row]:
    """Yield the incidence of relapse, at days since freedom had lasted `sustained_days`."""
    for years in YEARS if truth.relapse.per_year > 0 else ():
        share = -expm1(-truth.relapse.per_year * years)
        row: Row = {"criterion": RELAPSE, "at": years * 365.25, "statistic": "cumulative incidence"}
        yield row | {"estimate": share}


def _mass(cumulative: Floats) -> Floats:
    return np.diff(cumulative, prepend=0.0)


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 1e-12)
