"""The dose of each treatment day, and what it leaves of the rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from synthetic_data.add_on.truth import AddOnTruth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def dose_steps(truth: AddOnTruth) -> list[tuple[int, float]]:
    """Return the first day and the daily dose of each step, the target dose last.

    >>> from synthetic_data.add_on.truth import AddOnTruth
    >>> from synthetic_data.diary.truth import Diary
    >>> dose_steps(AddOnTruth(diary=Diary(), titration_days=21))
    [(0, 50.0), (7, 100.0), (14, 150.0), (21, 200.0)]
    """
    begins = range(0, truth.titration_days, truth.step_days)
    rise = (truth.target_dose - truth.starting_dose) / max(len(begins), 1)
    rising = [(day, truth.starting_dose + rise * step) for step, day in enumerate(begins)]
    full = [(truth.titration_days, truth.target_dose)] if truth.titration_days < truth.treatment_days else []
    return rising + full


def day_factors(truth: AddOnTruth) -> Floats:
    """Return what is left of the untreated rate by arm and treatment day, as long as the treatment goes on."""
    begins, doses = zip(*dose_steps(truth), strict=True)
    step = np.searchsorted(begins, np.arange(truth.treatment_days), side="right") - 1
    effect = np.array(doses)[step] / truth.target_dose
    return np.asarray(1 - np.array(truth.reductions)[:, None] * effect)


def left_of_rate(truth: AddOnTruth, arm: Ints, last_treated: Ints) -> Floats:
    """Return what is left of the rate by subject and treatment day: all of it from the day after the stop."""
    on = np.arange(truth.treatment_days) <= last_treated[:, None]
    return np.where(on, day_factors(truth)[arm], 1.0)
