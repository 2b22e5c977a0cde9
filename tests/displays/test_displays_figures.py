import math
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from analyses.displays.curve_frames import SURVIVAL_CURVE, curve_frames
from analyses.displays.figure_style import LINE_TYPES, PALETTE, cycled
from analyses.displays.figures import forest_figure, kaplan_meier_figure, save_figure, shares_figure, svg
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import CohortError, EstimationError


def step(group, at, estimate, low=None, high=None):
    return {
        "group": group,
        "statistic": "survival",
        "term": "curve",
        "at": at,
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
    }


def at_risk(group, at, estimate):
    return {"group": group, "statistic": "at risk", "at": at, "estimate": estimate}


ROWS = [
    step("CBZ", 10, 0.8, 0.5, 0.95),
    step("CBZ", 30, 0.5, 0.2, 0.8),
    step("CBZ", 40, 0.0),
    step("LTG", 20, 0.9, 0.6, 0.99),
    *(at_risk("CBZ", at, n) for at, n in ((0, 105), (25, 64), (50, 0))),
    *(at_risk("LTG", at, n) for at, n in ((0, 117), (25, 98), (50, 73))),
]
KM = Estimates(estimates_frame(ROWS), "Kaplan-Meier.")


def curve(group, time, survival, censored):
    return SimpleNamespace(
        group=group, time=np.array(time), survival=np.array(survival), censored=np.array(censored, dtype=int)
    )


def texts(drawn):
    """Every text of an SVG with its anchor and the x of it, where it has one (a text of several lines has none)."""
    found = re.findall(r"<text style=\"([^\"]*)\"([^>]*)>([^<]*)</text>", drawn)
    anchors = [
        (text, re.search(r"text-anchor: (\w+)", style), re.search(r' x="([\d.]+)"', rest))
        for style, rest, text in found
    ]
    return [(text, anchor[1] if anchor else "", float(x[1]) if x else None) for text, anchor, x in anchors]


def shown(figure):
    return {text for text, _, _ in texts(svg(figure))}


def test_the_curve_starts_at_one_and_goes_on_to_the_last_time_that_somebody_is_at_risk():
    steps = curve_frames(KM, SURVIVAL_CURVE).steps
    drawn = {g: steps.filter(group=g).select("at", "estimate").rows() for g in ("CBZ", "LTG")}
    assert drawn["CBZ"] == [(0.0, 1.0), (10.0, 0.8), (30.0, 0.5), (40.0, 0.0)]
    assert drawn["LTG"] == [(0.0, 1.0), (20.0, 0.9), (50.0, 0.9)]


def test_the_band_holds_each_limit_until_the_next_step_and_is_open_where_there_is_none():
    band = curve_frames(KM, SURVIVAL_CURVE).band.filter(group="CBZ")
    assert band.select("at", "conf_low", "conf_high").rows() == [
        (10.0, 0.5, 0.95),
        (30.0, 0.5, 0.95),
        (30.0, 0.2, 0.8),
        (40.0, 0.2, 0.8),
    ]
    assert band["stretch"].n_unique() == 1


def test_a_gap_in_the_limits_is_not_bridged():
    rows = [step("A", 1, 0.9, 0.8, 1.0), step("A", 2, 0.8), step("A", 3, 0.7, 0.5, 0.9), step("A", 4, 0.6, 0.4, 0.8)]
    band = curve_frames(Estimates(estimates_frame(rows), ""), SURVIVAL_CURVE).band
    assert band["stretch"].n_unique() == 2


def test_the_model_adds_censoring_and_the_end_of_follow_up_and_nothing_else():
    fitted = (
        curve("CBZ", [0, 10, 30, 40], [1, 0.8, 0.5, 0], [0, 1, 0, 0]),
        curve("LTG", [0, 20, 70], [1, 0.9, 0.9], [0, 0, 2]),
    )
    frames = curve_frames(replace(KM, model=fitted), SURVIVAL_CURVE)
    assert frames.censored.rows() == [("CBZ", 10.0, 0.8), ("LTG", 70.0, 0.9)]
    assert frames.steps.filter(group="LTG")["at"].to_list() == [0.0, 20.0, 70.0]
    assert curve_frames(KM, SURVIVAL_CURVE).censored.is_empty()


def test_numbers_at_risk_stand_exactly_under_the_ticks():
    centred = [(text, x) for text, anchor, x in texts(svg(kaplan_meier_figure(KM))) if anchor == "middle"]
    ticks, numbers = [text for text, _ in centred[:3]], centred[4:10]
    assert ticks == ["0", "25", "50"]
    places = [x for _, x in centred[:3]]
    assert places[0] < places[1] < places[2]
    assert numbers == list(zip(["105", "64", "0", "117", "98", "73"], places * 2, strict=True))


def test_numbers_at_risk_stand_beside_the_name_of_their_arm():
    drawn = svg(kaplan_meier_figure(KM))
    heights = {}
    for y, text in re.findall(r'<text [^>]* y="([\d.]+)"[^>]*>([^<]*)</text>', drawn):
        heights.setdefault(text, []).append(float(y))
    for arm, numbers in (("CBZ", ("105", "64")), ("LTG", ("117", "98", "73"))):
        lowest = max(heights[arm])  # the other text of that name is the legend's
        assert [heights[number][0] for number in numbers] == pytest.approx([lowest] * len(numbers), abs=1.5)
    assert max(heights["LTG"]) - max(heights["CBZ"]) > 10


def test_estimates_read_back_from_a_file_draw_the_same_figure(tmp_path):
    KM.frame.write_parquet(tmp_path / "km.parquet")
    again = Estimates(pl.read_parquet(tmp_path / "km.parquet"), KM.method)
    assert svg(kaplan_meier_figure(again)) == svg(kaplan_meier_figure(KM))


def test_one_curve_of_all_together_and_no_numbers_at_risk_can_be_drawn():
    found = shown(kaplan_meier_figure(Estimates(estimates_frame([step(None, 5, 0.5, 0.3, 0.7)]), "")))
    assert {"100%", "0%", "Days"} <= found
    assert not {"All", "At risk"} & found


def test_arms_differ_in_colour_and_in_line_type():
    drawn = svg(kaplan_meier_figure(KM))
    styles = re.findall(r'style="(fill: none; stroke[^"]*)"', drawn)
    lines = {style for style in styles if PALETTE[0].lower() in style or PALETTE[1].lower() in style}
    assert any("dasharray" in style and PALETTE[1].lower() in style for style in lines)
    assert any("dasharray" not in style and PALETTE[0].lower() in style for style in lines)


def test_no_two_of_28_groups_look_alike():
    assert len(set(zip(cycled(PALETTE, 28), cycled(LINE_TYPES, 28), strict=True))) == 28


def test_a_frame_without_a_curve_or_with_two_sets_is_refused_in_words():
    with pytest.raises(EstimationError, match="0 rows are steps of a survival curve"):
        kaplan_meier_figure(Estimates(estimates_frame([at_risk("A", 0, 3)]), ""))
    two = [step("A", 1, 0.9) | {"criterion": name} for name in ("remission", "relapse")]
    with pytest.raises(EstimationError, match="2 sets of curves"):
        kaplan_meier_figure(Estimates(estimates_frame(two), ""))


def effect(statistic, estimate, low, high, **more):
    return {"statistic": statistic, "estimate": estimate, "conf_low": low, "conf_high": high} | more


ARM = {"term": "arm", "group": "LTG", "reference": "CBZ"}
RATIOS = Estimates(
    estimates_frame(
        [effect("hazard ratio", 0.77, 0.59, 1.0, **ARM), effect("hazard ratio", 0.99, 0.98, 1.0, term="age")]
    ),
    "",
)


def test_a_forest_of_ratios_names_every_contrast_and_says_that_the_scale_is_logarithmic():
    found = shown(forest_figure(RATIOS))
    assert {"arm: LTG v CBZ", "0.77 (0.59 to 1.00)", "age", "Hazard ratio (95% CI, log scale)", "1"} <= found


def test_a_forest_of_one_comparison_names_it_on_the_axis():
    rows = [effect("risk difference", 0.07, -0.06, 0.2, criterion=c, group="DRUG", reference="PLACEBO") for c in "ab"]
    found = shown(forest_figure(Estimates(estimates_frame(rows), "")))
    assert "Risk difference, DRUG v PLACEBO (95% CI, percentage points)" in found
    assert "7.0 (\N{MINUS SIGN}6.0 to 20.0)" in found


@pytest.mark.parametrize(
    ("statistic", "numbers", "ticks", "unit"),
    [
        ("risk difference", (0.07, -0.06, 0.2), ("0", "20"), lambda number: 100 * number),
        ("hazard ratio", (0.5, 0.2, 1.25), ("0.2", "1"), math.log),
    ],
)
def test_a_forest_draws_the_limits_where_the_axis_says(statistic, numbers, ticks, unit):
    drawn = svg(forest_figure(Estimates(estimates_frame([effect(statistic, *numbers, **ARM)]), "")))
    places = {text: x for text, _, x in texts(drawn)}
    near, far = (unit(float(tick) / (100 if statistic == "risk difference" else 1)) for tick in ticks)
    scale = (places[ticks[1]] - places[ticks[0]]) / (far - near)
    expected = [places[ticks[0]] + scale * (unit(limit) - near) for limit in numbers[1:]]
    line = rf'd="M ([\d.]+) [\d.]+ \nL ([\d.]+) [\d.]+ \n"[^>]*stroke: {PALETTE[0].lower()}'
    assert [float(x) for x in re.search(line, drawn).groups()] == pytest.approx(expected, abs=0.01)


def test_a_forest_counts_what_it_cannot_draw_and_keeps_a_point_without_limits():
    rows = [effect("hazard ratio", 0.5, None, None, **ARM), effect("hazard ratio", None, None, None, term="age")]
    found = shown(forest_figure(Estimates(estimates_frame(rows), "")))
    assert {"arm", "Hazard ratio, LTG v CBZ (95% CI, log scale)", "1 not estimable"} <= found


def test_a_forest_of_nothing_or_of_two_kinds_is_refused_in_words():
    with pytest.raises(EstimationError, match="0 statistics can stand in a forest figure"):
        forest_figure(KM)
    mixed = [effect("hazard ratio", 1.0, 0.5, 2.0, **ARM), effect("risk difference", 0.0, -0.1, 0.1, **ARM)]
    with pytest.raises(EstimationError, match="2 statistics"):
        forest_figure(Estimates(estimates_frame(mixed), ""))
    forest_figure(Estimates(estimates_frame(mixed), ""), statistic="risk difference")
    with pytest.raises(EstimationError, match="none has an estimate"):
        forest_figure(Estimates(estimates_frame([effect("hazard ratio", None, None, None, **ARM)]), ""))


def test_shares_are_points_by_criterion_and_group():
    rows = [
        effect("share", 0.3, 0.2, 0.4, criterion="response", term=t, group=g) for t in ("a", "b") for g in ("P", "D")
    ]
    rows.append(effect("share", None, None, None, criterion="response", term="b", group="nobody"))
    found = shown(shares_figure(Estimates(estimates_frame(rows), "")))
    assert {"response", "a", "b", "P", "D", "Share that met the criterion (95% CI)"} <= found
    with pytest.raises(EstimationError, match="0 rows are a 'share'"):
        shares_figure(KM)


def test_an_svg_repeats_in_one_process_and_in_another(tmp_path):
    KM.frame.write_parquet(tmp_path / "km.parquet")
    program = (
        "import sys, polars as pl\n"
        "from analyses.displays.figures import kaplan_meier_figure, svg\n"
        "from analyses.estimates.result import Estimates\n"
        f"made = Estimates(pl.read_parquet({str(tmp_path / 'km.parquet')!r}), '')\n"
        "sys.stdout.buffer.write(svg(kaplan_meier_figure(made, title='T')).encode())\n"
    )
    root = Path(__file__).parents[2]
    once = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, check=True).stdout.decode()
    assert svg(kaplan_meier_figure(KM, title="T")) == svg(kaplan_meier_figure(KM, title="T")) == once


def test_an_svg_scales_names_itself_and_leaks_neither_style_nor_date():
    drawn = svg(kaplan_meier_figure(KM, title="Time <to> withdrawal"))
    root = drawn[: drawn.index(">") + 1]
    assert 'role="img"' in root
    assert 'width="100%"' in root
    assert "viewBox=" in root
    assert 'aria-label="Time &lt;to&gt; withdrawal. Share without the event. Days"' in root
    assert not re.search(r"<style|<metadata|<!DOCTYPE|<\?xml|<dc:date", drawn)


def test_ids_of_two_figures_never_meet_and_every_reference_finds_its_id():
    drawn = [svg(kaplan_meier_figure(KM), prefix=prefix) for prefix in ("one", "two")]
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in drawn]
    assert ids[0]
    assert not ids[0] & ids[1]
    wanted = set(re.findall(r'href="#([^"]+)"', drawn[0])) | set(re.findall(r"url\(#([^)]+)\)", drawn[0]))
    assert wanted
    assert wanted <= ids[0]


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.PDF", b"%PDF")])
def test_a_saved_figure_repeats_byte_for_byte(tmp_path, name, magic):
    figure = kaplan_meier_figure(KM)
    first = save_figure(figure, tmp_path / "one" / name).read_bytes()
    assert first.startswith(magic)
    assert first == save_figure(figure, str(tmp_path / name)).read_bytes()


def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(CohortError, match=r"expected a name that ends in \.png, \.svg or \.pdf"):
        save_figure(kaplan_meier_figure(KM), tmp_path / "sub" / "a.gif")
    assert not (tmp_path / "sub").exists()
