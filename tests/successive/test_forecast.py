"""What a further treatment is worth: by hand, against exact shares, and what lies beyond the data."""

import numpy as np
import polars as pl
import pytest

from analyses.estimates.successive.forecast import forecast
from analyses.estimates.successive.forecast_course import course
from cohort.errors import EstimationError
from synthetic_data.succession.frailty import Beta
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession
from tests.successive.mechanism_studies import drawn_outcomes


def table(tried, met, **more):
    return pl.DataFrame({"treatment_no": range(1, len(tried) + 1), "tried": tried, "met": met, **more})


CHEN = table([1795, 742, 330, 140, 71, 43], [820, 208, 78, 21, 10, 6])
# Shares 1/2 and 1/3: a beta frailty with a = b = 1, whose chance after m failures is 1 / (m + 2).
UNIFORM = table([100, 30], [50, 10])


def column(estimates, statistic, name="estimate"):
    return estimates.frame.filter(statistic=statistic)[name].to_list()


def only(estimates, statistic, **where):
    rows = estimates.frame.filter(statistic=statistic, **where)
    assert rows.height == 1
    return rows.row(0, named=True)


def test_uniform_chances_by_hand():
    """Chances 1/2, 1/3, 1/4 ..; gain 1/2, 2/3, 3/4; treatments 1, 1 + 1/2, 1 + 1/2 + 1/3 for each of these."""
    ahead = forecast(UNIFORM, undetermined="excluded", below=0.15, horizon=6)
    assert column(ahead, "chance") == pytest.approx([1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7], rel=1e-5)
    assert column(ahead, "cumulative gain") == pytest.approx([1 / 2, 2 / 3, 3 / 4, 4 / 5, 5 / 6, 6 / 7], rel=1e-5)
    price = [1 / (1 / 2), (3 / 2) / (2 / 3), (11 / 6) / (3 / 4)]
    assert column(ahead, "treatments per success")[:3] == pytest.approx(price, rel=1e-5)
    assert ahead.value("plateau") == 6  # 1/7 is the first below 0.15
    assert column(ahead, "chance", "n") == [100, 30, 0, 0, 0, 0]


def test_a_constant_chance_by_hand():
    """60 of 130; standard error sqrt(p (1 - p) / 130) at every number; a plateau at once or never."""
    ahead = forecast(UNIFORM, undetermined="excluded", model="constant", horizon=3)
    p = 60 / 130
    assert column(ahead, "chance") == pytest.approx([p] * 3, rel=1e-9)
    assert column(ahead, "chance", "std_error") == pytest.approx([(p * (1 - p) / 130) ** 0.5] * 3, rel=1e-6)
    assert column(ahead, "treatments per success") == pytest.approx([1 / p] * 3, rel=1e-9)
    assert ahead.value("plateau") is None
    assert any(note.startswith("no plateau") for note in ahead.notes)


def test_limits_are_symmetric_on_the_logit():
    row = only(forecast(CHEN, undetermined="excluded"), "chance", group="4")
    logits = np.log(np.array([row[name] / (1 - row[name]) for name in ("conf_low", "estimate", "conf_high")]))
    assert logits[1] - logits[0] == pytest.approx(logits[2] - logits[1], rel=1e-9)
    half = 1.959964 * row["std_error"] / (row["estimate"] * (1 - row["estimate"]))
    assert logits[2] - logits[1] == pytest.approx(half, rel=1e-6)


def test_the_plateau_stands_where_the_chances_cross():
    """Chen: a / (a + b + m) = 0.803 / (1.762 + m) is below 0.1 from m = 7 on: the eighth treatment."""
    ahead = forecast(CHEN, undetermined="excluded", horizon=12)
    row = only(ahead, "plateau")
    assert (row["at"], row["estimate"]) == (0.1, 8)
    for limit in ("conf_low", "conf_high"):
        expected = next(k for k, value in enumerate(column(ahead, "chance", limit), start=1) if value < 0.1)
        assert row[limit] == expected


def test_the_course_equals_the_exact_shares():
    """With treatments that are not tolerated, up to the sixth."""
    stops = (0.1, 0.2, 0.3, 0.2, 0.1, 0.0)
    truth = step_shares(Succession(frailty=Beta(0.9, 1.4), steps=6, intolerance=stops))
    found = course(0.9 / (2.3 + np.arange(6)), np.array(stops))
    assert found.tried == pytest.approx(np.cumsum(truth.tried), rel=1e-10)
    assert found.met == pytest.approx(np.cumsum(truth.remission), rel=1e-10)
    assert found.intolerance == pytest.approx(np.cumsum(truth.intolerance), rel=1e-10)


def test_the_future_of_a_known_truth_is_recovered():
    """Six treatments seen, in which some leave and some do not tolerate; ten are forecast."""
    seen = Succession(frailty=Beta(0.9, 1.4), steps=6, intolerance=(0.15,) * 6, leaving=(0.2,) * 5)
    whole = step_shares(Succession(frailty=Beta(0.9, 1.4), steps=10, intolerance=(0.15,) * 10))
    ahead = forecast(drawn_outcomes(seen, 50_000, seed=4), undetermined="excluded")
    price = np.cumsum(whole.tried) / np.cumsum(whole.remission)
    truths = {
        "chance": 0.9 / (2.3 + np.arange(10)),
        "cumulative gain": np.cumsum(whole.remission),
        "cumulative intolerance": np.cumsum(whole.intolerance),
        "treatments per success": price,
    }
    for statistic, true in truths.items():
        z = (np.array(column(ahead, statistic)) - true) / np.array(column(ahead, statistic, "std_error"), dtype=float)
        # Beyond the data the pooled share of intolerance carries no error of its own.
        assert np.abs(z[:6]).max() < 4.5, statistic
        assert column(ahead, statistic) == pytest.approx(true, rel=0.05), statistic


def test_intolerance_of_the_first_treatment_has_the_binomial_error():
    ahead = forecast(table([200, 80, 40], [80, 20, 8], intolerance=[40, 20, 10]), undetermined="excluded")
    row = only(ahead, "cumulative intolerance", group="1")
    assert row["estimate"] == pytest.approx(0.2)
    assert row["std_error"] == pytest.approx((0.2 * 0.8 / 200) ** 0.5, rel=1e-6)


def test_what_lies_beyond_the_data_is_said():
    ahead = forecast(CHEN, undetermined="excluded", horizon=10)
    assert any(note.startswith("treatments 7 to 10 lie beyond the data") for note in ahead.notes)
    assert any(note.startswith("other models that these data do not contradict give") for note in ahead.notes)
    inside = forecast(CHEN, undetermined="excluded", horizon=6)
    assert not any("beyond the data:" in note for note in inside.notes)


def test_a_model_that_does_not_fit_says_so():
    ahead = forecast(table([3671, 1439, 390, 123], [1346, 439, 53, 16]), undetermined="excluded")
    assert any(note.startswith("beta frailty: does not fit") for note in ahead.notes)


def test_outcomes_and_counts_give_the_same():
    outcomes = drawn_outcomes(Succession(frailty=Beta(1.0, 1.0), steps=4), 400, seed=9)
    by_number = outcomes.group_by("treatment_no").agg(
        tried=pl.len().cast(pl.Int64), met=(pl.col("verdict") == "met").sum()
    )
    counts = by_number.sort("treatment_no")
    one, two = (forecast(data, undetermined="excluded").frame for data in (outcomes, counts))
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert one[name].to_list() == pytest.approx(two[name].to_list(), abs=1e-10)


def test_undetermined_treatments_change_the_chance_as_told():
    data = table([100, 40], [40, 10], undetermined=[20, 0])
    chances = [
        forecast(data, undetermined=how, horizon=2).value("chance", group="1") for how in ("excluded", "not met")
    ]
    assert chances == pytest.approx([0.5, 0.4], rel=1e-5)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"below": 0.0}, "below=0.0"),
        ({"below": 10}, "below=10"),
        ({"horizon": 0}, "horizon=0"),
        ({"horizon": 2.5}, "horizon=2.5"),
        ({"model": "weibull"}, "model='weibull'"),
        ({"undetermined": "no"}, "undetermined='no'"),
        ({"model": "beta frailty and dependence"}, "3 parameters"),
        ({"level": 1.5}, "confidence=1.5"),
    ],
)
def test_arguments_out_of_range_are_refused(more, said):
    with pytest.raises(EstimationError, match=said):
        forecast(UNIFORM, **({"undetermined": "excluded"} | more))


@pytest.mark.parametrize(("met", "said"), [([0, 0], "nobody"), ([100, 30], "everybody")])
def test_nobody_or_everybody_is_refused(met, said):
    data = pl.DataFrame({"treatment_no": [1, 2], "failures": [0, 1], "tried": [100, 30], "met": met})
    with pytest.raises(EstimationError, match=said):
        forecast(data, undetermined="excluded")
