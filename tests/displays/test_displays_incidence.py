import re

import polars as pl
import pytest

import analyses
from analyses.displays.curve_frames import INCIDENCE_CURVE, curve_frames
from analyses.displays.figure_incidence import stacked_areas
from analyses.displays.figures import incidence_figure, kaplan_meier_figure, svg
from analyses.displays.layout import lay_out
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError

CAUSES = {"inefficacy": 0.2, "intolerance": 0.1}


def rows(group):
    named = {"group": group}
    for cause, share in CAUSES.items():
        of_it = named | {"term": cause}
        for at, part in ((10.0, 0.5), (30.0, 1.0)):
            low, high = share * part - 0.02, share * part + 0.03
            step = {"at": at, "estimate": share * part, "conf_low": low, "conf_high": high}
            yield of_it | step | {"statistic": "cumulative incidence curve"}
        yield of_it | step | {"statistic": "cumulative incidence"}
        for at, n in ((0.0, 0), (30.0, 7 if cause == "inefficacy" else 3)):
            yield of_it | {"statistic": "cumulative events", "at": at, "estimate": n}
    for at, n in ((0.0, 35), (30.0, 24)):
        yield named | {"statistic": "at risk", "at": at, "estimate": n}


BOTH = Estimates(estimates_frame([*rows("CBZ"), *rows("LTG")]), "")
ONE = Estimates(estimates_frame(list(rows("CBZ"))), "")


def texts(figure):
    return re.findall(r"<text [^>]*>([^<]*)</text>", svg(figure))


def test_each_cause_has_its_panel_and_its_own_events_below():
    found = texts(incidence_figure(BOTH, below=("at risk", "events")))
    assert {"inefficacy", "intolerance", "CBZ", "LTG", "At risk", "Events", "20%"} <= set(found)
    # Two groups in two panels: the numbers at risk are those of the group, the events those of the cause.
    assert [found.count(number) for number in ("35", "24", "7", "3")] == [4, 4, 2, 2]


def test_one_group_has_one_panel_in_which_causes_differ():
    found = texts(incidence_figure(ONE, below=("at risk", "events")))
    assert [found.count(number) for number in ("35", "24", "7", "3")] == [1, 1, 1, 1]
    assert found.count("inefficacy") == 2  # in the legend and beside its events


def test_everyone_together_is_one_group():
    together = Estimates(ONE.frame.with_columns(group=pl.lit(None, dtype=pl.String)), "")
    found = texts(incidence_figure(together))
    assert {"At risk", "All", "35", "inefficacy"} <= set(found)


def test_stacked_causes_lie_on_one_another():
    frames = curve_frames(BOTH, INCIDENCE_CURVE)
    areas = stacked_areas(frames, list(CAUSES)).filter(group="CBZ").sort("cause", maintain_order=True)
    assert areas.select("cause", "at", "low", "high").rows() == [
        *(("inefficacy", at, 0.0, pytest.approx(high)) for at, high in ((0, 0.0), (10, 0.0), (10, 0.1), (30, 0.1))),
        *(
            ("intolerance", at, pytest.approx(low), pytest.approx(high))
            for at, low, high in ((0, 0.0, 0.0), (10, 0.0, 0.0), (10, 0.1, 0.15), (30, 0.1, 0.15))
        ),
    ]
    assert {"CBZ", "LTG", "inefficacy", "At risk", "100%"} <= set(texts(incidence_figure(BOTH, kind="stacked")))


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(EstimationError, match="kind='pie'; an incidence is drawn 'by cause' or 'stacked'"):
        incidence_figure(BOTH, kind="pie")
    with pytest.raises(EstimationError, match="0 rows are steps of a cumulative incidence"):
        incidence_figure(Estimates(BOTH.frame.filter(statistic="at risk"), ""))
    with pytest.raises(EstimationError, match="the frame has no numbers of 'censored' to stand below the curves"):
        incidence_figure(BOTH, below=("censored",))
    with pytest.raises(EstimationError, match="below='events'; it is a list of 'at risk', 'events', 'censored'"):
        incidence_figure(BOTH, below="events")


def test_events_and_censored_stand_below_a_survival_curve():
    curve = {"statistic": "survival", "term": "curve", "group": "A"}
    counts = {"at risk": 11, "cumulative events": 12, "cumulative censored": 13}
    rows = [curve | {"at": at, "estimate": 1 - at / 40} for at in (0, 20)]
    rows += [{"statistic": name, "group": "A", "at": 20.0, "estimate": n} for name, n in counts.items()]
    figure = kaplan_meier_figure(Estimates(estimates_frame(rows), ""), below=("at risk", "events", "censored"))
    heights = {text: float(y) for y, text in re.findall(r'<text [^>]* y="([\d.]+)"[^>]*>([^<]*)</text>', svg(figure))}
    order = ["At risk", "11", "Events", "12", "Censored", "13"]
    assert sorted(order, key=heights.get) == order


def test_a_table_shows_incidences_and_means_by_time():
    means = [
        {"statistic": "restricted mean", "group": "CBZ", "estimate": 300.06, "conf_low": 280.0, "conf_high": 320.0},
        {"statistic": "restricted mean difference", "group": "LTG", "reference": "CBZ", "estimate": 12.34}
        | {"conf_low": 3.0, "conf_high": 27.0, "p_value": 0.012},
    ]
    means = [row | {"at": 365.0} for row in means]
    grid = lay_out(pl.concat([BOTH.frame, estimates_frame(means)]), 0.95).grid
    lines = {line.label: line.texts for line in grid.lines}
    assert lines["inefficacy, with the event at 30 days (95% CI)"][:2] == ("20.0% (18.0 to 23.0)",) * 2
    assert lines["mean days without the event up to 365 days (95% CI)"][0] == "300.1 (280 to 320)"
    assert lines["difference of mean days without the event up to 365 days (95% CI)"][-1] == "12.3 (3 to 27), p = 0.012"
    assert not [label for label in lines if "curve" in label or "cumulative events" in label]


def test_the_verbs_are_at_hand():
    assert analyses.incidence_figure is incidence_figure
