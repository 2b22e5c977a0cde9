"""Published tables as data: what they hold, what is from memory, and the sums that must agree."""

from __future__ import annotations

import polars as pl
import pytest

from analyses.estimates.successive.cumulative import cumulative_success
from analyses.plan.published_steps import published_steps
from cohort.errors import EstimationError
from tests.successive.test_counts import table
from tests.successive.test_table import expected

# Counts of clinical_rules.md, 8.2 (regimens 1 to 6) and 8.5.
PRINTED = {
    "Chen 2018": [(1795, 820), (742, 208), (330, 78), (140, 21), (71, 10), (43, 6)],
    "Brodie 2012": [(1098, 543), (398, 146), (168, 41), (68, 11), (32, 4), (16, 2)],
    "STAR*D 2006": [(3671, 1346), (1439, 439), (390, 53), (123, 16)],
}


@pytest.mark.parametrize("study", PRINTED)
def test_counts_are_those_of_the_publication(study):
    rows = published_steps(study).head(6)
    assert rows.select("tried", "met").rows() == PRINTED[study]
    assert (rows["cohort"] == rows["tried"][0]).all()
    assert rows["treatment_no"].to_list() == list(range(1, rows.height + 1))


def test_what_is_not_confirmed_says_what_it_rests_on():
    rows = published_steps()
    assert set(rows["confirmed"]) == {"yes", "no"}
    told = rows.filter(confirmed="no")["note"]
    assert told.str.contains("from memory|computed|derived").all()
    assert rows.filter(confirmed="yes").select("study", "treatment_no").rows() == [
        ("Kwan & Brodie 2000", 1),
        ("STAR*D 2006", 1),
        ("STAR*D 2006", 2),
    ]
    assert (
        not rows.select(pl.all_horizontal(pl.col("source", "criterion", "met", "cohort").is_not_null()))
        .to_series()
        .not_()
        .any()
    )


def test_how_many_tried_stays_unknown_where_the_paper_does_not_say():
    assert published_steps("Kwan & Brodie 2000")["tried"].to_list() == [470, None, None]


def test_all_studies_are_read_and_another_is_refused():
    assert published_steps()["study"].n_unique() == 4
    with pytest.raises(EstimationError, match="'Chen 2018'"):
        published_steps("Chen")


# R 4.2.2: 06_diminishing_returns/expected.json, block "checks".
def met(study):
    return published_steps(study)["met"]


def test_kwan_brodie_sum_success():
    value, near = expected("checks", "kwan_brodie.sum_success")
    assert met("Kwan & Brodie 2000").sum() == pytest.approx(value, **near)


def test_brodie2012_sum_success():
    value, near = expected("checks", "brodie2012.sum_success")
    assert met("Brodie 2012").sum() == pytest.approx(value, **near)


def test_chen2018_sum_success():
    """The paper puts the fourth and later regimens together: 38, of whom the sixth brought 6."""
    value, near = expected("checks", "chen2018.sum_success")
    rows = met("Chen 2018")
    assert rows[:3].sum() + 38 == pytest.approx(value, **near)
    assert rows[3:].sum() == 37  # one more on the seventh or later


def test_chen2018_first_or_second_share():
    value, near = expected("checks", "chen2018.first_or_second_share")
    assert met("Chen 2018")[:2].sum() / 1144 == pytest.approx(value, **near)


def test_brodie2012_patterns_sum():
    """The four patterns of control are the cohort that our table starts with."""
    value, near = expected("checks", "brodie2012.patterns_sum")
    assert published_steps("Brodie 2012")["cohort"][0] == pytest.approx(value, **near)


def test_frontiers_sum():
    """Frontiers in Neurology 2022, doi 10.3389/fneur.2022.1042168: 308 of 459, then 96 of the other 151."""
    value, near = expected("checks", "frontiers.sum")
    found = cumulative_success(table([459, 151], [308, 96]), undetermined="excluded").frame
    assert found.filter(term="observed", group="2")["events"].item() == pytest.approx(value, **near)


def test_g17_the_cumulative_share_of_the_sequenced_study_from_percentages_and_from_counts():
    """1 - .632 x .694 x .863 x .870 = .6707 from the printed percentages; .6692 from the counts; seen 1854 of 3671."""
    printed = 1 - (1 - 0.368) * (1 - 0.306) * (1 - 0.137) * (1 - 0.130)
    assert round(printed, 4) == 0.6707
    counts = published_steps("STAR*D 2006")
    found = cumulative_success(counts, undetermined="excluded")
    by_term = {term: found.value("cumulative share", term=term, group="4") for term in ("observed", "product-limit")}
    assert by_term["product-limit"] == pytest.approx(0.6692, abs=5e-5)
    assert by_term["observed"] == pytest.approx(1854 / 3671) == pytest.approx(0.5050, abs=5e-5)
