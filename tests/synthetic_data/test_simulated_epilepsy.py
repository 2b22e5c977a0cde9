"""The epilepsy clinic: its records, its rates, and its truth found again in its records."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from synthetic_data.presets import EPILEPSY_CLINIC
from synthetic_data.simulation import simulate, simulate_with_latent
from synthetic_data.succession.frailty import TwoClasses
from synthetic_data.succession.truth import Succession

HALF_DDD = {"levetiracetam": 750, "lamotrigine": 150, "valproate": 750}  # WHO, half of the defined daily dose
N = 3000


def with_diary(**changes):
    return replace(EPILEPSY_CLINIC, diary=replace(EPILEPSY_CLINIC.diary, **changes))


@pytest.fixture(scope="module")
def clinic():
    return simulate_with_latent(EPILEPSY_CLINIC, subjects=N, seed=21)


@pytest.fixture(scope="module")
def unblemished():
    """No missing days, so that counts can be compared with rates."""
    return simulate_with_latent(with_diary(missing=0.0), subjects=1500, seed=22)


def within(share: float, n: int) -> float:
    return 4 * math.sqrt(share * (1 - share) / n)


def courses(study) -> pl.DataFrame:
    """Each course with the days from its last recorded seizure (or its start) to its end."""
    spans = study.treatments.join(study.subjects.select("subject_id", "last_day"), on="subject_id").with_columns(
        end=pl.col("stop_day").fill_null(pl.col("last_day"))
    )
    last = (
        study.seizures.filter(pl.col("count") > 0)
        .join(spans.select("subject_id", "treatment_no", "start_day", "end"), on="subject_id")
        .filter(pl.col("day").is_between("start_day", "end"))
        .group_by("subject_id", "treatment_no")
        .agg(pl.col("day").max().alias("last_seizure"), pl.col("count").sum().alias("seizures"))
    )
    joined = spans.join(last, on=["subject_id", "treatment_no"], how="left")
    return joined.with_columns(free_days=pl.col("end") - pl.col("last_seizure").fill_null(pl.col("start_day") - 1))


def longest_gap(seizures: pl.DataFrame) -> pl.DataFrame:
    """Longest gap between recorded seizures of each subject."""
    days = seizures.filter(pl.col("count") > 0).sort("subject_id", "day")
    return days.group_by("subject_id").agg(pl.col("day").diff().max().alias("gap"))


def test_shares_of_sustained_freedom_are_found_again(clinic):
    study, _ = clinic
    found = courses(study)
    answers = EPILEPSY_CLINIC.estimates().filter(criterion="sustained seizure freedom (ILAE 2010)")
    for row in answers.filter(pl.col("group").is_not_null(), pl.col("term").is_null(), statistic="share").iter_rows(
        named=True
    ):
        mine = found.filter(treatment_no=int(row["group"]))
        share = (mine["free_days"] >= 365).mean()
        assert share == pytest.approx(row["estimate"], abs=within(row["estimate"], mine.height))
    ever = found.filter(pl.col("free_days") >= 365)["subject_id"].n_unique() / N
    wanted = answers.filter(term="any treatment")["estimate"].item()
    assert ever == pytest.approx(wanted, abs=within(wanted, N))


def test_shares_starting_and_stopping_for_intolerance_are_found_again(clinic):
    study, _ = clinic
    for row in (
        EPILEPSY_CLINIC.estimates().filter(pl.col("group").is_not_null(), statistic="share").iter_rows(named=True)
    ):
        mine = study.treatments.filter(treatment_no=int(row["group"]))
        if row["criterion"] == "treatment started":
            assert mine.height / N == pytest.approx(row["estimate"], abs=within(row["estimate"], N))
        elif row["criterion"] == "stopped for intolerance":
            share = (mine["stop_reason"] == "intolerance").fill_null(False).mean()
            assert share == pytest.approx(row["estimate"], abs=within(row["estimate"], mine.height))


def test_every_course_is_decided_by_the_end_of_follow_up(clinic):
    """Who is free has 365 days and three times the longest gap of the year before; who is not has neither."""
    study, latent = clinic
    found = courses(study).join(
        latent.select("subject_id", "treatment_no", "result"), on=["subject_id", "treatment_no"]
    )
    assert ((found["free_days"] >= 365) == (found["result"] == "remission")).all()
    for step in (1, 2, 3):
        mine = found.filter(treatment_no=step)
        before = study.seizures.join(mine.select("subject_id", "start_day"), on="subject_id").filter(
            pl.col("day").is_between(pl.col("start_day") - 365, pl.col("start_day") - 1)
        )
        free = mine.filter(result="remission").join(longest_gap(before), on="subject_id")
        assert free.height == mine.filter(result="remission").height
        assert (free["free_days"] >= 3 * free["gap"]).all()


def test_longest_gap_before_treatment_hardly_ever_exceeds_121_days(clinic):
    study, _ = clinic
    gaps = longest_gap(study.seizures.filter(pl.col("day") < 0))
    assert gaps.height == N  # everybody had two seizures or more
    assert (gaps["gap"] > 121).sum() <= N // 1000


def test_free_subjects_have_no_seizure_after_freedom_and_stay_to_the_end(clinic):
    study, latent = clinic
    free = latent.filter(result="remission")
    lag = free["free_from"] - free["start_day"]
    assert sorted(lag.unique()) == list(range(29))
    assert lag.mean() == pytest.approx(14, abs=4 * math.sqrt((29**2 - 1) / 12 / free.height))
    later = study.seizures.join(free.select("subject_id", "free_from"), on="subject_id")
    later = later.filter(pl.col("day") >= pl.col("free_from"))
    assert later["count"].null_count() == later.height > 0
    ongoing = study.treatments.join(free, on=["subject_id", "treatment_no"])
    assert ongoing["stop_day"].null_count() == ongoing["stop_reason"].null_count() == ongoing.height == free.height
    assert latent.join(free, on="subject_id").filter(pl.col("treatment_no") > pl.col("treatment_no_right")).is_empty()


def test_treatments_follow_each_other_with_plausible_doses(clinic):
    study, latent = clinic
    rows = study.treatments.sort("subject_id", "treatment_no").with_columns(
        after=pl.col("start_day").shift(-1).over("subject_id") - pl.col("stop_day"),
        half=pl.col("drug").replace_strict(HALF_DDD, return_dtype=pl.Float64),
    )
    assert rows.filter(treatment_no=1)["start_day"].unique().to_list() == [0]
    assert rows["after"].drop_nulls().unique().to_list() == [1]
    assert rows.select("subject_id", "drug").is_unique().all()
    intolerant = rows.filter(stop_reason="intolerance")
    failed = rows.filter(stop_reason="inefficacy")
    assert (intolerant["stop_day"] - intolerant["start_day"] + 1).is_between(7, 1095).all()
    assert (failed["stop_day"] - failed["start_day"] + 1).is_between(60, 1095).all()
    assert (intolerant["daily_dose"] < intolerant["half"]).all()
    kept = rows.filter((pl.col("stop_reason") == "intolerance").fill_null(False).not_())
    assert (kept["daily_dose"] >= kept["half"]).all()
    assert failed["adherence"].is_between(0.85, 1.0).all()
    assert rows["kind"].unique().to_list() == ["drug"]
    assert intolerant.height == latent.filter(result="intolerance").height
    assert failed.height == latent.filter(result="inefficacy").height


def test_a_drug_is_as_often_first_as_any_other(clinic):
    shares = clinic[0].treatments.filter(treatment_no=1)["drug"].value_counts(normalize=True)["proportion"]
    assert shares.to_list() == pytest.approx([1 / 3] * 3, abs=within(1 / 3, N))


def test_missing_days_are_recorded_as_missing(clinic):
    study, _ = clinic
    days = N * (365 + 3650)
    assert study.seizures["count"].null_count() / days == pytest.approx(0.03, abs=within(0.03, days))
    assert (study.seizures["count"].drop_nulls() > 0).all()
    assert study.observed.select("from_day", "to_day").unique().rows() == [(-365, 3649)]
    assert study.observed.height == N


def test_untreated_rates_are_log_normal_above_the_floor(clinic):
    rates = clinic[1].filter(treatment_no=1)["rate28"]
    normal = NormalDist(1.23 + math.log(28 / 30), 1.15)
    above = 1 - normal.cdf(math.log(4))
    assert rates.min() >= 4
    for rate in (6, 8.5, 15, 40):
        share = (1 - normal.cdf(math.log(rate))) / above
        assert (rates > rate).mean() == pytest.approx(share, abs=within(share, N))


def test_counts_have_the_subject_s_mean_and_overdispersion(unblemished):
    """Over the year before treatment, count = rate on average and its variance is (1 + theta) times its mean."""
    study, latent = unblemished
    rate = latent.filter(treatment_no=1).select(
        "subject_id", mean=pl.col("rate28") * 365 / 28, month=pl.col("rate28") * 30 / 28
    )
    year = study.seizures.filter(pl.col("day") < 0).group_by("subject_id").agg(pl.col("count").sum())
    both = rate.join(year, on="subject_id").with_columns(
        spread=(10 ** (0.04 + 0.74 * pl.col("month").log10())) ** 2 / pl.col("month"),
    )
    score = (both["count"] - both["mean"]) / (both["mean"] * both["spread"]).sqrt()
    assert score.mean() == pytest.approx(0, abs=4 / math.sqrt(both.height))
    # The squared score has variance near 2: kurtosis of a year's count adds little.
    assert (score**2).mean() == pytest.approx(1, abs=4 * (score**2).std() / math.sqrt(both.height))
    assert both["spread"].min() > 2.2  # so that Poisson counts would fail the line above


def test_a_failing_course_takes_away_three_seizures_in_ten_and_an_intolerant_one_none(unblemished):
    study, latent = unblemished
    rows = courses(study).join(
        latent.select("subject_id", "treatment_no", "rate28", "result"), on=["subject_id", "treatment_no"]
    )
    rows = rows.with_columns(expected=pl.col("rate28") / 28 * (pl.col("end") - pl.col("start_day") + 1))
    for result, left in (("inefficacy", 0.7), ("intolerance", 1.0)):
        mine = rows.filter(result=result)
        # The subject's own ratio, so that the few with very high rates do not decide.
        ratio = mine["seizures"].fill_null(0) / mine["expected"]
        assert ratio.mean() == pytest.approx(left, abs=4 * ratio.std() / math.sqrt(mine.height))
        assert 4 * ratio.std() / math.sqrt(mine.height) < 0.2


def test_seizures_go_on_at_the_untreated_rate_until_freedom_begins(unblemished):
    study, latent = unblemished
    free = latent.filter(result="remission").with_columns(
        expected=pl.col("rate28") / 28 * (pl.col("free_from") - pl.col("start_day"))
    )
    during = study.seizures.join(free, on="subject_id").filter(
        pl.col("day").is_between("start_day", pl.col("free_from") - 1)
    )
    counted = during.group_by("subject_id").agg(pl.col("count").sum())
    rows = free.filter(pl.col("expected") > 0).join(counted, on="subject_id", how="left")
    ratio = rows["count"].fill_null(0) / rows["expected"]
    assert ratio.mean() == pytest.approx(1, abs=4 * ratio.std() / math.sqrt(rows.height))
    assert ratio.std() / math.sqrt(rows.height) < 0.1


def test_days_are_independent_of_each_other(unblemished):
    """Pre-treatment weeks next to each other do not correlate once the subject's rate is known."""
    study, latent = unblemished
    weeks = pl.DataFrame({"week": range(52)})
    grid = latent.filter(treatment_no=1).select("subject_id", mean=pl.col("rate28") / 4).join(weeks, how="cross")
    counted = (
        study.seizures.filter(pl.col("day").is_between(-364, -1))
        .group_by("subject_id", ((pl.col("day") + 364) // 7).alias("week"))
        .agg(pl.col("count").sum())
    )
    full = grid.join(counted, on=["subject_id", "week"], how="left").sort("subject_id", "week")
    z = full.select(
        "subject_id", z=(pl.col("count").fill_null(0) - pl.col("mean")) / pl.col("mean").sqrt()
    ).with_columns(following=pl.col("z").shift(-1).over("subject_id"))
    pairs = z.drop_nulls()
    assert pairs.select(pl.corr("z", "following")).item() == pytest.approx(0, abs=5 / math.sqrt(pairs.height))


def test_a_daily_diary_tells_the_same_story_day_by_day():
    events = simulate(EPILEPSY_CLINIC, subjects=40, seed=5)
    daily = simulate(with_diary(form="daily"), subjects=40, seed=5)
    assert daily.seizures.height == 40 * (365 + 3650)
    assert daily.observed.is_empty()
    told = daily.seizures.filter(pl.col("count").is_null() | (pl.col("count") > 0))
    assert_frame_equal(told, events.seizures)
    assert_frame_equal(daily.treatments, events.treatments)
    assert set(events.seizures["days"]) == {1}


def test_the_same_seed_makes_the_same_clinic():
    one, two = (simulate(EPILEPSY_CLINIC, subjects=400, seed=9) for _ in range(2))
    other = simulate(EPILEPSY_CLINIC, subjects=400, seed=10)
    for name in ("subjects", "seizures", "treatments", "observed", "adverse_effects"):
        assert one.table(name).equals(two.table(name))
    assert not one.seizures.equals(other.seizures)
    assert not one.treatments.equals(other.treatments)


def test_covariates_are_there_and_have_no_effect(clinic):
    study, latent = clinic
    assert study.covariates == ("age", "sex", "epilepsy_type", "syndrome")
    assert study.subjects["age"].is_between(18, 65).all()
    first = latent.filter(treatment_no=1).join(study.subjects, on="subject_id")
    for covariate in ("sex", "epilepsy_type"):
        shares = first.group_by(covariate).agg((pl.col("result") == "remission").mean().alias("share"), pl.len())
        low, high = shares["share"].sort()
        assert high - low < 4 * math.sqrt(0.25 * (1 / shares["len"]).sum())


def test_a_single_treatment_without_lag_or_failure():
    succession = Succession(frailty=TwoClasses(1.0, 1.0, 0.0), steps=1)
    sure = replace(with_diary(missing=0.0), succession=succession, lag_days=0)
    study = simulate(sure, subjects=30, seed=1)
    assert study.seizures["day"].max() < 0
    assert study.treatments["stop_day"].null_count() == 30
    assert sure.estimates().filter(term="any treatment")["estimate"].item() == pytest.approx(1.0, abs=1e-9)
