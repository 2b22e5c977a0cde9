"""The truth of a sequenced study: worked by hand, and against draws."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from synthetic_data.presets import STARD_2006, STARD_2023
from synthetic_data.sequenced import long_run
from synthetic_data.sequenced.after import draw_after, monthly
from synthetic_data.sequenced.answers import product_limit
from synthetic_data.sequenced.courses import draw_courses, option_chances
from synthetic_data.sequenced.design import FollowUp
from synthetic_data.sequenced.instruments import beside
from synthetic_data.sequenced.options import StepDrug, StepOption
from synthetic_data.sequenced.scores import draw_ratings
from synthetic_data.simulation import simulate_with_latent
from synthetic_data.succession.frailty import TwoClasses
from synthetic_data.succession.shares import step_shares
from synthetic_data.succession.truth import Succession

DRUG = StepDrug(drug="sertraline", drug_class="SSRI", starting_dose=50, minimum_dose=50, usual_dose=150)
OTHER = replace(DRUG, drug="lithium")


def plain(frailty, steps: int, **changes) -> object:
    """A study of that many steps, each with one drug, in which nothing but remission happens."""
    return replace(
        STARD_2006,
        succession=Succession(frailty=frailty, steps=steps, **changes),
        options=((StepOption(kind="switch", drugs=(DRUG,), share=1.0),),) * steps,
        symptoms=replace(STARD_2006.symptoms, improvement=(3.0,) * steps),
        follow_up=FollowUp(relapse=(0.0,) * steps, relapse_months=(3.0,) * steps),
    )


@pytest.fixture
def quick(monkeypatch):
    """A tenth of the long run, for truths whose answers do not depend on its length."""
    monkeypatch.setattr(long_run, "SUBJECTS", 20_000)


def answers(truth) -> dict[tuple[str, str | None, str | None], float]:
    frame = truth.estimates().select("criterion", "term", "group", "estimate")
    return {(criterion, term, group): value for criterion, term, group, value in frame.iter_rows()}


@pytest.mark.usefixtures("quick")
def test_where_all_remit_on_one_step_everything_is_one():
    sure = plain(TwoClasses(1.0, 1.0, 1.0), 1)
    study, latent = simulate_with_latent(sure, subjects=200, seed=1)
    assert latent.height == 200
    assert latent["result"].unique().to_list() == ["remission"]
    assert latent["exit_score"].max() <= 5
    assert study.treatments["stop_day"].null_count() == 200
    assert study.ratings.filter(visit="follow-up month 12").height == 200
    found = answers(sure)
    at = "QIDS-SR16 remission (<= 5) at a step's exit"
    for term in ("observed", "product-limit", "had nobody left"):
        assert found[at, term, "1"] == pytest.approx(1, abs=1e-9)
    assert found["QIDS-SR16 remission (<= 5) at any rating after baseline", "observed cases", None] == 1
    assert found["remission, then 12 months without relapse or dropout", None, None] == pytest.approx(1, abs=1e-9)


@pytest.mark.usefixtures("quick")
def test_where_nobody_remits_all_go_through_every_step():
    never = plain(TwoClasses(0.0, 0.0, 0.0), 3)
    study, latent = simulate_with_latent(never, subjects=200, seed=1)
    assert latent.height == 600
    assert latent["result"].unique().to_list() == ["inefficacy"]
    assert latent["exit_score"].min() >= 6
    assert study.ratings.filter(pl.col("visit").str.starts_with("follow-up")).is_empty()
    assert study.treatments["stop_reason"].cast(pl.String).unique().to_list() == ["inefficacy"]
    assert study.episodes["to_day"].null_count() == 200
    found = answers(never)
    for k in ("1", "2", "3"):
        assert found["treatment started", None, k] == pytest.approx(1, abs=1e-9)
        assert found["QIDS-SR16 remission (<= 5) at a step's exit", "observed", k] == pytest.approx(0, abs=1e-9)


@pytest.mark.usefixtures("quick")
def test_shares_by_hand_where_all_have_an_even_chance():
    # Half remit on each step; of those who do not, a fifth leaves: 1, 0.4, 0.16 start.
    half = plain(TwoClasses(1.0, 0.5, 0.5), 3, leaving=(0.2, 0.2))
    found = answers(half)
    assert [found["treatment started", None, k] for k in "123"] == pytest.approx([1, 0.4, 0.16])
    for k, share in enumerate((0.5, 0.2, 0.08), start=1):
        label = f"QIDS-SR16 remission (<= 5) at step {k} exit"
        assert found[label, "observed cases", None] == pytest.approx(0.5)
        assert found[label, "non-responder imputation", None] == pytest.approx(share)
    at = "QIDS-SR16 remission (<= 5) at a step's exit"
    assert found[at, "observed", "3"] == pytest.approx(0.78)
    assert found[at, "product-limit", "3"] == found[at, "had nobody left", "3"] == pytest.approx(0.875)


@pytest.mark.usefixtures("quick")
def test_leaving_during_a_step_makes_the_product_limit_too_low():
    # A fifth leaves during each of two steps: 0.4 remit of those who start; nobody leaving, 1 - 0.5 ** 2 would.
    leaky = plain(TwoClasses(1.0, 0.5, 0.5), 2, other_exit=(0.2, 0.2))
    found = answers(leaky)
    at = "QIDS-SR16 remission (<= 5) at a step's exit"
    assert found[at, "observed", "2"] == pytest.approx(0.4 + 0.4 * 0.4)
    assert found[at, "product-limit", "2"] == pytest.approx(1 - 0.6**2)
    assert found[at, "had nobody left", "2"] == pytest.approx(0.75)


@pytest.mark.usefixtures("quick")
def test_a_year_without_relapse_or_dropout_by_hand():
    # Of those who remit, half do not relapse, and nine in ten stay from each month to the next.
    plan = FollowUp(relapse=(0.5,), relapse_months=(3.0,), dropout=0.1)
    found = answers(replace(plain(TwoClasses(1.0, 0.8, 0.8), 1), follow_up=plan))
    sustained = found["remission, then 12 months without relapse or dropout", None, None]
    assert sustained == pytest.approx(0.8 * 0.5 * 0.9**12)
    assert found["QIDS-SR16 relapse (>= 11)", "had nobody dropped out", "1"] == 0.5


def test_the_presets_show_the_published_counts():
    shares = step_shares(STARD_2006.succession)
    published = ((3671, 1346), (1439, 439), (390, 53), (123, 16))
    assert (3671 * shares.tried).tolist() == pytest.approx([n for n, _ in published], abs=1e-6)
    assert (3671 * shares.remission).tolist() == pytest.approx([met for _, met in published], abs=1e-6)
    assert shares.remission.sum() == pytest.approx(0.5050, abs=5e-5)
    assert product_limit(shares)[-1] == pytest.approx(0.6692, abs=5e-5)
    again = step_shares(STARD_2023.succession)
    assert (3110 * again.tried).tolist() == pytest.approx([3110, 1142, 297, 106], abs=1e-6)
    assert again.remission.sum() == pytest.approx(0.35, abs=1e-9)


@pytest.mark.parametrize("truth", [STARD_2006, STARD_2023], ids=lambda truth: truth.name)
def test_closed_forms_agree_with_a_large_draw(truth):
    n = 40_000
    rng = np.random.default_rng(8)
    courses = draw_courses(truth, n, rng)
    after = draw_after(truth, courses, draw_ratings(truth, courses, rng), rng)
    stayed = (after.who & (after.relapse > 12) & (after.missed > 12)).mean()
    wanted = answers(truth)["remission, then 12 months without relapse or dropout", None, None]
    assert abs(stayed - wanted) < 4.5 * math.sqrt(wanted * (1 - wanted) / n)
    shares, taken = step_shares(truth.succession), courses.histories.taken
    for k in range(4):
        for found, wanted in ((taken[:, k], shares.tried[k]), (courses.remits[:, k], shares.remission[k])):
            assert abs(found.mean() - wanted) <= 4.5 * math.sqrt(wanted * (1 - wanted) / n)
        mine = after.who & (after.step == k)
        plan, months = truth.follow_up, after.relapse[mine]
        share = plan.relapse[k]
        assert abs((months <= 12).mean() - share) < 4.5 * math.sqrt(share * (1 - share) / mine.sum())
        months = months[months <= 12]
        assert abs(months.mean() - plan.relapse_months[k]) < 4.5 * months.std() / math.sqrt(months.size)


def test_response_by_step_is_the_published_one():
    label = "QIDS-SR16 response (>= 50%) from the step's entry at its exit"
    found = STARD_2006.estimates().filter(criterion=label)
    published = pl.Series([0.486, 0.285, 0.168, 0.163])
    reached = pl.Series([3671, 1439, 390, 123])
    errors = (published * (1 - published) / reached).sqrt()
    assert ((found["estimate"] - published).abs() < errors).all()


@pytest.mark.parametrize("mean", [1.0, 1.4, 3.3, 6.5, 9.0, 12.0])
def test_months_of_relapse_have_their_mean_and_fall_by_one_factor(mean):
    shares = np.array(monthly(mean))
    assert shares.sum() == pytest.approx(1)
    assert shares @ np.arange(1, 13) == pytest.approx(mean)
    if 1 < mean < 12:
        assert shares[1:] / shares[:-1] == pytest.approx(np.full(11, shares[1] / shares[0]))


def test_a_relapse_that_is_certain_comes_before_anybody_has_been_well_for_a_year():
    ill = replace(plain(TwoClasses(1.0, 1.0, 1.0), 1), follow_up=FollowUp(relapse=(1.0,), relapse_months=(1.0,)))
    study, latent = simulate_with_latent(ill, subjects=100, seed=3)
    shown = study.ratings.filter(visit="follow-up month 1", scale="QIDS-SR16")
    assert shown.height == 100
    assert shown["score"].min() >= 11
    assert study.ratings.filter(visit="follow-up month 2").is_empty()
    assert study.treatments["stop_reason"].cast(pl.String).to_list() == ["inefficacy"] * 100
    assert (latent["relapse_day"] - latent["exit_day"]).is_between(1, 30).all()


def test_chances_of_options_by_hand():
    # 40 percent augment, a quarter could not tolerate: of the others 0.4 / 0.75 augment.
    offered = (
        StepOption(kind="switch", drugs=(DRUG,), share=0.6),
        StepOption(kind="augmentation", drugs=(OTHER,), share=0.4),
    )
    tolerated, intolerant = option_chances(offered, 0.25)
    assert intolerant.tolist() == pytest.approx([1, 0])
    assert tolerated.tolist() == pytest.approx([0.35 / 0.75, 0.4 / 0.75])
    assert (0.25 * intolerant + 0.75 * tolerated).tolist() == pytest.approx([0.6, 0.4])
    crowded, _ = option_chances(offered, 0.8)
    assert crowded.tolist() == [0.6, 0.4]


def test_equal_scores_of_the_two_scales():
    rng = np.random.default_rng(1)
    qids = np.arange(28)
    hamd = beside(qids, "QIDS-SR16", 0.0, rng)
    # The published table: 5 is 7, 10 is 13, 16 is 20, 21 is 26 or 27.
    assert hamd[[0, 5, 10, 16]].tolist() == [0, 7, 13, 20]
    assert hamd[21] in (26, 27)
    assert (np.diff(hamd) >= 1).all()
    assert np.abs(beside(hamd, "HAMD17", 0.0, rng) - qids).max() <= 1


def test_the_same_seed_makes_the_same_study():
    one, latent = simulate_with_latent(STARD_2023, subjects=500, seed=9)
    two, again = simulate_with_latent(STARD_2023, subjects=500, seed=9)
    assert latent.equals(again)
    assert one.ratings.equals(two.ratings)
    assert not one.ratings.equals(simulate_with_latent(STARD_2023, subjects=500, seed=10)[0].ratings)
