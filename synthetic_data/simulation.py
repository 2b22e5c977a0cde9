"""From a truth to records: the same seed makes the same study, to the last bit."""

from __future__ import annotations

import numpy as np
import polars as pl

from cohort.records.study import Study
from synthetic_data.epilepsy import simulate_clinic
from synthetic_data.hamd import simulate_hamd
from synthetic_data.soundness import demand
from synthetic_data.truths import ClinicTruth, HamdTruth


def simulate(truth: HamdTruth | ClinicTruth, *, subjects: int, seed: int) -> Study:
    """Return a study whose records were drawn from a truth.

    Args:
        truth: What is true; see `synthetic_data.presets`.
        subjects: How many.
        seed: 0 or more. The same truth, number and seed give the same study.

    Raises:
        TruthError: `subjects` or `seed` is not such a number, or `truth` is no truth.

    >>> from synthetic_data.presets import HAMD_STUDY
    >>> study = simulate(HAMD_STUDY, subjects=100, seed=1)
    >>> study.subjects["arm"].value_counts(sort=True)["count"].to_list()
    [50, 50]
    """
    return simulate_with_latent(truth, subjects=subjects, seed=seed)[0]


def simulate_with_latent(truth: HamdTruth | ClinicTruth, *, subjects: int, seed: int) -> tuple[Study, pl.DataFrame]:
    """Return the study of `simulate`, and beside it what no record holds.

    Of a HAM-D study: `subject_id, arm, visit, score, seen`, the score as if nobody had left. Of a clinic: `subject_id,
    treatment_no, rate28, result, start_day, free_from`, what truly came of each treatment.

    Raises:
        TruthError: `subjects` or `seed` is not such a number, or `truth` is no truth.
    """
    kind = type(truth).__name__
    demand(isinstance(truth, HamdTruth | ClinicTruth), f"truth is a {kind}; expected a HamdTruth or a ClinicTruth")
    demand(_is_whole(subjects) and subjects >= 1, f"subjects is {subjects!r}; expected a whole number, 1 or more")
    demand(_is_whole(seed) and seed >= 0, f"seed is {seed!r}; expected a whole number, 0 or more")
    rng = np.random.default_rng(seed)
    if isinstance(truth, HamdTruth):
        return simulate_hamd(truth, subjects, rng)
    return simulate_clinic(truth, subjects, rng)


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
