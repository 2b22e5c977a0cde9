"""The log-rank test for trend over ordered groups or doses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

from analyses.estimates.distributions import chi_square_p
from analyses.estimates.groups import Label
from analyses.estimates.survival.rank_scores import RANK_TOLERANCE, RankScores
from analyses.estimates.tally import Counts, Floats
from cohort.errors import EstimationError, some


def trend_scores(trend: bool | Mapping[str, float], labels: Sequence[Label], by: str) -> Floats | None:
    """Return the score of each label: 1, 2, ... or those given; None where no trend is asked for.

    Raises:
        EstimationError: A level has no score, a score belongs to no level, or is not a finite number.
    """
    if isinstance(trend, bool):
        return np.arange(1.0, len(labels) + 1) if trend else None
    if not isinstance(trend, Mapping):
        raise EstimationError(f"trend={trend!r} was given; expected True, or a score for each level of {by!r}")
    given = {str(label): score for label, score in trend.items()}
    absent, strange = [label for label in labels if label not in given], [one for one in given if one not in labels]
    if absent or strange:
        wrong = f"{some(absent)} has no score" if absent else f"{some(strange)} is not a level of {by!r}"
        raise EstimationError(f"trend={dict(trend)!r}: {wrong}; give a score for each of {some(labels, 9)}")
    bad = [score for score in given.values() if not isinstance(score, Real) or not math.isfinite(score)]
    if bad:
        raise EstimationError(f"{len(bad)} of {len(given)} trend scores are not finite numbers: {some(bad)}")
    return np.array([float(given[str(label)]) for label in labels])


def trend_rows(found: RankScores, size: Counts, scores: Floats) -> list[dict[str, object]]:
    """Return the summed score with its error, and its chi-square.

    Raises:
        EstimationError: The groups that are compared have one score, so that there is no trend between them.
    """
    held = scores[size > 0]
    reach = float(np.ptp(held))
    # The covariance does not change when a number is added to every score; close to 0 they lose fewest digits.
    centred = np.where(size > 0, scores - held.mean(), 0.0) / (reach or 1.0)
    variance = float(centred @ found.covariance @ centred)
    if not variance > RANK_TOLERANCE * float(np.abs(found.covariance).max()):
        raise EstimationError(f"the groups that are compared share one score ({some(list(held))}); there is no trend")
    score = float(centred @ found.difference)
    chi_square = score**2 / variance
    error, p = math.sqrt(variance) * reach, chi_square_p(chi_square, 1)
    return [
        {"statistic": "log-rank trend score", "estimate": score * reach, "std_error": error},
        {"statistic": "log-rank trend chi-square", "estimate": chi_square, "df": 1, "p_value": p},
    ]
