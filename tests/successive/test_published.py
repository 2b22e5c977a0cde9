"""Published tables as data: what they hold, and what is from memory."""

from __future__ import annotations

import polars as pl
import pytest

from analyses.estimates.successive.cumulative import cumulative_success
from analyses.plan.published_steps import published_steps
from cohort.errors import EstimationError

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


def test_g17_the_cumulative_share_of_the_sequenced_study_from_percentages_and_from_counts():
    """1 - .632 x .694 x .863 x .870 = .6707 from the printed percentages; .6692 from the counts; seen 1854 of 3671."""
    printed = 1 - (1 - 0.368) * (1 - 0.306) * (1 - 0.137) * (1 - 0.130)
    assert round(printed, 4) == 0.6707
    counts = published_steps("STAR*D 2006")
    found = cumulative_success(counts, undetermined="excluded")
    by_term = {term: found.value("cumulative share", term=term, group="4") for term in ("observed", "product-limit")}
    assert by_term["product-limit"] == pytest.approx(0.6692, abs=5e-5)
    assert by_term["observed"] == pytest.approx(1854 / 3671) == pytest.approx(0.5050, abs=5e-5)
