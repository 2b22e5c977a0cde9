"""Totals from items: prorated, by domains, beside recorded ones (G21 is a golden vector of the clinical rules)."""

from dataclasses import replace
from fractions import Fraction
from math import floor
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cohort
from cohort.criteria import HAMD17_REMISSION, PRORATING, Prorating, Remission
from cohort.errors import CohortWarning, CriterionError, RecordError
from cohort.outcomes.registry import classify
from cohort.outcomes.scores.totals import totals, with_totals
from cohort.records.study import Study
from cohort.scales import HAMD17, QIDS_SR16, SCALES, Scale, crosswalk, register
from cohort.schemas import ITEMS, RATINGS
from tests.outcomes.small_studies import VISITS, rated_study, row


def answered(forms, *, scale="HAMD17", recorded=()):
    """`forms`: (subject, day, visit) to {item: score}; `recorded`: rows of RATINGS."""
    rows = [(*key[:3], scale, item, score) for key, form in forms.items() for item, score in form.items()]
    return Study(
        name="items",
        visits=VISITS,
        subjects=pl.DataFrame({"subject_id": sorted({key[0] for key in forms})}),
        items=pl.DataFrame(rows, schema=ITEMS.schema, orient="row", strict=False),
        ratings=pl.DataFrame(list(recorded), schema=RATINGS.schema, orient="row", strict=False),
    )


def one(form, rule=PRORATING, scale="HAMD17"):
    found = totals(answered({("a", 0, "baseline"): form}, scale=scale), scale, rule)
    return found.select("score", "items_missing", "prorated").row(0)


FIFTEEN = dict.fromkeys([1, 2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17], 1)


def test_g21_fifteen_points_without_items_4_and_5():
    assert one(FIFTEEN) == (16, 2, True)
    assert one(FIFTEEN, replace(PRORATING, rounding="none")) == (16.25, 2, True)
    assert one(FIFTEEN | {4: None, 5: None}) == (16, 2, True), "a null score is missing as an absent record is"


def test_three_of_seventeen_may_be_missing_and_four_may_not():
    assert one(FIFTEEN | {6: None})[1:] == (3, True)
    assert one(FIFTEEN | {6: None, 12: None}) == (None, 4, False)
    assert one(FIFTEEN, Prorating(1)) == (None, 2, False)


def test_the_mean_of_the_items_times_17_would_be_biased():
    """Everything at its highest but items 4 and 5: their mean times 17 would be 54.4, beyond the scale."""
    form = {item: most for item, most in HAMD17.item_maxima if item not in {4, 5}}
    assert 17 * sum(form.values()) / len(form) > 52
    assert one(form) == (52, 2, True)


def test_halves_are_rounded_as_the_rule_says():
    """Six points with 4 missing of 52: 6.5 points."""
    form = {item: 0 for item in range(1, 18) if item != 1} | {2: 3, 3: 3}
    assert one(form)[0] == 7
    assert one(form, replace(PRORATING, rounding="half to even"))[0] == 6
    assert one(form, replace(PRORATING, rounding="none"))[0] == 6.5


def test_shorter_forms_may_miss_one_and_madrs_and_phq9_add_up():
    madrs = dict.fromkeys(range(1, 11), 3)
    assert one(madrs, scale="MADRS") == (30, 0, False)
    assert one(madrs | {1: None}, scale="MADRS") == (30, 1, True)
    assert one(madrs | {1: None, 2: None}, scale="MADRS") == (None, 2, False)
    assert one(dict.fromkeys(range(1, 10), 2), scale="PHQ-9") == (18, 0, False)
    assert one(dict.fromkeys(range(1, 8), 2), Prorating(2, 9), "PHQ-9") == (18, 2, True)


QIDS = {1: 0, 2: 2, 3: 1, 4: 0, 5: 3, 6: None, 7: 1, 8: 2, 9: None, 10: 1, 11: 1, 12: 0, 13: 2, 14: 1, 15: 0, 16: 1}


def test_the_qids_counts_nine_domains():
    """Sleep 2, mood 3, appetite and weight 2, 1, 1, 0, 2, 1, psychomotor 1."""
    assert len(QIDS_SR16.parts) == 9
    assert one(QIDS, scale="QIDS-SR16") == (13, 0, False)


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({7: None}, 1),
        ({1: None}, 1),
        ({1: None, 2: 3}, 0),
        ({6: 1}, 0),
        ({15: None}, 1),
        ({15: None, 16: 3}, 0),
        ({5: None, 15: None}, 2),
    ],
    ids=[
        "neither appetite item",
        "one of the sleep items",
        "one of them, another at its highest",
        "both appetite items",
        "one psychomotor item",
        "one of them, the other at its highest",
        "two domains",
    ],
)
def test_a_domain_is_known_where_its_highest_item_is(changed, missing):
    assert one(QIDS | changed, scale="QIDS-SR16")[1] == missing


def test_a_recorded_total_is_kept_and_a_disagreement_told():
    complete = dict.fromkeys(range(1, 18), 1)
    forms = {("a", 0, "baseline"): complete, ("a", 7, "week 1"): complete, ("a", 20.5, None): FIFTEEN}
    recorded = [("a", 0, "baseline", "HAMD17", 18), ("a", 8, "week 1", "HAMD17", None), ("a", 20.5, None, "HAMD17", 30)]
    study = answered(forms, recorded=recorded)
    found = totals(study, "HAMD17", PRORATING).select("day", "score", "prorated", "recorded")
    assert found.rows() == [(0, 17, False, 18), (7, 17, False, None), (20.5, 16, True, 30)]
    with pytest.warns(CohortWarning, match=r"^1 recorded totals \(HAMD17\) differ"):
        made = with_totals(study, PRORATING)
    assert made.ratings.select("day", "visit", "score").rows() == [
        (0, "baseline", 18),
        (8, "week 1", 17),
        (20.5, None, 30),
    ]


def test_totals_serve_the_criteria_at_once():
    low = dict.fromkeys(range(1, 18), 0)
    study = with_totals(
        answered({("a", 0, "baseline"): FIFTEEN, ("a", 42, "week 6"): low, ("b", 42, "week 6"): {1: 1}}), PRORATING
    )
    assert row(study, HAMD17_REMISSION.at("week 6"))["value"] == 0
    assert row(study, HAMD17_REMISSION.at("week 6"), "b")["verdict"] == "undetermined"
    assert study.ratings.filter(subject_id="b")["score"].to_list() == [None], "rated, and its total is missing"


def test_what_a_total_needs():
    study = rated_study({"a": {"week 6": 5}})
    with pytest.raises(CriterionError, match="the study has none"):
        cohort.with_totals(study, PRORATING)
    with pytest.raises(CriterionError, match="totals of HAMD17 need its items, and the study has none"):
        cohort.totals(study, "HAMD17", PRORATING)
    for fault in ({"max_missing": 17}, {"max_missing": -1}, {"rounding": "down"}, {"source": ""}, {"of": 2.5}):
        with pytest.raises(CriterionError):
            replace(PRORATING, **fault)


def slow_total(form, scale, rule):
    """The rule as it reads, in fractions."""
    pair = {item: other for one, two in scale.either for item, other in ((one, two), (two, one))}
    most, points, possible, missing = dict(scale.item_maxima), 0, 0, 0
    for part in scale.parts:
        known = [form[item] for item in part if form.get(item) is not None]
        whole = all(form.get(item) is not None or form.get(pair.get(item)) is not None for item in part)
        top = max(most[item] for item in part)
        if known and (whole or max(known) == top):
            points, possible = points + max(known), possible + top
        else:
            missing += 1
    if not missing:
        return points, 0
    if Fraction(missing, len(scale.parts)) > Fraction(rule.max_missing, rule.of):
        return None, missing
    exact = Fraction(int(scale.high) * points, possible)
    return floor(exact + Fraction(1, 2)) if rule.rounding == "half up" else exact, missing


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_totals_in_plain_fractions(seed):
    draw = Random(seed)
    scale = draw.choice([scale for scale in SCALES.values() if scale.item_maxima])
    rule = Prorating(draw.choice([0, 1, 3, 6]), rounding=draw.choice(["half up", "none"]))
    forms = {}
    for number in range(20):
        holes = draw.choice([0, 0.05, 0.2])
        form = {item: draw.randint(0, most) for item, most in scale.item_maxima}
        kept = {item: score for item, score in form.items() if draw.random() > holes / 2}
        kept = {item: None if draw.random() < holes else score for item, score in kept.items()}
        forms[f"s{number:02}", 0, "baseline"] = kept or {1: 0}
    found = totals(answered(forms, scale=scale.name), scale.name, rule)
    for (who, *_), form in forms.items():
        score, missing = found.filter(subject_id=who).select("score", "items_missing").row(0)
        wanted, lacking = slow_total(form, scale, rule)
        assert (missing, score if score is None else Fraction(score).limit_denominator(1000)) == (lacking, wanted)


def test_a_form_with_agitation_scored_0_to_2_is_its_own_scale():
    form = dict.fromkeys(range(1, 18), 0) | {9: 3}
    assert one(form)[0] == 3
    with pytest.raises(RecordError, match="item score outside its range"):
        one(form, scale="HAMD17 (agitation 0-2)")
    study = rated_study({"a": {"week 6": 7}}, scale="HAMD17 (agitation 0-2)")
    own = replace(HAMD17_REMISSION, scale="HAMD17 (agitation 0-2)").at("week 6")
    assert row(study, own)["verdict"] == "met"
    with pytest.raises(RecordError, match="no rating on HAMD17; it has 'HAMD17"):
        classify(study, HAMD17_REMISSION.at("week 6"))


OURS = Scale("Ours", "Our own", 0, 9, "ours", ((1, 3), (2, 3), (3, 3), (4, 3)), domains=((3, 4),))


def test_a_scale_of_ones_own_works_from_one_value(monkeypatch):
    known = dict(SCALES)
    monkeypatch.setattr("cohort.scales.SCALES", known)
    monkeypatch.setattr("cohort.records.rules.SCALES", known)
    register(OURS)
    assert one({1: 1, 2: 2, 3: 3, 4: 1}, scale="Ours")[0] == 6
    study = rated_study({"a": {"baseline": 8, "week 6": 2}}, scale="Ours")
    assert row(study, Remission("Ours", None, "ours", 2).at("week 6"))["verdict"] == "met"
    with pytest.raises(CriterionError, match="another scale is called 'Ours' already"):
        register(replace(OURS, title="Another"))


def test_a_scale_that_contradicts_itself_cannot_be_made():
    with pytest.raises(CriterionError, match="add up to 0 to 6, and its range is 0 to 9"):
        Scale("Ours", "Our own", 0, 9, "ours", ((1, 3), (2, 3)))
    with pytest.raises(CriterionError, match=r"no items: \[3\]"):
        Scale("Ours", "Our own", 0, 6, "ours", ((1, 3), (2, 3)), domains=((1, 3),))


def test_g24_qids_5_is_hamd_7():
    assert crosswalk(5, "QIDS-SR16", "HAMD17") == (7, 7)
    assert crosswalk(4, "QIDS-SR16", "HAMD17") == (5, 6)
    assert crosswalk(14, "QIDS-SR16", "HAMD17") == crosswalk(15, "QIDS-SR16", "HAMD17") == (18, 19)
    assert crosswalk(27, "QIDS-SR16", "HAMD17") == (36, 52)


def test_the_crosswalk_leaves_no_hamd_total_out():
    covered = {total for score in range(28) for total in range(*_span(score))}
    assert covered == set(range(53))


def _span(score):
    low, high = crosswalk(score, "QIDS-SR16", "HAMD17")
    return low, high + 1


@pytest.mark.parametrize(
    ("score", "scales"), [(28, ("QIDS-SR16", "HAMD17")), (2.5, ("QIDS-SR16", "HAMD17")), (5, ("HAMD17", "QIDS-SR16"))]
)
def test_t25_no_other_score_and_no_other_way_is_walked(score, scales):
    with pytest.raises(CriterionError):
        crosswalk(score, *scales)
