"""Who leaves a study, and when."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def seen(
    scores: NDArray[np.int64], intercepts: tuple[float, ...], slope: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return which visits take place, by subject and visit; who has left does not come back.

    Before each visit after baseline a subject still present leaves with
    logit(chance) = intercept - slope * (baseline score - score at the visit before).

    Args:
        scores: Recorded scores by subject and visit, as if nobody had left.
        intercepts: One for each visit after baseline; minus infinity where nobody leaves.
        slope: Per point of improvement so far.
        rng: The study's generator.
    """
    improvement = scores[:, :1] - scores[:, :-1]
    logit = np.array(intercepts) - slope * improvement
    leaves = rng.random(logit.shape) < (1 + np.tanh(logit / 2)) / 2
    present = np.ones(scores.shape, dtype=np.bool_)
    present[:, 1:] = ~np.logical_or.accumulate(leaves, axis=1)
    return present
