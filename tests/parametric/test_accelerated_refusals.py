"""What accelerated failure time regression cannot fit, said with its reason."""

import polars as pl
import pytest

from analyses.estimates.regression.accelerated_failure import accelerated_failure
from analyses.estimates.regression.parametric_curves import parametric_survival, predicted_times
from analyses.estimates.survival.kaplan_meier import kaplan_meier
from cohort.errors import EstimationError
from tests.parametric.small_intervals import exact, intervals

TEN = exact(range(1, 11), [True, True, False] * 3 + [True], arm=["a", "b"] * 5, x=[3, 1, 4, 1, 5, 9, 2, 6, 5, 4])


def refused(words, data, formula="1", **more):
    with pytest.raises(EstimationError, match=words):
        accelerated_failure(data, formula, **more)


def test_an_event_on_day_0():
    refused(
        "2 of 5 rows have the event on day 0, which has no logarithm; give such", exact([0, 0, 1, 2, 3], [True] * 5)
    )


def test_nobody_has_the_event():
    refused("0 events among 3 rows", exact([1, 2, 3], [False] * 3))


@pytest.mark.parametrize("distribution", ["Weibull", "lognormal", "loglogistic"])
def test_a_single_dated_event_has_no_scale(distribution):
    refused("no maximum: the scale runs to 0", exact([4], [True]), distribution=distribution)
    refused("no maximum: the scale runs to 0", exact([4, 4, 4], [True] * 3), distribution=distribution)
    refused("no maximum: the scale runs to 0", exact([4, 9], [True] * 2, x=[1, 2]), "x", distribution=distribution)


def test_one_event_is_enough_for_exponential_times():
    assert accelerated_failure(exact([4], [True]), "1", distribution="exponential").value("log time") > 0


@pytest.mark.parametrize("distribution", ["Weibull", "lognormal", "loglogistic"])
def test_intervals_that_share_a_day(distribution):
    rows = intervals([(0, 5), (3, 6), (4, None), (2, 9)])
    refused("the scale runs to 0", rows, distribution=distribution)


@pytest.mark.parametrize("distribution", ["Weibull", "exponential", "lognormal", "loglogistic"])
def test_a_level_without_events(distribution):
    rows = exact([2, 3, 5, 8, 6, 7], [True] * 4 + [False] * 2, arm=["a"] * 4 + ["b"] * 2)
    refused(
        r"the likelihood of 4 events has no maximum: the coefficient of 'arm\[T.b\]' grows",
        rows,
        "arm",
        distribution=distribution,
    )


def test_a_level_with_early_events_alone():
    rows = intervals([(2, 2), (3, 3), (5, None), (0, 4), (0, 6)], arm=["a"] * 3 + ["b"] * 2)
    refused("the coefficient of 'arm.*grows without bound", rows, "arm")


def test_all_are_left_censored():
    refused("all of them are left-censored", intervals([(0, 5), (0, 7), (0, 9)]), distribution="exponential")
    refused("no maximum", intervals([(0, 5), (0, 7), (0, 9)]))


def test_later_visits_find_fewer_events():
    rows = intervals([(0, 2)] * 3 + [(2, None)] + [(0, 9)] + [(9, None)] * 3)
    refused("tell too little of the scale", rows)


def test_arguments():
    refused("distribution='gamma'; choose one of 'Weibull'", TEN, distribution="gamma")
    refused("confidence=1.5", TEN, confidence=1.5)
    refused("names 'weight'", TEN, "weight")
    refused("1 covariates are constant: 'same'", TEN.with_columns(same=pl.lit(2.0)), "same")
    refused("follow from those before them", TEN, "x + I(2 * x)")
    refused("'ward' is not among", TEN, "x", cluster="ward")


def test_subjects_that_repeat():
    twice = TEN.with_columns(subject_id=pl.Series(["s1", "s1", *"abcdefgh"]))
    refused("1 subjects have more than one row .*cluster='subject_id'", twice, "x")
    assert accelerated_failure(twice, "x", cluster="subject_id").value("Wald chi-square") >= 0


def test_missing_covariates_are_counted():
    gaps = TEN.with_columns(x=pl.when(pl.col("left") > 2).then("x"))
    found = accelerated_failure(gaps, "x")
    assert "2 of 10 rows were left out for missing values (x 2)" in found.notes
    assert set(found.frame["n"]) == {8}
    refused("each of 10 rows lacks 'x'", TEN.with_columns(x=pl.lit(None, dtype=pl.Float64)), "x")


def test_contradicting_times():
    refused("end before they begin", intervals([(5, 3), (1, 2)]))
    refused("begin before a late entry", intervals([(5, 8), (1, 2)], [6.0, 0.0]))


def test_profiles_and_other_fits():
    fit = accelerated_failure(TEN, "arm + x")
    with pytest.raises(EstimationError, match="0 profiles were given"):
        predicted_times(fit)
    with pytest.raises(EstimationError, match="'arm' has 'c', which was not fitted"):
        predicted_times(fit, pl.DataFrame({"arm": ["c"], "x": [1]}))
    with pytest.raises(EstimationError, match="probabilities="):
        predicted_times(fit, TEN, probabilities=(1.0,))
    with pytest.raises(EstimationError, match="days are finite and not negative"):
        parametric_survival(fit, TEN, times=(-1,))
    with pytest.raises(EstimationError, match="not an accelerated failure time regression"):
        predicted_times(kaplan_meier(TEN, by=None))


def test_one_cluster_gives_no_errors():
    refused("all 10 rows lie in one cluster of 'ward'", TEN.with_columns(ward=pl.lit("w")), "x", cluster="ward")


def test_fewer_clusters_than_coefficients_have_no_common_test():
    found = accelerated_failure(TEN.with_columns(ward=pl.Series(list("ab" * 5))), "x + I(x**2) + arm", cluster="ward")
    assert found.frame.filter(statistic="Wald chi-square")["estimate"].to_list() == [None]


def test_a_profile_far_from_the_data_has_a_share_but_no_days_that_a_number_holds():
    fit = accelerated_failure(TEN, "x")
    far = pl.DataFrame({"x": [-1e6, 1e6]})
    with pytest.raises(EstimationError, match=r"the upper limit of the time of profile 'x=.*' is exp\("):
        predicted_times(fit, far)
    assert sorted(parametric_survival(fit, far, times=[10]).frame["estimate"]) == [0, 1]
