"""How often a model is chosen, and a test rejects, foretold in large samples without drawing cohorts."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.stats import ncx2

from analyses.estimates.successive.fitting import fit
from analyses.estimates.successive.models import BETA_AND_DEPENDENCE, BETA_FRAILTY
from synthetic_data.succession.truth import Succession
from tests.certify.histories import chances_of, expected_counts

CRITICAL = 3.841458820694124
AIC = 2.0  # what one more parameter must gain, in twice the log-likelihood


@cache
def power(truth: Succession, cohort: int, stay: float) -> float:
    """Return the power of the test of dependence given frailty: by the likelihood it gains at expected counts."""
    counts = expected_counts(chances_of(truth), cohort, stay)
    gain = 2 * (fit(BETA_AND_DEPENDENCE, counts).log_likelihood - fit(BETA_FRAILTY, counts).log_likelihood)
    return float(ncx2.sf(CRITICAL, 1, gain))


def constant_is_kept(truth: Succession, cohort: int, stay: float) -> float:
    """Return how often AIC chooses the constant model where it is true.

    Near a constant chance p the log odds after m failures move along m with dependence (either way) and with frailty
    (down), along -(1 - p)^-m with a few resistant (one way), and along m^2 with frailty that dependence makes up for
    (one way). Their likelihood gains are squares of normal variables, correlated as the directions are.
    """
    chances = chances_of(truth)
    counts, m = expected_counts(chances, cohort, stay), np.arange(len(chances), dtype=float)
    root = np.sqrt(counts.counted * chances * (1 - chances))
    line = _beside(m * root, root)
    resistant, bent = _beside(-((1 - chances) ** -m) * root, root), _beside(m**2 * root, root, line)
    drawn = np.random.default_rng(1).normal(size=(400_000, len(m)))
    along, aside, further = drawn @ line, np.maximum(drawn @ resistant, 0), np.maximum(drawn @ bent, 0)
    return float(((along**2 < AIC) & (aside**2 < AIC) & (along**2 + further**2 < 2 * AIC)).mean())


def _beside(direction, *others):
    """Return a direction of length 1 without what lies along others, of which the first may be of any length."""
    for other in others:
        direction = direction - (direction @ other) * other / (other @ other)
    return direction / np.linalg.norm(direction)
