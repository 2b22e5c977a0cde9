"""A study file changes fields of a rule, and of the rules inside it."""

import pytest

from analyses.plan.changed_rule import changed_rule
from cohort.criteria import ILAE_2010_RESISTANCE, SEIZURE_RESPONSE_50, TRD_FDA, Period
from cohort.errors import CriterionError


def test_fields_of_the_rule_and_of_rules_inside_it():
    changes = {"failures": 3, "result": {"grace_days": 14, "adequacy": {"min_days": 28, "missing_age": "adult"}}}
    found = changed_rule(TRD_FDA, changes, "TRD_FDA")
    assert (found.failures, found.result.grace_days) == (3, 14)
    assert (found.result.adequacy.min_days, found.result.adequacy.missing_age) == (28, "adult")
    assert found.result.adequacy.doses == TRD_FDA.result.adequacy.doses
    assert TRD_FDA.failures == 2
    assert found.label != TRD_FDA.label


def test_lists_stand_for_tuples_and_periods():
    found = changed_rule(SEIZURE_RESPONSE_50, {"treatment": [0, 55]}, "S")
    assert found.treatment == Period(0, 55)


def test_a_field_of_a_rule_inside_is_found_and_said_as_it_would_be_written():
    with pytest.raises(
        CriterionError, match=r"TRD_FDA has no field 'min_days'.*result = \{ adequacy = \{ min_days = \.\.\. \} \}"
    ):
        changed_rule(TRD_FDA, {"min_days": 28}, "TRD_FDA")
    with pytest.raises(CriterionError, match=r"control = \{ min_exposure_days = \.\.\. \}"):
        changed_rule(ILAE_2010_RESISTANCE, {"min_exposure_days": 90}, "ILAE_2010_RESISTANCE")


def test_an_unknown_field_of_a_rule_inside_is_told_where_it_stands():
    with pytest.raises(CriterionError, match="TRD_FDA, result, adequacy has no field 'doze'"):
        changed_rule(TRD_FDA, {"result": {"adequacy": {"doze": 1}}}, "TRD_FDA")
    with pytest.raises(CriterionError, match="result is a rule of its own; change its fields"):
        changed_rule(TRD_FDA, {"result": "STARD_FAILURE"}, "TRD_FDA")
