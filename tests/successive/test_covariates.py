"""Covariates that move the chance: by hand, by the slow likelihood, beside another program, and from a known truth."""

import numpy as np
import polars as pl
import pytest

from analyses.estimates.successive.counts import patterns
from analyses.estimates.successive.covariate_cells import covariate_cells
from analyses.estimates.successive.covariate_models import course_by_pattern, fit_covariates, moved, with_covariates
from analyses.estimates.successive.forecast_for import forecast_for
from analyses.estimates.successive.mechanism import mechanism
from analyses.estimates.successive.models import BY_NAME
from cohort.errors import EstimationError
from synthetic_data.succession.frailty import LogitNormal
from synthetic_data.succession.shares import selection_share, step_shares
from synthetic_data.succession.truth import RiskFactor, Succession

PROFILES = pl.DataFrame({"focal": ["no", "yes"]})
# Beta frailty with correlation 1/3, so that a + b = 2: a = b = 1, and a = 2/3.
EXACT = pl.DataFrame(
    {
        "treatment_no": [1, 2, 1, 2],
        "focal": ["no", "no", "yes", "yes"],
        "tried": [100, 48, 90, 54],
        "met": [50, 16, 30, 12],
    }
)


def drawn(subjects, seed, *, mean, slope, steps=5, dependence=0.0, correlation=None, sd=0.0, leave=0.2):
    """Return outcomes of subjects whose age in decades and focal epilepsy move their (mean) chance."""
    rng = np.random.default_rng(seed)
    focal, age = rng.random(subjects) < 0.4, rng.integers(2, 8, subjects).astype(float)
    shift = mean + slope[0] * focal + slope[1] * age
    if correlation:
        total, centre = (1 - correlation) / correlation, 1 / (1 + np.exp(-shift))
        own = rng.beta(centre * total, (1 - centre) * total)
        shift = np.log(own) - np.log1p(-own)
    shift = shift + sd * rng.normal(size=subjects)
    here, rows = np.arange(subjects), []
    for m in range(steps):
        met = rng.random(len(here)) < 1 / (1 + np.exp(dependence * m - shift[here]))
        ids = pl.Series(here).cast(pl.String)
        verdict = np.where(met, "met", "not met")
        covariates = {"focal": np.where(focal[here], "yes", "no"), "age": age[here]}
        rows.append(pl.DataFrame({"subject_id": ids, "treatment_no": m + 1, "verdict": verdict} | covariates))
        here = here[~met]
        here = here[rng.random(len(here)) > leave]
    return pl.concat(rows)


def column(estimates, statistic, name="estimate", **where):
    return estimates.frame.filter(statistic=statistic, **where)[name].to_list()


def test_two_kinds_of_subject_by_hand():
    """1 / (m + 2) and (2/3) / (m + 2); odds of the mean chance 1 and 1/2."""
    ahead = forecast_for(EXACT, PROFILES, undetermined="excluded", horizon=4, below=0.15)
    no, yes = (column(ahead, "chance", population=f"focal {who}") for who in ("no", "yes"))
    assert no == pytest.approx([1 / 2, 1 / 3, 1 / 4, 1 / 5], rel=1e-5)
    assert yes == pytest.approx([1 / 3, 2 / 9, 1 / 6, 2 / 15], rel=1e-5)
    assert ahead.value("odds ratio") == pytest.approx(1 / 2, rel=1e-5)
    assert ahead.value("correlation") == pytest.approx(1 / 3, rel=1e-5)
    assert column(ahead, "plateau") == [None, 4]
    gain = 1 - (2 / 3) * (7 / 9) * (5 / 6)
    assert ahead.value("cumulative gain", population="focal yes", group="3") == pytest.approx(gain, rel=1e-5)
    tried = 1 + 2 / 3 + (2 / 3) * (7 / 9)
    price = ahead.value("treatments per success", population="focal yes", group="3")
    assert price == pytest.approx(tried / gain, rel=1e-5)
    assert column(ahead, "chance", "n", population="focal yes") == [90, 54, 0, 0]


@pytest.mark.parametrize("name", ["beta frailty and dependence", "logit-normal frailty and dependence"])
def test_chances_of_patterns_are_those_of_the_model_and_of_the_integral(name):
    from scipy.integrate import quad
    from scipy.special import expit
    from scipy.stats import beta, norm

    cells = covariate_cells(EXACT, ["focal"], "excluded", None)
    model, theta = BY_NAME[name], np.array([0.4, 0.3, 0.5, 0.2])
    for pattern, found in enumerate(course_by_pattern(model, cells, theta, 4)):
        first = float(moved(model, 0.4, cells.columns[pattern] @ theta[3:]))
        plain = model.chances(np.array([first, 0.3, 0.5]), np.arange(5))
        assert found == pytest.approx(plain, rel=1e-12)
        total = 0.7 / 0.3
        if name.startswith("beta"):
            density, ends = beta(first * total, (1 - first) * total).pdf, (0, 1)
            at = lambda q, m: 1 / (1 + (1 - q) / q * np.exp(0.5 * m))  # noqa: E731
        else:
            density, ends = norm(first, 0.3**0.5).pdf, (-8, 9)
            at = lambda x, m: expit(x - 0.5 * m)  # noqa: E731
        reached = quad(lambda q, at=at, density=density: density(q) * (1 - at(q, 0)), *ends)[0]
        met = quad(lambda q, at=at, density=density: density(q) * (1 - at(q, 0)) * at(q, 1), *ends)[0]
        assert found[1] == pytest.approx(met / reached, rel=1e-6)


@pytest.mark.parametrize("name", ["beta frailty", "responders and resistant"])
def test_the_maximum_is_that_of_the_slow_likelihood(name):
    """Ten numbers, and the product over subjects of closed forms: Beta functions, and two classes."""
    from scipy.optimize import minimize
    from scipy.special import betaln, expit

    data = pl.DataFrame(
        {
            "treatment_no": [1, 2, 3, 1, 2, 3],
            "focal": ["no"] * 3 + ["yes"] * 3,
            "tried": [20, 9, 5, 16, 10, 8],
            "met": [8, 2, 1, 4, 1, 0],
        }
    )

    def of_history(failures, met, mean, other):
        """The chance of so many failures and then perhaps a success."""
        if name == "beta frailty":
            a, b = mean * (1 - other) / other, (1 - mean) * (1 - other) / other
            return np.exp(betaln(a + met, b + failures) - betaln(a, b))
        return mean * (1 - other) ** failures * other**met + (1 - mean) * (not met)

    def lost(theta):
        whole = 0.0
        for who, shift in (("no", 0.0), ("yes", theta[2])):
            mean, other = expit(theta[0] + shift), expit(theta[1])
            for number, tried, met in data.filter(focal=who).select("treatment_no", "tried", "met").iter_rows():
                fell, won = of_history(number, 0, mean, other), of_history(number - 1, 1, mean, other)
                before = of_history(number - 1, 0, mean, other)
                whole += met * np.log(won / before) + (tried - met) * np.log(fell / before)
        return -whole

    best = min((minimize(lost, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000})
                for start in ([0.0, -1.0, 0.0], [1.0, 0.0, -1.0])), key=lambda found: found.fun)  # fmt: skip
    found = forecast_for(data, PROFILES, undetermined="excluded", model=name)
    assert found.value("log likelihood") == pytest.approx(-best.fun, abs=1e-8)
    assert found.value("log odds ratio") == pytest.approx(best.x[2], abs=1e-4)


@pytest.mark.parametrize("name", ["constant", "dependence"])
def test_without_frailty_it_is_a_logistic_regression(name):
    import statsmodels.api as sm

    data = drawn(800, 1, mean=1.0, slope=(-0.8, -0.2), dependence=0.3)
    counted = patterns(data, covariates=["focal", "age"]).to_pandas()
    columns = [np.ones(len(counted)), counted["focal"] == "yes", counted["age"]]
    columns += [-counted["failures"]] if name == "dependence" else []
    x = np.column_stack(columns).astype(float)
    theirs = sm.GLM(counted[["met", "not_met"]].to_numpy(), x, family=sm.families.Binomial()).fit()
    profile = pl.DataFrame({"focal": ["yes"], "age": [4.5]})
    ours = forecast_for(data, profile, undetermined="excluded", model=name, horizon=3)
    assert column(ours, "log odds ratio") == pytest.approx(theirs.params[1:3], abs=1e-7)
    assert column(ours, "log odds ratio", "std_error") == pytest.approx(theirs.bse[1:3], rel=1e-6)
    assert column(ours, "log odds ratio", "p_value") == pytest.approx(theirs.pvalues[1:3], rel=1e-5)
    assert ours.value("Pearson chi-square") == pytest.approx(theirs.pearson_chi2, rel=1e-6)
    if name == "dependence":
        assert ours.value("dependence") == pytest.approx(theirs.params[3], abs=1e-7)
        limits = [column(ours, "dependence", name)[0] for name in ("conf_low", "conf_high")]
        assert limits == pytest.approx(theirs.conf_int()[3], rel=1e-6)
        at = np.array([[1, 1, 4.5, -m] for m in range(3)])
        predicted = theirs.get_prediction(at)
        assert column(ours, "chance") == pytest.approx(predicted.predicted_mean, rel=1e-7)
        assert column(ours, "chance", "std_error") == pytest.approx(predicted.se_mean, rel=1e-5)
        assert column(ours, "chance", "conf_low") == pytest.approx(predicted.conf_int()[:, 0], rel=1e-5)


@pytest.mark.parametrize(
    ("model", "truth"),
    [
        ("beta frailty", {"correlation": 0.3}),
        ("logit-normal frailty", {"sd": 1.2}),
        ("logit-normal frailty and dependence", {"sd": 1.0, "dependence": 0.3}),
    ],
)
def test_a_known_truth_is_recovered(model, truth):
    data = drawn(30_000, 5, mean=1.2, slope=(-1.0, -0.25), **truth)
    found = forecast_for(data, pl.DataFrame({"focal": ["yes"], "age": [3.0]}), undetermined="excluded", model=model)
    z = (np.array(column(found, "log odds ratio")) - [-0.25, -1.0][::-1]) / column(found, "log odds ratio", "std_error")
    assert np.abs(z).max() < 4.5
    for name, statistic in (("correlation", "correlation"), ("sd", "sd of log odds"), ("dependence", "dependence")):
        if name in truth:
            row = found.frame.filter(statistic=statistic).row(0, named=True)
            assert abs(row["estimate"] - truth[name]) < 4.5 * row["std_error"]


def test_outcomes_and_counts_give_the_same_whatever_the_order():
    data = drawn(400, 7, mean=0.5, slope=(-0.8, -0.1))
    profiles = pl.DataFrame({"focal": ["yes", "no"], "age": [3.0, 6.0]})
    counts = patterns(data, covariates=["focal", "age"])
    ways = (data, data.sample(fraction=1.0, shuffle=True, seed=1), counts, counts.reverse())
    one, *others = (forecast_for(way, profiles, undetermined="excluded").frame for way in ways)
    for other in others:
        assert other.equals(one)


def test_the_covariates_may_stand_among_the_subjects():
    data = drawn(300, 8, mean=0.5, slope=(-0.8, -0.1), steps=2)
    subjects = data.select("subject_id", "focal", "age").unique().sort("subject_id")
    bare = data.drop("focal", "age")
    profiles = pl.DataFrame({"focal": ["yes"], "age": [3.0], "profile": ["she"]})
    one = forecast_for(data, profiles, undetermined="excluded").frame
    two = forecast_for(bare, profiles, undetermined="excluded", subjects=subjects).frame
    assert two.equals(one)
    assert one["population"].unique().sort().to_list() == ["all", "she"]
    three = mechanism(bare, undetermined="excluded", covariates=["focal"], subjects=subjects).frame
    assert three.equals(mechanism(data, undetermined="excluded", covariates=["focal"]).frame)


def exact_counts(truth, shifts, shares):
    """Return counts, so large that rounding does not matter, of subjects whose log odds a level shifts."""
    rows = []
    for level, (shift, share) in enumerate(zip(shifts, shares, strict=True)):
        frailty = LogitNormal(truth.frailty.mean + shift, truth.frailty.sd)
        own = step_shares(Succession(frailty=frailty, steps=truth.steps, dependence=truth.dependence))
        tried, met = (np.round(10**7 * share * part).astype(int) for part in (own.tried, own.remission))
        rows.append(pl.DataFrame({"treatment_no": range(1, 6), "level": f"{level}", "tried": tried, "met": met}))
    return pl.concat(rows)


def test_exact_counts_give_the_exact_selection_share():
    factor = RiskFactor(name="level", levels=("0", "1"), share=0.3, log_odds=-1.2)
    truth = Succession(frailty=LogitNormal(0.4, 1.1), steps=5, dependence=0.25, risk_factors=(factor,))
    why = mechanism(exact_counts(truth, (0.0, -1.2), (0.7, 0.3)), undetermined="excluded", covariates=["level"])
    full = "logit-normal frailty and dependence"
    found = column(why, "selection share", term=full)
    assert found == pytest.approx([selection_share(truth, k) for k in range(2, 6)], abs=1e-3)
    assert column(why, "selection share", "conf_low", term=full)[:-1] == [None] * 3
    assert column(why, "selection share", "conf_low", term=full)[-1] < found[-1]
    assert why.value("dependence", term=full) == pytest.approx(0.25, abs=1e-3)
    assert why.value("log odds ratio", term=full) == pytest.approx(-1.2, abs=2e-3)
    assert any(note.startswith("logit-normal frailty: does not fit") for note in why.notes)
    assert why.frame.filter(pl.col("statistic") == "likelihood ratio chi-square", term=full).height == 1


def test_very_many_patterns_get_no_profile_limits():
    data = drawn(300, 3, mean=0.5, slope=(-0.8, -0.1), steps=3)
    fine = data.with_columns(age=pl.col("age") + pl.col("subject_id").cast(pl.Float64) / 1000)
    why = mechanism(fine, undetermined="excluded", covariates=["age"])
    assert column(why, "selection share", "conf_high", term="beta frailty and dependence") == [None, None]
    assert any("no limits are sought with 300 patterns" in note for note in why.notes)
    assert any(note.startswith("too few treatments a pattern") for note in why.notes)


def test_a_covariate_with_effect_gains_on_the_test_of_dependence():
    """The same cohorts with and without knowing the covariate: the error of the dependence is smaller with it."""
    data = drawn(4000, 11, mean=2.4, slope=(-2.0, -0.25), dependence=0.3, sd=0.7)
    model = "beta frailty and dependence"
    without = mechanism(data, undetermined="excluded").frame.filter(statistic="dependence", term=model)
    known = forecast_for(data, PROFILES, undetermined="excluded", model=model).frame.filter(statistic="dependence")
    assert known["std_error"][0] < without["std_error"][0]


def test_a_level_that_nobody_meets_gives_no_errors_rather_than_wrong_ones():
    data = EXACT.with_columns(met=pl.when(focal="yes").then(0).otherwise("met"), tried=pl.col("tried") + 36)
    found = forecast_for(data, PROFILES, undetermined="excluded", model="constant")
    assert column(found, "log odds ratio", "std_error") == [None]
    assert any("edge of its range" in note for note in found.notes)


def test_fitted_means_equal_observed_shares_where_levels_say_all():
    """A constant chance a level: the mean of the fitted is the observed over all treatments."""
    why = mechanism(EXACT, undetermined="excluded", covariates=["focal"])
    n, mean = (np.array(column(why, "fitted chance", name, term="constant")) for name in ("n", "estimate"))
    assert n @ mean == pytest.approx(108, rel=1e-7)


def test_models_of_cells_keep_within_chances():
    cells = covariate_cells(EXACT, ["focal"], "excluded", None)
    for model in BY_NAME.values():
        found = fit_covariates(model, cells) if len(model.low) < 3 else None
        theta = np.array([*model.starts(0.4)[0], 16.0]) if found is None else found.theta
        chances = with_covariates(model, cells).chances(theta, np.arange(4))
        assert ((chances >= 0) & (chances <= 1)).all()


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        ({}, {"profiles": PROFILES.clear()}, "0 profiles"),
        ({}, {"profiles": pl.DataFrame({"focal": ["maybe"]})}, "focal has 'maybe' in the profiles"),
        ({}, {"profiles": pl.DataFrame({"focal": ["no", "no"]})}, "2 profiles have the 1 names"),
        ({}, {"profiles": pl.DataFrame({"focal": ["no", None]})}, "1 of 2 profiles have no focal"),
        ({}, {"profiles": pl.DataFrame({"sex": ["f"]})}, "'sex' is not among the columns"),
        ({}, {"profiles": pl.DataFrame({"profile": ["she"]})}, "0 covariates"),
        ({}, {"profiles": pl.DataFrame({"failures": [1]})}, "'failures' is counted from one treatment"),
        ({"focal": pl.lit("no")}, {}, "'focal' has the one value"),
        ({"focal": pl.lit(None, pl.String)}, {}, "none is left to fit"),
        ({"focal": pl.Series([1.0, 1.0, np.inf, np.inf])}, {"profiles": pl.DataFrame({"focal": [1.0]})}, "not finite"),
        ({"met": pl.lit(0)}, {}, "nobody met"),
        ({}, {"model": "beta frailty and dependence", "level": 0.0}, "confidence=0.0"),
        ({}, {"undetermined": "no"}, "undetermined='no'"),
    ],
)
def test_what_cannot_be_forecast_is_refused_with_the_reason(change, more, said):
    given = {"profiles": PROFILES, "undetermined": "excluded"} | more
    with pytest.raises(EstimationError, match=said):
        forecast_for(EXACT.with_columns(**change), given.pop("profiles"), **given)


def test_too_few_patterns_are_refused():
    with pytest.raises(EstimationError, match=r"2 patterns of covariates and of 1 different numbers"):
        forecast_for(EXACT.filter(treatment_no=1), PROFILES, undetermined="excluded")


def test_a_covariate_that_changes_within_a_subject_is_refused():
    data = drawn(50, 2, mean=-0.5, slope=(0.0, 0.0), leave=0.0)
    with pytest.raises(EstimationError, match="that change from one treatment to the next"):
        mechanism(data.with_columns(age="treatment_no"), undetermined="excluded", covariates=["age"])


def test_covariates_that_follow_from_one_another_are_refused():
    data = drawn(50, 2, mean=-0.5, slope=(0.0, 0.0)).with_columns(months=pl.col("age") * 120)
    with pytest.raises(EstimationError, match="follows from the others"):
        mechanism(data, undetermined="excluded", covariates=["age", "months"])
    with pytest.raises(EstimationError, match="expected a list"):
        mechanism(data, undetermined="excluded", covariates="age")
