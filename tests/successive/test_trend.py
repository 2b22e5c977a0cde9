import itertools
import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyses.estimates.successive.counts import patterns
from analyses.estimates.successive.isotonic import falling_shares
from analyses.estimates.successive.trend import competing_trends, trend
from analyses.estimates.successive.trend_rows import fisher_p
from cohort.errors import EstimationError
from synthetic_data.succession.frailty import Beta
from synthetic_data.succession.histories import INTOLERANCE, REMISSION, draw_histories
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession

FAILURE = "odds ratio of failure per further treatment"
LINKS = ("logit", "cloglog")


def table(tried, met, **more):
    return pl.DataFrame({"treatment_no": range(1, len(tried) + 1), "tried": tried, "met": met, **more})


# Counts of regimens 1 to 6 (Chen Z et al. JAMA Neurol 2018;75:279-86; Brodie MJ et al. Neurology 2012;78:1548-54) and
# of steps 1 to 4 by QIDS (Rush AJ et al. Am J Psychiatry 2006;163:1905-17).
CHEN = table([1795, 742, 330, 140, 71, 43], [820, 208, 78, 21, 10, 6])
BRODIE = table([1098, 398, 168, 68, 32, 16], [543, 146, 41, 11, 4, 2])
STARD = table([3671, 1439, 390, 123], [1346, 439, 53, 16])
BRODIE_9 = table([1098, 398, 168, 68, 32, 16, 9, 3, 2], [543, 146, 41, 11, 4, 2, 2, 0, 0])


def fit(data, **more):
    return trend(data, **({"undetermined": "excluded"} | more))


def column(result, name, **where):
    rows = result.frame
    for key, wanted in where.items():
        rows = rows.filter(pl.col(key).eq_missing(pl.lit(wanted)))
    return rows[name].to_list()


# Published ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "odds_ratio", "lack_of_fit"), [(CHEN, 1.64, 14.5), (BRODIE, 1.68, 1.1), (STARD, 1.58, None)]
)
def test_the_odds_of_failure_of_published_counts(counts, odds_ratio, lack_of_fit):
    result = fit(counts)
    assert round(result.value(FAILURE), 2) == odds_ratio
    if lack_of_fit:
        assert round(result.value("Pearson chi-square"), 1) == lack_of_fit


# By hand --------------------------------------------------------------------------------------------------------------


def test_two_treatments_by_hand():
    """20 of 50, then 6 of 24: odds 2/3 and 1/3; the odds ratio is 1/2, its log's variance 1/20 + 1/30 + 1/6 + 1/18."""
    result = fit(table([50, 24], [20, 6]))
    odds_ratio = Fraction(6, 18) / Fraction(20, 30)
    variance = sum(Fraction(1, count) for count in (20, 30, 6, 18))
    assert (odds_ratio, variance) == (Fraction(1, 2), Fraction(11, 36))
    error, half = math.sqrt(variance), 1.959963984540054 * math.sqrt(variance)
    assert result.value("log odds ratio") == pytest.approx(math.log(0.5), rel=1e-12)
    assert column(result, "std_error", statistic="log odds ratio") == [pytest.approx(error, rel=1e-12)]
    assert result.value("odds ratio") == pytest.approx(0.5, rel=1e-12)
    assert result.value("log odds") == pytest.approx(math.log(2 / 3), rel=1e-12)
    (row,) = result.frame.filter(statistic=FAILURE).to_dicts()
    limits = [2 * math.exp(-half), 2 * math.exp(half)]
    assert [row["estimate"], row["conf_low"], row["conf_high"]] == pytest.approx([2.0, *limits], rel=1e-10)
    assert (row["n"], row["events"]) == (74, 26)
    # The score test of a 2 x 2 table is Pearson's: N (ad - bc)^2 / (product of the margins).
    pearson = Fraction(74 * (20 * 18 - 30 * 6) ** 2, 50 * 24 * 26 * 48)
    assert result.value("score chi-square", term="trend") == pytest.approx(float(pearson), rel=1e-10)
    assert result.value("deviance") == pytest.approx(0, abs=1e-10)
    assert column(result, "df", statistic="deviance") == [0]
    assert not column(result, "estimate", term="factor v line")


def test_the_likelihood_of_two_treatments_by_hand():
    own = 20 * math.log(0.4) + 30 * math.log(0.6) + 6 * math.log(0.25) + 18 * math.log(0.75)
    together = 26 * math.log(26 / 74) + 48 * math.log(48 / 74)
    result = fit(table([50, 24], [20, 6]))
    assert result.value("log likelihood") == pytest.approx(own, rel=1e-12)
    assert result.value("AIC") == pytest.approx(4 - 2 * own, rel=1e-12)
    assert result.value("likelihood ratio chi-square", term="trend") == pytest.approx(2 * (own - together), rel=1e-10)
    constant = math.log(math.comb(50, 20)) + math.log(math.comb(24, 6))
    assert result.value("log binomial coefficients") == pytest.approx(constant, rel=1e-12)


def test_a_factor_gives_back_the_shares_with_limits_on_the_scale_of_the_link():
    result = fit(table([50, 24], [20, 6]), number="factor", link="cloglog")
    assert column(result, "estimate", statistic="fitted chance") == pytest.approx([0.4, 0.25], rel=1e-12)
    p, n, z = 0.25, 24, 1.959963984540054
    error = math.sqrt(p / (n * (1 - p))) / -math.log(1 - p)
    low, high = (1 - math.exp(math.log(1 - p) * math.exp(sign * z * error)) for sign in (-1, 1))
    (row,) = result.frame.filter(statistic="fitted chance", group="2").to_dicts()
    assert [row["conf_low"], row["conf_high"]] == pytest.approx([low, high], rel=1e-9)
    assert row["std_error"] == pytest.approx(math.sqrt(p * (1 - p) / n), rel=1e-10)
    assert result.value("hazard ratio") == pytest.approx(math.log(0.75) / math.log(0.6), rel=1e-12)


def test_first_two_against_later_is_one_two_by_two_table():
    result = fit(table([50, 24, 20, 10], [20, 6, 3, 1]), number="first two")
    assert result.value("odds ratio", group="later", reference="first two") == pytest.approx((4 / 26) / (26 / 48))
    over = fit(table([50, 24, 20, 10], [20, 6, 3, 1]), number="first two", over="failures")
    assert over.value("odds ratio", group="2 or more", reference="0 or 1") == pytest.approx((4 / 26) / (26 / 48))


def test_without_covariates_the_test_of_linearity_is_the_deviance():
    result = fit(BRODIE_9)
    linearity = result.value("likelihood ratio chi-square", term="factor v line")
    assert linearity == pytest.approx(result.value("deviance"), abs=1e-9)
    assert column(result, "df", term="factor v line") == [7]


def test_undetermined_courses_leave_or_fail():
    data = table([60, 30], [20, 6], not_met=[30, 18], undetermined=[10, 6])
    left_out, failed = fit(data), fit(data, undetermined="not met")
    assert left_out.value("odds ratio") == pytest.approx(0.5)
    assert failed.value("odds ratio") == pytest.approx((6 / 24) / (20 / 40))
    assert "16 of 90 courses of treatment undetermined, left out" in left_out.notes
    assert "16 of 90 courses of treatment undetermined, counted as not met" in failed.notes


def test_competing_ends_by_hand():
    data = table([50, 24], [20, 6], not_met=[20, 12], intolerance=[10, 6])
    result = competing_trends(data, undetermined="excluded")
    assert result.value("odds ratio", criterion="success") == pytest.approx((6 / 18) / (20 / 30))
    assert result.value("odds ratio", criterion="intolerance") == pytest.approx((6 / 18) / (10 / 40))
    assert column(result, "events", criterion="intolerance", statistic="log odds") == [16]
    assert not column(result, "estimate", criterion="intolerance", statistic=FAILURE)
    with pytest.raises(EstimationError, match="0 of 74 courses of treatment ended in intolerance"):
        competing_trends(table([50, 24], [20, 6]), undetermined="excluded")


@pytest.mark.parametrize("tables", [((3, 10), (7, 12)), ((543, 1098), (146, 398)), ((0, 3), (0, 2)), ((2, 9), (0, 3))])
def test_fisher_is_scipys(tables):
    from scipy.stats import fisher_exact

    (met, tried), (other_met, other_tried) = tables
    theirs = fisher_exact([[met, tried - met], [other_met, other_tried - other_met]]).pvalue
    assert fisher_p(met, tried, other_met, other_tried) == pytest.approx(theirs, rel=1e-9)


# Monotone -------------------------------------------------------------------------------------------------------------


def test_a_monotone_step_by_hand():
    """Shares .5, .2, .4, .1: the second and third pool to 6 of 20."""
    result = fit(table([10, 10, 10, 10], [5, 2, 4, 1]), number="monotone")
    assert column(result, "estimate", statistic="fitted chance") == pytest.approx([0.5, 0.3, 0.3, 0.1])
    assert column(result, "std_error", statistic="fitted chance") == [None] * 4
    reached = 10 * math.log(0.5) + 6 * math.log(0.3) + 14 * math.log(0.7) + math.log(0.1) + 9 * math.log(0.9)
    assert result.value("log likelihood") == pytest.approx(reached, rel=1e-12)
    own = reached - 6 * math.log(0.3) - 14 * math.log(0.7)
    own += 2 * math.log(0.2) + 8 * math.log(0.8) + 4 * math.log(0.4) + 6 * math.log(0.6)
    assert result.value("deviance") == pytest.approx(2 * (own - reached), rel=1e-10)
    assert any("no standard errors" in note for note in result.notes)


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 1)), min_size=1, max_size=7))
def test_pooling_is_the_min_max_formula(steps):
    """The maximum at k is the least over i <= k of the largest over j >= k of the share of treatments i to j."""
    tried = np.array([n for n, _ in steps], dtype=float)
    met = np.floor([share * n for n, share in steps])
    k = len(steps)
    share = {(i, j): met[i : j + 1].sum() / tried[i : j + 1].sum() for i in range(k) for j in range(i, k)}
    slow = [min(max(share[i, j] for j in range(at, k)) for i in range(at + 1)) for at in range(k)]
    assert falling_shares(met, tried) == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize("more", [{"covariates": ["sex"]}, {"cluster": "sex"}, {"cause": "intolerance"}])
def test_a_monotone_step_takes_no_more_than_counts(more):
    data = STARD.with_columns(sex=pl.Series(["f", "m", "f", "m"]), intolerance=pl.Series([600, 280, 100, 42]))
    with pytest.raises(EstimationError, match="without covariates and without clusters"):
        fit(data, number="monotone", **more)


# Subjects -------------------------------------------------------------------------------------------------------------


def drawn_subjects(seed, subjects=400):
    """Up to four treatments of each subject, with a site, an age, undetermined verdicts and intolerance."""
    rng = np.random.default_rng(seed)
    rows = []
    for subject in range(subjects):
        site, age, failures = "abc"[rng.integers(3)], float(rng.integers(2, 8)), 0
        for number in range(1, 5):
            chance = 1 / (1 + math.exp(0.3 + 0.4 * failures - 0.5 * (site == "b") - 0.1 * (age - 5)))
            draw = rng.random()
            verdict = "met" if draw < chance else "undetermined" if draw > 0.95 else "not met"
            intolerant = verdict == "not met" and rng.random() < 0.25
            rows.append((f"s{subject}", number, verdict, "stopped for intolerance" if intolerant else "", site, age))
            failures += verdict == "not met" and not intolerant
            if verdict == "met" or rng.random() < 0.15:
                break
    names = ["subject_id", "treatment_no", "verdict", "reason", "site", "age"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(criterion=pl.lit("remission"))


def statsmodels_fit(rows, matrix, link, **more):
    import statsmodels.api as sm

    links = sm.families.links
    family = sm.families.Binomial(link=links.Logit() if link == "logit" else links.CLogLog())
    return sm.GLM(rows["met"].to_numpy(), matrix, family).fit(tol=1e-14, maxiter=200, **more)


def single_rows(data):
    """The rows that count, with the failures that went before, found subject by subject."""
    kept = []
    for _, own in itertools.groupby(data.sort("subject_id", "treatment_no").to_dicts(), key=lambda r: r["subject_id"]):
        failures = 0
        for row in own:
            kept.append(row | {"failures": failures, "met": float(row["verdict"] == "met")})
            failures += row["verdict"] == "not met" and not row["reason"]
    return pl.DataFrame(kept).filter(pl.col("verdict") != "undetermined")


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("over", ["treatment_no", "failures"])
def test_a_line_with_covariates_is_statsmodels_on_single_rows(link, over):
    data = drawn_subjects(1)
    rows = single_rows(data)
    step = rows[over].to_numpy() - (over == "treatment_no")
    sites = [(rows["site"] == level).to_numpy() for level in "bc"]
    matrix = np.column_stack([np.ones(rows.height), step, *sites, rows["age"].to_numpy()]).astype(float)
    theirs = statsmodels_fit(rows, matrix, link)
    ours = fit(data, link=link, over=over, covariates=["site", "age"])
    log = "log odds ratio" if link == "logit" else "log hazard ratio"
    first = "log odds" if link == "logit" else "log cumulative hazard"
    coefficients = ours.frame.filter(pl.col("statistic").is_in([first, log]))
    assert coefficients["term"].to_list() == ["(intercept)", over, "site", "site", "age"]
    assert coefficients["group"].to_list() == [None, None, "b", "c", None]
    assert coefficients["estimate"].to_list() == pytest.approx(theirs.params, rel=1e-8, abs=1e-9)
    assert coefficients["std_error"].to_list() == pytest.approx(theirs.bse, rel=1e-8)
    assert coefficients["p_value"].to_list()[1:] == pytest.approx(theirs.pvalues[1:], rel=1e-6)
    assert ours.value("log likelihood") == pytest.approx(theirs.llf, rel=1e-10)
    assert ours.value("AIC") == pytest.approx(theirs.aic, rel=1e-10)
    assert column(ours, "n", statistic=first) == [rows.height]
    null = statsmodels_fit(rows, np.delete(matrix, 1, axis=1), link)
    assert ours.value("likelihood ratio chi-square", term="trend") == pytest.approx(
        2 * (theirs.llf - null.llf), rel=1e-7
    )
    mean = [theirs.fittedvalues[step == value].mean() for value in sorted(set(step))]
    assert column(ours, "estimate", statistic="fitted chance") == pytest.approx(mean, rel=1e-8)


@pytest.mark.parametrize("number", ["line", "factor", "first two"])
@pytest.mark.parametrize("over", ["treatment_no", "failures"])
def test_subjects_and_counts_give_the_same_answer(number, over):
    data = drawn_subjects(2)
    counts = patterns(data, covariates=["site"])
    for more in ({"covariates": ["site"]}, {"covariates": ["site", "previous"]} if number == "line" else {}):
        one, other = (fit(frame, number=number, over=over, **more) for frame in (data, counts))
        assert one.frame.drop("estimate", "std_error", "conf_low", "conf_high", "p_value").equals(
            other.frame.drop("estimate", "std_error", "conf_low", "conf_high", "p_value")
        )
        for name in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
            pairs = [(a, b) for a, b in zip(one.frame[name], other.frame[name], strict=True) if a is not None]
            assert [a for a, _ in pairs] == pytest.approx([b for _, b in pairs], rel=1e-10, abs=1e-10)


def test_the_order_of_rows_changes_nothing():
    data = drawn_subjects(3)
    shuffled = data.sample(fraction=1, shuffle=True, seed=1)
    assert fit(data, covariates=["site", "age"]).frame.equals(fit(shuffled, covariates=["site", "age"]).frame)


def test_an_enum_keeps_its_reference_and_a_missing_covariate_is_counted():
    data = drawn_subjects(3).with_columns(pl.col("site").cast(pl.Enum(["c", "d", "a", "b"])))
    result = fit(data, covariates=["site"])
    assert column(result, "group", term="site", statistic="odds ratio") == ["a", "b"]
    assert column(result, "reference", term="site", statistic="odds ratio") == ["c", "c"]
    gaps = data.with_columns(site=pl.when(pl.col("subject_id") != "s0").then(pl.col("site")))
    own = data.filter(subject_id="s0").height
    assert (
        f"{own} of {data.height} courses of treatment have no 'site' and are left out"
        in fit(gaps, covariates=["site"]).notes
    )


# Clusters -------------------------------------------------------------------------------------------------------------


def several_courses(rng, people=150, spread=1.2):
    """Two courses of two treatments of each person, who has a chance of their own."""
    own = rng.normal(0, spread, people)
    rows = []
    for person, course in itertools.product(range(people), range(2)):
        for number in (1, 2):
            met = rng.random() < 1 / (1 + math.exp(0.2 - own[person]))
            rows.append((f"p{person}", f"p{person}/{course}", number, "met" if met else "not met", "", f"{course}"))
            if met:
                break
    names = ["person", "subject_id", "treatment_no", "verdict", "reason", "course"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(criterion=pl.lit("remission"))


def test_clustered_errors_are_statsmodels_on_single_rows():
    """statsmodels' cov_type="cluster" with use_correction=False: R's vcovCL(type="HC0", cadjust=FALSE)."""
    data = several_courses(np.random.default_rng(4))
    rows = single_rows(data)
    matrix = np.column_stack(
        [np.ones(rows.height), rows["treatment_no"].to_numpy() - 1, (rows["course"] == "1").to_numpy()]
    ).astype(float)
    groups = rows["person"].rank("dense").to_numpy() - 1
    kwds = {"groups": groups, "use_correction": False}
    theirs = statsmodels_fit(rows, matrix, "logit", cov_type="cluster", cov_kwds=kwds)
    ours = fit(data, covariates=["course"], cluster="person")
    coefficients = ours.frame.filter(pl.col("statistic").is_in(["log odds", "log odds ratio"]))
    assert coefficients["estimate"].to_list() == pytest.approx(theirs.params, rel=1e-8)
    assert coefficients["std_error"].to_list() == pytest.approx(theirs.bse, rel=1e-8)
    wald = (theirs.params[1] / theirs.bse[1]) ** 2
    assert ours.value("Wald chi-square", term="trend") == pytest.approx(wald, rel=1e-7)
    assert not column(ours, "estimate", statistic="likelihood ratio chi-square")
    assert any("150 clusters of person" in note for note in ours.notes)


def test_clustered_errors_by_hand():
    """One coefficient a step; p = 1/2 at both. Scores (y - 1/2) summed by person, A = diag(n / 4)."""
    verdicts = {"a": ("met",), "b": ("not met", "met"), "c": ("not met", "not met"), "d": ("met",), "e": ("not met",)}
    verdicts |= {"f": ("met",), "g": ("not met", "met"), "h": ("not met", "not met")}
    rows = [(s, "ab" if s in "ab" else s, k + 1, v) for s, own in verdicts.items() for k, v in enumerate(own)]
    data = pl.DataFrame(rows, schema=["subject_id", "person", "treatment_no", "verdict"], orient="row")
    data = data.with_columns(reason=pl.lit(""), criterion=pl.lit("remission"))
    result = fit(data, number="factor", cluster="person")
    # Treatment 1: met a, d, f of 8 (p = 3/8); treatment 2: met b, g of 4 (p = 1/2).
    p, q = Fraction(3, 8), Fraction(1, 2)
    first = {s: (own[0] == "met") - p for s, own in verdicts.items()}
    second = {s: (own[1] == "met") - q for s, own in verdicts.items() if len(own) == 2}
    people = [("a", "b"), ("c",), ("d",), ("e",), ("f",), ("g",), ("h",)]
    influence = [
        sum(second.get(s, Fraction(0)) for s in own) / (4 * q * (1 - q))
        - sum(first[s] for s in own) / (8 * p * (1 - p))
        for own in people
    ]
    error = math.sqrt(sum(value**2 for value in influence))
    assert column(result, "std_error", statistic="log odds ratio") == [pytest.approx(error, rel=1e-10)]


def test_clustered_errors_are_the_true_spread_where_courses_share_a_person():
    """Of the log odds of the first treatment: plain errors take each course as a new person and are too small."""
    rng = np.random.default_rng(11)
    found = [(fit(data), fit(data, cluster="person")) for data in (several_courses(rng, 120, 2.5) for _ in range(120))]
    spread = np.std([plain.value("log odds") for plain, _ in found])
    plain, robust = (np.mean([column(pair[at], "std_error", statistic="log odds") for pair in found]) for at in (0, 1))
    assert robust == pytest.approx(spread, rel=0.2)
    assert plain < 0.9 * robust


def test_as_many_clusters_as_coefficients_are_too_few():
    data = drawn_subjects(5).with_columns(half=pl.col("subject_id").str.slice(1).cast(pl.Int64) % 2)
    with pytest.raises(EstimationError, match="2 clusters cannot carry robust errors of 2 coefficients"):
        fit(data, cluster="half")


# A known truth --------------------------------------------------------------------------------------------------------


def test_the_factor_finds_the_exact_shares_of_pure_selection():
    """Beta(1, 1): 1/2, 1/3, 1/4 of those who try; counts of a million subjects by their exact shares."""
    shares = step_shares(Succession(frailty=Beta(1.0, 1.0), steps=3))
    counts = table(np.round(shares.tried * 12_000).astype(int), np.round(shares.remission * 12_000).astype(int))
    fitted = column(fit(counts, number="factor"), "estimate", statistic="fitted chance")
    assert fitted == pytest.approx([1 / 2, 1 / 3, 1 / 4], rel=1e-9)
    assert fit(counts, number="factor").value("odds ratio", group="3") == pytest.approx(1 / 3, rel=1e-9)


def test_limits_of_the_dependence_cover_it_where_subjects_are_alike():
    """Everybody's log odds fall by 0.5 with each failure; intolerance costs nothing. Drawn 200 times."""
    alike = Succession(frailty=Beta(4e6, 6e6), steps=4, dependence=0.5, intolerance=(0.1,) * 4)
    rng, covered, errors, slopes = np.random.default_rng(21), 0, [], []
    for _ in range(200):
        result = fit(counts_by_failures(draw_histories(alike, 500, rng)), over="failures", cause="success")
        (row,) = result.frame.filter(statistic="log odds ratio").to_dicts()
        covered += row["conf_low"] < -0.5 < row["conf_high"]
        errors.append(row["std_error"])
        slopes.append(row["estimate"])
    assert 0.91 <= covered / 200 <= 0.985
    assert np.mean(slopes) == pytest.approx(-0.5, abs=4 * np.std(slopes) / math.sqrt(200))
    assert np.mean(errors) == pytest.approx(np.std(slopes), rel=0.15)


def counts_by_failures(histories):
    """Those who could tolerate the treatment: theirs is the chance that the truth speaks of."""
    taken, result = histories.taken, histories.result
    failed = np.cumsum((result != REMISSION) & (result != INTOLERANCE) & taken, axis=1)
    before = np.hstack([np.zeros((len(failed), 1), dtype=int), failed[:, :-1]])
    counted = taken & (result != INTOLERANCE)
    number = np.broadcast_to(np.arange(1, result.shape[1] + 1), result.shape)[counted]
    rows = pl.DataFrame({"treatment_no": number, "failures": before[counted], "met": result[counted] == REMISSION})
    return rows.group_by("treatment_no", "failures").agg(
        tried=pl.len().cast(pl.Int64), met=pl.col("met").sum().cast(pl.Int64)
    )


# What does not exist --------------------------------------------------------------------------------------------------


def test_a_treatment_that_nobody_met_has_a_chance_of_zero_and_no_coefficient():
    """The others are those of the fit without it; the likelihood is that of a chance of its own for each."""
    data = table([50, 24, 6], [20, 6, 0])
    result = fit(data, number="factor")
    assert column(result, "estimate", statistic="log odds ratio") == [pytest.approx(math.log(0.5)), None]
    assert column(result, "estimate", statistic="fitted chance") == pytest.approx([0.4, 0.25, 0.0])
    assert column(result, "conf_low", statistic="fitted chance", group="3") == [None]
    assert result.value("log likelihood") == pytest.approx(fit(data.head(2)).value("log likelihood"))
    assert result.value("AIC") == pytest.approx(6 - 2 * result.value("log likelihood"))
    assert column(result, "df", statistic="likelihood ratio chi-square", term="trend") == [2]
    assert "treatment_no 3: nobody met the outcome; its coefficient is minus infinity and is not given" in result.notes
    everybody = fit(table([50, 24, 2], [20, 6, 2]), number="factor")
    assert column(everybody, "estimate", statistic="fitted chance", group="3") == [1.0]


def test_a_line_goes_through_a_treatment_that_nobody_met():
    result = fit(table([50, 24, 6], [20, 6, 0]))
    assert result.value(FAILURE) > 1
    assert column(result, "df", term="factor v line") == [1]


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        (table([50], [20]), {}, "all 50 courses of treatment have treatment_no 1; a trend needs two"),
        (table([50, 20], [0, 0]), {}, "0 of 70 courses of treatment ended in success"),
        (table([50, 20], [50, 20]), {}, "70 of 70 courses of treatment ended in success"),
        (table([50, 20], [0, 5]), {"number": "factor"}, "nobody met the outcome at treatment_no 1"),
        (table([50, 20], [0, 5]), {}, "no maximum: nobody or everybody"),
        (table([50, 20], [10, 0]), {}, "no maximum: nobody or everybody"),
        (table([50, 20], [20, 5]), {"number": "first two"}, "0 of 2 patterns lie beyond the first two"),
        (table([50, 20], [20, 5], undetermined=[30, 15]), {"number": "linear"}, "number='linear' was given"),
        (table([50, 20], [20, 5]), {"link": "probit"}, "link='probit' was given; it is one of 'logit', 'cloglog'"),
        (table([50, 20], [20, 5]), {"undetermined": "kept"}, "undetermined='kept' was given"),
        (table([50, 20], [20, 5]), {"covariates": ["sex"]}, "'sex' is not among the columns"),
        (table([50, 20], [20, 5]), {"cluster": "subject_id"}, "'subject_id' is not among the columns"),
        (table([50, 20], [20, 5], sex=["f", "f"]), {"covariates": ["sex"]}, "covariate 'sex' has the one value 'f'"),
        (table([50, 20], [20, 5], sex=["f", "m"]), {"covariates": ["sex"]}, "3 coefficients were asked for"),
        (table([50, 20], [20, 5]), {"level": 95}, "confidence=95 was given"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_reason(data, more, said):
    with pytest.raises(EstimationError, match=said):
        fit(data, **more)


def test_a_treatment_of_which_nothing_is_known_is_left_out():
    data = table([50, 24, 6], [20, 6, 0], undetermined=[0, 0, 6], not_met=[30, 18, 0])
    assert fit(data, number="factor").value("odds ratio") == pytest.approx(0.5)
    assert column(fit(data), "group", statistic="observed chance") == ["1", "2"]


def test_a_long_table_of_single_rows_is_the_table_of_their_counts():
    """Alike rows are taken together before they are checked, and a row that cannot be is still found."""
    counts = table([7000, 3000], [2800, 750])
    single = pl.DataFrame(
        [(k, 1, int(i < m)) for k, n, m in counts.iter_rows() for i in range(n)],
        schema=["treatment_no", "tried", "met"],
        orient="row",
    )
    assert fit(single).frame.equals(fit(counts).frame)
    wrong = pl.concat([single, pl.DataFrame({"treatment_no": [2, 2], "tried": [1, 1], "met": [2, 0]})])
    with pytest.raises(EstimationError, match=r"add up|more met"):
        fit(wrong)
