"""Truths after published studies, each number with its source."""

from __future__ import annotations

from math import inf, log

from synthetic_data.truths import ClinicTruth, HamdTruth, Prescription

_SDS = (5.45, 5.89, 7.16, 7.44, 8.17)
_CORRELATIONS = (
    (1.0, 0.668, 0.548, 0.471, 0.480),
    (0.668, 1.0, 0.770, 0.697, 0.688),
    (0.548, 0.770, 1.0, 0.787, 0.746),
    (0.471, 0.697, 0.787, 1.0, 0.861),
    (0.480, 0.688, 0.746, 0.861, 1.0),
)

HAMD_STUDY = HamdTruth(
    means=((17.21, 15.70, 14.34, 12.80, 12.37), (18.59, 16.79, 14.01, 11.92, 10.63)),
    covariance=tuple(
        tuple(r * _SDS[i] * _SDS[j] for j, r in enumerate(correlations)) for i, correlations in enumerate(_CORRELATIONS)
    ),
    dropout_intercepts=(-inf, -2.34, -2.59, -1.44),
    dropout_slope=0.10,
)
"""The antidepressant study of the DIA working group on missing data, derived from Goldstein DJ et al. J Psychiatr Res
2004;38:175-85 (172 subjects, 88 on placebo, 84 on drug).

Those seen at baseline and weeks 1, 2, 4 and 6 had mean scores of 17.2, 15.7, 14.3, 12.7, 12.0 on placebo and 18.6,
16.8, 14.0, 11.9, 10.5 on drug; SDs (both arms) of 5.5, 5.9, 7.0, 7.1, 7.5; correlations of .67 .54 .46 .47 (baseline
with the weeks), .76 .68 .66 (week 1), .78 .73 (week 2), .85 (weeks 4 and 6). Between visits 0, 14 of 172, 9 of 158
and 20 of 149 left: 25 percent. The latent means, SDs, correlations and intercepts above are those with which
simulated subjects who are *seen* show these numbers after rounding, truncation and dropout; found by matching
moments with a million subjects. Leavers improved less; the slope is a convention near the study's 2 to 3 points. As
if nobody had left, scores lie higher late (12.6 and 11.0 at week 6). The arms differ at baseline, as they did in
that study by chance: differences in change, not in scores, tell the drug's effect. Six in ten were women.
"""

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

PRESETS: dict[str, HamdTruth | ClinicTruth] = {"hamd": HAMD_STUDY, "epilepsy_clinic": EPILEPSY_CLINIC}
