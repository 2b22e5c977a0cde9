"""The true values of an epilepsy clinic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from synthetic_data.estimands import true_values

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Row = dict[str, object]

FREEDOM = "sustained seizure freedom (ILAE 2010)"
INTOLERANCE = "stopped for intolerance"
STARTED = "treatment started"


def clinic_estimates(truth: ClinicTruth) -> pl.DataFrame:
    """Return the true values of an epilepsy clinic; see `ClinicTruth.estimates`."""
    freed, reached, ever = share_by_step(1 - truth.intolerance, truth.freedom)
    rows: list[Row] = []
    for k, (free, start) in enumerate(zip(freed, reached, strict=True), start=1):
        for criterion, share in ((FREEDOM, free), (INTOLERANCE, truth.intolerance), (STARTED, start)):
            rows.append({"criterion": criterion, "group": str(k), "statistic": "share", "estimate": share})
    rows.append({"criterion": FREEDOM, "term": "any treatment", "statistic": "share", "estimate": ever})
    return true_values(rows)


def share_by_step(tolerance: float, freedom: tuple[float, ...]) -> tuple[list[float], list[float], float]:
    """Return what a sequence of treatments achieves where whoever is not freed goes on to the next.

    Returns:
        The share freed among those who start each treatment, the share of all subjects who start it, the share freed
        by any.

    >>> share_by_step(0.8, (0.5, 0.25))
    ([0.4, 0.2], [1.0, 0.6], 0.52)
    """
    freed = [tolerance * chance for chance in freedom]
    reached = [1.0]
    for share in freed:
        reached.append(reached[-1] * (1 - share))
    return freed, reached[:-1], 1 - reached[-1]
