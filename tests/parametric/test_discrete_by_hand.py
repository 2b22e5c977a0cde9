"""Hazards by period of a few subjects, counted by hand."""

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyses.estimates.regression.binomial_fit import clustered_covariance, fit_binomial
from analyses.estimates.regression.discrete_hazard import discrete_hazard
from analyses.estimates.regression.interval_hazards import interval_cox
from cohort.errors import EstimationError
from tests.parametric.small_intervals import exact, intervals, row_of

LINKS = ("logit", "cloglog")
# Ten seen at 14, 28 and 42: 4 of 10 by 14; one leaves on 14; 2 of 5 by 28; 1 of 3 by 42.
TEN = [(0, 14)] * 4 + [(14, None)] + [(14, 28)] * 2 + [(28, 42), (42, None), (42, None)]


def hazards(found, *columns):
    return found.frame.filter(statistic="hazard").select("at", *columns).rows()


@pytest.mark.parametrize("link", LINKS)
def test_without_covariates_hazards_are_events_of_those_at_risk(link):
    found = discrete_hazard(intervals(TEN), "1", periods=[14, 28, 42], link=link)
    assert hazards(found, "n", "events") == [(14, 10, 4), (28, 5, 2), (42, 3, 1)]
    shares = Fraction(4, 10), Fraction(2, 5), Fraction(1, 3)
    assert [row[1] for row in hazards(found, "estimate")] == pytest.approx([float(s) for s in shares], rel=1e-12)
    errors = [math.sqrt(s * (1 - s) / n) for s, n in zip(shares, (10, 5, 3), strict=True)]
    assert [row[1] for row in hazards(found, "std_error")] == pytest.approx(errors, rel=1e-10)
    fitted = sum(
        d * math.log(Fraction(d, n)) + (n - d) * math.log(Fraction(n - d, n)) for d, n in ((4, 10), (2, 5), (1, 3))
    )
    assert found.value("log likelihood", term="fitted") == pytest.approx(fitted, rel=1e-12)
    assert found.value("AIC") == pytest.approx(2 * 3 - 2 * fitted, rel=1e-12)
    assert (row_of(found, "AIC")["n"], row_of(found, "AIC")["events"]) == (10, 7)


def test_periods_are_the_days_on_which_events_were_seen():
    assert discrete_hazard(intervals(TEN), "1").frame.equals(
        discrete_hazard(intervals(TEN), "1", periods=[14, 28, 42]).frame
    )


def test_dated_events_fall_in_the_period_of_their_day():
    # Days 0 and 14 are in the first period, 15 in the second; 50 comes after the last.
    found = discrete_hazard(
        exact([0, 14, 15, 28, 20, 28, 13, 50], [True] * 4 + [False] * 3 + [True]), "1", periods=[14, 28]
    )
    # Censored on 20: at risk in the first alone; on 28: in both; on 13: in none.
    assert hazards(found, "n", "events") == [(14, 7, 2), (28, 4, 2)]
    assert found.notes == ("1 rows are at risk in no whole period and tell nothing",)
    assert row_of(found, "AIC")["n"] == 7


def test_late_entry_counts_from_the_first_whole_period():
    # Entered on 14 (at risk from the second on), on 15 (from the third), and on 15 with the event on 20 (in none).
    rows = exact([28, 40, 20, 10, 42], [True, True, True, True, False], [14, 15, 15, 0, 0])
    found = discrete_hazard(rows, "1", periods=[14, 28, 42])
    assert hazards(found, "n", "events") == [(14, 2, 1), (28, 2, 1), (42, 2, 1)]
    assert found.notes == (
        "1 rows are at risk in no whole period and tell nothing (1 have the event in the period in which they entered)",
    )


def test_one_period_and_two_arms_are_a_table_of_two_by_two():
    rows = intervals([(0, 7)] * 6 + [(7, None)] * 4 + [(0, 7)] * 3 + [(7, None)] * 9, arm=["a"] * 10 + ["b"] * 12)
    odds = discrete_hazard(rows, "arm", periods=[7])
    ratio = row_of(odds, "log odds ratio")
    assert odds.value("odds ratio") == pytest.approx(float(Fraction(3, 9) / Fraction(6, 4)), rel=1e-12)
    assert ratio["std_error"] == pytest.approx(math.sqrt(sum(Fraction(1, n) for n in (6, 4, 3, 9))), rel=1e-12)
    assert (ratio["term"], ratio["group"], ratio["reference"]) == ("arm", "b", "a")
    null = 9 * math.log(9 / 22) + 13 * math.log(13 / 22)
    assert odds.value("log likelihood", term="null") == pytest.approx(null, rel=1e-12)
    hazard = discrete_hazard(rows, "arm", periods=[7], link="cloglog")
    assert hazard.value("hazard ratio") == pytest.approx(
        math.log(Fraction(9, 12)) / math.log(Fraction(4, 10)), rel=1e-12
    )
    variance = [p / (n * (1 - p) * math.log(1 - p) ** 2) for p, n in ((0.6, 10), (0.25, 12))]
    assert row_of(hazard, "log hazard ratio")["std_error"] == pytest.approx(math.sqrt(sum(variance)), rel=1e-10)


def test_periods_in_which_all_or_none_have_the_event_tell_nothing():
    rows = intervals([(0, 7), (0, 7), (7, None), (14, 21), (14, 21), (0, 7), (14, 21)], arm=list("abababa"))
    found = discrete_hazard(rows, "arm", periods=[7, 14, 21, 28])
    assert hazards(found, "estimate", "std_error", "n")[1:] == [
        (14, 0.0, None, 3),
        (21, 1.0, None, 3),
        (28, None, None, 0),
    ]
    assert "in 2 of 4 periods (ending on day '14', '21') nobody or everybody at risk had the event" in found.notes[-1]
    first = [(0, 7), (0, 7), (7, None), (7, None), (7, None), (0, 7), (7, None)]
    alone = discrete_hazard(intervals(first, arm=list("abababa")), "arm", periods=[7])
    assert found.value("log odds ratio") == pytest.approx(alone.value("log odds ratio"), rel=1e-12)


def test_one_subject():
    found = discrete_hazard(exact([3], [True]), "1", periods=[7])
    assert hazards(found, "estimate", "n", "events") == [(7, 1.0, 1, 1)]
    assert found.value("log likelihood", term="fitted") == 0


def test_a_line_has_its_rows():
    rows = intervals(TEN * 3)
    found = discrete_hazard(rows, "1", periods=[14, 28, 42], baseline="line", link="cloglog")
    number = row_of(found, "log hazard ratio", term="period")
    matrix = np.array([[1.0, 1], [1, 2], [1, 3]])
    fit = fit_binomial(matrix, np.array([12.0, 6, 3]), np.array([30.0, 15, 9]), link="cloglog")
    assert number["estimate"] == pytest.approx(fit.coefficients[1], rel=1e-12)
    assert number["std_error"] == pytest.approx(math.sqrt(fit.covariance[1, 1]), rel=1e-12)
    chances = 1 - np.exp(-np.exp(matrix @ fit.coefficients))
    assert [row[1] for row in hazards(found, "estimate")] == pytest.approx(list(chances), rel=1e-12)
    for baseline, terms in (("quadratic", {"period", "period squared"}), ("logarithm", {"log period"})):
        other = discrete_hazard(rows, "1", periods=[14, 28, 42], baseline=baseline).frame
        assert set(other.filter(statistic="odds ratio")["term"]) == terms


DRAWN = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from([0, 0, 3, 5]), st.integers(0, 2), st.integers(0, 3)),
    min_size=10,
    max_size=30,
)


def person_periods(rows, ends):
    """Return (period, event, x, cluster) of each subject in each period, by the definition."""
    for length, seen, entry, x, cluster in rows:
        time = entry + length
        begin = 0
        for number, end in enumerate(ends):
            event = seen and (begin < time <= end or (time == 0 and number == 0))
            if entry <= begin and (event or time >= end):
                yield number, event, x, cluster
            if event:
                break
            begin = end


@settings(deadline=None, max_examples=8)
@given(DRAWN, st.sampled_from(LINKS))
def test_counts_are_single_subjects_and_periods(rows, link):
    ends = [3, 6, 11]
    data = exact(
        [row[0] + row[2] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        x=[row[3] for row in rows],
        ward=[row[4] for row in rows],
    )
    single = list(person_periods(rows, ends))
    usable = [k for k in range(3) if len({event for number, event, *_ in single if number == k}) == 2]
    kept = [one for one in single if one[0] in usable]
    assume(len(kept) and len({one[2] for one in kept}) > 1)
    matrix = np.array([[*(number == k for k in usable), x] for number, _, x, _ in kept], dtype=float)
    met = np.array([event for _, event, *_ in kept], dtype=float)
    try:
        fit = fit_binomial(matrix, met, np.ones(len(met)), link=link)
    except EstimationError:
        assume(False)
    found = discrete_hazard(data, "x", periods=ends, link=link)
    name = "log odds ratio" if link == "logit" else "log hazard ratio"
    assert found.value(name) == pytest.approx(fit.coefficients[-1], rel=1e-7, abs=1e-9)
    assert found.value("log likelihood", term="fitted") == pytest.approx(fit.log_likelihood, rel=1e-10)
    assert row_of(found, name)["std_error"] == pytest.approx(math.sqrt(fit.covariance[-1, -1]), rel=1e-6)
    robust = discrete_hazard(data, "x", periods=ends, link=link, cluster="ward")
    scores = np.array(
        [(matrix * fit.scores[:, None])[[one[3] == ward for one in kept]].sum(axis=0) for ward in range(4)]
    )
    wanted = clustered_covariance(fit, scores)
    assert robust.model.covariance == pytest.approx(wanted, rel=1e-5, abs=1e-7 * np.abs(wanted).max())


@settings(deadline=None, max_examples=8)
@given(DRAWN, st.randoms())
def test_frequencies_and_order(rows, random):
    data = exact(
        [row[0] + row[2] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        x=[row[3] for row in rows],
    )
    data = data.with_columns(many=pl.Series([row[4] for row in rows]))
    each = data.with_columns(pl.int_ranges("many").alias("copy")).explode("copy", empty_as_null=False)
    each = each.with_columns(subject_id=pl.int_range(pl.len()).cast(pl.String))
    order = list(range(each.height))
    random.shuffle(order)
    try:
        found = discrete_hazard(data, "x", periods=[3, 6, 11], frequency="many")
    except EstimationError:
        assume(False)
    assert found.frame.equals(discrete_hazard(each[order], "x", periods=[3, 6, 11]).frame)


def test_on_shared_visits_it_is_the_proportional_hazards_model_of_intervals():
    rng = np.random.default_rng(5)
    x = rng.normal(size=120)
    visit = np.ceil(rng.exponential(2 * np.exp(-0.6 * x))).clip(max=5)
    rows = intervals([(v - 1, v if v < 5 else None) for v in visit], x=x)
    grouped = discrete_hazard(rows, "x", link="cloglog")
    curve = interval_cox(rows, "x")
    assert grouped.value("log hazard ratio") == pytest.approx(curve.value("log hazard ratio"), rel=1e-8)
    for term in ("null", "fitted"):
        both = [one.value("log likelihood", term=term) for one in (grouped, curve)]
        assert both[0] == pytest.approx(both[1], rel=1e-10)
    # Expected information here, the profile's curvature over a step there.
    errors = [row_of(one, "log hazard ratio")["std_error"] for one in (grouped, curve)]
    assert errors[0] == pytest.approx(errors[1], rel=0.05)


def refused(words, data, formula="1", **more):
    with pytest.raises(EstimationError, match=words):
        discrete_hazard(data, formula, **more)


def test_what_cannot_be_fitted():
    missed = intervals([(0, 14), (0, 28), (14, 28), (28, None)])
    refused(r"1 of 4 events lie in one of several periods \(subjects '001'\), as after a missed visit", missed)
    refused("0 events among 2 rows", exact([3, 4], [False, False]), periods=[7])
    refused("0 events lie in the 1 periods", exact([30, 4], [True, False]), periods=[7])
    refused("0 of 2 rows have the event after day 0", exact([0, 4], [True, False]))
    for periods in ((), (7, 7), (14, 7), (0, 7), (7, math.inf)):
        refused("give the last day of each period", exact([3, 4], [True, False]), periods=periods)
    refused("link='probit'", missed, link="probit", periods=[28])
    refused("baseline='spline'", missed, baseline="spline", periods=[28])
    refused("no covariate can be told", intervals([(0, 7), (0, 7)], arm=["a", "b"]), "arm")
    silent = intervals([(0, 7), (7, None), (7, None), (7, None)], arm=["a", "a", "b", "b"])
    refused("the likelihood has no maximum", silent, "arm", periods=[7])
    refused("more than one row", intervals(TEN).with_columns(subject_id=pl.lit("s")), periods=[14, 28, 42])


@pytest.mark.parametrize("periods", [["week 1"], 7, [7, None], [14, 7], []])
def test_periods_are_days_in_their_order(periods):
    with pytest.raises(EstimationError, match=r"periods=.* were given; give the last day of each period"):
        discrete_hazard(intervals(TEN), "1", periods=periods)
