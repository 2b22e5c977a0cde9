"""The share of pairs that a prediction orders rightly."""

from __future__ import annotations

from analyses.estimates.regression.concordance import concordance
from analyses.estimates.regression.sample import Floats, Sample


def share_in_order(sample: Sample, prediction: Floats) -> float | None:
    """Return Harrell's C of a prediction (higher: earlier event), a tie a half; None where no pair can be ordered."""
    found = concordance(sample, prediction, error=False)
    return None if found is None else found.value
