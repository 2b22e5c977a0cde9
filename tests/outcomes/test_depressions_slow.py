"""Antidepressant results and resistance on drawn studies against their plain definitions."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.criteria import TRD_FDA, TRD_NO_REMISSION_TWO_CLASSES, TRD_RYBAK_2021
from cohort.outcomes.registry import classify
from tests.outcomes.drawn_depressions import ON_ANTIDEPRESSANTS
from tests.outcomes.drawn_studies import drawn
from tests.outcomes.slow_depressions import slow_counts, slow_results

EXAMPLES = settings(max_examples=3, deadline=None)
seeds = st.integers(0, 2**32)


@pytest.mark.parametrize("rule", ON_ANTIDEPRESSANTS, ids=range(len(ON_ANTIDEPRESSANTS)))
@EXAMPLES
@given(seeds)
def test_results_of_antidepressants(rule, seed):
    study = drawn(seed)
    found = classify(study, rule)
    slow = slow_results(study, rule)
    rows = found.select("subject_id", "treatment_no", "category").rows()
    assert {(who, number): category for who, number, category in rows} == {unit: each[0] for unit, each in slow.items()}


@pytest.mark.parametrize("criterion", [TRD_FDA, TRD_NO_REMISSION_TWO_CLASSES, replace(TRD_RYBAK_2021, failures=1)])
@EXAMPLES
@given(seeds)
def test_different_antidepressants_that_failed_in_the_current_episode(criterion, seed):
    study = drawn(seed)
    criterion = replace(criterion, bipolar_excluded=False)
    slow = slow_counts(study, criterion, classify(study, criterion.result))
    found = classify(study, criterion).select("subject_id", "value", "day").rows()
    assert {who: (count, day) for who, count, day in found} == slow
