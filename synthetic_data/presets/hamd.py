"""Randomized antidepressant studies rated with the HAM-D17."""

from __future__ import annotations

from math import inf

from synthetic_data.hamd.mechanisms import Dosing, Entry, ResponseClass, Stopping
from synthetic_data.hamd.truth import HamdTruth

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

_BASELINE = 19.0
_COURSE = (0.0, 0.26, 0.58, 0.87, 1.0)  # share of the fall reached at each visit
_FALLS = {"large": 15.83, "non-specific": 7.96, "minimal": 0.71}  # latent, so that enrolled subjects fall as published
_BETWEEN = 16.5  # variance between the classes at week 6, mean of both arms
_RATER_SD = 1.25


def _shift(name: str) -> tuple[float, ...]:
    return tuple(-(_FALLS[name] - _FALLS["non-specific"]) * share for share in _COURSE)


HAMD_MIXTURE = HamdTruth(
    means=(tuple(_BASELINE - _FALLS["non-specific"] * share for share in _COURSE),) * 2,
    covariance=tuple(
        tuple(
            value - _BETWEEN * _COURSE[i] * _COURSE[j] - _RATER_SD**2 * (i == j)
            for j, value in enumerate(HAMD_STUDY.covariance[i])
        )
        for i in range(5)
    ),
    classes=(
        ResponseClass(name="large", shares=(0.096, 0.245), shift=_shift("large")),
        ResponseClass(name="non-specific", shares=(0.689, 0.633), shift=_shift("non-specific")),
        ResponseClass(name="minimal", shares=(0.215, 0.122), shift=_shift("minimal")),
    ),
    rater_sd=_RATER_SD,
    entry=Entry(score=18, inflation=0.5, reach=3),
    dropout_intercepts=(-3.6, -2.9, -2.7, -2.1),
    dropout_slope=0.05,
    dropout_unseen_slope=0.05,
    intermittent=0.02,
    stopping=Stopping(
        intolerance=((0.015, 0.012, 0.010, 0.005), (0.045, 0.035, 0.025, 0.015)),
        intercepts=(-inf, -3.4, -2.5, -2.1),
        slope=0.10,
        stays=0.3,
        effect_lost=0.7,
    ),
    dosing=Dosing(drug="escitalopram", starting_dose=10, daily_dose=20),
    items=True,
    item_missing=0.01,
)
"""A study in which everything happens: three kinds of response, a threshold at entry and raters who help over it,
rater error, treatment stopped and studies left, at random and not, missed visits and missing items.

Published: improvement in 232 studies submitted to the FDA is best described by three normals with mean improvements
of 16.0, 8.9 and 1.7 points; 24.5 percent on drug and 9.6 on placebo belong to the first (Stone MB et al. BMJ
2022;378:e067606). The other shares (63.3 and 68.9, 12.2 and 21.5 percent) are from memory; they give a difference of
1.7 points where 1.75 was published, and 69 percent "non-specific" on placebo is reported at second hand. The drug acts
through these shares alone. A rating's error of 1.25 points is the interviewer-observer study of Morriss R et al.
J Affect Disord 2008 (doi 10.1016/j.jad.2008.02.013; intraclass correlation .95). Placebo arms lose 26 percent
(148 studies, doi 10.1016/j.pnpbp.2019.109777), drug arms 1.08 times as many (Sharma T et al. Int J Risk Saf Med 2019,
doi 10.3233/JRS-195041); response to placebo is 35 to 40 percent since 1991 (252 studies). Raters at the site enrol
subjects whom others would not: of those rated above 17, 35 percent were below 17 for a blind central rater (Kobak KA et
al. J Clin Psychopharmacol 2010;30:193-7).

Conventions: the share of the fall reached at weeks 1, 2, 4 and 6 is the mean of both arms of `HAMD_STUDY`; before
selection the classes, the rest and the raters together vary as that study does. A mean of 19 before selection, a
threshold of 18, half of those 1 to 3 points below it raised to it. Latent falls are those with which the classes'
enrolled subjects have the published mean improvements, regression to the mean and inflation included. How the loss is
divided: intolerance early and more often on drug, inefficacy late; three in ten stay after stopping; seven tenths of
the effect are then lost; leaving depends as much on the score that is not seen as on the last one that was. Doses are
those of escitalopram; items follow outpatients of STAR*D.
"""
