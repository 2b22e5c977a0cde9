"""Switching against staying: by hand, beside another program, and where counts are empty."""

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyses.estimates.proportions import risk_differences
from analyses.estimates.successive.switching import switch_or_stay
from analyses.plan.published_switches import published_switches
from cohort.errors import EstimationError


def counts(*arms, **more):
    """Return counts of (what was done, tried, met)."""
    done, tried, met = zip(*arms, strict=True)
    return pl.DataFrame({"done": done, "tried": tried, "met": met} | more)


def row(estimates, statistic, **where):
    found = estimates.frame.filter(statistic=statistic, **where)
    assert found.height == 1
    return found.row(0, named=True)


def outcomes(table):
    """Return single verdicts that add up to counts."""
    rows = []
    for done, tried, met, open_ in table.iter_rows():
        rows += [(done, "met")] * met + [(done, "undetermined")] * open_ + [(done, "not met")] * (tried - met - open_)
    done, verdict = zip(*rows, strict=True)
    ids = [f"{i}" for i in range(len(rows))]
    return pl.DataFrame({"subject_id": ids, "criterion": "relapse", "done": done, "verdict": verdict})


def test_the_published_groups_by_hand():
    found = switch_or_stay(published_switches(), by="cohort", undetermined="excluded")
    free = row(found, "risk ratio", population="seizure-free")
    assert free["estimate"] == pytest.approx(float(Fraction(5, 23) / Fraction(2, 46)), rel=1e-15)
    half = 1.959963984540054 * math.sqrt(1 / 5 - 1 / 23 + 1 / 2 - 1 / 46)
    assert (free["conf_low"], free["conf_high"]) == pytest.approx((5 / math.exp(half), 5 * math.exp(half)), rel=1e-12)
    assert (free["n"], free["events"], free["group"], free["reference"]) == (69, 7, "switched", "stayed")
    assert free["criterion"] == "seizure recurrence within 6 months"
    log = row(found, "log risk ratio", population="seizure-free")
    assert log["std_error"] == pytest.approx(half / 1.959963984540054, rel=1e-12)
    other = row(found, "odds ratio", population="with seizures")
    assert other["estimate"] == pytest.approx(6 * 32 / (8 * 14), rel=1e-15)
    assert found.value("share", population="with seizures", group="stayed") == 0.2


def test_the_difference_is_that_of_two_arms():
    """Newcombe's example: 56 of 70 and 48 of 80, limits .0524 and .3339."""
    data = counts(("switched", 70, 56), ("stayed", 80, 48), undetermined=0)
    ours = row(switch_or_stay(data, undetermined="excluded"), "risk difference")
    assert (round(ours["conf_low"], 4), round(ours["conf_high"], 4)) == (0.0524, 0.3339)
    theirs = risk_differences(outcomes(data), by="done", undetermined="excluded", reference="stayed")
    theirs = row(theirs, "risk difference")
    for name in ("estimate", "std_error", "conf_low", "conf_high", "n", "events"):
        assert ours[name] == pytest.approx(theirs[name], rel=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_ratio_and_exact_test_are_those_of_the_definition(n, m, data):
    """All tables with the same margins, as fractions; those that are no likelier than the one seen."""
    x, y = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    found = switch_or_stay(counts(("switched", n, x), ("stayed", m, y)), undetermined="excluded")
    ratio = row(found, "risk ratio")["estimate"]
    assert ratio == (pytest.approx(float(Fraction(x, n) / Fraction(y, m)), rel=1e-14) if y else None)
    ways = {k: math.comb(n, k) * math.comb(m, x + y - k) for k in range(min(n, x + y) + 1)}
    p = Fraction(sum(w for w in ways.values() if w <= ways[x]), math.comb(n + m, x + y))
    assert row(found, "odds ratio")["p_value"] == pytest.approx(float(p), rel=1e-10)
    low, high = (row(found, "risk ratio")[name] for name in ("conf_low", "conf_high"))
    assert (low is None) == (not (x and y) or (x == n and y == m))
    assert low is None or low <= ratio <= high


@pytest.mark.parametrize("undetermined", ["excluded", "not met"])
def test_outcomes_and_counts_in_any_order_give_the_same(undetermined):
    data = counts(("stayed", 20, 8), ("added", 9, 3), ("switched", 15, 2), undetermined=[2, 0, 1])
    single = outcomes(data)
    one = switch_or_stay(data.with_columns(criterion=pl.lit("relapse")), undetermined=undetermined)
    for other in (single, single.sample(fraction=1.0, shuffle=True, seed=2)):
        assert switch_or_stay(other, undetermined=undetermined).frame.equals(one.frame)
    twice = pl.concat([data, data])
    doubled = switch_or_stay(twice, undetermined=undetermined)
    assert doubled.value("risk ratio", group="added") == one.value("risk ratio", group="added")
    expected = 18 if undetermined == "excluded" else 20
    assert row(one, "share", group="stayed")["n"] == expected
    assert any(note.startswith("3 of 44 undetermined") for note in one.notes)


def test_nobody_and_everybody():
    none = switch_or_stay(counts(("switched", 10, 3), ("stayed", 10, 0)), undetermined="excluded")
    assert none.value("risk ratio") is None
    assert none.value("odds ratio") is None
    assert "nobody of 10 who stayed met the criterion; there is no risk ratio" in none.notes
    zero = row(switch_or_stay(counts(("switched", 10, 0), ("stayed", 10, 3)), undetermined="excluded"), "risk ratio")
    assert (zero["estimate"], zero["conf_low"]) == (0.0, None)
    every = row(switch_or_stay(counts(("switched", 5, 5), ("stayed", 7, 7)), undetermined="excluded"), "log risk ratio")
    assert (every["estimate"], every["std_error"], every["conf_low"]) == (0.0, None, None)
    empty = switch_or_stay(counts(("switched", 0, 0), ("stayed", 7, 2)), undetermined="excluded")
    assert empty.frame.filter(statistic="odds ratio")["p_value"].item() is None


def test_rows_without_a_choice_and_subjects_who_chose_twice_are_told():
    data = outcomes(counts(("switched", 5, 2), ("stayed", 6, 2), undetermined=0))
    twice = pl.concat([data, data.head(1), data.head(1).with_columns(done=pl.lit(None, pl.String))])
    notes = switch_or_stay(twice, undetermined="excluded").notes
    assert "1 of 13 rows have no value in done and are left out" in notes
    assert any(note.startswith("2 outcomes are of subjects who chose before") for note in notes)


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        (counts(("switched", 5, 2)), {}, "at least two groups"),
        (counts(("switched", 5, 2), ("added", 5, 2)), {}, "reference='stayed' is not a level"),
        (counts(("switched", 5, 6), ("stayed", 5, 2)), {}, "1 rows count more met"),
        (counts(("switched", 5.5, 2), ("stayed", 5, 2)), {}, "tried is Float64"),
        (counts(("switched", None, 2), ("stayed", 5, 2)), {}, "tried lacks in 1 of 2 rows"),
        (counts(("switched", 5, 2), ("stayed", 5, 2)), {"by": "site"}, "'site' is not among the columns"),
        (counts(("switched", 5, 2), ("stayed", 5, 2)).drop("met"), {}, "'met' is not among the columns"),
        (counts(("switched", 5, 2), ("stayed", 5, 2), criterion=["a", "b"]), {}, "rows of 2 criteria"),
        (counts(("switched", 5, 2), ("stayed", 5, 2)), {"undetermined": "no"}, "undetermined='no'"),
        (counts((None, 5, 2), (None, 5, 2)).cast({"done": pl.String}), {}, "0 of 2 rows say what"),
        (pl.DataFrame({"subject_id": "a", "done": "stayed", "verdict": "good"}), {}, "1 verdicts are unknown"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(data, more, said):
    with pytest.raises(EstimationError, match=said):
        switch_or_stay(data, **({"undetermined": "excluded"} | more))
