"""Cox regressions with other ties, strata, weights and histories of several rows, by hand and beside R."""

from __future__ import annotations

import math

import polars as pl
import pytest

from analyses.estimates.regression.cox import cox
from cohort.errors import EstimationError


def frame(times, died, entry=0.0, **columns):
    """Rows of EVENTS with covariates; each row another subject unless `subject_id` is given."""
    left = pl.Series([float(t) for t in times])
    ended = pl.Series([bool(d) for d in died])
    rows = pl.DataFrame({"subject_id": [str(i) for i in range(len(times))], "left": left, "event_no": 1})
    start = pl.lit(entry) if isinstance(entry, float) else pl.Series([float(e) for e in entry])
    return rows.with_columns(
        entry=start,
        right=pl.when(ended).then("left"),
        cause=pl.when(ended).then(pl.lit("died")),
        **{name: pl.Series(values) for name, values in columns.items()},
    )


def logs(found, column="estimate"):
    return found.frame.filter(statistic="log hazard ratio")[column].to_list()


def test_breslow_ties():
    # Two die on day 1 (x = 1 and x = 0), one lives on: L = theta / (theta + 2)^2, at its top for theta = 2.
    found = cox(frame([1, 1, 2], [1, 1, 0], x=[1, 0, 0]), "x", ties="breslow")
    assert found.value("hazard ratio") == pytest.approx(2, rel=1e-12)
    assert found.frame["std_error"][0] == pytest.approx((2 * 2 * 2 / (2 + 2) ** 2) ** -0.5, rel=1e-12)
    assert found.value("log likelihood", term="null") == pytest.approx(-2 * math.log(3), rel=1e-13)
    assert "Breslow's treatment of ties" in found.method


def test_exact_ties():
    # Of x = 1, 1, 0, 0, 0 two die on day 1, one with x = 1: L = theta / (theta^2 + 6 theta + 3), theta = sqrt(3).
    found = cox(frame([1, 2, 1, 2, 2], [1, 0, 1, 0, 0], x=[1, 1, 0, 0, 0]), "x", ties="exact")
    theta = math.sqrt(3)
    assert found.value("hazard ratio") == pytest.approx(theta, rel=1e-12)
    both, one = (part / (theta**2 + 6 * theta + 3) for part in (theta**2, 6 * theta))
    assert found.frame["std_error"][0] == pytest.approx((4 * both + one - (2 * both + one) ** 2) ** -0.5, rel=1e-12)
    assert found.value("log likelihood", term="null") == pytest.approx(-math.log(10), rel=1e-13)
    # Where all at risk die there is nothing to choose.
    more = cox(frame([1, 2, 1, 2, 2], [1, 1, 1, 1, 1], x=[1, 1, 0, 0, 0]), "x", ties="exact")
    assert more.frame["estimate"][0] == pytest.approx(math.log(theta), rel=1e-12)


def test_strata_share_the_coefficient_alone():
    # theta / (2 theta + 1) / (1 + theta) in one, 1 / (1 + theta) in the other: 4 theta^2 + theta - 1 = 0.
    rows = frame([1, 2, 3, 1, 5], [1, 1, 1, 1, 0], x=[1, 0, 1, 0, 1], site=["a", "a", "a", "b", "b"])
    found = cox(rows, "x", strata="site")
    theta = (math.sqrt(17) - 1) / 8
    assert found.value("hazard ratio") == pytest.approx(theta, rel=1e-12)
    information = 2 * theta / (2 * theta + 1) ** 2 + 2 * theta / (1 + theta) ** 2
    assert found.frame["std_error"][0] == pytest.approx(information**-0.5, rel=1e-12)
    assert found.value("log likelihood", term="null") == pytest.approx(-math.log(12), rel=1e-13)
    assert found.model.strata == ("a", "b")
    assert "stratified by site" in found.method
    # A stratum without events, and one of a single row, say nothing.
    silent = frame([4, 6, 7], [0, 0, 1], x=[1, 0, 1], site=["c", "c", "d"]).with_columns(
        subject_id=pl.Series(["7", "8", "9"])
    )
    more = cox(pl.concat([rows, silent]), "x", strata=["site"])
    assert logs(more) == pytest.approx(logs(found), rel=1e-12)
    assert more.frame["n"][0] == 8


# d of R, which has s <- ifelse(start > 0, start, -1); coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 50)
TWELVE = frame(
    [1, 1, 2, 2, 2, 3, 4, 4, 5, 6, 6, 7],
    [1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1],
    [0, 0, 0, 1, 0, 0, 2, 0, 3, 0, 0, 1],
    x=[0.3, 0.1, 0.4, 0.1, 0.5, 0.9, 0.2, 0.6, 0.5, 0.3, 0.5, 0.8],
    g=[0.0, 1.0] * 6,
    site=[1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    w=[1.5, 0.5, 2, 1, 0.8, 1.2, 0.7, 1.1, 2.5, 0.4, 1, 1.3],
)


@pytest.mark.parametrize(
    ("how", "values", "errors"),
    [
        # coxph(Surv(s, time, event) ~ x + g, d, ties = "efron", weights = w, cluster = 1:12)
        ({"case_weights": "w"}, [-1.8678548556653, -0.3143496863765], [1.4430156469956, 0.6654465392648]),
        # ... cluster = site
        (
            {"case_weights": "w", "cluster": "site"},
            [-1.8678548556653, -0.3143496863765],
            [1.7453567426462, 0.6074747563912],
        ),
        # ... ties = "breslow", cluster = 1:12
        (
            {"case_weights": "w", "ties": "breslow"},
            [-1.7408675075699, -0.2429940040764],
            [1.3403260568660, 0.5805887505693],
        ),
        # ... cluster = site
        (
            {"case_weights": "w", "ties": "breslow", "cluster": "site"},
            [-1.7408675075699, -0.2429940040764],
            [1.5819132063078, 0.5108246045065],
        ),
    ],
)
def test_case_weights_are_those_of_r(how, values, errors):
    found = cox(TWELVE, "x + g", **how)
    assert logs(found) == pytest.approx(values, rel=1e-11)
    assert logs(found, "std_error") == pytest.approx(errors, rel=1e-11)


def test_strata_and_clusters_are_those_of_r():
    # coxph(Surv(s, time, event) ~ x + strata(g), d, cluster = site)
    found = cox(TWELVE, "x", strata="g", cluster="site")
    assert logs(found) == pytest.approx([-2.736323622214], rel=1e-11)
    assert logs(found, "std_error") == pytest.approx([2.112774204848], rel=1e-11)
    # ... ties = "breslow"
    found = cox(TWELVE, "x", strata="g", cluster="site", ties="breslow")
    assert logs(found) == pytest.approx([-2.694086717961], rel=1e-11)
    assert logs(found, "std_error") == pytest.approx([2.083641748420], rel=1e-11)


def test_exact_ties_are_those_of_r():
    # coxph(Surv(time, event) ~ x + g, d, ties = "exact")
    found = cox(TWELVE.with_columns(entry=0.0), "x + g", ties="exact")
    assert logs(found) == pytest.approx([-1.666676167244685, 0.008705360631423], rel=1e-11)
    assert logs(found, "std_error") == pytest.approx([1.791693303503513, 0.762974640825119], rel=1e-11)
    assert found.frame.filter(statistic="log likelihood")["estimate"].to_list() == pytest.approx(
        [-13.748889870622, -13.286122106345], rel=1e-12
    )


def test_wald_tests_of_terms_are_those_of_r():
    # m <- coxph(Surv(time, event) ~ x + factor(site %% 3), d); b <- coef(m)[2:3]
    # b %*% solve(vcov(m)[2:3, 2:3]) %*% b; m$wald.test
    rows = TWELVE.with_columns(entry=0.0, third=(pl.col("site") % 3).cast(pl.String))
    found = cox(rows, "x + third")
    term, everything = 2.2564219522005, 3.2511946369125
    assert found.value("Wald chi-square", term="third") == pytest.approx(term, rel=1e-11)
    assert found.value("Wald chi-square", term=None) == pytest.approx(everything, rel=1e-11)
    assert found.frame.filter(statistic="Wald chi-square")["df"].to_list() == [3, 2]


def test_spans_of_one_history_need_no_cluster():
    whole = frame([4, 2, 5, 3, 6], [1, 1, 0, 1, 1], x=[1.0, 0.0, 2.0, 1.5, 0.5])
    early, late = whole.filter(pl.col("left") > 3), whole.filter(pl.col("left") > 3)
    early = early.with_columns(left=pl.lit(3.0), right=None, cause=None)
    spans = pl.concat(
        [whole.filter(pl.col("left") <= 3), early, late.with_columns(entry=pl.lit(3.0))], how="diagonal_relaxed"
    )
    found = cox(spans, "x")
    assert logs(found) == pytest.approx(logs(cox(whole, "x")), rel=1e-12)
    assert logs(found, "std_error") == pytest.approx(logs(cox(whole, "x"), "std_error"), rel=1e-12)
    for bad in (spans.with_columns(entry=pl.lit(0.0)), spans.with_columns(right="left", cause=pl.lit("died"))):
        with pytest.raises(EstimationError, match=r"3 subjects have more than one row .* not independent"):
            cox(bad, "x")
    assert "within subject_id" in cox(spans.with_columns(entry=pl.lit(0.0), w=1.0), "x", case_weights="w").method


def test_an_event_on_day_0_counts():
    found = cox(frame([0, 2, 3], [1, 1, 1], x=[1, 0, 1]), "x")
    assert found.value("hazard ratio") == pytest.approx(1 / math.sqrt(2), rel=1e-12)


def test_rows_of_frequency_0_are_not_there():
    rows = frame([1, 2, 3, 9], [1, 1, 1, 1], x=[1, 0, 1, 5], count=[1, 1, 1, 0])
    found = cox(rows, "x", frequency="count")
    assert found.frame["n"][0] == 3
    assert found.value("hazard ratio") == pytest.approx(1 / math.sqrt(2), rel=1e-12)
    assert "count says how many rows each row stands for" in found.notes


@pytest.mark.parametrize("change", [lambda x: x * 1e150, lambda x: x * 1e-150, lambda x: x + 1e6])
def test_huge_and_tiny_covariates_give_the_same_test(change):
    plain = cox(TWELVE, "x")
    moved = cox(TWELVE.with_columns(x=change(pl.col("x"))), "x")
    test = {"statistic": "likelihood ratio chi-square"}
    assert moved.value(**test) == pytest.approx(plain.value(**test), rel=1e-8)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"ties": "other"}, "ties='other' was asked for; known are 'efron', 'breslow' and 'exact'"),
        (
            {"ties": "exact", "cluster": "site"},
            "ties='exact' has no residuals for the robust errors that cluster='site'",
        ),
        ({"ties": "exact", "case_weights": "w"}, "ties='exact' has no residuals"),
        ({"frequency": "w"}, "not whole numbers"),
        ({"frequency": "site", "case_weights": "w"}, "were both given"),
        ({"strata": "ward"}, "the columns of strata: 'ward' is not among the columns"),
        ({"strata": "x"}, "the information of 9 events on 'x' is singular"),
        ({"cluster": "ward"}, "the column to cluster by: 'ward' is not among"),
    ],
)
def test_what_cannot_be_asked_for_is_said(how, words):
    with pytest.raises(EstimationError, match=words):
        cox(TWELVE, "x", **how)


def test_empty_strata_and_clusters_are_left_out_and_counted():
    rows = TWELVE.with_columns(ward=pl.when(pl.col("g") == 0).then(pl.lit("a")))
    with pytest.raises(EstimationError, match="each of 12 rows lacks"):
        cox(rows.with_columns(ward=pl.lit(None, dtype=pl.String)), "x", strata="ward")
    found = cox(rows, "x", strata="ward")
    assert found.notes[0] == "6 of 12 rows were left out for missing values (ward 6)"


def test_the_model_knows_the_rows():
    found = cox(TWELVE, "x + g", strata="site", cluster="g")
    model = found.model
    assert sorted(model.order) == list(range(12))
    assert (model.sample.time == TWELVE["left"].to_numpy()[model.order]).all()
    assert (model.sample.matrix[:, 0] == TWELVE["x"].to_numpy()[model.order]).all()
    assert model.subject_id.to_list() == TWELVE["subject_id"].gather(model.order).to_list()
    assert (model.cluster == TWELVE["g"].to_numpy()[model.order]).all()
    assert (model.formula, model.ties, model.clustered, model.stratified) == ("x + g", "efron", "g", ("site",))
