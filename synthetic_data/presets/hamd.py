"""The antidepressant study of the DIA working group on missing data."""

from __future__ import annotations

from math import inf

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
