"""A formula that is no text is refused in a sentence by every regression that may do without covariates."""

import polars as pl
import pytest

import analyses
from cohort.errors import EstimationError


@pytest.mark.parametrize("verb", ["accelerated_failure", "discrete_hazard", "interval_cox", "event_rates"])
def test_a_formula_that_is_no_text_is_refused(verb):
    times = {"subject_id": ["a", "b"], "entry": 0.0, "left": [1.0, 1.0], "right": [2.0, 3.0], "cause": "relapse"}
    with pytest.raises(EstimationError, match="formula=None is no text"):
        getattr(analyses, verb)(pl.DataFrame(times), None)
