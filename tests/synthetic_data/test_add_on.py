"""The randomized add-on study: by hand, by closed forms, and found again by the package."""

from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import polars as pl
import pytest

import analyses
import cohort
import synthetic_data
from cohort.criteria import RETENTION, SEIZURE_RESPONSE_50, SEIZURE_RESPONSE_75, SEIZURE_RESPONSE_100
from cohort.errors import TruthError
from synthetic_data.add_on.answers import add_on_estimates, expected_factors
from synthetic_data.add_on.dosing import day_factors, dose_steps, left_of_rate
from synthetic_data.add_on.enrolment import draw_enrolled, longest_quiet
from synthetic_data.add_on.stops import draw_stops, on_treatment, stopped_by
from synthetic_data.add_on.truth import AddOnTruth, Stopping
from synthetic_data.diary.truth import Diary
from synthetic_data.presets.add_on import ADD_ON_EPILEPSY

Z = 4.5
RUN = 20_000

# Many stop, so that the ways of handling a stop differ; nothing is missing, so that records can show the truth.
STOPPING = replace(
    ADD_ON_EPILEPSY,
    diary=replace(ADD_ON_EPILEPSY.diary, missing=0.0, gap_chance=0.0),
    reductions=(0.0, 0.5),
    intolerance=Stopping(by_end=(0.05, 0.3), shape=0.7),
    inefficacy=Stopping(by_end=(0.2, 0.1), shape=2.0),
)
NOBODY_STOPS = replace(
    STOPPING, intolerance=Stopping(by_end=(0.0, 0.0), shape=1.0), inefficacy=Stopping(by_end=(0.0, 0.0), shape=1.0)
)
SIMPLE = AddOnTruth(diary=Diary(missing=0.0))


@pytest.fixture(scope="module")
def kept():
    return synthetic_data.simulate_with_latent(replace(STOPPING, keeps_diary=1.0), subjects=6_000, seed=21)


@pytest.fixture(scope="module")
def left():
    return synthetic_data.simulate(replace(STOPPING, keeps_diary=0.0), subjects=6_000, seed=22)


@pytest.fixture(scope="module")
def truth():
    return add_on_estimates(STOPPING, RUN)


# Doses and effects


def test_doses_and_factors_by_hand():
    """50, 125 and 200 mg: a quarter, five eighths and all of an effect of 0.4."""
    truth = AddOnTruth(diary=Diary(), reductions=(0.0, 0.4), titration_days=14)
    assert dose_steps(truth) == [(0, 50.0), (7, 125.0), (14, 200.0)]
    placebo, drug = day_factors(truth)
    assert (placebo == 1).all()
    assert drug[[0, 6, 7, 13, 14, 83]] == pytest.approx([0.9, 0.9, 0.75, 0.75, 0.6, 0.6], rel=1e-12)
    assert dose_steps(replace(truth, titration_days=0)) == [(0, 200.0)]
    assert dose_steps(replace(truth, titration_days=84))[-1][0] == 77


def test_the_effect_ends_the_day_after_the_stop():
    truth = AddOnTruth(diary=Diary(), reductions=(0.0, 0.4))
    rest = left_of_rate(truth, np.array([1, 1, 0]), np.array([2, 83, 2]))
    assert rest[0, :5] == pytest.approx([0.6, 0.6, 0.6, 1, 1])
    assert (rest[1] == 0.6).all()
    assert (rest[2] == 1).all()


def test_expected_factors_by_hand():
    """Three days; half of the subjects on drug stop before the last, all by a hazard that is constant."""
    stopping = Stopping(by_end=(0.0, 0.5), shape=1.0)
    truth = AddOnTruth(diary=Diary(), treatment_days=3, reductions=(0.0, 0.4), inefficacy=stopping)
    one = sqrt(0.5)  # still treated on day 1
    assert on_treatment(truth)[1] == pytest.approx([1, one, 0.5], rel=1e-12)
    assert expected_factors(truth, "hypothetical") == pytest.approx([1, 0.6], rel=1e-12)
    policy = 1 - 0.4 * (1 + one + 0.5) / 3
    assert expected_factors(truth, "treatment policy") == pytest.approx([1, policy], rel=1e-12)
    assert expected_factors(truth, "while on treatment") == pytest.approx([1, 0.6], rel=1e-12)


def test_stops_are_weibull_and_compete():
    truth = STOPPING
    arm = np.repeat([0, 1], 20_000)
    stops = draw_stops(truth, arm, np.random.default_rng(1))
    on = on_treatment(truth)
    assert on[1, -1] == pytest.approx(0.7 * 0.9, rel=1e-12)
    for which in (0, 1):
        mine = stops.last_treated[arm == which]
        for day in (1, 10, 42, 83):
            assert abs((mine >= day).mean() - on[which, day]) < Z * sqrt(0.25 / 20_000)
    # A constant ratio of hazards would split the reasons in the ratio of the exponents.
    alike = replace(truth, inefficacy=replace(truth.inefficacy, shape=0.7))
    reason = draw_stops(alike, arm, np.random.default_rng(2)).reason[arm == 1]
    share = log(0.7) / (log(0.7) + log(0.9))
    assert abs((reason[reason > 0] == 1).mean() - share) < Z * sqrt(0.25 / (reason > 0).sum())
    both = stopped_by(alike, 82)
    assert both["intolerance"][1] == pytest.approx(share * (1 - 0.7 * 0.9), rel=1e-9)
    early = [np.median(stops.last_treated[stops.reason == cause]) for cause in (1, 2)]
    assert early[0] < 42 < early[1]


@pytest.mark.parametrize("day", [5, 28, 82])
def test_reasons_for_stopping_add_up_and_are_drawn_as_told(day):
    arm = np.repeat([0, 1], 20_000)
    stops, told = draw_stops(STOPPING, arm, np.random.default_rng(7)), stopped_by(STOPPING, day)
    assert sum(told.values()) == pytest.approx(1 - on_treatment(STOPPING)[:, day + 1], abs=1e-6)
    for cause, name in ((1, "intolerance"), (2, "inefficacy")):
        by_day = (stops.reason == cause) & (stops.last_treated <= day)
        for which in (0, 1):
            error = sqrt(told[name][which] * (1 - told[name][which]) / 20_000)
            assert abs(by_day[arm == which].mean() - told[name][which]) < Z * error


# Entry


def test_longest_runs_by_hand():
    assert longest_quiet(np.array([[0, 1, 0, 0, 0, 2, 0], [0] * 7])).tolist() == [3, 7]


def test_everybody_who_enters_is_eligible_as_written_down():
    truth = replace(ADD_ON_EPILEPSY, diary=replace(ADD_ON_EPILEPSY.diary, under_reporting=0.2, form="daily"))
    study = synthetic_data.simulate(truth, subjects=400, seed=3)
    baseline = study.seizures.filter(pl.col("day") < 0).sort("subject_id", "day")
    assert baseline.height == 400 * 56
    written = baseline["count"].fill_null(0).to_numpy().reshape(400, 56)
    assert written.sum(axis=1).min() == 8
    assert longest_quiet(written).max() <= 25


def test_a_floor_on_the_baseline_makes_rates_fall_by_themselves():
    """Regression to the mean: the count that let a subject in exceeds what is expected of the subject."""
    enrolled = draw_enrolled(SIMPLE, 4_000, np.random.default_rng(4))
    excess = enrolled.counts.sum(axis=1) - 2 * enrolled.habits.rate28
    assert excess.mean() / (excess.std() / sqrt(4_000)) > Z
    everybody = draw_enrolled(replace(SIMPLE, minimum_seizures=1, longest_gap=56), 4_000, np.random.default_rng(5))
    assert everybody.counts.sum(axis=1).min() == 1


def test_hardly_anybody_eligible_is_refused():
    with pytest.raises(TruthError, match="subjects drawn are eligible; lower minimum_seizures"):
        draw_enrolled(replace(SIMPLE, minimum_seizures=100_000), 1, np.random.default_rng(6))


# Records


def test_records_of_those_who_stop(left):
    treatments = left.treatments.join(left.subjects, on="subject_id")
    stopped = treatments.filter(pl.col("stop_reason").is_not_null())
    assert (stopped["last_day"] == stopped["stop_day"]).all()
    assert treatments.filter(pl.col("stop_reason").is_null())["last_day"].unique().to_list() == [83]
    assert (
        left.seizures.join(stopped, on="subject_id").select((pl.col("day") > pl.col("stop_day")).any()).item() is False
    )
    intolerant = stopped.filter(stop_reason="intolerance")["subject_id"]
    assert sorted(left.adverse_effects["subject_id"]) == sorted(intolerant)
    assert set(treatments.filter(arm="placebo")["kind"]) == {"placebo"}


def test_doses_go_as_far_as_the_treatment(left):
    doses = left.doses.join(left.treatments, on="subject_id")
    assert (doses["from_day"] <= doses["stop_day"].fill_null(83)).all()
    full = doses.filter(pl.col("stop_day").is_null()).group_by("subject_id").agg(pl.col("daily_dose").sort())
    assert full["daily_dose"].unique().to_list() == [[50.0, 125.0, 200.0]]
    assert set(left.doses["drug"]) == {"study drug"}


def test_what_is_latent_is_what_was_recorded(kept):
    study, latent = kept
    both = latent.join(study.treatments, on="subject_id")
    assert both["stop_reason"].eq_missing(both["stop_reason_right"].cast(pl.String)).all()
    assert study.subjects["last_day"].unique().to_list() == [83]
    rates = cohort.seizure_changes(study, (-56, -1), (0, 83)).join(latent, on="subject_id")
    assert (rates["seizures"] == rates["true_seizures"]).all()
    assert (rates["baseline_seizures"] == rates["true_baseline"]).all()
    assert latent.filter(arm="drug").height == 3_000


def counts_by_day(study):
    daily = study.seizures.sort("subject_id", "day")
    return daily["count"].to_numpy().reshape(study.subjects.height, -1)


def test_clusters_remember_the_baseline_on_day_0():
    alike = Diary(
        log_rate_mean=log(15), log_rate_sd=0.2, spread_intercept=-1, missing=0.0, cluster_share=1.0, form="daily"
    )
    truth = replace(SIMPLE, diary=alike, reductions=(0.0, 0.0))
    study, latent = synthetic_data.simulate_with_latent(truth, subjects=3_000, seed=24)
    counts = counts_by_day(study)
    had, daily = counts[:, :56] > 0, latent["rate28"].to_numpy() / 28
    factor = 1 + had[:, 55] - had[:, 48:55].mean(axis=1)
    residual = (counts[:, 56] - daily * factor)[had[:, 55]]
    assert daily[had[:, 55]].sum() * 0.5 > 2 * Z * residual.std() * sqrt(residual.size)  # forgetting would show
    assert abs(residual.mean()) < Z * residual.std() / sqrt(residual.size)


def test_gaps_run_from_the_baseline_into_the_treatment():
    diary = Diary(missing=0.0, gap_chance=1.0, gap_days=(3, 3), form="daily")
    counts = counts_by_day(synthetic_data.simulate(replace(SIMPLE, diary=diary), subjects=500, seed=25))
    many = counts[:, 55] >= 3  # not itself missing
    assert many.sum() > 10
    assert np.isnan(counts[many, 56:59]).all()


# The truth found again


def recovered(study, criterion, truth, term, undetermined="excluded"):
    """Return the distances from the truth of both shares and of their difference, in standard errors of both."""
    data = study.subjects.join(cohort.classify(study, criterion), on="subject_id")
    found = pl.concat(
        [
            analyses.proportions(data, by="arm", undetermined=undetermined).frame,
            analyses.risk_differences(data, by="arm", undetermined=undetermined).frame,
        ]
    )
    wanted = truth.filter(term=term, criterion=criterion.label).select("group", "statistic", "estimate", "std_error")
    both = found.join(wanted, on=["group", "statistic"], suffix="_true")
    assert both.height == 3
    error = (pl.col("std_error") ** 2 + pl.col("std_error_true") ** 2).sqrt()
    return both.select(((pl.col("estimate") - pl.col("estimate_true")) / error).alias("z"))["z"].to_list()


@pytest.mark.parametrize("criterion", [SEIZURE_RESPONSE_50, SEIZURE_RESPONSE_75], ids=["50", "75"])
def test_diaries_kept_to_the_end_show_the_treatment_policy(criterion, kept, truth):
    assert max(map(abs, recovered(kept[0], criterion, truth, "treatment policy"))) < Z


def test_diaries_that_end_with_the_treatment_show_rates_while_on_it(left, truth):
    own = replace(SEIZURE_RESPONSE_50, min_observed=1)  # one day is enough
    named = truth.with_columns(pl.col("criterion").replace(SEIZURE_RESPONSE_50.label, own.label))
    assert max(map(abs, recovered(left, own, named, "while on treatment"))) < Z


def test_leavers_counted_as_failures_show_the_composite(left, truth):
    own = replace(SEIZURE_RESPONSE_50, min_observed=100)
    named = truth.with_columns(pl.col("criterion").replace(SEIZURE_RESPONSE_50.label, own.label))
    assert max(map(abs, recovered(left, own, named, "composite", "not met"))) < Z


def test_a_study_that_nobody_leaves_shows_the_hypothetical():
    study = synthetic_data.simulate(NOBODY_STOPS, subjects=6_000, seed=23)
    truth = add_on_estimates(NOBODY_STOPS, RUN)
    for criterion in (SEIZURE_RESPONSE_50, SEIZURE_RESPONSE_100):
        assert max(map(abs, recovered(study, criterion, truth, "hypothetical"))) < Z
    changes = cohort.seizure_changes(study, (-56, -1), (0, 83))
    for arm in ("placebo", "drug"):
        own = changes.filter(arm=arm)["percent_change"]
        wanted = truth.filter(term="hypothetical", group=arm, statistic="median").row(0, named=True)
        error = 1.25 * own.std() / sqrt(own.len())  # wider than the median's own: the tail to the right is long
        assert abs(own.median() - wanted["estimate"]) < Z * (error + wanted["std_error"])


def test_another_strategy_is_not_found(kept, truth):
    """The effect of handling stops is large enough here for a mix-up to show."""
    zs = recovered(kept[0], SEIZURE_RESPONSE_50, truth, "composite")
    assert max(map(abs, zs)) > Z


def test_strategies_are_ordered(truth):
    shares = truth.filter(statistic="share", criterion=SEIZURE_RESPONSE_50.label, group="drug")
    by = dict(shares.select("term", "estimate").iter_rows())
    assert by["composite"] < by["treatment policy"] < by["hypothetical"]
    # Stopping is independent of the seizures, so the composite is a product.
    completed = on_treatment(STOPPING)[1, -1]
    assert by["composite"] == pytest.approx(completed * by["hypothetical"], abs=Z * sqrt(0.2 / RUN))


def test_the_ratio_of_rates_is_exact_without_clusters_and_agrees_with_a_run_in_which_they_are_rare():
    exact = replace(STOPPING, diary=replace(STOPPING.diary, cluster_share=0.0, weekly_share=0.0, monthly_share=0.0))
    ratio = pl.col("statistic") == "ratio of mean rates"
    closed = add_on_estimates(exact, 200).filter(ratio)
    run = add_on_estimates(replace(exact, diary=replace(exact.diary, cluster_share=1e-9)), RUN).filter(ratio)
    assert closed["std_error"].null_count() == 3
    assert closed["estimate"][0] == pytest.approx(1 - 0.5 * (0.25 * 7 + 0.625 * 7 + 70) / 84, rel=1e-12)
    assert closed["term"].to_list() == run["term"].to_list()
    assert (((closed["estimate"] - run["estimate"]) / run["std_error"]).abs() < Z).all()


def test_retention_is_found_again(kept, truth):
    events = cohort.time_to(kept[0], RETENTION).join(kept[0].subjects.select("subject_id", "arm"), on="subject_id")
    found = analyses.kaplan_meier(events, by="arm", times=[28, 56]).frame.filter(term="time point")
    wanted = truth.filter(statistic="survival", criterion=RETENTION.event).select("group", "at", true="estimate")
    both = found.join(wanted, on=["group", "at"])
    assert both.height == 4
    assert both.select(((pl.col("estimate") - pl.col("true")).abs() / pl.col("std_error")).max()).item() < Z
    hazard = -log(0.7) * (29 / 83) ** 0.7 - log(0.9) * (29 / 83) ** 2
    assert wanted.filter(group="drug", at=28)["true"].item() == pytest.approx(exp(-hazard), rel=1e-12)


def test_labels_follow_the_periods():
    short = replace(STOPPING, treatment_days=56, baseline_days=28, minimum_seizures=4, longest_gap=28)
    labels = set(add_on_estimates(short, 50).filter(statistic="share")["criterion"])
    periods = ((-28, -1), (0, 55))
    assert SEIZURE_RESPONSE_50.between(*periods).label in labels
    assert SEIZURE_RESPONSE_100.between(*periods).label in labels


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reductions": (0.0, 1.2)}, "reduction on drug is 1.2"),
        ({"arms": ("drug", "drug")}, "expected two names"),
        ({"titration_days": 90}, "titration_days is 90; expected 0 to 84"),
        ({"starting_dose": 300.0}, "expected 0 < first <= second"),
        ({"minimum_seizures": 0}, "minimum_seizures is 0"),
    ],
)
def test_unsound_truths_are_refused(changed, said):
    with pytest.raises(TruthError, match=said):
        AddOnTruth(diary=Diary(), **changed)


@pytest.mark.parametrize(("by_end", "shape"), [((0.1, 1.0), 1.0), ((0.1, 0.1), 0.0), ((0.1,), 1.0)])
def test_unsound_stopping_is_refused(by_end, shape):
    with pytest.raises(TruthError):
        Stopping(by_end=by_end, shape=shape)
