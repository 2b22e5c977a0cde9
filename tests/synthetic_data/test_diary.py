"""Seizure diaries: by hand, against closed forms, and each mechanism by what it must do."""

from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import polars as pl
import pytest

from cohort.errors import TruthError
from synthetic_data.diary.counts import draw_counts
from synthetic_data.diary.expected import chance_of_none, rate_mean, rate_quantile, spread_line, written_moments
from synthetic_data.diary.habits import Habits, cycle_factors, draw_habits, habits_joined, habits_taken, overdispersion
from synthetic_data.diary.reporting import diary_frame, draw_diary, missing_days, written_counts
from synthetic_data.diary.truth import Diary

Z = 4.5


def alike(subjects, *, rate28=8.0, spread=2.0, clusters=False, weekly=0.0, monthly=0.0, seed=1):
    """Return subjects who differ in nothing but their phases."""
    rng = np.random.default_rng(seed)
    return Habits(
        rate28=np.full(subjects, float(rate28)),
        overdispersion=np.full(subjects, float(spread)),
        clusters=np.full(subjects, clusters),
        weekly_amplitude=np.full(subjects, float(weekly)),
        weekly_phase=rng.uniform(0, 2 * np.pi, subjects),
        monthly_amplitude=np.full(subjects, float(monthly)),
        monthly_days=rng.uniform(20, 35, subjects),
        monthly_phase=rng.uniform(0, 2 * np.pi, subjects),
    )


def untreated(habits, days, *, diary=None, seed=2):
    left = np.ones((habits.rate28.size, days))
    return draw_counts(diary or Diary(), habits, np.arange(days), left, np.random.default_rng(seed))


def z_of(values, expected):
    """Return how many standard errors the mean of independent values lies from what is expected."""
    return (values.mean() - expected) / (values.std() / sqrt(values.size))


# Habits


def test_the_median_rate_by_hand():
    """The log-normal's median is exp(mean) in 30 days."""
    assert rate_quantile(Diary(log_rate_mean=log(3), log_rate_sd=0.7), 0.5) == pytest.approx(3 * 28 / 30, rel=1e-12)


@pytest.mark.parametrize("floor", [0.0, 4.0])
def test_rates_have_the_quantiles_and_the_mean_of_the_closed_form(floor):
    diary = Diary(log_rate_mean=1.0, log_rate_sd=0.6, rate_floor=floor)
    rates = draw_habits(diary, 100_000, np.random.default_rng(3)).rate28
    assert rates.min() >= floor
    for share in (0.1, 0.5, 0.9):
        below = rates <= rate_quantile(diary, share)
        assert abs(below.mean() - share) < Z * sqrt(share * (1 - share) / rates.size)
    assert abs(z_of(rates, rate_mean(diary))) < Z


def test_overdispersion_by_hand():
    """At a mean of 8 in 30 days log10 SD is 0.04 + 0.74 * 0.90309: SD 5.1084, so SD^2 / mean - 1 = 2.2620."""
    assert overdispersion(Diary(), np.array([8 * 28 / 30]))[0] == pytest.approx(2.2620, abs=2e-4)
    assert overdispersion(Diary(), np.array([0.3 * 28 / 30]))[0] == 0
    assert spread_line(Diary(), 8.0) == pytest.approx(0.70829, abs=1e-5)
    assert spread_line(Diary(), 0.1) == -0.5


def test_spread_around_the_line_is_lognormal():
    habits = draw_habits(Diary(rate_floor=4.0, spread_sd=0.2), 50_000, np.random.default_rng(4))
    mean = habits.rate28 * 30 / 28
    off = np.log(np.sqrt(mean * (1 + habits.overdispersion))) - np.log(10) * (0.04 + 0.74 * np.log10(mean))
    apart = mean > 10  # below, some fall under the Poisson's spread
    assert abs(z_of(off[apart], 0)) < Z
    assert off[apart].std() == pytest.approx(0.2, rel=0.05)


def test_shares_of_clusters_and_cycles():
    diary = Diary(cluster_share=0.25, weekly_share=0.15, monthly_share=0.18)
    habits = draw_habits(diary, 40_000, np.random.default_rng(5))
    found = {0.25: habits.clusters, 0.15: habits.weekly_amplitude > 0, 0.18: habits.monthly_amplitude > 0}
    assert all(abs(has.mean() - share) < Z * sqrt(share * (1 - share) / has.size) for share, has in found.items())
    assert habits.weekly_amplitude.max() <= 0.5
    assert (habits.monthly_days.min() >= 20) & (habits.monthly_days.max() <= 35)


def test_habits_are_taken_and_joined():
    habits = draw_habits(Diary(cluster_share=0.5), 10, np.random.default_rng(6))
    again = habits_joined([habits_taken(habits, slice(4)), habits_taken(habits, np.arange(4, 10))])
    assert (again.rate28 == habits.rate28).all()
    assert (again.clusters == habits.clusters).all()
    assert (habits_taken(habits, habits.clusters).clusters).all()


# Counts


@pytest.mark.parametrize("spread", [0.0, 2.0])
def test_counts_have_the_moments_and_the_chance_of_none_of_the_closed_form(spread):
    habits, days = alike(6_000, rate28=2.0, spread=spread), 30
    left = np.tile(np.linspace(1, 0.2, days), (6_000, 1))
    totals = draw_counts(Diary(), habits, np.arange(days), left, np.random.default_rng(7)).sum(axis=1)
    mean, variance = (moment[0] for moment in written_moments(habits, left))
    assert mean == pytest.approx(2 / 28 * left[0].sum(), rel=1e-12)
    assert abs(z_of(totals, mean)) < Z
    assert abs(z_of((totals - mean) ** 2, variance)) < Z
    none = chance_of_none(habits, left)[0]
    assert abs((totals == 0).mean() - none) < Z * sqrt(none * (1 - none) / totals.size)


def test_the_chance_of_a_month_without_seizures_by_hand():
    """Four in 28 days, overdispersion 1: (1 + 1) ** -4 in 28 untreated days; exp(-4) without overdispersion."""
    one = np.ones((1, 28))
    assert chance_of_none(alike(1, rate28=4, spread=1), one)[0] == pytest.approx(1 / 16, rel=1e-12)
    assert chance_of_none(alike(1, rate28=4, spread=0), one)[0] == pytest.approx(exp(-4), rel=1e-6)
    assert chance_of_none(alike(1, rate28=4, spread=1), one, 0.5)[0] == pytest.approx(1.5**-4, rel=1e-12)


def test_day_counts_are_negative_binomial():
    """Every count's share against the distribution with size rate / overdispersion and the same mean."""
    from scipy.stats import nbinom

    counts = untreated(alike(4_000, rate28=14, spread=1.5), 50).ravel()
    for count in range(8):
        share = nbinom.pmf(count, 0.5 / 1.5, 1 / 2.5)
        assert abs((counts == count).mean() - share) < Z * sqrt(share * (1 - share) / counts.size)


def test_no_rate_no_seizures():
    left = np.zeros((50, 20))
    left[:, :10] = 1
    habits = alike(50, rate28=40, clusters=True)
    counts = draw_counts(Diary(cluster_share=1.0), habits, np.arange(20), left, np.random.default_rng(8))
    assert counts[:, :10].sum() > 0
    assert counts[:, 10:].sum() == 0


@pytest.mark.parametrize("rate28", [8.0, 60.0])
def test_clusters_keep_the_mean(rate28):
    diary, habits = Diary(cluster_share=1.0), alike(1_200, rate28=rate28, clusters=True)
    means = untreated(habits, 360, diary=diary).mean(axis=1)
    assert means.std() / sqrt(means.size) < 0.006 * rate28 / 28  # tight enough to see a drift of 3 percent
    assert abs(z_of(means, rate28 / 28)) < Z


def test_clusters_follow_seizures_the_next_day_and_not_the_days_after():
    had = untreated(alike(1_500, rate28=14, clusters=True), 300, diary=Diary(cluster_share=1.0)) > 0
    alone = untreated(alike(1_500, rate28=14), 300) > 0
    together, apart = ([correlation(days, lag) for lag in range(1, 9)] for days in (had, alone))
    error = 1 / sqrt(had.size)
    assert together[0] > 0.05
    assert sum(together[1:]) < -Z * error
    assert max(abs(value) for value in apart) < Z * error


def correlation(days, lag):
    now, then = days[:, lag:].astype(float), days[:, :-lag].astype(float)
    return ((now - days.mean()) * (then - days.mean())).mean() / days.var()


def test_the_rule_of_clusters_by_hand():
    """After given days: one seizure yesterday doubles the rate; one on 1 of the 7 days before takes a seventh."""
    diary, subjects = Diary(cluster_share=1.0), 40_000
    habits = alike(subjects, rate28=14, spread=0, clusters=True)
    for days_ago, factor in ((1, 2.0), (2, 6 / 7), (8, 6 / 7), (9, 1.0)):
        before = np.zeros((subjects, 12), dtype=np.int64)
        before[:, -days_ago] = 1
        left = np.ones((subjects, 1))
        counts = draw_counts(diary, habits, np.arange(1), left, np.random.default_rng(days_ago), before=before)
        assert abs(z_of(counts[:, 0], 0.5 * factor)) < Z


def test_clusters_follow_the_slow_definition_on_every_day():
    """What the rule leaves unexplained depends on no earlier day."""
    counts = untreated(alike(3_000, rate28=28, spread=1, clusters=True), 60, diary=Diary(cluster_share=1.0))
    had, residuals = (counts > 0).astype(float), []
    for day in range(10, 60):
        factor = 1 + had[:, day - 1] - had[:, day - 8 : day - 1].mean(axis=1)
        residuals.append(counts[:, day] - factor)
    residuals = np.array(residuals).T
    for lag in range(1, 11):
        product = residuals * (had[:, 10 - lag : 60 - lag] - had.mean())
        assert abs(z_of(product.ravel(), 0)) < Z


@pytest.mark.parametrize(("cycle", "length"), [("weekly", 7), ("monthly", 28)])
def test_cycles_stand_in_the_pooled_spectrum(cycle, length):
    habits = alike(800, rate28=20, **{cycle: 0.5})
    if cycle == "monthly":
        habits = replace(habits, monthly_days=np.full(800, 28.0))
    counts = untreated(habits, 364)
    power = (np.abs(np.fft.rfft(counts - counts.mean(axis=1, keepdims=True))) ** 2).mean(axis=0)[1:]
    assert power.argmax() + 1 == 364 / length
    assert power.max() > 3 * np.median(power)
    assert abs(z_of(counts.mean(axis=1), 20 / 28)) < Z


def test_cycles_by_hand():
    """A phase of 0 and an amplitude of 0.5: on a quarter of 28 days the rate is 1.5 times, on three quarters half."""
    habits = replace(alike(1, monthly=0.5), monthly_days=np.array([28.0]), monthly_phase=np.zeros(1))
    assert cycle_factors(habits, np.array([0, 7, 14, 21]))[0] == pytest.approx([1, 1.5, 1, 0.5], abs=1e-12)
    both = replace(habits, weekly_amplitude=np.array([0.4]), weekly_phase=np.array([np.pi / 2]))
    assert cycle_factors(both, np.array([7]))[0, 0] == pytest.approx(1.5 * 1.4, rel=1e-12)


# What is written down


def test_under_reporting_thins_by_its_chance():
    true = untreated(alike(2_000, rate28=20), 100)
    written = written_counts(Diary(under_reporting=0.3), true, np.random.default_rng(9))
    assert (written <= true).all()
    assert abs(written.sum() / true.sum() - 0.7) < Z * sqrt(0.21 / true.sum())
    ones = true == 1
    assert abs(written[ones].mean() - 0.7) < Z * sqrt(0.21 / ones.sum())
    mean, _ = written_moments(alike(1, rate28=20), np.ones((1, 100)), 0.3)
    assert abs(z_of(written.sum(axis=1), mean[0])) < Z


def test_single_missing_days_are_independent_of_counts():
    counts = untreated(alike(3_000, rate28=20), 100)
    missing = missing_days(Diary(missing=0.1), counts, np.random.default_rng(10))
    for which in (counts == 0, counts >= 3):
        assert abs(missing[which].mean() - 0.1) < Z * sqrt(0.09 / which.sum())
    after = missing[:, 1:][counts[:, :-1] >= 3]
    assert abs(after.mean() - 0.1) < Z * sqrt(0.09 / after.size)


def test_gaps_follow_days_with_many_seizures():
    counts = untreated(alike(3_000, rate28=20), 100)
    diary = Diary(missing=0.0, gap_chance=0.4, gap_seizures=3, gap_days=(2, 5))
    missing = missing_days(diary, counts, np.random.default_rng(11))
    many = counts >= 3
    first = many[:, :-1].copy()
    first[:, 1:] &= np.cumsum(many, axis=1)[:, :98] == 0  # the first such day: no earlier gap can cover what follows
    after = missing[:, 1:][first]
    assert abs(after.mean() - 0.4) < Z * sqrt(0.24 / after.size)
    assert not missing[np.cumsum(many, axis=1) == 0].any()


def test_gaps_by_hand():
    counts = np.zeros((2, 6), dtype=np.int64)
    counts[0, 1], counts[1, 4] = 3, 9
    diary = Diary(missing=0.0, gap_chance=1.0, gap_days=(3, 3))
    rng = np.random.default_rng(12)
    assert np.flatnonzero(missing_days(diary, counts, rng)[0]).tolist() == [2, 3, 4]
    assert np.flatnonzero(missing_days(diary, counts, rng)[1]).tolist() == [5]
    assert np.flatnonzero(missing_days(diary, counts, rng, beyond=2)[1]).tolist() == [5, 6, 7]


def test_both_forms_of_a_small_diary_by_hand():
    days, written = np.arange(-1, 2), np.array([[0, 2, 1], [0, 0, 5]])
    missing = np.array([[False, False, True], [True, False, False]])
    observed = np.array([[True, True, True], [True, True, False]])
    daily = diary_frame(Diary(form="daily"), days, written, missing, observed, first=7)
    assert daily.rows() == [(7, -1, 0), (7, 0, 2), (7, 1, None), (8, -1, None), (8, 0, 0)]
    events = diary_frame(Diary(form="events"), days, written, missing, observed)
    assert events.rows() == [(0, 0, 2), (0, 1, None), (1, -1, None)]


def test_blocks_hold_what_was_asked_and_nothing_unobserved():
    diary = Diary(cluster_share=0.3, weekly_share=0.5, under_reporting=0.1, gap_chance=0.2, form="daily")
    habits = draw_habits(diary, 25, np.random.default_rng(13))
    last = np.arange(25)

    def left(block):
        return np.where(np.arange(30) <= last[block, None], 0.8, np.nan)

    frame = draw_diary(diary, habits, np.arange(30), left, np.random.default_rng(14), block=7)
    ends = frame.group_by("who").agg(pl.col("day").max(), rows=pl.len()).sort("who")
    assert ends["day"].to_list() == last.tolist()
    assert ends["rows"].to_list() == (last + 1).tolist()
    again = draw_diary(diary, habits, np.arange(30), left, np.random.default_rng(14), block=7)
    assert again.equals(frame)


def test_a_daily_diary_and_one_of_events_tell_the_same():
    diary = Diary(missing=0.1)
    habits = draw_habits(diary, 200, np.random.default_rng(15))
    forms = [
        draw_diary(
            replace(diary, form=form),
            habits,
            np.arange(60),
            lambda block: np.ones((200, 60)),
            np.random.default_rng(16),
        )
        for form in ("daily", "events")
    ]
    assert forms[1].equals(forms[0].filter(pl.col("count").is_null() | (pl.col("count") > 0)))
    assert forms[0].height == 200 * 60


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cluster_rise": 3.0}, "cluster_rise is 3.0; expected 1 to 2"),
        ({"missing": 1.2}, "missing is 1.2"),
        ({"gap_days": (0, 3)}, "gap_days"),
        ({"log_rate_sd": 0.0}, "log_rate_sd is 0.0"),
        ({"form": "weekly"}, "form is 'weekly'"),
    ],
)
def test_unsound_diaries_are_refused(changed, said):
    with pytest.raises(TruthError, match=said):
        Diary(**changed)
