"""Shares and their differences against counts made by hand and Newcombe's printed tables."""

from __future__ import annotations

import math

import polars as pl
import pytest

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.proportions import newcombe, proportions, risk_differences, wilson
from cohort.errors import EstimationError

Z = normal_quantile(0.95)
ARMS = pl.Enum(["placebo", "drug", "device"])


def outcomes(*units: tuple[str, str, str, str]) -> pl.DataFrame:
    schema = {"subject_id": pl.String, "arm": ARMS, "verdict": pl.String, "reason": pl.String}
    return pl.DataFrame(units, schema=schema, orient="row").with_columns(criterion=pl.lit("remission"))


UNITS = outcomes(
    ("1", "placebo", "met", ""),
    ("2", "placebo", "not met", "threshold not reached"),
    ("3", "placebo", "not met", "threshold not reached"),
    ("4", "placebo", "undetermined", "no rating at the visit"),
    ("5", "drug", "met", ""),
    ("6", "drug", "met", ""),
    ("7", "drug", "undetermined", "no baseline"),
    ("8", "drug", "undetermined", "no rating at the visit"),
)


# Newcombe RG. Stat Med 1998;17:857-72, table I, method 3.
@pytest.mark.parametrize(
    ("met", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_equals_the_printed_limits(met, n, low, high):
    assert wilson(met, n, Z) == pytest.approx((low, high), abs=5e-5)


# Newcombe RG. Stat Med 1998;17:873-90, table II, method 10.
@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_newcombe_equals_the_printed_limits(counts, limits):
    assert newcombe(*counts, Z) == pytest.approx(limits, abs=5e-5)


def test_wilson_limits_at_the_ends_are_exact():
    low, high = wilson(0, 7, Z)
    assert (low, high) == (0.0, pytest.approx(Z**2 / (7 + Z**2), rel=1e-14))
    low, high = wilson(7, 7, Z)
    assert (low, high) == (pytest.approx(7 / (7 + Z**2), rel=1e-14), 1.0)
    assert wilson(0, 0, Z) == (None, None)


@pytest.mark.parametrize(
    ("undetermined", "term", "placebo", "drug"),
    [("excluded", "observed cases", (1, 3), (2, 2)), ("not met", "non-responder imputation", (1, 4), (2, 4))],
)
def test_undetermined_units_change_the_denominator_alone(undetermined, term, placebo, drug):
    found = proportions(UNITS, undetermined=undetermined)
    rows = found.frame.filter(statistic="share")
    assert rows["term"].unique().to_list() == [term]
    assert rows["group"].to_list() == ["placebo", "drug", "device"]
    assert rows.select("events", "n").rows() == [placebo, drug, (0, 0)]
    assert rows["estimate"].to_list() == [placebo[0] / placebo[1], drug[0] / drug[1], None]
    p, n = placebo[0] / placebo[1], placebo[1]
    assert rows["std_error"][0] == pytest.approx(math.sqrt(p * (1 - p) / n), rel=1e-15)
    counts = found.frame.filter(statistic="undetermined")
    assert counts.select("estimate", "n").rows() == [(1.0, 4), (2.0, 4), (0.0, 0)]


def test_notes_say_how_many_were_undetermined_and_why():
    (note,) = proportions(UNITS, undetermined="not met").notes
    assert note == "remission: 3 of 8 undetermined, counted as not met (no baseline: 1, no rating at the visit: 2)"
    (note,) = proportions(UNITS, undetermined="excluded").notes
    assert "3 of 8 undetermined, left out of the denominator" in note


def test_everyone_together_has_a_null_group():
    found = proportions(UNITS, by=None, undetermined="not met")
    assert found.value("share", group=None) == 3 / 8


def test_differences_subtract_the_reference_and_name_it():
    found = risk_differences(UNITS, undetermined="not met")
    drug = found.frame.filter(group="drug").row(0, named=True)
    assert (drug["estimate"], drug["reference"], drug["n"], drug["events"]) == (0.25, "placebo", 8, 3)
    assert drug["std_error"] == pytest.approx(math.sqrt(1 / 4 * 3 / 4 / 4 + 1 / 2 * 1 / 2 / 4), rel=1e-15)
    assert (drug["conf_low"], drug["conf_high"]) == newcombe(2, 4, 1, 4, Z)
    assert found.value("risk difference", group="device") is None
    turned = risk_differences(UNITS, undetermined="not met", reference="drug")
    assert turned.value("risk difference", group="placebo", reference="drug") == -0.25


def test_several_criteria_are_answered_each():
    both = pl.concat([UNITS, UNITS.head(4).with_columns(criterion=pl.lit("response"), verdict=pl.lit("met"))])
    found = proportions(both, undetermined="excluded")
    assert found.value("share", criterion="response", group="placebo") == 1.0
    assert found.value("share", criterion="remission", group="placebo") == 1 / 3
    assert found.value("share", criterion="response", group="drug") is None
    assert len(found.notes) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.with_columns(verdict=pl.lit("maybe")), "1 verdicts are unknown: 'maybe'"),
        (lambda d: pl.concat([d, d.head(2)]), "4 outcomes stand for the same criterion and subject_id.*'1', '2'"),
        (lambda d: d.drop("verdict"), "'verdict' is not among the columns"),
        (lambda d: d.head(0), "there are 0 outcomes"),
        (lambda d: d.drop("arm"), "'arm' is not among the columns"),
        (lambda d: d.with_columns(arm=pl.lit(None, dtype=pl.String)), "none of 8 rows has a value in 'arm'"),
    ],
)
def test_outcomes_that_cannot_be_counted_are_refused(change, words):
    with pytest.raises(EstimationError, match=words):
        proportions(change(UNITS), undetermined="excluded")


def test_a_unit_without_an_arm_is_counted_in_a_note():
    gap = UNITS.with_columns(arm=pl.when(pl.col("subject_id") != "1").then("arm"))
    found = proportions(gap, undetermined="excluded")
    assert found.notes[0] == "1 of 8 rows have no value in arm and belong to no group"
    assert found.value("share", group="placebo") == 0


def test_several_treatments_of_a_subject_are_noted():
    twice = pl.concat([UNITS.head(2).with_columns(treatment_no=pl.lit(n)) for n in (1, 2)])
    assert "2 subjects count more than once in a group" in proportions(twice, undetermined="excluded").notes[0]
    by_treatment = proportions(twice, by="treatment_no", undetermined="excluded")
    assert by_treatment.frame["group"].unique().sort().to_list() == ["1", "2"]
    assert len(by_treatment.notes) == 1


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(EstimationError, match="at least two groups"):
        risk_differences(UNITS, by=None, undetermined="excluded")
    with pytest.raises(EstimationError, match="reference='surgery' is not a level of 'arm'"):
        risk_differences(UNITS, undetermined="excluded", reference="surgery")
    with pytest.raises(EstimationError, match="undetermined='missing' was given"):
        proportions(UNITS, undetermined="missing")
    with pytest.raises(EstimationError, match="confidence=95 was given"):
        proportions(UNITS, undetermined="excluded", confidence=95)
    with pytest.raises(TypeError, match="undetermined"):
        proportions(UNITS)
