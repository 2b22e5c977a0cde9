"""The true time to remission: by hand where one visit is all there is, and as Kaplan-Meier finds it."""

from dataclasses import replace
from math import inf

import polars as pl
import pytest

import analyses
import cohort
from cohort.criteria import HAMD17_ABOVE_REMISSION, HAMD17_REMISSION
from synthetic_data.hamd.waiting import ABOVE
from synthetic_data.presets import HAMD_MIXTURE, HAMD_STUDY
from synthetic_data.simulation import simulate

STAYING = replace(HAMD_STUDY, dropout_intercepts=(-inf,) * 4)


def curve(truth, population="all"):
    return truth.estimates().filter(statistic="survival", population=population)


def test_the_population_is_that_of_the_criterion():
    assert HAMD17_ABOVE_REMISSION.label == ABOVE


def test_with_one_visit_the_curve_ends_at_the_share_not_in_remission():
    two = replace(
        HAMD_STUDY,
        means=((17.21, 12.37), (18.59, 10.63)),
        covariance=((29.7, 21.4), (21.4, 66.7)),
        visits=("baseline", "week 6"),
        visit_days=(0, 42),
        dropout_intercepts=(-inf,),
    )
    shares = two.estimates().filter(statistic="share", criterion="HAMD17 remission (<= 7) at week 6")["estimate"]
    ends = curve(two).filter(at=45.0)
    for share, (end, error) in zip(shares, ends.select("estimate", "std_error").iter_rows(), strict=True):
        assert abs(end - (1 - share)) < 4.5 * error
    days = curve(two).filter(at=42.0)["estimate"]
    for day, end in zip(days, ends["estimate"], strict=True):
        assert day == pytest.approx(1 - 4 / 7 * (1 - end))  # 4 of the 7 days of the window have passed


def test_hazards_and_curve_agree():
    found = HAMD_STUDY.estimates().filter(criterion=HAMD17_REMISSION.event, population="all", group="drug")
    ends = found.filter(pl.col("at").is_in([10.0, 17.0, 31.0, 45.0]), statistic="survival")["estimate"]
    hazards = found.filter(statistic="hazard")["estimate"]
    alive = 1.0
    for end, hazard in zip(ends, hazards, strict=True):
        alive *= 1 - hazard
        assert alive == pytest.approx(end)


@pytest.mark.parametrize("population", [None, HAMD17_ABOVE_REMISSION], ids=["all", "above remission"])
@pytest.mark.parametrize(("jitter", "times"), [(3, [7, 10, 14, 28, 31]), (0, [7, 14, 28, 42])])
def test_kaplan_meier_finds_the_curve_where_nobody_leaves(population, jitter, times):
    truth = replace(STAYING, day_jitter=jitter)
    study = simulate(truth, subjects=8_000, seed=4)
    events = study.subjects.join(cohort.time_to(study, HAMD17_REMISSION), on="subject_id")
    if population is not None:
        events = events.join(cohort.classify(study, population).filter(verdict="met"), on="subject_id", how="semi")
    found = analyses.kaplan_meier(events, by="arm", times=times).frame.filter(term="time point")
    true = curve(truth, "all" if population is None else population.label)
    both = found.join(true, on=["group", "at"], suffix="_true")
    assert both.height == 2 * len(times)
    off = (pl.col("estimate") - pl.col("estimate_true")).abs() / (pl.col("std_error") ** 2 + 1e-6).sqrt()
    assert both.select(off.max()).item() < 4.5


def test_who_stopped_would_have_gone_on():
    found = curve(HAMD_MIXTURE).filter(at=45.0)
    stopped = replace(HAMD_MIXTURE, stopping=None)
    for one, other in zip(found["estimate"], curve(stopped).filter(at=45.0)["estimate"], strict=True):
        assert abs(one - other) < 4.5 * 2**0.5 * (0.25 / 400_000) ** 0.5


def test_kaplan_meier_by_the_day_of_rating_goes_too_low_within_the_last_visit_s_window():
    """Who is rated early in the last window without remission is censored there, as if it could still come later."""
    study = simulate(STAYING, subjects=8_000, seed=4)
    events = study.subjects.join(cohort.time_to(study, HAMD17_REMISSION), on="subject_id")
    found = analyses.kaplan_meier(events, by="arm", times=[45.0]).frame.filter(term="time point")
    both = found.join(curve(STAYING), on=["group", "at"], suffix="_true")
    assert both.height == 2
    assert both.select(((pl.col("estimate_true") - pl.col("estimate")) / pl.col("std_error")).min()).item() > 4.5
