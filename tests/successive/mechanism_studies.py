"""Cohorts drawn from a known truth, and how often the analysis of their mechanism is right: a few of them.

Many are asked for the certificate.
"""

import numpy as np
import polars as pl

from analyses.estimates.successive.fitting import fit
from analyses.estimates.successive.mechanism_rows import Pair
from analyses.estimates.successive.models import BETA_AND_DEPENDENCE, BETA_FRAILTY
from analyses.estimates.successive.selection import selection_shares
from synthetic_data.succession import histories
from synthetic_data.succession.histories import draw_histories
from synthetic_data.succession.shares import selection_share, step_shares
from synthetic_data.succession.truth import Succession
from tests.certify.histories import drawn_counts

VERDICTS = {
    histories.REMISSION: ("met", ""),
    histories.INTOLERANCE: ("not met", "stopped for intolerance"),
    histories.INEFFICACY: ("not met", "threshold not reached"),
    histories.INADEQUATE: ("undetermined", "stopped before the threshold"),
    histories.OTHER: ("undetermined", "follow-up too short"),
}


def drawn_outcomes(truth: Succession, subjects: int, seed: int) -> pl.DataFrame:
    """Return outcomes of subjects who follow the truth."""
    drawn = draw_histories(truth, subjects, np.random.default_rng(seed))
    subject, step = np.nonzero(drawn.taken)
    result = pl.Series(drawn.result[subject, step])
    words = {code: verdict for code, (verdict, _) in VERDICTS.items()}
    reasons = {code: reason for code, (_, reason) in VERDICTS.items()}
    return pl.DataFrame(
        {
            "subject_id": pl.Series(subject).cast(pl.String),
            "treatment_no": pl.Series(step + 1, dtype=pl.Int64),
            "verdict": result.replace_strict(words, return_dtype=pl.String),
            "reason": result.replace_strict(reasons, return_dtype=pl.String),
        }
    )


def drawn_pairs(truth: Succession, cohort: int, stay: float, replicates: int, seed: int) -> list[Pair]:
    """Return beta frailty without and with dependence, fitted to so many cohorts."""
    rng, chances = np.random.default_rng(seed), step_shares(truth).of_those_who_tried
    drawn = [drawn_counts(chances, cohort, stay, rng) for _ in range(replicates)]
    return [Pair(fit(BETA_FRAILTY, counts), fit(BETA_AND_DEPENDENCE, counts)) for counts in drawn]


def level_of_the_test(truth: Succession, cohort: int, stay: float, replicates: int, seed: int) -> float:
    """Return how often the likelihood ratio test of dependence given frailty has p below 0.05."""
    found = drawn_pairs(truth, cohort, stay, replicates, seed)
    return float(np.mean([pair.p_value < 0.05 for pair in found]))


def coverage_of_the_share(truth: Succession, cohort: int, stay: float, replicates: int, seed: int) -> float:
    """Return how often the 95% profile limits of the selection share at the last treatment hold the truth."""
    true, held = selection_share(truth, truth.steps), []
    for pair in drawn_pairs(truth, cohort, stay, replicates, seed):
        low, high = selection_shares(pair, 0.95)[-1].limits
        held.append((low is None or low <= true) and (high is None or high >= true))
    return float(np.mean(held))
