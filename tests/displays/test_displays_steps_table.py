"""Tables of successive treatments: every share with its denominator, treatments in their order, no number lost."""

import polars as pl
import pytest

import analyses
from analyses.displays import format as writing
from analyses.displays.lay_effects import repeats_a_ratio
from analyses.displays.layout import lay_out
from analyses.estimates.result import Estimates, estimates_frame

MINUS = "\N{MINUS SIGN}"
EXCLUDED = {"undetermined": "excluded"}


def lines(frame):
    """The grid as {(block, label): {heading: text}}."""
    grid = lay_out(frame, 0.95).grid
    return {(line.block, line.label): dict(zip(grid.headings, line.texts, strict=True)) for line in grid.lines}


def chen():
    return analyses.published_steps("Chen 2018")


def told_apart():
    """30 of 100 met treatment 1; 10 could not be judged, 20 stopped for intolerance; 50 of 70 went on."""
    rows = [
        {"treatment_no": 1, "failures": 0, "previous": "none", "tried": 100, "met": 30, "u": 10, "i": 20},
        {"treatment_no": 2, "failures": 1, "previous": "inefficacy", "tried": 30, "met": 6, "u": 0, "i": 2},
        {"treatment_no": 2, "failures": 0, "previous": "intolerance", "tried": 20, "met": 8, "u": 0, "i": 0},
    ]
    return pl.DataFrame(rows).rename({"u": "undetermined", "i": "intolerance"})


def test_each_share_stands_under_those_it_is_a_share_of():
    found = lines(analyses.successive(told_apart(), **EXCLUDED).frame)
    first = {place: texts["Treatment 1"] for place, texts in found.items() if texts["Treatment 1"]}
    assert first == {
        ("of the whole cohort", "tried it"): "100 of 100",
        ("of the whole cohort", "share that met it on this one (95% CI)"): "30/100\n30.0%\n21.9 to 39.6",
        ("of those who tried it", "met it"): "30 of 100",
        ("of those who tried it", "did not meet it, for another reason than intolerance"): "40 of 100",
        ("of those who tried it", "could not be judged"): "10 of 100",
        ("of those who tried it", "stopped it for intolerance without having met it"): "20 of 100",
        ("of those who tried it and could be judged", "share that met it (95% CI)"): "30/90\n33.3%\n24.5 to 43.6",
        ("of those who had not met it", "never went on to another"): "20 of 70",
        ("of those who had not met it", "tried the next one (95% CI)"): "50/70\n71.4%\n59.9 to 80.7",
    }
    after = {label: texts["Treatment 2"] for (_, label), texts in found.items() if " of the one before" in label}
    assert after == {
        "share that met it, after inefficacy of the one before (95% CI)": "6/30\n20.0%\n9.5 to 37.3",
        "share that met it, after intolerance of the one before (95% CI)": "8/20\n40.0%\n21.9 to 61.3",
    }


def test_where_everybody_could_be_judged_the_share_is_of_those_who_tried():
    blocks = {block for block, _ in lines(analyses.successive(told_apart(), undetermined="not met").frame)}
    assert blocks == {"of the whole cohort", "of those who tried it", "of those who had not met it"}


def test_what_became_of_the_last_is_not_known():
    found = lines(analyses.successive(told_apart(), **EXCLUDED).frame)
    assert found[("of those who had not met it", "never went on to another")]["Treatment 2"] == "not known"


def test_treatments_stand_in_their_order_whatever_the_order_of_the_rows():
    tried = [100 - 5 * step for step in range(11)]
    steps = pl.DataFrame({"treatment_no": range(1, 12), "tried": tried, "met": [1] * 11})
    frame = analyses.successive(steps, **EXCLUDED).frame
    wanted = tuple(f"Treatment {number}" for number in range(1, 12))
    assert lay_out(frame, 0.95).grid.headings == wanted
    assert lay_out(frame.reverse(), 0.95).grid.headings == wanted


def test_the_cumulative_share_says_what_each_assumes():
    found = lines(analyses.cumulative_success(chen(), leavers=[0.5], **EXCLUDED).frame)
    last = {label: texts["Treatment 6"] for (_, label), texts in found.items()}
    assert last == {
        "seen to have met it (95% CI)": "1143/1795\n63.7%\n61.4 to 65.9",
        "lower bound: had no leaver met it (95% CI)": "63.7%\n61.4 to 65.9",
        "upper bound: had every leaver met it (95% CI)": "97.9%\n97.2 to 98.5",
        "product-limit: had leavers been like those who went on (95% CI)": "81.2%\n77.6 to 84.6",
        "leavers with 0.5 times the chance of those who went on": "73.8%",
    }


def test_models_stand_one_a_row_and_the_test_of_dependence_names_both():
    layout = lay_out(analyses.mechanism(chen(), **EXCLUDED).frame, 0.95)
    found = lines(analyses.mechanism(chen(), **EXCLUDED).frame)
    row = {heading: text for heading, text in found[("models", "beta frailty")].items() if text}
    assert row == {
        "Log likelihood": f"{MINUS}1964.54",
        "Parameters": "2",
        "AIC": "3933.09",
        "Pearson χ² (df), p value of the fit": "1.96 (4), p = 0.744",
    }
    assert layout.notes[0] == (
        "Likelihood ratio test, beta frailty and dependence against beta frailty: χ² = 0.21, df = 1, p = 0.648."
    )


def test_chances_of_a_mechanism_are_by_failures_and_not_by_treatment():
    headings = lay_out(analyses.mechanism(told_apart(), **EXCLUDED).frame, 0.95).grid.headings
    assert headings[:2] == ("No failure before", "After 1 failure")
    over = analyses.trend(told_apart(), over="failures", **EXCLUDED).frame
    assert lay_out(over, 0.95).grid.headings[:2] == ("No failure before", "After 1 failure")
    assert lay_out(analyses.trend(chen(), **EXCLUDED).frame, 0.95).grid.headings[1] == "Treatment 2"


def test_odds_ratios_say_of_what_and_against_what():
    line = lines(analyses.trend(chen(), **EXCLUDED).frame)
    column = "Estimate (95% CI)"
    assert line[("success", "odds ratio of failure per further treatment")][column] == "1.64 (1.51 to 1.79), p <0.001"
    assert line[("success", "odds ratio of success, per further treatment")][column] == "0.61 (0.56 to 0.66), p <0.001"
    factor = lines(analyses.trend(chen(), number="factor", **EXCLUDED).frame)
    assert factor[("success", "odds ratio of success, treatment 2 v 1")][column] == "0.46 (0.38 to 0.56), p <0.001"


def test_a_forecast_has_a_row_a_treatment_and_its_plateau_is_a_sentence():
    layout = lay_out(analyses.forecast(chen(), **EXCLUDED).frame, 0.95)
    third = next(line for line in layout.grid.lines if line.label == "Treatment 3")
    assert third.texts == ("21.3% (19.0 to 23.9)", "78/330", "69.6% (67.3 to 71.9)", "2.77 (2.63 to 2.92)")
    assert next(line for line in layout.grid.lines if line.label == "Treatment 7").texts[1] == "none"
    assert layout.notes == (
        "Plateau, beta frailty: the chance lies below 10% from treatment 8 on, after 7 failures "
        "(95% CI: treatment 7 to 9).",
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"estimate": None}, "the chance lies below 10% at no treatment of the forecast."),
        ({"estimate": 1.0}, "the chance lies below 10% from treatment 1 on, no failure before."),
        ({"estimate": 2.0, "conf_low": 2.0}, "after 1 failure (95% CI: treatment 2 to beyond the forecast)."),
    ],
)
def test_plateaus_without_an_end_are_told(row, said):
    frame = estimates_frame(
        [{"statistic": "chance", "group": "1", "estimate": 0.2}, {"statistic": "plateau", "at": 0.1} | row]
    )
    assert lay_out(frame, 0.95).notes[0].endswith(said)


def test_a_chance_without_limits_stands_in_the_row_of_the_others():
    rows = [{"statistic": "fitted chance", "term": "line", "group": "1", "estimate": 0.4}]
    rows[0] |= {"conf_low": 0.3, "conf_high": 0.5}
    rows.append({"statistic": "fitted chance", "term": "line", "group": "2", "estimate": 0.0})
    assert list(lines(estimates_frame(rows)).values()) == [
        {"No failure before": "40.0%\n30.0 to 50.0", "After 1 failure": "0.0%"}
    ]


def test_cohorts_stand_one_a_row_with_how_unlike_they_are():
    counts = pl.DataFrame({"cohort": ["a", "b"], "treatment_no": 1, "tried": [100, 200], "met": [40, 80]})
    found = lines(analyses.pooled_shares(counts, by="cohort", **EXCLUDED).frame)
    told = {label: texts["Treatment 1"] for (_, label), texts in found.items()}
    assert told["a, met it, of those counted (95% CI)"] == "40/100\n40.0%\n30.9 to 49.8"
    assert told["I²"] == "0.0%"
    assert told["Cochran's Q, df, p"] == "0.00, 1, p >0.999"


def times():
    rows = {"subject_id": list("abbcc"), "treatment_no": [1, 1, 2, 1, 2], "left": [40.0, 90, 50, 30, 70]}
    events = pl.DataFrame(rows | {"entry": 0.0, "cause": ["free", None, "free", None, None]})
    return events.with_columns(right=pl.when(pl.col("cause").is_not_null()).then("left"))


def test_days_without_success_stand_by_treatment_beside_the_incidence():
    found = lines(analyses.treatment_times(times(), cause="free", times=[60]).frame)
    assert {heading for texts in found.values() for heading in texts} == {"Treatment 1", "Treatment 2"}
    before = found[("of those who tried it", "mean days without success on those before (95% CI)")]
    assert before["Treatment 2"].startswith("60\n")
    assert found[("of those who tried it", "still at risk on day 60")] == {"Treatment 1": "1", "Treatment 2": "1"}


EVERY = {
    "successive": lambda: analyses.successive(told_apart(), **EXCLUDED),
    "cumulative": lambda: analyses.cumulative_success(told_apart(), **EXCLUDED),
    "line": lambda: analyses.trend(chen(), **EXCLUDED),
    "factor": lambda: analyses.trend(chen(), number="factor", **EXCLUDED),
    "monotone": lambda: analyses.trend(chen(), number="monotone", **EXCLUDED),
    "competing": lambda: analyses.competing_trends(told_apart(), **EXCLUDED),
    "mechanism": lambda: analyses.mechanism(chen(), **EXCLUDED),
    "forecast": lambda: analyses.forecast(told_apart(), **EXCLUDED),
    "cohorts": lambda: analyses.successive(two_cohorts(), by="study", **EXCLUDED),
    "pooled": lambda: analyses.pooled_shares(two_cohorts(), by="study", pool_anyway=True, **EXCLUDED),
    "times": lambda: analyses.treatment_times(times(), cause="free", times=[60]),
}


def two_cohorts():
    both = analyses.published_steps().filter(pl.col("study").is_in(["Chen 2018", "STAR*D 2006"]))
    return both.with_columns(criterion=pl.lit("success"))


@pytest.mark.parametrize("name", EVERY)
def test_no_number_is_lost(name):
    found: Estimates = EVERY[name]()
    layout = lay_out(found.frame, 0.95)
    texts = [text for line in layout.grid.lines for text in line.texts]
    said = "\n".join([*texts, *layout.notes])
    rows = list(found.frame.iter_rows(named=True))
    drawn = ("cumulative incidence curve", "cumulative events", "cumulative censored")
    for row in rows:
        shown = row["statistic"] not in drawn and not repeats_a_ratio(row, rows)
        for column in ("estimate", "conf_low", "conf_high") if shown else ():
            assert row[column] is None or any(text in said for text in written(row[column])), row


def written(number):
    ways = (writing.percent, writing.points, writing.ratio, writing.days, writing.count)
    fixed = [writing.fixed(number, decimals) for decimals in (1, 2, 3)]
    return [*fixed, *(way(number) for way in ways), writing.significant(number), writing.significant(number, 6)]
