"""What verbs tell of a fitted Cox regression: whose number it is, for whom it is foretold, and what is refused."""

import math

import polars as pl
import pytest

from analyses import (
    baseline_hazard,
    concordance,
    cox,
    kaplan_meier,
    linear_predictor,
    predicted_survival,
    proportional_hazards_test,
    residuals,
)
from cohort.errors import EstimationError

# Day 1: b of all; day 2: c, which is censored; day 3: a of a and d; day 4: d. e has no x.
ROWS = pl.DataFrame(
    {
        "subject_id": ["d", "a", "e", "c", "b"],
        "entry": 0.0,
        "left": [4.0, 3.0, 2.0, 2.0, 1.0],
        "right": [4.0, 3.0, None, None, 1.0],
        "cause": ["died", "died", None, None, "died"],
        "x": [0.0, 1.0, None, 0.0, 1.0],
        "site": ["N", "N", "N", "S", "S"],
    }
)
# The score is 2 - 2 theta / (2 theta + 2) - theta / (theta + 1), which is 0 for no finite theta; so one more row.
MORE = pl.concat([ROWS, ROWS.filter(subject_id="b").with_columns(subject_id=pl.lit("f"), left=2.5, right=2.5, x=0.0)])
FIT = cox(MORE, "x")
# Rows with x by day: 1 b(1), 2 c(0) censored, 2.5 f(0), 3 a(1), 4 d(0).
THETA = math.exp(FIT.value("log hazard ratio"))
STEPS = {1.0: 1 / (2 * THETA + 3), 2.5: 1 / (THETA + 2), 3.0: 1 / (THETA + 1), 4.0: 1.0}


def hazard(day):
    return sum(step for at, step in STEPS.items() if at <= day)


def test_residuals_are_in_the_order_of_the_rows_and_left_out_rows_have_none():
    found = residuals(FIT)
    assert found["row"].to_list() == [0, 1, 3, 4, 5]
    assert found["subject_id"].to_list() == ["d", "a", "c", "b", "f"]
    risk = [(1, 4.0), (THETA, 3.0), (1, 2.0), (THETA, 1.0), (1, 2.5)]
    expected = [d - r * hazard(day) for d, (r, day) in zip((1, 1, 0, 1, 1), risk, strict=True)]
    assert found["residual"].to_list() == pytest.approx(expected, rel=1e-12, abs=1e-14)
    other = residuals(cox(MORE.reverse(), "x")).sort("subject_id")
    assert other["residual"].to_list() == found.sort("subject_id")["residual"].to_list()


def test_residuals_by_coefficient_carry_its_name():
    score, dfbeta = residuals(FIT, kind="score"), residuals(FIT, kind="dfbeta")
    assert score.columns == dfbeta.columns == ["row", "subject_id", "x"]
    assert score["x"].sum() == pytest.approx(0, abs=1e-9)
    variance = FIT.model.inverse_information[0, 0]
    assert dfbeta["x"].to_list() == pytest.approx((score["x"] * variance).to_list(), rel=1e-12)


def test_schoenfeld_residuals_are_those_of_events_by_day():
    found = residuals(FIT, kind="Schoenfeld")
    assert found.columns == ["row", "subject_id", "day", "x"]
    assert found["subject_id"].to_list() == ["b", "f", "a", "d"]
    means = [2 * THETA / (2 * THETA + 3), THETA / (THETA + 2), THETA / (THETA + 1), 0]
    assert found["x"].to_list() == pytest.approx([x - m for x, m in zip((1, 0, 1, 0), means, strict=True)], rel=1e-12)
    within = residuals(cox(MORE.with_columns(y=pl.Series([1.0, 3, 2, 5, 4, 4])), "y", strata="site"), kind="Schoenfeld")
    assert within.columns == ["row", "subject_id", "stratum", "day", "y"]
    assert within["stratum"].is_sorted()


def test_the_baseline_is_of_zeros_or_of_means():
    curve = baseline_hazard(FIT).frame
    assert curve["at"].to_list() == [0.0, *STEPS]
    assert curve["estimate"].to_list() == pytest.approx([hazard(day) for day in curve["at"]], rel=1e-12)
    # x is nothing but 0 and 1: it stays where it is.
    assert baseline_hazard(FIT, centred=True).frame["estimate"].to_list() == curve["estimate"].to_list()
    years = MORE.with_columns(x=pl.col("x") + 2000)
    moved = baseline_hazard(cox(years, "x"), centred=True).frame["estimate"][-1]
    assert moved == pytest.approx(THETA**0.4 * hazard(4), rel=1e-9)


def test_survival_is_foretold_for_named_profiles():
    found = predicted_survival(FIT, pl.DataFrame({"x": [0.0, 1.0]}), times=(0, 2.5, 4.5)).frame
    points = found.filter(term="time point")
    assert points["group"].to_list() == ["x=0"] * 3 + ["x=1"] * 3
    assert points["estimate"].to_list()[2::3] == [None, None]
    expected = [1, math.exp(-hazard(2.5)), 1, math.exp(-THETA * hazard(2.5))]
    assert points["estimate"].drop_nulls().to_list() == pytest.approx(expected, rel=1e-12)
    assert points["std_error"].to_list()[::3] == [0, 0]
    named = pl.DataFrame({"x": [0.5], "profile": ["half"]})
    curve = predicted_survival(FIT, named, limits="log").frame.filter(term="curve")
    assert curve["group"].unique().to_list() == ["half"]
    assert curve["estimate"].to_list() == pytest.approx([math.exp(-(THETA**0.5) * hazard(t)) for t in curve["at"]])


def test_a_profile_has_the_curve_of_its_stratum():
    rows = pl.concat(
        [
            MORE,
            MORE.with_columns(pl.col("subject_id") + "2", left=pl.col("left") + 10).with_columns(
                right=pl.when(pl.col("right").is_not_null()).then(pl.col("left")), site=pl.lit("W")
            ),
        ]
    )
    fit = cox(rows.with_columns(site=pl.when(site="W").then(pl.lit("W")).otherwise(pl.lit("N"))), "x", strata="site")
    found = predicted_survival(fit, pl.DataFrame({"x": [0.0, 0.0], "site": ["W", "N"]}), times=(4,)).frame
    assert found.filter(term="time point")["group"].to_list() == ["x=0, site=W", "x=0, site=N"]
    early, late = found.filter(term="time point")["estimate"].to_list()
    assert early == 1
    assert late == pytest.approx(math.exp(-hazard(4)), rel=1e-9)
    assert baseline_hazard(fit).frame["group"].unique().sort().to_list() == ["N", "W"]
    with pytest.raises(EstimationError, match="the strata 'S' were not fitted; there were 'N', 'W'"):
        predicted_survival(fit, pl.DataFrame({"x": [0.0], "site": ["S"]}))
    with pytest.raises(EstimationError, match="the columns of the strata: 'site' is not among"):
        predicted_survival(fit, pl.DataFrame({"x": [0.0], "profile": ["p"]}))


def test_linear_predictors_of_the_rows_and_of_others():
    beta = math.log(THETA)
    assert linear_predictor(FIT)["linear_predictor"].to_list() == pytest.approx([0, beta, 0, beta, 0], rel=1e-12)
    years = MORE.with_columns(x=2 * pl.col("x") + 2000)
    centred = linear_predictor(cox(years, "x"))["linear_predictor"].to_list()
    assert centred == pytest.approx([beta * (x - 0.4) for x in (0, 1, 0, 1, 0)], rel=1e-9)
    other = linear_predictor(FIT, profiles=pl.DataFrame({"who": ["p"], "x": [3]}), centred=False)
    assert other.columns == ["who", "x", "linear_predictor"]
    assert other["linear_predictor"].to_list() == pytest.approx([3 * beta], rel=1e-12)


FACTOR = MORE.with_columns(arm=pl.Series(["A", "B", "A", "B", "A", "B"], dtype=pl.Enum(["A", "B", "C"])))


@pytest.mark.parametrize(
    ("formula", "profile", "words"),
    [
        ("x", {"y": [1.0]}, "'x'"),
        ("x", {"x": [None]}, "'x' is empty in 1 of 1 rows"),
        ("x", {"x": ["high"]}, "'x' was fitted as a number; here it is String"),
        ("arm", {"arm": ["C"]}, "'arm' has 'C', which was not fitted; it had 'A', 'B'"),
        ("x", {"x": [0.0, 0.0]}, "1 names of profiles stand more than once"),
        ("x", {"x": []}, "0 profiles were given"),
        ("x", {"x": [1e6]}, "so far from the data that their hazard is no finite number"),
    ],
)
def test_profiles_that_cannot_be_coded_are_refused(formula, profile, words):
    frame = pl.DataFrame(profile, schema_overrides={"x": pl.Float64} if profile.get("x") in ([None], []) else {})
    with pytest.raises(EstimationError, match=words):
        predicted_survival(cox(FACTOR, formula), frame)


def test_interactions_and_functions_code_other_rows_alike():
    rows = pl.concat(
        [
            FACTOR.with_columns(
                pl.col("subject_id") + str(i),
                left=pl.col("left") + 0.1 * i,
                age=40.0 + 3 * i + pl.int_range(pl.len()) ** 2,
            )
            for i in range(5)
        ]
    ).with_columns(right=pl.when(pl.col("right").is_not_null()).then(pl.col("left")))
    for formula in ("arm*age", "C(arm, contr.treatment(base='B')) + poly(age, 2)", "bs(age, df=4)", "log(age) + arm"):
        fit = cox(rows, formula)
        own = linear_predictor(fit)["linear_predictor"].to_list()
        again = linear_predictor(fit, profiles=rows.drop("x"))["linear_predictor"].to_list()
        assert again == pytest.approx(own, rel=1e-9, abs=1e-12)
    tested = proportional_hazards_test(cox(rows, "arm + poly(age, 2)")).frame
    assert tested.select("term", "df").rows() == [("arm", 1), ("poly(age, 2)", 2), ("global", 3)]
    with pytest.raises(EstimationError, match="cannot be evaluated for these rows"):
        linear_predictor(cox(rows, "bs(age, df=4)"), profiles=pl.DataFrame({"age": [900.0]}))


def test_proportional_hazards_cannot_be_tested_everywhere():
    day0 = MORE.with_columns(
        left=pl.when(subject_id="b").then(0.0).otherwise("left"),
        right=pl.when(subject_id="b").then(0.0).otherwise("right"),
    )
    with pytest.raises(EstimationError, match="1 events fall on day 0, which has no logarithm"):
        proportional_hazards_test(cox(day0, "x"), transform="log")
    assert proportional_hazards_test(cox(day0, "x")).value("proportional hazards chi-square", term="x") > 0
    one_day = MORE.with_columns(left=3.0, right=pl.when(pl.col("right").is_not_null()).then(3.0))
    with pytest.raises(EstimationError, match="all events fall on day 3"):
        proportional_hazards_test(cox(one_day, "x"))
    with pytest.raises(EstimationError, match="known are 'km', 'identity', 'log', 'rank'"):
        proportional_hazards_test(FIT, transform="square")


def test_a_variable_whose_events_tell_of_one_day_only_has_no_test():
    # z differs on day 1 alone, when b with z and h without it have the event: who else has z is gone after it.
    added = [("g", None, 1.0), ("h", 1.0, 0.0)]
    more = pl.DataFrame(
        {
            "subject_id": [name for name, _, _ in added],
            "left": 1.0,
            "right": [right for _, right, _ in added],
            "z": [z for _, _, z in added],
        }
    )
    rows = MORE.with_columns(z=(pl.col("left") <= 1).cast(pl.Float64))
    rows = pl.concat([rows, more], how="diagonal").with_columns(
        entry=0.0, cause=pl.when(pl.col("right").is_not_null()).then(pl.lit("died"))
    )
    found = proportional_hazards_test(cox(rows, "z"))
    assert found.value("proportional hazards chi-square", term="z") is None
    assert "the data cannot tell" in found.notes[0]


@pytest.mark.parametrize("verb", [residuals, proportional_hazards_test, baseline_hazard, linear_predictor])
def test_what_is_no_cox_fit_is_refused(verb):
    with pytest.raises(EstimationError, match=r"needs what cox\(\) returned in this run"):
        verb(kaplan_meier(MORE, by=None))


def test_exact_ties_have_no_residuals_but_a_linear_predictor():
    exact = cox(MORE, "x", ties="exact")
    with pytest.raises(EstimationError, match="not defined for exact ties"):
        residuals(exact)
    assert linear_predictor(exact).height == 5
    with pytest.raises(EstimationError, match="known are 'martingale'"):
        residuals(FIT, kind="Cox-Snell")


def test_a_robust_fit_says_that_the_test_is_not():
    found = proportional_hazards_test(cox(MORE, "x", cluster="subject_id"))
    assert found.notes == ("the test takes rows for independent; it does not allow for dependence within subject_id",)
    assert found.value("proportional hazards chi-square", term="x") == pytest.approx(
        proportional_hazards_test(FIT).value("proportional hazards chi-square", term="x"), rel=1e-9
    )


def test_concordance_with_its_error_and_its_pairs():
    # The hazard of x = 1 is higher. b (1) before c, f, d: right, before a: tied; f (0) before a: wrong, before d: tied;
    # a (1) before d: right.
    assert THETA > 1
    found = concordance(FIT)
    assert found.frame.filter(statistic="pairs")["estimate"].to_list() == [4, 1, 2]
    value = found.value("concordance")
    assert value == pytest.approx(5 / 7, rel=1e-15)
    assert FIT.value("concordance") == value
    right, pairs = {"b": 3.5, "c": 1, "f": 1.5, "a": 1.5, "d": 2.5}, {"b": 4, "c": 1, "f": 3, "a": 3, "d": 3}
    variance = sum(((right[one] - 5 / 7 * pairs[one]) / 7) ** 2 for one in pairs)
    row = found.frame.row(0, named=True)
    assert row["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert (row["conf_high"], row["n"], row["events"]) == (1, 5, 4)
    tied = MORE.filter(pl.col("right").is_not_null()).with_columns(left=1.0, right=1.0)
    with pytest.raises(EstimationError, match="0 pairs among 4 rows can be ordered"):
        concordance(cox(tied, "x", ties="breslow"))
