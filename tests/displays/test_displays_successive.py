import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from analyses.displays.figure_cumulative import cumulative_figure
from analyses.displays.figure_flow import flow_figure
from analyses.displays.figure_forecast import forecast_figure
from analyses.displays.figure_hazards import hazards_figure
from analyses.displays.figure_steps import steps_figure
from analyses.displays.flow_layout import Step, flow_of
from analyses.displays.svg import save_figure, svg
from analyses.displays.treatment_axis import by_treatment
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError

# Chen 2018, regimens 1 to 6; the intolerance is made up.
TRIED, MET, STOPPED = (1795, 742, 330, 140, 71, 43), (820, 208, 78, 21, 10, 6), (250, 110, 50, 22, 11, 7)


def made(rows):
    return Estimates(estimates_frame(rows), "")


def row(statistic, number, estimate, low=None, high=None, **more):
    of = {"statistic": statistic, "group": str(number), "estimate": estimate, "conf_low": low, "conf_high": high}
    return of | more


def counts(tried=TRIED, met=MET, stopped=STOPPED, unknown=()):
    listed = {"tried": tried, "met": met, "stopped for intolerance": stopped, "undetermined": unknown}
    return [row(name, i, value) for name, values in listed.items() for i, value in enumerate(values, 1)]


def shares():
    rows = []
    for i, (n, x) in enumerate(zip(TRIED, MET, strict=True), 1):
        for term, whole in (("of those who tried", n), ("of the whole cohort", TRIED[0])):
            rows.append(row("share", i, x / whole, x / whole - 0.003, x / whole + 0.02, term=term, n=whole, events=x))
    return rows


def cumulative():
    rows, met, none = [], 0, 1.0
    for i, (n, x) in enumerate(zip(TRIED, MET, strict=True), 1):
        met, none = met + x, none * (1 - x / n)
        rows.append(row("cumulative share", i, met / TRIED[0], term="observed"))
        rows.append(row("cumulative share", i, 1 - none, 0.97 - none, 1.03 - none, term="product-limit"))
        rows.append(row("cumulative share", i, met / TRIED[0], term="lower bound"))
        rows.append(row("cumulative share", i, min(1.0, met / TRIED[0] + 0.06 * i), term="upper bound"))
    return rows


def hazards():
    rows = [row("observed chance", i, x / n, n=n) for i, (n, x) in enumerate(zip(TRIED, MET, strict=True), 1)]
    models = {"constant": lambda i: 0.36, "beta-frailty": lambda i: 0.803 / (0.762 + i)}
    return rows + [row("fitted chance", i, f(i), term=name) for name, f in models.items() for i in range(1, 8)]


def forecast(plateau=8.0, low=6.0, high=None):
    rows = [row("chance", i, 0.803 / (0.762 + i), 0.7 / (0.762 + i), 0.9 / (0.762 + i)) for i in range(1, 11)]
    end = {"statistic": "plateau", "estimate": plateau, "conf_low": low, "conf_high": high, "at": 0.1}
    return [*rows, end]


FIGURES = {
    "steps": (steps_figure, shares() + counts(), "a 'share' of those who tried"),
    "cumulative": (cumulative_figure, cumulative(), "a cumulative share"),
    "hazards": (hazards_figure, hazards(), "a 'fitted chance'"),
    "flow": (flow_figure, counts(), "0 treatments have a count 'tried'"),
    "forecast": (forecast_figure, forecast(), "a 'chance'"),
}


def texts(figure):
    """Every text of the drawing with the x where it stands (None for a text of several parts)."""
    found = re.findall(r"<text ([^>]*)>([^<]*)</text>", svg(figure))
    return [(text, (re.search(r' x="([-\d.]+)"', " " + rest) or [None, None])[1]) for rest, text in found]


def said(figure):
    return [text for text, _ in texts(figure)]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_without_its_rows_says_what_is_missing(name):
    draw, _, words = FIGURES[name]
    with pytest.raises(EstimationError, match=words) as refused:
        draw(made([{"statistic": "mean", "estimate": 1.0}]))
    assert re.search(r"as \w+\(\) returns", str(refused.value))


@pytest.mark.parametrize("name", FIGURES)
def test_one_treatment_alone_can_be_drawn(name):
    draw, rows, _ = FIGURES[name]
    alone = [one for one in rows if one.get("group") in {None, "1"}]
    assert "1" in said(draw(made(alone)))


@pytest.mark.parametrize("name", FIGURES)
def test_two_cohorts_in_one_frame_are_refused(name):
    draw, rows, _ = FIGURES[name]
    twice = [one | {"criterion": criterion} for criterion in ("freedom", "remission") for one in rows]
    with pytest.raises(EstimationError, match="share a term and a treatment number"):
        draw(made(twice))


def test_every_drawing_repeats_here_and_in_another_process(tmp_path):
    names = ", ".join(f"{draw.__name__}" for draw, _, _ in FIGURES.values())
    lines = ["import sys, polars as pl", "from analyses.displays.svg import svg"]
    lines += ["from analyses.estimates.result import Estimates"]
    lines += [f"from {draw.__module__} import {draw.__name__}" for draw, _, _ in FIGURES.values()]
    for position, (_, rows, _) in enumerate(FIGURES.values()):
        made(rows).frame.write_parquet(tmp_path / f"{position}.parquet")
    lines += [f"for i, draw in enumerate([{names}]):"]
    read = f"pl.read_parquet({str(tmp_path)!r} + f'/{{i}}.parquet')"
    lines += [f"    sys.stdout.buffer.write((svg(draw(Estimates({read}, ''), title='T')) + '\\f').encode())"]
    once = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=Path(__file__).parents[2], capture_output=True, check=True
    ).stdout.decode()
    here = [svg(draw(made(rows), title="T")) for draw, rows, _ in FIGURES.values()]
    assert once.split("\f")[:-1] == here


def test_steps_show_both_denominators_and_the_counts():
    figure = steps_figure(made(shares() + counts()), title="Epilepsy")
    found = said(figure)
    assert {"of those who tried", "of the whole cohort", "Tried", "Met", "Epilepsy"} <= set(found)
    # 78 met the third treatment: 23.6 percent of the 330 who tried it, 4.3 percent of the 1795.
    assert {"24", "4.3", "330", "78"} <= set(found)
    assert "Share that met the criterion in percent (95% CI)" in svg(figure).split("</title>")[0]


def test_steps_without_rows_of_counts_take_them_from_the_share():
    found = said(steps_figure(made(shares())))
    assert {"Tried", "1795", "742", "Met", "820", "208"} <= set(found)


def test_counts_stand_under_their_own_tick():
    places = texts(steps_figure(made(shares() + counts())))
    at = {text: x for text, x in places if text in {"3", "330", "78"}}
    assert at["3"] == at["330"] == at["78"]


def test_the_cumulative_figure_prints_both_shares_and_names_the_band():
    found = said(cumulative_figure(made(cumulative())))
    # 1143 of 1795 observed by the sixth; 1 - product of the shares not met.
    assert {"Observed", "Observed, %", "63.7", "81.2", "As if leavers were like stayers (product-limit)"} <= set(found)
    assert "Grey: from no leaver to every leaver meeting it later" in found
    alone = [one for one in cumulative() if one["term"] == "observed"]
    bare = said(cumulative_figure(made(alone)))
    assert "Grey: from no leaver to every leaver meeting it later" not in bare
    assert "Product-limit, %" not in bare


def test_hazards_name_each_model_and_need_no_observed_points():
    assert {"constant", "beta-frailty", "Counted", "742"} <= set(said(hazards_figure(made(hazards()))))
    fitted = [one for one in hazards() if one["statistic"] == "fitted chance"]
    assert "Counted" not in said(hazards_figure(made(fitted)))


def test_a_flow_keeps_every_subject():
    """The height of every node is what tried it, and what leaves it is what came in."""
    steps = [Step(1, 100, 40, 10, 5, 45, 15), Step(2, 45, 9, 6, 0, 0, None)]
    flow = flow_of(steps)
    sizes = {}
    for (_, kind), corners in flow.shapes.group_by("shape", "kind", maintain_order=True):
        at_start = corners.filter(pl.col("x") == pl.col("x").min())["y"]
        sizes.setdefault(kind, []).append(round(at_start.max() - at_start.min(), 9))
    assert sizes == {
        "tried": [100, 45],
        "met": [40, 9],
        "undetermined": [5],
        "stopped for intolerance": [10, 6],
        "not met": [45, 30],
        "never went on": [15],
        "went on": [45],
    }
    assert flow.floor < flow.shapes["y"].min()
    assert flow.shapes["y"].max() < flow.top


def test_no_two_polygons_of_a_flow_start_on_the_same_ground():
    flow = flow_of([Step(1, 100, 40, 10, 5, 45, 15), Step(2, 45, 9, 6, 0, 0, None)])
    starts = {}
    for (_, kind), corners in flow.shapes.group_by("shape", "kind", maintain_order=True):
        first = corners.filter(pl.col("x") == pl.col("x").min())
        starts.setdefault(round(first["x"][0], 6), []).append((first["y"].min(), first["y"].max(), kind))
    for at in starts.values():
        ordered = sorted(at)
        assert all(a[1] <= b[0] + 1e-9 for a, b in pairwise(ordered))


def test_the_flow_writes_every_count_and_a_screen_reader_hears_them():
    figure = flow_figure(made(counts()), title="Epilepsy")
    found = set(said(figure))
    assert {str(number) for number in (*TRIED, *MET)} <= found
    # 1795 tried, 820 met, 742 went on: 233 never did. 1795 - 820 - 250 = 725 were not met for another reason.
    assert {"233", "204", "112", "48", "18", "725", "250"} <= found
    assert "37" not in found
    title = re.search(r"<title>(.*?)</title>", svg(figure))[1]
    heard = "treatment 1: 1795 tried it, 820 met the criterion, 250 stopped for intolerance, 742 went on, 233 never"
    assert title.startswith("Epilepsy. ")
    assert heard in title


def test_the_last_treatment_shows_leavers_only_where_the_frame_counts_them():
    known = [*counts(), row("never went on", 6, 37)]
    assert "37" in said(flow_figure(made(known)))


def test_a_flow_of_impossible_counts_is_refused():
    with pytest.raises(EstimationError, match="treatment 1: 10 tried, 5 met, 0 stopped for intolerance"):
        flow_figure(made(counts((10, 8), (5, 1), ())))
    with pytest.raises(EstimationError, match="treatment 1: 10 tried, 5 met, 6 stopped"):
        flow_figure(made(counts((10, 3), (5, 1), (6, 0))))
    gap = [one for one in counts() if one["group"] != "2"]
    with pytest.raises(EstimationError, match="5 treatments were found"):
        flow_figure(made(gap))
    with pytest.raises(EstimationError, match="6 treatments have a count 'tried' and 1 a count 'met'"):
        flow_figure(made(counts(met=(820,))))


@pytest.mark.parametrize(
    ("plateau", "words"),
    [
        ((8.0, 6.0, None), "Below 10% from treatment 8 on (limits: 6 to none within the forecast)"),
        ((8.0, 6.0, 10.0), "Below 10% from treatment 8 on (limits: 6 to 10)"),
        ((8.0, None, None), "Below 10% from treatment 8 on"),
        ((None, None, None), "At no treatment of the forecast does the chance lie below 10%"),
        ((14.0, 9.0, 20.0), "Below 10% from treatment 14 on (limits: 9 to 20)"),
    ],
)
def test_the_forecast_says_where_the_plateau_begins(plateau, words):
    found = said(forecast_figure(made(forecast(*plateau))))
    assert words in found
    assert {"10%", "Chance, %", "45.6", "9.2"} <= set(found)


def test_the_forecast_of_one_profile_is_drawn_where_there_are_several():
    profiles = [one | {"population": who} for who in ("she", "he") for one in forecast(8.0 if who == "she" else 5.0)]
    found = said(forecast_figure(made(profiles), population="he"))
    assert any("from treatment 5 on" in text for text in found)
    with pytest.raises(EstimationError, match="a figure shows one cohort"):
        forecast_figure(made(profiles))


def test_a_forecast_marks_a_threshold_without_a_plateau_and_none_unasked():
    bare = [one for one in forecast() if one["statistic"] == "chance"]
    assert "15%" in said(forecast_figure(made(bare), threshold=0.15))
    assert not any("Below" in text for text in said(forecast_figure(made(bare))))
    with pytest.raises(EstimationError, match="threshold=10 was given"):
        forecast_figure(made(bare), threshold=10)


def test_a_forecast_of_several_models_or_plateaus_asks_which():
    rows = [one | {"term": name} for name in ("beta-frailty", "constant") for one in forecast()]
    with pytest.raises(EstimationError, match="chances of 2 models were found: 'beta-frailty', 'constant'"):
        forecast_figure(made(rows))
    assert "45.6" in said(forecast_figure(made(rows), model="constant"))
    two = [*forecast(), forecast()[-1] | {"at": 0.05, "estimate": None}]
    with pytest.raises(EstimationError, match=r"2 plateaus were found, at 0.1, 0.05"):
        forecast_figure(made(two))
    chosen = said(forecast_figure(made(two), threshold=0.05))
    assert "At no treatment of the forecast does the chance lie below 5%" in chosen


def test_treatments_stand_in_their_order_and_not_in_that_of_text():
    rows = [row("share", i, 0.5) for i in (10, 2, 1)] + [row("share", "all", 0.5), row("share", 3, None)]
    assert by_treatment(made(rows).frame, "share")["number"].to_list() == [1, 2, 10]


def test_a_flow_is_kept_as_a_file_that_repeats(tmp_path):
    figure = flow_figure(made(counts()))
    kept = save_figure(figure, tmp_path / "flow.svg")
    assert kept.read_bytes() == save_figure(figure, tmp_path / "again.svg").read_bytes()
