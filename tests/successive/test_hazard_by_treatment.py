"""Hazards by treatment number: by hand, as other estimators give them, and from known truth."""

import numpy as np
import polars as pl
import pytest

import analyses
import cohort
import synthetic_data
from cohort.criteria import ILAE_2010_FREEDOM
from cohort.errors import EstimationError
from tests.certify.treatments import courses
from tests.successive.test_treatment_times import as_events

# a free on day 30, b on day 80, c stopped on day 40 and free on the second drug on day 70, d on days 20 and 90.
FOUR = as_events(
    [
        ("a", 1, 0, 30, "free"),
        ("b", 1, 0, 80, "free"),
        ("c", 1, 0, 40, "stopped"),
        ("c", 2, 0, 70, "free"),
        ("d", 1, 0, 20, None),
        ("d", 2, 0, 90, "free"),
    ]
)
RATIOS = pl.col("statistic") == "log hazard ratio"


def drawn(seed=1, **truth):
    return courses(np.random.default_rng(seed), **({"variance": 1.0, "slope": 0.0} | truth))


def test_gap_time_by_hand():
    """The likelihood of the ratio r is r / ((3 + 2r) (1 + 2r) (1 + r)): one factor a day with a success."""
    found = analyses.hazard_by_treatment(FOUR, cause="free")
    ratio = found.value("hazard ratio", group="2", reference="1", criterion="free")
    assert 1 / ratio == pytest.approx(2 / (3 + 2 * ratio) + 2 / (1 + 2 * ratio) + 1 / (1 + ratio), rel=1e-10)
    turned = analyses.hazard_by_treatment(FOUR, cause="free", reference=2)
    assert turned.value("hazard ratio", group="1", reference="2") == pytest.approx(1 / ratio)
    assert any(note.startswith("1 treatments that ended otherwise are censored") for note in found.notes)


def test_the_stopped_stay_at_risk_to_the_last_success():
    """Who stopped on day 40 is at risk on days 70, 80 and 90 too: r^2 / ((3 + 2r) (2 + 2r) (2 + r) (1 + r))."""
    found = analyses.hazard_by_treatment(FOUR, cause="free", stopped="at risk")
    r = found.value("subdistribution hazard ratio", group="2")
    assert 2 / r == pytest.approx(2 / (3 + 2 * r) + 2 / (2 + 2 * r) + 1 / (2 + r) + 1 / (1 + r), rel=1e-10)
    assert any(note.startswith("1 treatments that were stopped before day 90 count") for note in found.notes)


def test_a_line_is_the_cox_regression_on_the_number():
    rows = drawn()
    found = analyses.hazard_by_treatment(rows, cause="success", number="line")
    alone = rows.with_columns(right=pl.when(pl.col("cause") == "success").then("right"))
    alone = alone.with_columns(cause=pl.when(pl.col("right").is_not_null()).then("cause"))
    plain = analyses.cox(alone, "treatment_no", cluster="subject_id")
    assert found.frame.drop("criterion").equals(plain.frame.drop("criterion"))
    shared = analyses.hazard_by_treatment(rows, cause="success", number="line", model="frailty")
    assert shared.frame.drop("criterion").equals(analyses.frailty_cox(alone, "treatment_no").frame.drop("criterion"))


def test_stratified_by_treatment_number_is_the_gap_time_model_of_repeated_events():
    """Where each treatment but the last ended with an event, treatments are a history of events that repeat."""
    rng = np.random.default_rng(5)
    who = np.repeat(np.arange(60), 3)
    gaps, x = rng.exponential(size=180).round(3) + 0.001, rng.normal(size=60).round(2)[who]
    number = np.tile([1, 2, 3], 60)
    rows = pl.DataFrame({"subject_id": who.astype(str), "treatment_no": number, "entry": 0.0, "left": gaps, "x": x})
    rows = rows.with_columns(right=pl.when(pl.col("treatment_no") < 3).then("left"), event_no=pl.col("treatment_no"))
    rows = rows.with_columns(cause=pl.when(pl.col("right").is_not_null()).then(pl.lit("seizure")))
    found = analyses.hazard_by_treatment(rows, "x", cause="seizure", model="stratified")
    end = pl.col("left").cum_sum().over("subject_id").round(3)
    chained = rows.with_columns(
        entry=(end - pl.col("left")).round(3), left=end, right=pl.when(pl.col("right").is_not_null()).then(end)
    )
    gap_time = analyses.recurrent(chained, "x", model="Prentice-Williams-Peterson gap time")
    for name in ("estimate", "std_error"):
        ours, theirs = (one.frame.filter(RATIOS)[name].item() for one in (found, gap_time))
        assert ours == pytest.approx(theirs, rel=1e-8)


def test_late_treatments_are_taken_together():
    found = analyses.hazard_by_treatment(drawn(), cause="success", last=3, reference=2)
    assert found.frame.filter(RATIOS).select("group", "reference").rows() == [("1", "2"), ("3 and later", "2")]
    with_x = drawn().with_columns(x=pl.int_range(pl.len()) % 2)
    covariate = analyses.hazard_by_treatment(with_x, "x", cause="success", model="frailty")
    assert covariate.frame.filter(RATIOS)["term"].to_list() == ["treatment_no"] * 3 + ["x"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "beta"}, "model='beta'"),
        ({"number": "square"}, "number='square'"),
        ({"stopped": "gone"}, "stopped='gone'"),
        ({"model": "stratified"}, "name covariates"),
        ({"number": "line", "last": 2}, "last=2"),
        ({"reference": 7}, "reference=7"),
        ({"last": 1}, "last=1"),
        ({"confidence": 2}, "confidence"),
        ({"cause": "remission"}, "'remission' does not occur"),
    ],
)
def test_options_that_cannot_be_used(options, message):
    with pytest.raises(EstimationError, match=message):
        analyses.hazard_by_treatment(FOUR, **({"cause": "free"} | options))


def test_one_treatment_number_and_a_number_without_success():
    with pytest.raises(EstimationError, match="all 4 treatments have the number 1"):
        analyses.hazard_by_treatment(FOUR.filter(treatment_no=1), cause="free")
    third = pl.concat([FOUR, as_events([("c", 3, 0, 9, "stopped")])])
    with pytest.raises(EstimationError, match="treatment_no has 0 events at '3'"):
        analyses.hazard_by_treatment(third, cause="free")


def test_selection_dependence_and_both_are_told_apart_where_stops_tell_nothing():
    """Means of five cohorts of 250; the ratio per further treatment is 1, 0.7 with a frailty, and 0.7 without one."""
    found = {}
    for variance, slope in ((1.0, 0.0), (1.0, np.log(0.7)), (0.0, np.log(0.7))):
        fits = [
            [
                analyses.hazard_by_treatment(rows, cause="success", number="line", model=model)
                for model in ("gap time", "frailty")
            ]
            for rows in (drawn(seed, variance=variance, slope=slope) for seed in range(5))
        ]
        found[variance, slope] = [np.mean([pair[k].value("log hazard ratio") for pair in fits]) for k in (0, 1)]
    seen, given = found[1.0, 0.0]
    assert seen < -0.2
    assert abs(given) < 0.15
    both = found[1.0, np.log(0.7)]
    assert both[0] < np.log(0.7) - 0.15
    assert abs(both[1] - np.log(0.7)) < 0.15
    assert abs(found[0.0, np.log(0.7)][0] - np.log(0.7)) < 0.1


@pytest.mark.parametrize(("preset", "selection"), [("CHEN_2018", True), ("EPILEPSY_CLINIC", False)])
def test_two_clinics_whose_later_drugs_work_less_often(preset, selection):
    """In one because the easier cases have left, in the other because later drugs are weaker and all subjects alike."""
    clinic = synthetic_data.simulate(getattr(synthetic_data, preset), subjects=400, seed=2)
    events = cohort.time_to(clinic, ILAE_2010_FREEDOM, compete=["inefficacy", "intolerance"])
    options = {"cause": "sustained freedom", "number": "line", "stopped": "at risk"}
    name = "log subdistribution hazard ratio"
    seen = analyses.hazard_by_treatment(events, **options).frame.filter(statistic=name).row(0, named=True)
    fitted = analyses.hazard_by_treatment(events, model="frailty", **options)
    given = fitted.frame.filter(statistic=name).row(0, named=True)
    assert seen["conf_high"] < -0.2
    assert (given["conf_low"] < 0 < given["conf_high"]) == selection
    assert abs(given["estimate"] - (0 if selection else seen["estimate"])) < 0.1
    assert any(note.startswith("nine in ten successes fall on days 365 to ") for note in fitted.notes)
