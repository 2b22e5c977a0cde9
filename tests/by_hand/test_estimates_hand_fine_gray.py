"""Subdistribution hazards of a few subjects whose weighted likelihood is solved by hand, and what cannot be fitted."""

from __future__ import annotations

import math

import polars as pl
import pytest

from analyses.estimates.competing.fine_gray import fine_gray
from analyses.estimates.competing.incidence import incidence
from analyses.estimates.competing.predicted_incidence import predicted_incidence
from cohort.errors import EstimationError
from tests.properties.slow_competing import SlowFineGray

R, S = "relapse", "stop"


def events(rows, **columns):
    """Rows of time, cause and the covariate x."""
    frame = pl.DataFrame(
        {
            "subject_id": [str(i) for i in range(len(rows))],
            "entry": 0.0,
            "left": [float(time) for time, _, _ in rows],
            "right": [float(time) if cause else None for time, cause, _ in rows],
            "cause": [cause for _, cause, _ in rows],
            "x": [x for _, _, x in rows],
        },
        schema_overrides={"right": pl.Float64, "cause": pl.String},
    )
    return frame.with_columns(pl.Series(name, values) for name, values in columns.items())


FIVE = [(1, S, 1), (2, None, 0), (3, R, 1), (4, R, 0), (5, None, 1)]


def coefficient(found, column="estimate"):
    return found.frame.filter(statistic="log subdistribution hazard ratio")[column].item()


def test_who_had_a_competing_event_stays_with_the_weight_of_being_seen():
    # One of four is censored on day 2: the first stays at risk with weight 3/4 on days 3 and 4.
    # L = theta / (1 + 11/4 theta) * 1 / (1 + 7/4 theta) is greatest at theta = 4 / sqrt(77).
    found = fine_gray(events(FIVE), "x", cause=R)
    theta = 4 / math.sqrt(77)
    assert found.value("subdistribution hazard ratio", term="x") == pytest.approx(theta, rel=1e-10)
    assert found.value("log likelihood", term="null") == pytest.approx(-math.log(15 / 4 * 11 / 4), rel=1e-14)
    fitted = math.log(theta / (1 + 11 / 4 * theta) / (1 + 7 / 4 * theta))
    assert found.value("log likelihood", term="fitted") == pytest.approx(fitted, rel=1e-13)
    assert found.frame["criterion"].unique().to_list() == [R]
    assert found.frame.select("n", "events").unique().rows() == [(5, 2)]
    assert found.notes == ("2 events of relapse, 1 of competing causes, 2 censored",)


def test_the_variance_adds_what_the_weights_estimate_moves():
    # With means m3, m4 of x and hazards 1 / S3, 1 / S4 the scores of the five are, from first to last:
    theta = 4 / math.sqrt(77)
    s3, s4 = 1 + 11 / 4 * theta, 1 + 7 / 4 * theta
    m3, m4 = 11 / 4 * theta / s3, 7 / 4 * theta / s4
    first, last = (theta * weight * ((1 - m3) / s3 + (1 - m4) / s4) for weight in (3 / 4, 1))
    scores = [-first, 0, 1 - m3 - theta * (1 - m3) / s3, -m4 - (-m3 / s3 - m4 / s4), -last]
    # The censoring on day 2 has 4 at risk; that on day 5 comes after all events. q(2) is what `first` would give.
    moved = [0, first / 4 * (1 - 1 / 4), *[-first / 4 / 4] * 3]
    information = m3 * (1 - m3) + m4 * (1 - m4)
    for convention, parts in (
        ("Fine-Gray", [a + b for a, b in zip(scores, moved, strict=True)]),
        ("weighted Cox", scores),
    ):
        variance = sum(part**2 for part in parts) / information**2
        found = fine_gray(events(FIVE), "x", cause=R, convention=convention)
        assert coefficient(found, "std_error") == pytest.approx(math.sqrt(variance), rel=1e-10)


def test_conventions_differ_where_a_censoring_is_tied_with_an_event():
    # On day 2 one has the event and one is censored: of four at risk (3/4 stay), or of the three left (2/3 stay).
    # L = 1 / (3 + 2 theta) * theta / (1 + (1 + w) theta).
    rows = [(1, S, 1), (2, R, 0), (2, None, 0), (3, R, 1), (4, None, 0)]
    for convention, w in (("Fine-Gray", 3 / 4), ("weighted Cox", 2 / 3)):
        found = fine_gray(events(rows), "x", cause=R, convention=convention)
        theta = math.sqrt(3 / 2 / (1 + w))
        assert found.value("subdistribution hazard ratio") == pytest.approx(theta, rel=1e-10)


def test_ties():
    # Two relapse on day 2 (x = 1 and 0); a third is censored later, a fourth stopped before: both stay at risk.
    # Efron: L = theta / ((theta + 3) (theta + 5) / 2), greatest at sqrt(15); Breslow: theta / (theta + 3)^2, at 3.
    rows = [(1, S, 0), (2, R, 1), (2, R, 0), (3, None, 0)]
    for ties, theta in (("efron", math.sqrt(15)), ("breslow", 3)):
        found = fine_gray(events(rows), "x", cause=R, ties=ties)
        assert found.value("subdistribution hazard ratio") == pytest.approx(theta, rel=1e-10)


def test_censoring_by_stratum():
    # In the stratum of the first nobody is censored before day 6: it stays at risk with weight 1.
    # L = theta / (2 + 3 theta) * 1 / (2 + 2 theta), greatest at theta^2 = 4 / 6.
    data = events([*FIVE, (6, None, 0)], site=["a", "b", "b", "b", "b", "a"])
    found = fine_gray(data, "x", cause=R, censoring_by="site")
    assert found.value("subdistribution hazard ratio") == pytest.approx(math.sqrt(4 / 6), rel=1e-10)


def test_nobody_of_a_stratum_stays_at_risk_after_its_last_day():
    # The stratum of the first ends with it, on day 1: L = theta / (2 + 2 theta) * 1 / (2 + theta), at theta^2 = 2.
    data = events([*FIVE, (6, None, 0)], site=["a", "b", "b", "b", "b", "b"])
    found = fine_gray(data, "x", cause=R, censoring_by="site")
    assert found.value("subdistribution hazard ratio") == pytest.approx(math.sqrt(2), rel=1e-10)


def test_without_censoring_all_who_stopped_stay_and_the_weights_are_1():
    rows = [(1, S, 1.0), (2, R, 2.0), (3, S, 0.5), (3, R, 0.0), (4, R, 1.5), (5, S, 0.2), (6, R, 1.0)]
    found = fine_gray(events(rows), "x", cause=R)
    slow = SlowFineGray(*([row[k] for row in rows] for k in (0,)), [2, 1, 2, 1, 1, 2, 1], [[row[2]] for row in rows])
    assert all(slow.weight(i, s) == 1 for i in range(7) for s in slow.days if rows[i][1] == S)
    kept = [(7, None, x) if cause == S else (time, cause, x) for time, cause, x in rows]
    again = fine_gray(events(kept), "x", cause=R)
    assert coefficient(found) == pytest.approx(coefficient(again), rel=1e-10)
    assert coefficient(found, "std_error") == pytest.approx(coefficient(again, "std_error"), rel=1e-10)


def test_an_event_on_day_0():
    # The second, stopped on day 0 too, stays at risk: L = theta / (2 theta + 2) * 1 / (theta + 2), at theta^2 = 2.
    found = fine_gray(events([(0, R, 1), (0, S, 1), (1, R, 0), (2, None, 0)]), "x", cause=R)
    assert found.value("subdistribution hazard ratio") == pytest.approx(math.sqrt(2), rel=1e-10)


def test_clusters_sum_their_scores():
    data = events(FIVE, person=["a", "b", "c", "b", "a"])
    found = fine_gray(data, "x", cause=R, cluster="person")
    slow = SlowFineGray([1, 2, 3, 4, 5], [2, 0, 1, 1, 0], [[1], [0], [1], [0], [1]])
    eta, psi = slow.scores([coefficient(found)])
    u = (eta + psi)[:, 0]
    theta = 4 / math.sqrt(77)
    m3, m4 = 11 / 4 * theta / (1 + 11 / 4 * theta), 7 / 4 * theta / (1 + 7 / 4 * theta)
    information = m3 * (1 - m3) + m4 * (1 - m4)
    variance = ((u[0] + u[4]) ** 2 + (u[1] + u[3]) ** 2 + u[2] ** 2) / information**2
    assert coefficient(found, "std_error") == pytest.approx(math.sqrt(variance), rel=1e-10)
    assert "5 rows lie in 3 clusters of person" in found.notes


def test_rows_with_gaps_are_left_out_and_counted():
    data = events([*FIVE, (3, R, None)])
    found = fine_gray(data, "x", cause=R)
    assert found.notes[0] == "1 of 6 rows were left out for missing values (x 1)"
    assert coefficient(found) == pytest.approx(coefficient(fine_gray(events(FIVE), "x", cause=R)), rel=1e-15)


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (events(FIVE), {"cause": "death"}, "cause='death' does not occur; the causes are 'relapse', 'stop'"),
        (events(FIVE).with_columns(entry=0.5), {}, "5 of 5 rows enter late"),
        (events([(1, None, 1), (2, None, 0)]), {}, "0 events among 2 rows"),
        (events([*FIVE[:2], (3, R, None), (4, R, None)]), {}, "0 events of 'relapse' among 2 rows"),
        (events([(1, R, 1), (2, R, 1), (3, S, 0), (4, None, 0)]), {}, "grows without bound"),
        (events([(1, R, 1), (2, S, 1), (3, R, 1)]), {}, "covariates are constant"),
        (events(FIVE).with_columns(subject_id=pl.lit("a")), {}, "1 subjects have more than one row"),
        (events(FIVE), {"ties": "exact"}, "ties='exact' was asked for; there are 'breslow', 'efron'"),
        (events(FIVE), {"convention": "crr"}, "convention='crr' was asked for"),
        (events(FIVE), {"cluster": "who"}, "'who' is not among the columns"),
        (events(FIVE), {"confidence": 0}, "confidence=0"),
        (events(FIVE).drop("cause"), {}, "'cause' is not among the columns"),
    ],
)
def test_what_cannot_be_fitted(data, options, words):
    with pytest.raises(EstimationError, match=words):
        fine_gray(data, "x", **({"cause": R} | options))


def test_predicted_incidence():
    # The hazard of x = 0 is 1 / (1 + 11/4 theta) on day 3 and 1 / (1 + 7/4 theta) on day 4.
    found = predicted_incidence(
        fine_gray(events(FIVE), "x", cause=R), pl.DataFrame({"x": [0, 1], "profile": ["low", "high"]}), times=[2, 4, 6]
    )
    theta = 4 / math.sqrt(77)
    hazard = 1 / (1 + 11 / 4 * theta) + 1 / (1 + 7 / 4 * theta)
    for group, ratio in (("low", 1), ("high", theta)):
        rows = found.frame.filter(statistic="cumulative incidence", group=group)
        first, middle, beyond = rows.iter_rows(named=True)
        assert (first["estimate"], first["std_error"], first["conf_low"], first["conf_high"]) == (0, 0, 0, 0)
        assert middle["estimate"] == pytest.approx(1 - math.exp(-hazard * ratio), rel=1e-10)
        assert 0 < middle["conf_low"] < middle["estimate"] < middle["conf_high"] < 1
        assert (beyond["estimate"], beyond["std_error"]) == (None, None)
        curve = found.frame.filter(statistic="cumulative incidence curve", group=group)
        assert curve["at"].to_list() == [0, 3, 4]
    assert found.frame.select("criterion", "term").unique().rows() == [(R, R)]


def test_the_error_of_a_predicted_incidence_does_not_hang_on_the_coding():
    shifted = events(FIVE).with_columns(x=3 - 2 * pl.col("x"))
    plain, turned = (
        predicted_incidence(fine_gray(data, "x", cause=R), pl.DataFrame({"x": [x]}), times=[4]).frame.filter(at=4)
        for data, x in ((events(FIVE), 1), (shifted, 1))
    )
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert turned[column].to_list() == pytest.approx(plain[column].to_list(), rel=1e-8)


def test_predictions_that_cannot_be_made():
    fit = fine_gray(events(FIVE), "x", cause=R)
    for profiles, options, words in (
        (pl.DataFrame({"x": [1, 1]}), {}, "1 names of profiles stand more than once"),
        (pl.DataFrame({"x": []}), {}, "0 profiles were given"),
        (pl.DataFrame({"y": [1]}), {}, "'x'"),
        (pl.DataFrame({"x": [1]}), {"times": [-1]}, "not negative"),
    ):
        with pytest.raises(EstimationError, match=words):
            predicted_incidence(fit, profiles, **options)
    with pytest.raises(EstimationError, match="reads what fine_gray returned"):
        predicted_incidence(incidence(events(FIVE), by=None), pl.DataFrame({"x": [1]}))
