"""Clinics after published cohorts."""

from __future__ import annotations

from math import log

from synthetic_data.clinic.truth import ClinicTruth, Prescription

_INTOLERANCE = 504 / 3241
_CHEN_2018 = (820 / 1795, 208 / 742, 78 / 330)

EPILEPSY_CLINIC = ClinicTruth(
    prescriptions=(
        Prescription(drug="levetiracetam", starting_dose=500, daily_dose=1500),
        Prescription(drug="lamotrigine", starting_dose=50, daily_dose=200),
        Prescription(drug="valproate", starting_dose=500, daily_dose=1000),
    ),
    freedom=tuple(share / (1 - _INTOLERANCE) for share in _CHEN_2018),
    intolerance=_INTOLERANCE,
    log_rate_mean=1.23 + log(28 / 30),
    log_rate_sd=1.15,
)
"""A clinic in which 45.7, 28.0 and 23.6 percent of those who start a first, second and third treatment become free.

Shares of those who tried: Chen Z et al. JAMA Neurol 2018;75:279-86; the numerators of the second and third treatment
follow from the printed shares of 1,795 subjects, the first from the printed total; the denominators 742 and 330
are cited from memory and not confirmed. Intolerance: 504 of 3,241 drugs stopped within 6 months in the same Glasgow
cohort; the chance of freedom among those who tolerate is the share divided by those who tolerate. Unlike there,
everybody who is not freed goes on to the next treatment. Rates: log-normal with 1.23 and 1.15 per 30 days (constants
of the CHOCOLATES seizure diary simulator), among those with 4 or more in 28 days; log10 SD = 0.04 + 0.74 log10 mean,
as measured on that simulator's diaries. A failing drug takes away 30 percent of the seizures, its drug effect.
Maintenance doses are above half of the WHO's defined daily dose (1500, 300, 1500 mg), starting doses below; all
three drugs suit focal and generalized tonic-clonic seizures. Course lengths, lag, missing days and adherence are
conventions.
"""
