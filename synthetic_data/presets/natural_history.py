"""Diaries that nobody treats."""

from __future__ import annotations

from synthetic_data.diary.truth import Diary
from synthetic_data.natural_history.truth import NaturalHistoryTruth

DIARY_YEAR = NaturalHistoryTruth(diary=Diary(spread_sd=0.15, cluster_share=0.25, missing=0.03, form="daily"))
"""A year of diary, every day of it written: 365 rows a subject.

Rates: log-normal with 1.23 and 1.15 per 30 days, the constants of the CHOCOLATES seizure diary simulator; log10 SD =
0.04 + 0.74 log10 mean, as measured on that simulator's diaries. A quarter of the subjects has clusters: 24.1 percent of
42,799 diary users had. The spread around the line, the size of the clusters' rise and the share of missing days are
conventions.
"""
