"""Models of events that repeat: what they are made of, and what they refuse."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analyses.estimates.recurrent.event_layouts import lay_out
from analyses.estimates.recurrent.recurrent_cox import recurrent
from analyses.estimates.regression.cox import cox
from cohort.errors import EstimationError
from tests.recurrent.histories_drawn import as_events

TOTAL, GAP = "Prentice-Williams-Peterson total time", "Prentice-Williams-Peterson gap time"
MARGINAL = "Wei-Lin-Weissfeld"


def drawn(seed=1, size=60, most=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=size).round(2)
    arms = ["AB"[i % 2] for i in range(size)]
    histories = []
    for i in range(size):
        rate = rng.exponential() * 0.05 * np.exp(0.5 * x[i] - 0.4 * (arms[i] == "B"))
        days = np.unique(rng.integers(1, 40, rng.poisson(40 * rate)))[:most].tolist()
        histories.append([(a, b, 1) for a, b in zip([0, *days[:-1]], days, strict=False)])
        histories[-1].append((days[-1] if days else 0, 40, 0))
    each = pl.DataFrame({"subject_id": [f"s{i:03}" for i in range(size)], "x": x})
    return as_events(histories, arms).join(each, on="subject_id", maintain_order="left")


DRAWN = drawn()


def logs(found, **where):
    return found.frame.filter(statistic="log hazard ratio", **where)


@pytest.mark.parametrize(("model", "strata"), [("Andersen-Gill", None), (TOTAL, "event_no"), (GAP, "event_no")])
def test_a_model_is_a_cox_regression_of_its_layout(model, strata):
    laid = lay_out(DRAWN, model, fixed=[])
    assert_frame_equal(
        logs(recurrent(DRAWN, "arm + x", model=model)),
        logs(cox(laid.rows, "arm + x", strata=strata, cluster="subject_id")),
    )


def test_effects_by_event_are_those_of_each_event_alone():
    found = recurrent(DRAWN, "arm + x", model=MARGINAL, effects="by event")
    rows = lay_out(DRAWN, MARGINAL, fixed=[]).rows
    assert logs(found)["term"].to_list() == [f"{name}, event {k}" for name in ("arm", "x") for k in (1, 2, 3)]
    for number in (1, 2, 3):
        alone = logs(cox(rows.filter(event_no=number), "arm + x", cluster="subject_id"))
        for name in ("arm", "x"):
            own, other = logs(found, term=f"{name}, event {number}"), alone.filter(term=name)
            for column in ("estimate", "std_error"):
                assert own[column].item() == pytest.approx(other[column].item(), rel=1e-8)
            assert own["group"].item() == other["group"].item()


def test_the_best_average_and_its_tests():
    found = recurrent(DRAWN, "arm + x", model=MARGINAL, effects="by event")
    values, covariance = found.model.coefficients[:3], found.model.covariance[:3, :3]
    row = found.frame.filter(statistic="average log hazard ratio", term="arm").row(0, named=True)
    weights = np.linalg.solve(covariance, np.ones(3))
    weights /= weights.sum()
    assert row["estimate"] == pytest.approx(weights @ values)
    assert row["std_error"] == pytest.approx(np.sqrt(weights @ covariance @ weights))
    assert all(weights @ covariance @ weights <= one @ covariance @ one + 1e-12 for one in np.eye(3))
    parts = found.frame.filter(pl.col("statistic").is_in(["global chi-square", "homogeneity chi-square"]), term="arm")
    assert parts["df"].to_list() == [3, 2]
    whole, rest = parts["estimate"]
    assert whole - rest == pytest.approx((row["estimate"] / row["std_error"]) ** 2)


@pytest.mark.parametrize("model", ["Andersen-Gill", TOTAL, GAP, MARGINAL])
def test_the_order_of_the_rows_does_not_matter(model):
    effects = "common" if model == "Andersen-Gill" else "by event"
    options = {"model": model, "effects": effects, "max_events": 2}
    mixed = DRAWN.sample(fraction=1, shuffle=True, seed=4)
    first, second = (recurrent(rows, "arm + x", **options).frame for rows in (DRAWN, mixed))
    assert_frame_equal(first, second, check_exact=True)


def test_naive_errors_are_smaller_where_subjects_differ():
    found = recurrent(drawn(3, size=150), "arm")
    assert found.value("naive standard error") < logs(found)["std_error"].item()


def test_another_cause_ends_a_row_as_censoring_does():
    died = DRAWN.with_columns(
        right=pl.when(pl.col("left") == 40).then("left").otherwise("right"),
        cause=pl.when(pl.col("left") == 40).then(pl.lit("death")).otherwise("cause"),
    )
    assert_frame_equal(recurrent(died, "arm", cause="seizure").frame, recurrent(DRAWN, "arm").frame)


def test_rows_that_lack_a_covariate_are_left_out():
    gaps = DRAWN.with_columns(x=pl.when(pl.col("subject_id") == "s003").then(None).otherwise("x"))
    rows = gaps.filter(subject_id="s003").height
    for effects in ("common", "by event"):
        found = recurrent(gaps, "arm + x", model=TOTAL, effects=effects)
        assert any(note.startswith(f"{rows} of {gaps.height} rows were left out for missing") for note in found.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "AG"}, "model='AG'; it is one of"),
        ({"effects": "each"}, "effects='each'; it is one of"),
        ({"effects": "by event"}, "Andersen-Gill model has one effect on all events"),
        ({"cluster": "clinic"}, "the column to cluster by: 'clinic'"),
        ({"cause": "death"}, "cause='death' does not occur"),
        ({"formula": "arm + age"}, "names 'age'"),
        ({"confidence": 95}, "confidence=95"),
    ],
)
def test_refused(options, words):
    with pytest.raises(EstimationError, match=words):
        recurrent(DRAWN, **{"formula": "arm"} | options)


def test_an_event_number_with_few_events_has_no_effects_of_its_own():
    histories = [[(0, 2, 1), (2, 5, 1), (5, 9, 0)], [(0, 4, 1), (4, 9, 0)], [(0, 6, 1)], [(0, 7, 0)]]
    events = as_events(histories, list("ABAB")).with_columns(x=pl.Series([1, 1, 1, 2, 2, 3, 4]))
    for model in (TOTAL, MARGINAL):
        with pytest.raises(EstimationError, match="event 2 has 1 events for 2 effects of its own; pass last=1"):
            recurrent(events, "arm + x", model=model, effects="by event")


def test_an_event_number_that_nobody_reached_tells_nothing():
    found = recurrent(DRAWN, "x", model=TOTAL, effects="by event")
    assert "nobody has 'event 4'" in found.notes[0]
    assert logs(found)["term"].to_list() == ["x, event 1", "x, event 2", "x, event 3"]


def test_no_events():
    with pytest.raises(EstimationError, match="0 events"):
        recurrent(as_events([[(0, 5, 0)], [(0, 6, 0)]], list("AB")), "arm")
