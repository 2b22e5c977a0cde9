"""A sequenced study: its records hang together, and its truth is found again in them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import analyses
import cohort
from cohort.criteria import HAMD17_REMISSION, HAMD17_RESPONSE
from synthetic_data.presets import STARD_2006, STARD_2023
from synthetic_data.sequenced.design import MONTHS
from synthetic_data.sequenced.instruments import INSTRUMENTS
from synthetic_data.simulation import simulate_with_latent
from synthetic_data.succession.shares import step_shares

N = 6_000
Z = 4.5
QIDS_REMISSION = replace(HAMD17_REMISSION, scale="QIDS-SR16", threshold=5)
CRITERIA = {"stard_2006": QIDS_REMISSION, "stard_2023": HAMD17_REMISSION}


@pytest.fixture(scope="module")
def stard():
    return simulate_with_latent(STARD_2006, subjects=N, seed=31)


@pytest.fixture(scope="module", params=[STARD_2006, STARD_2023], ids=lambda truth: truth.name)
def either(request, stard):
    truth = request.param
    return truth, *(stard if truth is STARD_2006 else simulate_with_latent(truth, subjects=2_000, seed=32))


def value(truth, **where) -> float:
    found = truth.estimates().filter(**where)
    assert found.height == 1
    return found["estimate"].item()


def near(share: float, wanted: float, n: int) -> bool:
    return abs(share - wanted) < Z * math.sqrt(wanted * (1 - wanted) / n)


def test_the_verdict_at_each_exit_is_every_subject_s_own_truth(either):
    truth, study, latent = either
    for k in range(1, 5):
        verdicts = cohort.classify(study, CRITERIA[truth.name].at(f"step {k} exit"))
        both = verdicts.join(latent.filter(treatment_no=k), on="subject_id", how="left")
        wanted = (
            pl.when(pl.col("result").is_null())
            .then(pl.lit("undetermined"))
            .when(pl.col("result") == "remission")
            .then(pl.lit("met"))
            .otherwise(pl.lit("not met"))
        )
        assert both.select((pl.col("verdict").cast(pl.String) == wanted).all()).item()


@pytest.mark.parametrize("undetermined", ["excluded", "not met"])
def test_shares_in_remission_are_found_by_the_labels_of_the_estimator(either, undetermined):
    truth, study, _ = either
    outcomes = [cohort.classify(study, CRITERIA[truth.name].at(f"step {k} exit")) for k in range(1, 5)]
    found = analyses.proportions(pl.concat(outcomes), by=None, undetermined=undetermined).frame
    both = found.filter(statistic="share").join(
        truth.estimates().select("criterion", "term", "statistic", true="estimate"),
        on=["criterion", "term", "statistic"],
    )
    assert both.height == 4
    assert all(near(share, true, n) for share, true, n in both.select("estimate", "true", "n").iter_rows())


def test_response_ever_and_the_other_scale_are_found_again(stard):
    study, latent = stard
    response = replace(HAMD17_RESPONSE, scale="QIDS-SR16")
    exits = [f"step {k} exit" for k in (1, 2, 3)]
    asked = [QIDS_REMISSION.ever(), *(criterion.at(at) for criterion in (response, HAMD17_REMISSION) for at in exits)]
    data = pl.concat([cohort.classify(study, criterion) for criterion in asked])
    found = analyses.proportions(data, by=None, undetermined="excluded").frame.filter(statistic="share")
    both = found.join(STARD_2006.estimates().select("criterion", "term", true="estimate"), on=["criterion", "term"])
    assert both.height == 7
    assert all(near(share, true, n) for share, true, n in both.select("estimate", "true", "n").iter_rows())
    own = latent.group_by("treatment_no").agg((2 * pl.col("exit_score") <= pl.col("entry_score")).mean(), pl.len())
    label = "QIDS-SR16 response (>= 50%) from the step's entry at its exit"
    for k, share, n in own.iter_rows():
        assert near(share, value(STARD_2006, criterion=label, group=str(k)), n)


def test_ever_in_remission_sees_more_than_the_exits(stard):
    study, latent = stard
    ever = set(cohort.classify(study, QIDS_REMISSION.ever()).filter(verdict="met")["subject_id"])
    remitted = set(latent.filter(result="remission")["subject_id"])
    assert remitted < ever
    assert len(ever - remitted) / N > 0.02


def test_shares_by_step_and_reason_are_found_again(stard):
    _, latent = stard
    shares = step_shares(STARD_2006.succession)
    before = latent.with_columns(before=pl.col("result").shift(1).over("subject_id", order_by="treatment_no"))
    terms = {"intolerance": "after intolerance", "inefficacy": "after inefficacy", "inadequate": "after no fair test"}
    for k in range(1, 5):
        mine = before.filter(treatment_no=k)
        assert near(mine.height / N, value(STARD_2006, criterion="treatment started", group=str(k)), N) or k == 1
        intolerant = value(STARD_2006, criterion="stopped for intolerance", group=str(k))
        assert near((mine["result"] == "intolerance").mean(), intolerant, mine.height)
        assert near(mine["left"].mean(), float((shares.left + shares.other)[k - 1] / shares.tried[k - 1]), mine.height)
        for reason, term in terms.items():
            after = mine.filter(before=reason)
            wanted = STARD_2006.estimates().filter(criterion=f"QIDS-SR16 remission (<= 5) at step {k} exit", term=term)
            assert wanted.height == (k > 1)
            if k > 1:
                assert near((after["result"] == "remission").mean(), wanted["estimate"].item(), after.height)


def test_relapse_by_kaplan_meier_is_found_again(stard):
    """The relapse is the first rating at 11 or more in follow-up; who drops out is censored at the last rating."""
    study, latent = stard
    remitted = latent.filter(result="remission").select("subject_id", "treatment_no", "exit_day")
    rated = study.ratings.filter(pl.col("visit").str.starts_with("follow-up"), scale="QIDS-SR16").join(
        remitted, on="subject_id"
    )
    times = rated.group_by("subject_id", "treatment_no").agg(
        last=(pl.col("day") - pl.col("exit_day")).max(), relapsed=(pl.col("score") >= 11).any()
    )
    events = times.select(
        "subject_id",
        group=pl.col("treatment_no").cast(pl.String),
        treatment_no=pl.lit(None, dtype=pl.Int64),
        event_no=pl.lit(1),
        entry=pl.lit(0.0),
        left="last",
        right=pl.when("relapsed").then("last"),
        cause=pl.when("relapsed").then(pl.lit("relapse")),
    ).filter(pl.col("group").is_in(["1", "2"]))
    found = analyses.kaplan_meier(events, by="group", times=(91, 183, 274, 365)).frame.filter(
        term="time point", statistic="survival"
    )
    truth = STARD_2006.estimates().filter(criterion="QIDS-SR16 relapse (>= 11)")
    both = found.join(
        truth.select("group", "at", "term", "statistic", true="estimate"), on=["group", "at", "term", "statistic"]
    )
    assert both.height == 8
    assert both.select(((pl.col("estimate") - pl.col("true")).abs() / pl.col("std_error")).max()).item() < Z


def test_months_to_relapse_and_a_year_without_one(stard):
    study, latent = stard
    first = latent.filter(result="remission", treatment_no=1)
    months = ((first["relapse_day"] - first["exit_day"]) / (365.25 / 12)).drop_nulls()
    # A relapse begins on average half a month before the rating that shows it.
    assert months.mean() == pytest.approx(4.1 - 0.5, abs=Z * months.std() / math.sqrt(months.len()) + 0.02)
    whole = latent.filter(result="remission").filter(pl.col("relapse_day").is_null() & pl.col("missed_month").is_null())
    wanted = value(STARD_2006, criterion="remission, then 12 months without relapse or dropout")
    assert near(whole.height / N, wanted, N)
    last = study.ratings.filter(visit=f"follow-up month {MONTHS}", scale="QIDS-SR16").filter(pl.col("score") < 11)
    assert set(last["subject_id"]) == set(whole["subject_id"])


def test_those_who_remit_are_in_remission_from_their_day_and_never_before(either):
    truth, study, latent = either
    threshold = INSTRUMENTS[truth.scale].remission
    mine = study.ratings.filter(scale=truth.scale).join(latent.filter(result="remission"), on="subject_id")
    during = mine.filter(pl.col("day").is_between("start_day", "exit_day"), pl.col("day") > 0)
    before, after = (
        during.filter(when)
        for when in (pl.col("day") < pl.col("remission_day"), pl.col("day") >= pl.col("remission_day"))
    )
    assert before.height > 500
    assert before["score"].min() > threshold
    assert after["score"].max() <= threshold
    first = during.filter(pl.col("score") <= threshold).group_by("subject_id").agg(pl.col("day").min())
    joined = latent.filter(result="remission").join(first, on="subject_id")
    assert joined.height == latent.filter(result="remission").height
    assert (joined["day"] == joined["remission_day"]).all()


def test_half_of_those_who_remit_first_do_so_within_six_weeks(stard):
    days = stard[1].filter(result="remission", treatment_no=1)["remission_day"]
    assert near((days <= 45).mean(), 0.52, days.len())
    assert 44 < days.mean() < 53


def test_anxious_features_lower_the_chance_and_other_covariates_do_not(stard):
    study, latent = stard
    first = latent.filter(treatment_no=1).join(study.subjects, on="subject_id")
    assert near((first["anxious_features"] == "yes").mean(), 0.532, N)
    for covariate, works in (("anxious_features", True), ("sex", False), ("recurrent", False)):
        shares = first.group_by(covariate).agg((pl.col("result") == "remission").mean().alias("share"), pl.len())
        low, high = shares["share"].sort()
        assert (high - low > Z * math.sqrt(0.25 * (1 / shares["len"]).sum())) == works


def test_milder_subjects_have_better_chances(stard):
    first = stard[1].filter(treatment_no=1)
    odds = np.log(first["own_chance"] / (1 - first["own_chance"]))
    r = np.corrcoef(odds, first["entry_score"])[0, 1]
    assert r == pytest.approx(-0.45, abs=0.05)  # truncation and rounding take a little away
