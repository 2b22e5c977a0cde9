from html.parser import HTMLParser

import pytest

from analyses.displays.layout import lay_out
from analyses.displays.table import table
from analyses.estimates.result import Estimates, estimates_frame
from cohort.errors import EstimationError

DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"


def estimates(*rows):
    return Estimates(estimates_frame(rows), "A method.")


def lines(made):
    """The grid as {(block, label): {heading: text}}."""
    grid = lay_out(made.frame, 0.95).grid
    return {(line.block, line.label): dict(zip(grid.headings, line.texts, strict=True)) for line in grid.lines}


def share(group, events, n, low, high):
    estimate = events / n if n else None
    return {
        "criterion": "response",
        "term": "observed cases",
        "group": group,
        "statistic": "share",
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
        "n": n,
        "events": events,
    }


SHARES = estimates(
    share("PLACEBO", 24, 88, 0.1908, 0.3743),
    share("DRUG", 29, 84, 0.2522, 0.4516),
    {
        "criterion": "response",
        "term": "observed cases",
        "group": "DRUG",
        "reference": "PLACEBO",
        "statistic": "risk difference",
        "estimate": 0.0725,
        "conf_low": -0.0646,
        "conf_high": 0.2058,
        "p_value": 0.3042,
    },
    {"criterion": "response", "group": "PLACEBO", "statistic": "undetermined", "estimate": 0},
    {"criterion": "response", "group": "DRUG", "statistic": "undetermined", "estimate": 3},
)


class Reader(HTMLParser):
    """Ids, tags with their attributes, and texts of a table."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def test_shares_stand_as_counts_percent_and_limits_with_the_difference_beside_them():
    assert lines(SHARES) == {
        ("response", "observed cases"): {
            "PLACEBO": "24/88 (27.3%)\n95% CI 19.1 to 37.4",
            "DRUG": "29/84 (34.5%)\n95% CI 25.2 to 45.2",
            "DRUG v PLACEBO,\ndifference in percentage points (95% CI)": f"7.2 ({MINUS}6.5 to 20.6), p = 0.304",
        },
        ("response", "undetermined"): {
            "PLACEBO": "0",
            "DRUG": "3",
            "DRUG v PLACEBO,\ndifference in percentage points (95% CI)": "",
        },
    }


def test_a_share_of_nobody_is_a_dash_and_the_dash_is_explained():
    made = estimates(share("A", 1, 2, 0.1, 0.9), share("B", 0, 0, None, None))
    assert lines(made)[("response", "observed cases")]["B"] == f"0/0 ({DASH})"
    assert lay_out(made.frame, 0.95).notes == (f"{DASH} not estimable.",)


def test_the_headings_state_the_level_that_was_given():
    headings = lay_out(SHARES.frame, 0.9).grid.headings
    assert headings[-1].endswith("(90% CI)")


NUMBERS = {"n": 10, "missing": 2, "mean": 21.34, "sd": 4.46, "q1": 18, "median": 21.5, "q3": 25, "min": 12, "max": 31}


def described(group, numbers, criterion="HAMD17", term=None):
    return [
        {"criterion": criterion, "term": term, "group": group, "statistic": name, "estimate": value}
        for name, value in numbers.items()
    ]


def test_numbers_are_described_by_mean_median_and_range_with_all_together_last():
    made = estimates(*described(None, NUMBERS), *described("A", NUMBERS | {"sd": None, "n": 1}))
    assert list(lines(made).items()) == [
        (("HAMD17", "n"), {"A": "1", "All": "10"}),
        (("HAMD17", "mean (SD)"), {"A": f"21.3 ({DASH})", "All": "21.3 (4.5)"}),
        (("HAMD17", "median (q1, q3)"), {"A": "21.5 (18.0, 25.0)", "All": "21.5 (18.0, 25.0)"}),
        (("HAMD17", "min, max"), {"A": "12, 31", "All": "12, 31"}),
        (("HAMD17", "missing"), {"A": "2", "All": "2"}),
    ]


def test_a_summary_that_is_only_partly_there_has_a_line_of_its_own():
    made = estimates(*described("A", {"n": 10.0, "q1": 2.0}))
    assert lines(made) == {("HAMD17", "n"): {"A": "10"}, ("HAMD17", "q1"): {"A": "2.00"}}


def test_a_sum_is_shown_where_there_is_no_mean():
    assert set(lines(estimates(*described("A", {"mean": 2.0, "sum": 20.0})))) == {("HAMD17", "mean")}
    assert set(lines(estimates(*described("A", {"sum": 20.0})))) == {("HAMD17", "sum")}


def test_visits_of_one_variable_are_blocks_of_their_own():
    made = estimates(*described("A", NUMBERS, term="week 1"), *described("A", NUMBERS, term="week 6"))
    assert {block for block, _ in lines(made)} == {"HAMD17, week 1", "HAMD17, week 6"}


def test_levels_of_a_category_are_counts_with_percent_and_missing_comes_last():
    made = estimates(
        {"criterion": "sex", "group": "A", "statistic": "missing", "estimate": 1},
        {"criterion": "sex", "term": "F", "group": "A", "statistic": "count", "estimate": 3},
        {"criterion": "sex", "term": "F", "group": "A", "statistic": "share", "estimate": 0.75, "n": 4, "events": 3},
        {"criterion": "sex", "term": "M", "group": "A", "statistic": "share", "estimate": 0.25, "n": 4, "events": 1},
    )
    assert list(lines(made).items()) == [
        (("sex, n (%)", "F"), {"A": "3 (75.0%)"}),
        (("sex, n (%)", "M"), {"A": "1 (25.0%)"}),
        (("sex, n (%)", "missing"), {"A": "1"}),
    ]


def survival(statistic, at, estimate, **more):
    return {"criterion": "withdrawal", "group": "CBZ", "statistic": statistic, "at": at, "estimate": estimate} | more


def test_survival_is_percent_with_the_number_at_risk_and_the_curve_is_left_to_the_figure():
    made = estimates(
        survival("survival", 12, 0.99, term="curve"),
        survival("survival", 365, 0.749, conf_low=0.694, conf_high=0.795, n=194, term="time point"),
        survival("at risk", 365, 194),
        survival("at risk", 0, 292),
        survival("quantile", 0.5, 1675, conf_low=1149),
        survival("quantile", 0.75, None),
        survival("quantile", 0.25, 364.5, conf_low=238, conf_high=543),
    )
    assert list(lines(made).items()) == [
        (("withdrawal", "at risk at 0 days"), {"CBZ": "292"}),
        (("withdrawal", "without the event at 365 days (95% CI)"), {"CBZ": "74.9% (69.4 to 79.5)\n194 at risk"}),
        (("withdrawal", "median time, days (95% CI)"), {"CBZ": "1675 (1149 to not reached)"}),
        (("withdrawal", "time until 75% had the event, days (95% CI)"), {"CBZ": "not reached"}),
        (("withdrawal", "time until 25% had the event, days (95% CI)"), {"CBZ": "364.5 (238 to 543)"}),
    ]


def test_a_frame_of_nothing_but_a_curve_is_shown_step_by_step():
    made = estimates(survival("survival", 12, 0.99, term="curve"), survival("survival", 20, 0.98, term="curve"))
    assert [label for _, label in lines(made)] == [
        "without the event at 12 days (95% CI)",
        "without the event at 20 days (95% CI)",
    ]


COX = [
    {"term": "arm", "group": "LTG", "reference": "CBZ", "statistic": "log hazard ratio", "estimate": -0.2614},
    {
        "term": "arm",
        "group": "LTG",
        "reference": "CBZ",
        "statistic": "hazard ratio",
        "estimate": 0.7700,
        "conf_low": 0.5909,
        "conf_high": 1.0034,
        "p_value": 0.0531,
    },
    {"term": "age", "statistic": "hazard ratio", "estimate": 0.9879, "conf_low": 0.98, "conf_high": 0.9955},
]
FIT = [
    {"statistic": "log likelihood", "term": "fitted", "estimate": -1300.2212},
    {"statistic": "likelihood ratio chi-square", "estimate": 4.553, "df": 3, "p_value": 0.2078},
]


def test_hazard_ratios_name_their_reference_and_the_fit_stands_below():
    layout = lay_out(estimates(*COX, *FIT).frame, 0.95)
    assert lines(estimates(*COX, *FIT)) == {
        ("", "arm: LTG v CBZ"): {"Hazard ratio (95% CI)": "0.77 (0.59 to 1.00), p = 0.053"},
        ("", "age"): {"Hazard ratio (95% CI)": "0.99 (0.98 to 1.00)"},
    }
    assert layout.notes == (
        f"Log likelihood, fitted: {MINUS}1300.22.",
        "Likelihood ratio test: χ² = 4.55, df = 3, p = 0.208.",
    )


def test_a_log_ratio_without_its_ratio_is_shown():
    assert lines(estimates(COX[0])) == {("", "log hazard ratio, arm"): {"LTG v CBZ": f"{MINUS}0.2614"}}


def test_a_frame_of_nothing_but_tests_is_a_table_of_tests():
    assert lines(estimates(FIT[1])) == {("", "likelihood ratio test"): {"Test": "χ² = 4.55, df = 3, p = 0.208"}}


def test_an_unknown_statistic_has_a_row_for_each_number():
    made = estimates(
        {
            "criterion": "score",
            "term": "week 6",
            "group": "A",
            "statistic": "least squares mean",
            "estimate": 12.345678,
        },
        {
            "criterion": "score",
            "group": "B",
            "reference": "A",
            "statistic": "mean difference",
            "estimate": -2.5,
            "conf_low": -4.0,
            "conf_high": -1.0,
            "p_value": 0.0004,
        },
    )
    assert lines(made) == {
        ("score", "least squares mean, week 6"): {"A": "12.35", "B v A": ""},
        ("score", "mean difference (95% CI)"): {"A": "", "B v A": f"{MINUS}2.500 ({MINUS}4 to {MINUS}1), p <0.001"},
    }


def test_two_numbers_of_one_place_are_both_shown():
    row = {"group": "A", "statistic": "thing"}
    assert lines(estimates(row | {"estimate": 1}, row | {"estimate": 2}))[("", "thing")] == {"A": "1\n2"}


def test_several_populations_are_kept_apart():
    made = estimates(share("A", 1, 4, 0.0, 0.6), share("A", 1, 2, 0.1, 0.9) | {"population": "per protocol"})
    assert {block for block, _ in lines(made)} == {"all · response", "per protocol · response"}


def test_no_estimates_are_refused_in_words():
    with pytest.raises(EstimationError, match="0 estimates were given to a table"):
        table(estimates())


def test_the_same_table_has_the_same_bytes_and_another_one_another_id():
    first = table(SHARES, title="Shares").as_raw_html()
    assert first == table(SHARES, title="Shares").as_raw_html()
    assert table(SHARES, title="Other").as_raw_html()[:20] != first[:20]
    assert 'id="mine"' in table(SHARES, table_id="mine").as_raw_html()


def test_the_title_is_the_analysis_and_the_subtitle_its_population_where_none_are_given():
    texts = Reader(table(SHARES.labelled("Primary", "randomised")).as_raw_html()).texts
    assert "Primary" in texts
    assert "Population: randomised" in texts


def test_texts_of_the_frame_cannot_become_markup():
    evil = "<script>alert('x')</script>"
    read = Reader(
        table(
            estimates(share(evil, 1, 2, 0.1, 0.9) | {"criterion": evil, "term": evil}), title=evil, subtitle=evil
        ).as_raw_html()
    )
    assert "script" not in [tag for tag, _ in read.tags]
    assert read.texts.count(evil) == 5


def test_ids_of_a_table_are_unique_and_every_row_has_a_header():
    tags = Reader(table(estimates(*SHARES.frame.rows(named=True), *COX)).as_raw_html()).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert sum(attributes.get("scope") == "row" for _, attributes in tags) == 4
