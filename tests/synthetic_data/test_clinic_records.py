"""What the records of a clinic show of its truth: doses, stops, losses, effects, findings; and what they hide."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import cohort
from cohort.criteria import ILAE_2010_FREEDOM
from synthetic_data.clinic.truth import Relapse, Titration
from synthetic_data.presets import CHEN_2018, EPILEPSY_CLINIC, RESISTANT_CLINIC
from synthetic_data.simulation import simulate, simulate_blocks, simulate_with_latent

N = 700
TREATMENT = ["subject_id", "treatment_no"]
DOSES = {one.drug: (one.starting_dose, one.daily_dose) for one in RESISTANT_CLINIC.prescriptions}


@pytest.fixture(scope="module")
def clinic():
    return simulate_with_latent(RESISTANT_CLINIC, subjects=N, seed=51)


@pytest.fixture(scope="module")
def rows(clinic):
    """Treatments with what truly came of them, and their subject's last day."""
    study, latent = clinic
    last = study.subjects.select("subject_id", "last_day", "syndrome", "epilepsy_type")
    return (
        study.treatments.join(latent, on=TREATMENT)
        .join(last, on="subject_id")
        .with_columns(stop_reason=pl.col("stop_reason").cast(pl.String))
    )


def test_verdicts_are_each_treatment_s_own_truth_with_every_mechanism_on(clinic):
    study, latent = clinic
    verdicts = cohort.classify(study, ILAE_2010_FREEDOM).join(latent, on=TREATMENT)
    assert verdicts.height == latent.height
    agree = (pl.col("verdict") == "met") == (pl.col("result") == "remission")
    assert verdicts.select(agree.mean()).item() > 0.995


def test_stops_are_recorded_as_a_clinic_sees_them(rows):
    reasons = {"intolerance": "intolerance", "inefficacy": "inefficacy", "inadequate": "inefficacy"}
    told = pl.col("result").replace_strict(reasons, default=None, return_dtype=pl.String)
    assert rows.select(pl.col("stop_reason").eq_missing(told).all()).item()
    assert rows.select((pl.col("stop_day").is_null() == pl.col("stop_reason").is_null()).all()).item()
    assert rows.select((pl.col("adherence").is_null() == pl.col("stop_reason").is_null()).all()).item()
    lost = rows.filter(result="other")
    assert lost.height > 0
    assert (lost["last_day"] < RESISTANT_CLINIC.follow_up_days - 1).all()
    left = rows.filter(pl.col("left") & (pl.col("treatment_no") < 4) & (pl.col("result") != "other"))
    assert left.height > 0
    assert (left["stop_day"] == left["last_day"]).all()


def test_nothing_is_recorded_of_who_is_not_in_sight(clinic):
    study, _ = clinic
    ends = study.subjects.select("subject_id", "last_day")
    for table, day in (("seizures", "day"), ("treatments", "start_day"), ("doses", "from_day"), ("episodes", "to_day")):
        late = study.table(table).join(ends, on="subject_id").filter(pl.col(day) > pl.col("last_day") + 1)
        assert late.is_empty()
    spans = study.observed.join(study.subjects, on="subject_id")
    assert (spans["to_day"] == spans["last_day"]).all()
    assert (spans["from_day"] == -365).all()


def test_doses_rise_in_equal_steps_and_stay_low_where_that_is_the_truth(clinic, rows):
    doses = clinic[0].doses.join(
        rows.select(*TREATMENT, "drug", "start_day", "stop_day", "result", "cause"), on=[*TREATMENT, "drug"]
    )
    assert (
        clinic[0].treatments.filter(kind="drug")["daily_dose"].null_count()
        == clinic[0].treatments.filter(kind="drug").height
    )
    new = doses.with_columns(
        start=pl.col("drug").replace_strict({drug: dose[0] for drug, dose in DOSES.items()}, return_dtype=pl.Float64),
        full=pl.col("drug").replace_strict({drug: dose[1] for drug, dose in DOSES.items()}, return_dtype=pl.Float64),
    )
    low = new.filter((pl.col("result") == "intolerance").or_(pl.col("cause") == "dose too low"))
    highest = new.group_by(*TREATMENT, "drug").agg(pl.all().sort_by("from_day").last(), pl.len().alias("rises"))
    kept = highest.filter((pl.col("rises") == 1) & (pl.col("daily_dose") == pl.col("full")))  # beside a new drug
    assert (
        low.join(kept, on=[*TREATMENT, "drug"], how="anti")["daily_dose"]
        <= low.join(kept, on=[*TREATMENT, "drug"], how="anti")["start"]
    ).all()
    raised = new.join(low, on=[*TREATMENT, "drug"], how="anti").join(kept, on=[*TREATMENT, "drug"], how="anti")
    steps = raised.with_columns(rise=(pl.col("from_day") - pl.col("start_day")) // 7)
    assert steps["rise"].unique().sort().to_list() == [0, 1, 2, 3, 4]
    by_hand = pl.col("start") + (pl.col("full") - pl.col("start")) * pl.col("rise") / 4
    assert steps.select((pl.col("daily_dose") - by_hand).abs().max()).item() < 1e-9
    assert (doses["from_day"] <= doses["stop_day"].fill_null(10**6)).all()


def test_without_titration_the_dose_stands_in_the_treatments():
    study, latent = simulate_with_latent(replace(RESISTANT_CLINIC, titration=Titration()), subjects=150, seed=2)
    assert study.doses.is_empty()
    drugs = study.treatments.filter(kind="drug").join(latent, on=TREATMENT)
    assert drugs["daily_dose"].null_count() == 0
    full = drugs["drug"].replace_strict({drug: dose[1] for drug, dose in DOSES.items()}, return_dtype=pl.Float64)
    before = study.treatments.select("subject_id", "drug", treatment_no=pl.col("treatment_no") + 1)
    kept = drugs.with_columns(full=full).join(before, on=[*TREATMENT, "drug"])
    assert set(kept["result"]) >= {"intolerance", "inefficacy"}  # the new drug is not tolerated; the kept one was
    assert (kept["daily_dose"] == kept["full"]).all()
    assert (drugs.filter(drugs["daily_dose"] < full)["result"].is_in(["intolerance", "inadequate"])).all()


def test_pseudo_resistance_has_its_marks_in_the_records(rows):
    unfair = (
        rows.filter(result="inadequate").join(rows.group_by(TREATMENT).len(), on=TREATMENT).filter(pl.col("len") == 1)
    )
    assert set(unfair["cause"]) == {
        "dose too low",
        "stopped too early",
        "doses not taken",
        "drug does not suit the syndrome",
    }
    early = unfair.filter(cause="stopped too early")
    assert (early["stop_day"] - early["start_day"] + 1).is_between(7, 27).all()
    assert (unfair.filter(cause="doses not taken")["adherence"] < 0.8).all()
    wrong = unfair.filter(cause="drug does not suit the syndrome")
    assert set(wrong["syndrome"]) == {"juvenile myoclonic epilepsy"}
    assert set(wrong["drug"]) <= {"carbamazepine", "oxcarbazepine"}
    fair = rows.filter(pl.col("cause").is_null(), kind="drug", syndrome="juvenile myoclonic epilepsy")
    assert not set(fair["drug"]) & {"carbamazepine", "oxcarbazepine"}


def test_combinations_are_two_rows_that_begin_and_end_together(rows):
    pairs = rows.group_by(TREATMENT).agg(pl.len(), pl.col("start_day", "stop_day", "stop_reason").n_unique())
    assert set(pairs["len"]) == {1, 2}
    assert pairs.filter(pl.col("len") == 2).select(pl.col("start_day", "stop_day", "stop_reason").max()).row(0) == (
        1,
        1,
        1,
    )
    before = rows.filter(pl.col("result") == "inefficacy").select(
        "subject_id", "drug", treatment_no=pl.col("treatment_no") + 1
    )
    kept = rows.join(before, on=[*TREATMENT, "drug"])
    assert kept.height == (pairs["len"] == 2).sum()


def test_therapies_follow_the_drugs_and_are_never_resections_of_generalized_epilepsy(rows):
    later = rows.filter(pl.col("kind") != "drug")
    assert set(later["kind"].cast(pl.String)) >= {"surgery", "stimulation", "diet"}
    assert set(later["treatment_no"]) == {5}
    assert set(later.filter(kind="surgery")["epilepsy_type"]) == {"focal"}
    failures = (
        rows.unique(TREATMENT).group_by("subject_id").agg((pl.col("result") == "inefficacy").sum().alias("failed"))
    )
    assert (later.join(failures, on="subject_id")["failed"] >= 2).all()


def test_intolerance_comes_with_an_adverse_effect_and_some_others_with_a_mild_one(clinic, rows):
    effects = clinic[0].adverse_effects
    courses = rows.unique(TREATMENT)
    severe = effects.filter(severity="severe").join(courses, on=TREATMENT)
    assert severe.height == courses.filter(result="intolerance").height
    assert (severe["result"] == "intolerance").all()
    assert (severe["to_day"] == severe["stop_day"]).all()
    assert severe.select(pl.col("day").is_between("start_day", "stop_day").all()).item()
    others = courses.filter(pl.col("result") != "intolerance", kind="drug").height
    mild = effects.filter(severity="mild").height
    assert abs(mild / others - 0.2) < 4.5 * math.sqrt(0.16 / others)


def test_status_epilepticus_falls_on_days_with_seizures():
    study = simulate(replace(EPILEPSY_CLINIC, status_epilepticus=0.5), subjects=200, seed=4)
    episodes = study.episodes.with_columns(day=pl.col("from_day").floor().cast(pl.Int64))
    assert abs(episodes.height / 200 - 0.5) < 4.5 * math.sqrt(0.25 / 200)
    assert episodes["subject_id"].is_unique().all()
    assert episodes.join(study.seizures.filter(pl.col("count") > 0), on=["subject_id", "day"]).height == episodes.height
    assert ((episodes["to_day"] - episodes["from_day"]) > 0).all()


def test_findings_are_those_of_the_epilepsy_type(clinic):
    study, _ = clinic
    found = study.findings.join(study.subjects, on="subject_id")
    looked = found.filter(finding="EEG and MRI")
    assert set(looked.filter(epilepsy_type="generalized")["result"]) == {"generalized"}
    focal = looked.filter(epilepsy_type="focal")
    lesion = (focal["result"] == "focal concordant lesion").mean()
    assert abs(lesion - 0.4) < 4.5 * math.sqrt(0.24 / focal.height)
    assert set(found.filter(finding="LGI1 antibody")["result"]) == {"positive", "negative"}


def test_markers_are_log_normal_and_higher_in_those_with_a_low_chance(clinic):
    study, latent = clinic
    own = latent.filter(treatment_no=1).select("subject_id", "own_chance")
    crp = study.findings.filter(finding="hs-CRP").join(own, on="subject_id")
    assert set(crp["unit"]) == {"mg/L"}
    rest = crp["value"].log() - math.log(1.5) - 0.5 * (0.5 - crp["own_chance"])
    assert abs(rest.mean()) < 4.5 / math.sqrt(N)
    assert abs((rest**2).mean() - 1) < 4.5 * math.sqrt(2 / N)


def rate_ratio(study, latent, spans):
    """Mean of recorded over expected untreated seizures, and its error; spans have `begin` and `until`."""
    days = latent.join(spans, on=TREATMENT).filter(pl.col("until") - pl.col("begin") >= 28)
    counted = study.seizures.join(days.select(*TREATMENT, "begin", "until"), on="subject_id")
    counted = counted.filter(pl.col("day").is_between("begin", "until")).group_by(TREATMENT).agg(pl.col("count").sum())
    both = days.join(counted, on=TREATMENT, how="left").with_columns(pl.col("count").fill_null(0))
    ratio = both["count"] / (both["rate28"] / 28 * (both["until"] - both["begin"] + 1))
    return ratio.mean(), ratio.std() / math.sqrt(ratio.len())


def test_seizures_come_again_after_a_relapse_at_the_residual_rate():
    quiet = replace(EPILEPSY_CLINIC.diary, missing=0.0)
    truth = replace(EPILEPSY_CLINIC, diary=quiet, relapse=Relapse(per_year=0.5, residual=0.4))
    study, latent = simulate_with_latent(truth, subjects=500, seed=6)
    again = latent.drop_nulls("relapse_day")
    assert again.height > 150
    spans = again.select(*TREATMENT, begin="relapse_day", until=pl.lit(truth.follow_up_days - 1))
    mean, error = rate_ratio(study, latent, spans)
    assert abs(mean - 0.4) < 4.5 * error < 0.1
    free = again.select(*TREATMENT, begin="free_from", until=pl.col("relapse_day") - 1)
    assert rate_ratio(study, latent, free) == (0, 0)
    assert study.treatments.join(again, on=TREATMENT)["stop_day"].null_count() == again.height


def test_treatments_that_were_no_fair_test_change_nothing():
    succession = replace(EPILEPSY_CLINIC.succession, inadequate=(0.5,) * 3)
    truth = replace(EPILEPSY_CLINIC, diary=replace(EPILEPSY_CLINIC.diary, missing=0.0), succession=succession)
    study, latent = simulate_with_latent(truth, subjects=300, seed=7)
    courses = study.treatments.join(latent.filter(result="inadequate"), on=TREATMENT)
    spans = courses.select(*TREATMENT, begin="start_day", until="stop_day")
    mean, error = rate_ratio(study, latent, spans)
    assert abs(mean - 1) < 4.5 * error < 0.15


def test_a_block_is_the_same_alone(monkeypatch):
    monkeypatch.setattr("synthetic_data.simulation.BLOCK", 30)
    whole = {number: study for number, study, _ in simulate_blocks(RESISTANT_CLINIC, subjects=70, seed=3)}
    ((number, alone, _),) = simulate_blocks(RESISTANT_CLINIC, subjects=70, seed=3, blocks=(1,))
    assert sorted(whole) == [0, 1, 2]
    for table in ("subjects", "seizures", "treatments", "doses", "adverse_effects", "findings", "episodes"):
        assert_frame_equal(alone.table(table), whole[number].table(table))


def test_a_written_clinic_is_read_back(tmp_path):
    study = simulate(RESISTANT_CLINIC, subjects=20, seed=8)
    back = cohort.read(cohort.write(study, tmp_path / "clinic"))
    for table in ("subjects", "seizures", "treatments", "doses", "adverse_effects", "findings"):
        assert_frame_equal(back.table(table), study.table(table))


def test_a_clinic_after_a_cohort_shows_its_shares():
    study, latent = simulate_with_latent(CHEN_2018, subjects=1500, seed=9)
    answers = CHEN_2018.estimates().filter(statistic="share", term="of the cohort")
    for group, share in answers.select("group", "estimate").iter_rows():
        found = latent.filter(treatment_no=int(group), result="remission").height / 1500
        assert abs(found - share) < 4.5 * math.sqrt(share * (1 - share) / 1500)
    assert study.treatments["treatment_no"].max() == 6
