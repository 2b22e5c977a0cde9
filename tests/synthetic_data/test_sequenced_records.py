"""The records of a sequenced study: ratings, treatments, doses and episodes hang together with what is latent."""

from __future__ import annotations

import math

import polars as pl
import pytest

from synthetic_data.presets import STARD_2006
from synthetic_data.simulation import simulate_blocks, simulate_with_latent

N = 6_000
Z = 4.5


@pytest.fixture(scope="module")
def stard():
    return simulate_with_latent(STARD_2006, subjects=N, seed=31)


def near(share: float, wanted: float, n: int) -> bool:
    return abs(share - wanted) < Z * math.sqrt(wanted * (1 - wanted) / n)


def test_every_step_is_rated_at_entry_and_exit_on_both_scales(stard):
    study, latent = stard
    exits = study.ratings.filter(pl.col("visit").str.ends_with("exit"))
    assert exits.group_by("scale").len()["len"].to_list() == [latent.height] * 2
    assert exits.filter(scale="QIDS-SR16")["score"].null_count() == 0
    missing = exits.filter(scale="HAMD17")["score"].is_null().mean()
    assert near(missing, 0.24, latent.height)
    entry = latent.sort("subject_id", "treatment_no").with_columns(
        before=pl.col("exit_score").shift(1).over("subject_id"), day=pl.col("exit_day").shift(1).over("subject_id")
    )
    later = entry.filter(pl.col("treatment_no") > 1)
    assert (later["entry_score"] == later["before"]).all()
    assert (later["start_day"] == later["day"] + 1).all()
    both = (
        study.ratings.drop_nulls("score").pivot(on="scale", index=["subject_id", "visit"], values="score").drop_nulls()
    )
    assert both.select(pl.corr("HAMD17", "QIDS-SR16")).item() > 0.8


def test_planned_ratings_are_held_within_three_days_of_their_week(stard):
    study, latent = stard
    planned = study.ratings.filter(pl.col("visit").str.contains("week")).with_columns(
        treatment_no=pl.col("visit").str.extract(r"step (\d)").cast(pl.Int64),
        week=pl.col("visit").str.extract(r"week (\d+)").cast(pl.Int64),
    )
    joined = planned.join(latent, on=["subject_id", "treatment_no"])
    assert joined.height == planned.height
    assert (joined["day"] - joined["start_day"] - 7 * joined["week"]).abs().max() == 3
    assert (joined["day"] < joined["exit_day"]).all()
    assert set(planned["visit"]) <= set(study.visits)


def test_treatments_tell_what_came_of_the_steps(stard):
    study, latent = stard
    rows = study.treatments.join(latent, on=["subject_id", "treatment_no"])
    assert rows.height == study.treatments.height
    reasons = {
        "intolerance": "intolerance",
        "inefficacy": "inefficacy",
        "inadequate": "inefficacy",
        "other": "lost to follow-up",
    }
    for result, reason in reasons.items():
        mine = rows.filter(result=result)
        assert mine["stop_reason"].cast(pl.String).unique().to_list() == [reason]
        assert (mine["stop_day"] == mine["exit_day"]).all()
        assert mine["adherence"].null_count() == 0
    well = rows.filter(result="remission")
    seen = pl.col("relapse_day").is_not_null() & pl.col("stop_day").is_not_null()
    assert well.filter(pl.col("stop_day").is_not_null()).select(seen.all()).item()
    assert (well.filter(seen)["stop_day"] >= well.filter(seen)["relapse_day"]).all()
    assert (
        well.filter(pl.col("relapse_day").is_null())["stop_day"].null_count()
        == well.filter(pl.col("relapse_day").is_null()).height
    )


def test_an_augmentation_keeps_what_was_taken_and_adds_to_it(stard):
    study, latent = stard
    drugs = study.treatments.group_by("subject_id", "treatment_no").agg(pl.col("drug").sort())
    rows = latent.join(drugs, on=["subject_id", "treatment_no"]).sort("subject_id", "treatment_no")
    rows = rows.with_columns(
        before=pl.col("drug").shift(1).over("subject_id"), was=pl.col("option").shift(1).over("subject_id")
    )
    adds = rows.filter(pl.col("option").str.starts_with("augmentation"))
    assert adds.height > 300
    assert set(adds["drug"].list.len()) == {2}
    second = adds.filter(treatment_no=2)
    assert second["drug"].list.contains("citalopram").all()
    third = adds.filter(pl.col("was").str.starts_with("switch"), treatment_no=3)
    assert third.height > 20
    assert third.select(pl.col("drug").list.contains(pl.col("before").list.first()).all()).item()
    again = adds.filter(pl.col("was").str.starts_with("augmentation"), treatment_no=3)
    assert again["drug"].list.contains("citalopram").all()
    switches = rows.filter(pl.col("option").str.starts_with("switch"))
    assert (
        switches["drug"].list.join(" and ")
        == switches["option"]
        .str.replace("switch to ", "")
        .replace("venlafaxine and mirtazapine", "mirtazapine and venlafaxine")
    ).all()


def test_options_have_their_shares_and_nobody_adds_to_what_was_not_tolerated(stard):
    _, latent = stard
    rows = latent.with_columns(before=pl.col("result").shift(1).over("subject_id", order_by="treatment_no"))
    adds = rows.filter(pl.col("option").str.starts_with("augmentation"))
    assert "intolerance" not in set(adds["before"])
    for k in (2, 3, 4):
        taken = rows.filter(treatment_no=k)["option"]
        for option in STARD_2006.options[k - 1]:
            assert near((taken == option.label).mean(), option.share, taken.len())


def test_doses_rise_to_a_fair_test_where_it_was_one_and_not_where_it_was_not(stard):
    study, latent = stard
    known = {drug.drug: drug for offered in STARD_2006.options for option in offered for drug in option.drugs}
    least = {name: float(drug.minimum_dose) for name, drug in known.items()}
    last = study.doses.sort("from_day").group_by("subject_id", "treatment_no", "drug", maintain_order=True).last()
    rows = last.join(latent, on=["subject_id", "treatment_no"]).with_columns(least=pl.col("drug").replace_strict(least))
    assert rows.height == study.treatments.height
    fair = rows.filter(pl.col("result").is_in(["remission", "inefficacy"]))
    assert (fair["daily_dose"] >= fair["least"]).all()
    low = rows.filter(cause="dose too low", treatment_no=1)
    assert low.height > 100
    assert (low["daily_dose"] < low["least"]).all()
    rows = study.treatments.join(latent, on=["subject_id", "treatment_no"])
    length = pl.col("stop_day") - pl.col("start_day")
    assert rows.filter(cause="too short").select(length.max()).item() < 28
    assert rows.filter(cause="not taken")["adherence"].max() <= 0.7
    assert rows.filter(result="inefficacy").select(length.min()).item() >= 84
    assert rows.filter(result="inefficacy")["adherence"].min() >= 0.85
    assert set(rows.filter(pl.col("result") != "inadequate")["cause"]) == {None}


def test_what_was_not_tolerated_has_an_adverse_effect(stard):
    study, latent = stard
    rows = study.adverse_effects.join(latent, on=["subject_id", "treatment_no"])
    assert rows.height == latent.filter(result="intolerance").height
    assert rows["result"].unique().to_list() == ["intolerance"]
    assert rows.select(pl.col("day").is_between("start_day", "exit_day").all()).item()


def test_an_episode_ends_with_remission_and_another_begins_with_a_relapse(stard):
    study, latent = stard
    index = study.episodes.filter(pl.col("from_day") < 0)
    assert index.height == N
    remitted = latent.filter(result="remission").join(index, on="subject_id")
    assert (remitted["to_day"] == remitted["remission_day"]).all()
    assert index["to_day"].null_count() == N - remitted.height
    again = study.episodes.filter(pl.col("from_day") > 0).join(latent.filter(result="remission"), on="subject_id")
    assert (again["from_day"] == again["relapse_day"]).all()
    assert again["to_day"].null_count() == again.height > 300
    assert -index["from_day"].median() == pytest.approx(240, rel=Z * 1.2533 / math.sqrt(N))


def test_blocks_make_the_same_study():
    whole, latent = simulate_with_latent(STARD_2006, subjects=6_000, seed=5)
    blocks = list(simulate_blocks(STARD_2006, subjects=6_000, seed=5))
    assert pl.concat([each for _, _, each in blocks]).equals(latent)
    for name in ("subjects", "ratings", "treatments", "doses", "adverse_effects", "episodes"):
        assert pl.concat([study.table(name) for _, study, _ in blocks]).equals(whole.table(name))
