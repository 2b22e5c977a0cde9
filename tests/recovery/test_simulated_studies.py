"""Read, classify and estimate simulated studies, and find their truth again."""

from dataclasses import replace
from math import inf, sqrt

import polars as pl
import pytest

import analyses
import cohort
import synthetic_data
from cohort.criteria import HAMD17_REMISSION, HAMD17_RESPONSE, ILAE_2010_FREEDOM, RETENTION
from synthetic_data import EPILEPSY_CLINIC, HAMD_STUDY
from synthetic_data.presets import KWAN_BRODIE_2000, RESISTANT_CLINIC

# Nobody leaves, so that the shares of the truth ("had nobody left") are those of the records.
EVERYBODY_STAYS = replace(HAMD_STUDY, dropout_intercepts=(-inf,) * 4)


def deviation(estimate, truth, n):
    """Return the distance from the truth in standard errors that the truth itself implies."""
    return abs(estimate - truth) / sqrt(truth * (1 - truth) / n)


@pytest.fixture(scope="module")
def hamd():
    return synthetic_data.simulate(EVERYBODY_STAYS, subjects=20_000, seed=11)


@pytest.mark.parametrize("criterion", [HAMD17_REMISSION, HAMD17_RESPONSE], ids=["remission", "response"])
@pytest.mark.parametrize("visit", ["week 2", "week 6"])
def test_shares_of_the_hamd_study_are_found_again(criterion, visit, hamd):
    wanted = criterion.at(visit)
    data = hamd.subjects.join(cohort.classify(hamd, wanted), on="subject_id")
    shares = analyses.proportions(data, by="arm", undetermined="excluded")
    truth = EVERYBODY_STAYS.estimates().filter(statistic="share", criterion=wanted.label)
    assert truth.height == 2
    for group, share in truth.select("group", "estimate").iter_rows():
        assert deviation(shares.value("share", group=group), share, 10_000) < 4.5


def test_differences_of_the_hamd_study_are_found_again(hamd):
    wanted = HAMD17_REMISSION.at("week 6")
    data = hamd.subjects.join(cohort.classify(hamd, wanted), on="subject_id")
    found = analyses.risk_differences(data, by="arm", undetermined="excluded").frame
    truth = EVERYBODY_STAYS.estimates().filter(statistic="risk difference", criterion=wanted.label)
    assert found["reference"].to_list() == truth["reference"].to_list() == ["placebo"]
    assert abs(found["estimate"][0] - truth["estimate"][0]) < 4.5 * found["std_error"][0]


def test_mean_changes_of_the_hamd_study_are_found_again(hamd):
    found = analyses.describe(cohort.changes(hamd, "HAMD17"), ["change"], by="arm", within="visit").frame
    means = found.filter(statistic="mean").select("term", "group", "estimate", "std_error")
    truth = EVERYBODY_STAYS.estimates().filter(statistic="mean change").select("term", "group", true="estimate")
    both = means.join(truth, on=["term", "group"])
    assert both.height == 8
    assert both.select(((pl.col("estimate") - pl.col("true")).abs() / pl.col("std_error")).max()).item() < 4.5


def test_dropout_makes_verdicts_undetermined_and_never_a_guess():
    study = synthetic_data.simulate(HAMD_STUDY, subjects=2_000, seed=12)
    outcomes = cohort.classify(study, HAMD17_REMISSION.at("week 6"))
    rated = set(study.ratings.filter(visit="week 6")["subject_id"])
    undetermined = set(outcomes.filter(verdict="undetermined")["subject_id"])
    assert 0.15 < len(undetermined) / 2_000 < 0.35
    assert undetermined == set(study.subjects["subject_id"]) - rated


@pytest.mark.parametrize(("form", "subjects"), [("events", 1_000), ("daily", 250)])
def test_sustained_freedom_of_the_clinic_is_found_again(form, subjects):
    truth = replace(EPILEPSY_CLINIC, diary=replace(EPILEPSY_CLINIC.diary, form=form))
    clinic = synthetic_data.simulate(truth, subjects=subjects, seed=13)
    free = cohort.classify(clinic, ILAE_2010_FREEDOM)
    shares = analyses.proportions(free, by="treatment_no", undetermined="not met").frame.filter(statistic="share")
    expected = truth.estimates().filter(
        pl.col("group").is_not_null(), pl.col("term").is_null(), statistic="share", criterion=ILAE_2010_FREEDOM.label
    )
    both = shares.join(expected.select("group", true="estimate"), on="group")
    assert both["group"].to_list() == ["1", "2", "3"]
    for share, n, true in both.select("estimate", "n", "true").iter_rows():
        assert deviation(share, true, n) < 4.5


def test_verdicts_of_the_clinic_are_each_subjects_own_truth():
    clinic, latent = synthetic_data.simulate_with_latent(EPILEPSY_CLINIC, subjects=500, seed=14)
    free = cohort.classify(clinic, ILAE_2010_FREEDOM).join(latent, on=["subject_id", "treatment_no"])
    assert free.height == latent.height
    agree = (pl.col("verdict") == "met") == (pl.col("result") == "remission")
    assert free.select(agree.mean()).item() > 0.995


def test_withdrawal_of_the_clinics_first_treatment_is_found_again():
    truth = replace(RESISTANT_CLINIC, diary_days=0, diary=replace(RESISTANT_CLINIC.diary, log_rate_mean=-2.0))
    clinic = synthetic_data.simulate(truth, subjects=1_500, seed=15)
    times = (90, 182, 365, 730, 1095, 1460)
    events = cohort.time_to(clinic, RETENTION)
    found = analyses.kaplan_meier(events, by=None, times=times).frame.filter(term="time point")
    expected = truth.estimates().filter(criterion=RETENTION.event, statistic="survival").select("at", true="estimate")
    both = found.join(expected, on="at")
    assert both.height == len(times)
    assert both.select(((pl.col("estimate") - pl.col("true")).abs() / pl.col("std_error")).max()).item() < 4.5


@pytest.mark.parametrize(("reason", "term"), [("inefficacy", "after inefficacy"), ("intolerance", "after intolerance")])
def test_freedom_on_the_second_drug_by_why_the_first_was_stopped_is_found_again(reason, term):
    clinic = synthetic_data.simulate(KWAN_BRODIE_2000, subjects=800, seed=16)
    free = cohort.classify(clinic, ILAE_2010_FREEDOM).filter(treatment_no=2)
    stopped = clinic.treatments.filter(pl.col("stop_reason").cast(pl.String) == reason, treatment_no=1)
    mine = free.join(stopped.select("subject_id"), on="subject_id", how="semi")
    truth = (
        KWAN_BRODIE_2000.estimates().filter(criterion=ILAE_2010_FREEDOM.label, term=term, group="2")["estimate"].item()
    )
    assert deviation((mine["verdict"] == "met").mean(), truth, mine.height) < 4.5
