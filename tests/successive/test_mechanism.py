"""Selection or dependence: published cohorts, known truths, and what happens where the data say little."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analyses.estimates.successive.failure_counts import by_failures
from analyses.estimates.successive.fitting import fit, log_likelihood
from analyses.estimates.successive.mechanism import mechanism
from analyses.estimates.successive.models import BETA_FRAILTY
from cohort.errors import EstimationError

REFERENCE = Path(__file__).parents[2] / "../shared/reference/06_diminishing_returns"
FRAILTY, FULL = "beta frailty", "beta frailty and dependence"


def table(tried, met, **more):
    return pl.DataFrame({"treatment_no": range(1, len(tried) + 1), "tried": tried, "met": met, **more})


CHEN = table([1795, 742, 330, 140, 71, 43], [820, 208, 78, 21, 10, 6])
BRODIE = table([1098, 398, 168, 68, 32, 16], [543, 146, 41, 11, 4, 2])
STARD = table([3671, 1439, 390, 123], [1346, 439, 53, 16])
COHORTS = {"Chen 2018": CHEN, "Brodie 2012": BRODIE, "STAR*D": STARD}


@pytest.fixture(scope="module")
def found():
    return {name: mechanism(data, undetermined="excluded") for name, data in COHORTS.items()}


def only(estimates, statistic, **where):
    rows = estimates.frame.filter(statistic=statistic, **where)
    assert rows.height == 1
    return rows.row(0, named=True)


# clinical_rules.md, section 8.4
@pytest.mark.parametrize(
    ("cohort", "a", "b", "x2", "df", "p"),
    [
        ("Chen 2018", 0.803, 0.959, 1.96, 4, 0.74),
        ("Brodie 2012", 1.065, 1.075, 3.0, 4, 0.56),
        ("STAR*D", 0.978, 1.656, 24.6, 2, 4e-6),
    ],
)
def test_beta_frailty_of_published_cohorts(found, cohort, a, b, x2, df, p):
    assert found[cohort].value("a", term=FRAILTY) == pytest.approx(a, abs=6e-4)
    assert found[cohort].value("b", term=FRAILTY) == pytest.approx(b, abs=6e-4)
    fits = only(found[cohort], "Pearson chi-square", term=FRAILTY)
    assert fits["estimate"] == pytest.approx(x2, abs=0.05)
    assert fits["df"] == df
    assert fits["p_value"] == pytest.approx(p, rel=0.12)


@pytest.mark.parametrize(("cohort", "ratio", "x2"), [("Chen 2018", 1.64, 14.5), ("Brodie 2012", 1.68, 1.1)])
def test_constant_odds_ratio_of_published_cohorts(found, cohort, ratio, x2):
    assert found[cohort].value("odds ratio of failure", term="dependence") == pytest.approx(ratio, abs=0.005)
    assert found[cohort].value("Pearson chi-square", term="dependence") == pytest.approx(x2, abs=0.05)


def test_fitted_chances_of_published_cohorts(found):
    printed = {"Chen 2018": [0.456, 0.291, 0.213, 0.169, 0.139, 0.119], "STAR*D": [0.371, 0.269, 0.211, 0.174]}
    for cohort, chances in printed.items():
        rows = found[cohort].frame.filter(statistic="fitted chance", term=FRAILTY)
        assert rows["estimate"].to_list() == pytest.approx(chances, abs=6e-4)
        assert rows["group"].to_list() == [str(k) for k in range(1, len(chances) + 1)]


def test_the_odds_ratio_of_depression(found):
    assert found["STAR*D"].value("odds ratio of failure", term="dependence") == pytest.approx(1.58, abs=0.005)


def test_the_test_is_reported_only_where_the_fuller_model_fits(found):
    test = only(found["Chen 2018"], "likelihood ratio chi-square", term=FULL)
    lost = [found["Chen 2018"].value("log likelihood", term=term) for term in (FULL, FRAILTY)]
    assert test["estimate"] == pytest.approx(2 * (lost[0] - lost[1]), abs=1e-9)
    assert (test["df"], test["reference"]) == (1, FRAILTY)
    assert test["p_value"] == pytest.approx(0.648, abs=0.001)
    assert found["STAR*D"].frame.filter(statistic="likelihood ratio chi-square").is_empty()
    assert any(note.startswith(f"{FULL}: does not fit") for note in found["STAR*D"].notes)


def test_selection_shares_of_published_cohorts(found):
    """Chen: all selection, dependence fitted the other way; Brodie: anything from nothing to all."""
    chen, brodie = (only(found[name], "selection share", term=FULL, group="6") for name in ("Chen 2018", "Brodie 2012"))
    # scipy's SLSQP, the extremes of the share where twice the log-likelihood lost is 3.8415
    assert [chen["conf_low"], chen["conf_high"]] == pytest.approx([0.710668, 1.461992], abs=2e-5)
    assert [brodie["conf_low"], brodie["conf_high"]] == pytest.approx([0.0, 1.111088], abs=2e-5)
    assert chen["estimate"] > 1
    assert any("above 1" in note for note in found["Chen 2018"].notes)


def test_what_the_data_cannot_tell_apart_is_said(found):
    for estimates in found.values():
        assert any("cannot tell apart" in note for note in estimates.notes)
        said = [note for note in estimates.notes if note.startswith("sensitivity to the form of frailty")]
        assert len(said) == 1
        assert "beta frailty" in said[0]
        assert "logit-normal frailty" in said[0]


def test_every_block_of_the_reference_is_known_and_holds_no_frailty_model():
    """Blocks: arithmetic, denominators, trend, STAR*D, switching. What is of a model here is tested below."""
    if not REFERENCE.exists():
        pytest.skip("the reference folder does not stand beside the checkout")
    blocks = json.loads((REFERENCE / "expected.json").read_text())["blocks"]
    assert [b["block"] for b in blocks] == ["checks", "two_denominators", "trend", "stard", "switch_vs_stay"]
    words = json.dumps(blocks).lower()
    assert not any(word in words for word in ("frailty", "beta-binomial", "heterogeneity"))


def test_dependence_and_observed_chances_equal_the_reference():
    """Blocks two_denominators and trend, Brodie 2012: R's glm of nine regimens is the model "dependence"."""
    if not REFERENCE.exists():
        pytest.skip("the reference folder does not stand beside the checkout")
    blocks = json.loads((REFERENCE / "expected.json").read_text())["blocks"]
    expected = {stat["id"]: stat["value"] for block in blocks for stat in block["stats"]}
    steps = pl.read_csv(REFERENCE / "published_steps.csv", infer_schema=False)
    steps = steps.filter(pl.col("study") == "Brodie_2012", pl.col("step").str.contains(r"^[0-9]+$"))
    data = steps.select(
        treatment_no=pl.col("step").cast(int), tried=pl.col("n_entering").cast(int), met=pl.col("n_success").cast(int)
    )
    estimates = mechanism(data, undetermined="excluded")
    slope, error, _ = expected["brodie2012.logistic_slope_se_p"]
    row = only(estimates, "dependence", term="dependence")
    assert (row["estimate"], row["std_error"]) == pytest.approx((-slope, error), rel=1e-6)
    ratio = only(estimates, "odds ratio of failure", term="dependence")
    success = expected["brodie2012.OR_success_per_step_ci"]
    assert ratio["estimate"] == pytest.approx(expected["brodie2012.OR_failure_per_step"], rel=1e-6)
    assert (ratio["conf_high"], ratio["conf_low"]) == pytest.approx((1 / success[1], 1 / success[2]), rel=1e-6)
    shown = estimates.frame.filter(statistic="observed chance")
    conditional = np.array(expected["brodie2012.conditional_pct"]) / 100
    assert shown["estimate"].to_list() == pytest.approx(conditional, rel=1e-9)
    limits = shown.select("conf_low", "conf_high").to_numpy().ravel()
    assert limits == pytest.approx(expected["brodie2012.wilson_ci_lower_upper_by_step"], abs=1e-8)


def test_outcomes_and_counts_give_the_same():
    """Some of every kind: 1 intolerance and 1 undetermined verdict change no number of failures."""
    rows = [("not met", "stopped for intolerance"), ("undetermined", "no baseline"), ("not met", ""), ("met", "")]
    drawn = np.random.default_rng(5).choice(4, p=[0.1, 0.1, 0.5, 0.3], size=(300, 5))
    outcomes = [(f"s{i}", k + 1, *rows[kind]) for i in range(300) for k, kind in enumerate(_until_met(drawn[i]))]
    subjects = pl.DataFrame(outcomes, schema=["subject_id", "treatment_no", "verdict", "reason"], orient="row")
    by_hand = {}
    for i in range(300):
        failures = 0
        for k, kind in enumerate(_until_met(drawn[i])):
            cell = by_hand.setdefault((k + 1, failures), [0, 0, 0, 0])
            cell[kind] += 1
            failures += kind == 2
    cells = [(k, m, sum(cell), cell[3], cell[2], cell[1], cell[0]) for (k, m), cell in by_hand.items()]
    names = ["treatment_no", "failures", "tried", "met", "not_met", "undetermined", "intolerance"]
    counts = pl.DataFrame(cells, schema=names, orient="row")
    for how in ("excluded", "not met"):
        one, two = (mechanism(data, undetermined=how).frame for data in (subjects, counts))
        assert one["statistic"].to_list() == two["statistic"].to_list()
        for column in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
            assert one[column].to_list() == pytest.approx(two[column].to_list(), abs=1e-10, nan_ok=True)
    assert by_failures(subjects, "excluded").counts.counted.sum() == (drawn_kinds := sum(c[3] + c[4] for c in cells))
    assert by_failures(subjects, "not met").counts.counted.sum() == drawn_kinds + sum(c[5] for c in cells)


def _until_met(kinds):
    met = np.flatnonzero(kinds == 3)
    return kinds[: met[0] + 1] if met.size else kinds


def test_two_treatments_cannot_tell_frailty_from_dependence():
    estimates = mechanism(table([100, 40], [50, 10]), undetermined="excluded")
    assert estimates.frame.filter(
        pl.col("statistic").is_in(["selection share", "likelihood ratio chi-square"])
    ).is_empty()
    assert FULL not in estimates.frame["term"].to_list()
    assert any(note.startswith("with two numbers of failures") for note in estimates.notes)


def test_three_treatments_leave_nothing_to_judge_the_fuller_model_by():
    estimates = mechanism(table([1000, 400, 200], [500, 100, 30]), undetermined="excluded")
    assert estimates.frame.filter(statistic="likelihood ratio chi-square").is_empty()
    assert any("as many parameters as numbers of failures" in note for note in estimates.notes)
    assert estimates.value("selection share", term=FULL, group="3") is not None


def test_success_that_rises_has_no_fall_to_divide():
    estimates = mechanism(table([400, 160, 80, 40], [80, 40, 30, 20]), undetermined="excluded")
    assert estimates.value("selection share", term=FULL, group="4") is None
    assert estimates.value("correlation", term=FRAILTY) == 0
    assert estimates.value("a", term=FRAILTY) is None
    assert any("fitted with no frailty" in note for note in estimates.notes)


def test_nobody_after_the_first_gives_no_errors_rather_than_wrong_ones():
    estimates = mechanism(table([100, 50, 20], [50, 0, 0]), undetermined="excluded")
    for term in (FRAILTY, "dependence", FULL):
        assert only(estimates, "fitted chance", term=term, group="2")["conf_high"] is None
        assert any(note.startswith(f"{term}: a parameter runs to the edge") for note in estimates.notes)
    assert estimates.value("selection share", term=FULL, group="3") is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (table([100, 50], [0, 0]), "nobody"),
        (table([100], [40]), "at least two different numbers"),
        (table([10, 4], [0, 0], undetermined=[10, 4]), "nothing counts"),
    ],
)
def test_data_without_a_fall_are_refused(data, said):
    with pytest.raises(EstimationError, match=said):
        mechanism(data, undetermined="excluded")


def test_everybody_met_is_refused():
    data = pl.DataFrame({"treatment_no": [1, 2], "failures": [0, 1], "tried": [5, 5], "met": [5, 5]})
    with pytest.raises(EstimationError, match="everybody"):
        mechanism(data, undetermined="excluded")


def test_an_unknown_convention_is_refused():
    with pytest.raises(EstimationError, match="'excluded' or 'not met'"):
        mechanism(CHEN, undetermined="missing")


def test_the_log_likelihood_is_that_of_single_verdicts(found):
    counts = by_failures(CHEN, "excluded").counts
    theta = fit(BETA_FRAILTY, counts).theta
    p = BETA_FRAILTY.chances(theta, counts.failures)
    single = np.repeat(np.log(p), counts.met).sum() + np.repeat(np.log1p(-p), counts.missed).sum()
    assert found["Chen 2018"].value("log likelihood", term=FRAILTY) == pytest.approx(single, rel=1e-12)
    assert log_likelihood(BETA_FRAILTY, theta, counts) == pytest.approx(single, rel=1e-12)
