"""What holds for every criterion, on drawn studies with holes, ties, combinations and people who never came."""

import os
from dataclasses import replace
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cohort.closed_lists import TREATMENT_KINDS
from cohort.criteria import (
    CANDIDACY,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    PUBLISHED,
    REFERRAL,
    RETENTION,
    TIME_TO_BASELINE_COUNT,
    TIME_TO_FIRST_SEIZURE,
)
from cohort.outcomes.registry import CLASSIFIERS, classify, judge
from cohort.outcomes.states import states
from cohort.outcomes.times.time_to import time_to
from cohort.schemas import OUTCOMES, RECORD_FRAMES
from tests.outcomes.drawn_findings import ON_THERAPIES
from tests.outcomes.drawn_studies import EVERY, ON_RATINGS, ON_SUBJECTS, ON_TREATMENTS, SUBJECTS_DRAWN, drawn
from tests.outcomes.small_studies import said
from tests.outcomes.stricter import STRICTER

# Each drawn study is asked by every criterion; `make properties` draws many more of them.
DRAWN = range(int(os.environ.get("EXAMPLES", "1")))
EXAMPLES = settings(max_examples=1 + len(DRAWN), deadline=None)
seeds = st.integers(0, 2**32)
on_drawn_studies = pytest.mark.parametrize("seed", DRAWN)


def changed(study, change):
    """The study with every table changed."""
    return replace(study, **{name: change(study.table(name)) for name in RECORD_FRAMES})


@on_drawn_studies
def test_one_row_a_unit_and_a_verdict_in_each(seed):
    study = drawn(seed)
    for criterion in EVERY:
        found = classify(study, criterion)
        assert found.schema == OUTCOMES.schema
        assert found.select("subject_id", "treatment_no").rows() == units(study, criterion)
        assert set(found["criterion"]) == {criterion.label}
        assert found.filter((pl.col("verdict") == "met") != (pl.col("reason") == "")).is_empty()
        assert found.filter((pl.col("verdict") == "undetermined") & pl.col("day").is_not_null()).is_empty()


def units(study, criterion):
    if criterion in ON_SUBJECTS:
        return [(who, None) for who in study.subjects["subject_id"]]
    kinds = pl.col("kind").cast(pl.String).is_in(getattr(criterion, "kinds", TREATMENT_KINDS))
    courses = {
        (who, number) for who, number in study.treatments.filter(kinds).select("subject_id", "treatment_no").rows()
    }
    if criterion in ON_THERAPIES:
        return sorted(courses)
    return sorted(unit for unit in courses if criterion in ON_TREATMENTS or unit[1] == criterion.treatment_no)


@on_drawn_studies
def test_the_order_of_the_rows_changes_nothing(seed):
    study = drawn(seed)
    shuffled = changed(study, lambda table: table.sample(fraction=1, shuffle=True, seed=seed % 1000))
    for criterion in EVERY:
        found, again = judge(study, criterion), judge(shuffled, criterion)
        assert_frame_equal(found.outcomes, again.outcomes)
        assert_frame_equal(found.evidence, again.evidence)


@on_drawn_studies
def test_the_names_of_the_subjects_change_nothing(seed):
    study, keys = drawn(seed), ["subject_id", "treatment_no"]
    names = {f"s{number}": f"t{99 - number}" for number in range(SUBJECTS_DRAWN)}
    new = pl.col("subject_id").replace_strict(names)
    renamed = changed(study, lambda table: table.with_columns(new))
    for criterion in EVERY:
        assert_frame_equal(classify(study, criterion).with_columns(new).sort(keys), classify(renamed, criterion))


@on_drawn_studies
def test_two_studies_together_are_the_two_one_after_the_other(seed):
    left, right = drawn(seed), drawn(seed + 1000, prefix="u")
    both = replace(left, **{name: pl.concat([left.table(name), right.table(name)]) for name in RECORD_FRAMES})
    for criterion in EVERY:
        apart = pl.concat([classify(left, criterion), classify(right, criterion)])
        assert_frame_equal(classify(both, criterion), apart)


@on_drawn_studies
@pytest.mark.parametrize("when", [-150, 28, 350])
def test_what_is_recorded_later_never_changes_what_was_known(seed, when):
    study, day = drawn(seed), when + seed * 7 % 100
    later = otherwise_after(study, day)
    for criterion in EVERY:
        known = classify(study, criterion, as_of=day)
        assert_frame_equal(known, classify(later, criterion, as_of=day))
        if day >= 200:  # early on, a study that ends there lacks what the criterion asks for, which is an error
            assert_frame_equal(known, classify(study.known_at(day), criterion))


def otherwise_after(study, day):
    """The study with another future: every later score 1, every later count 3, later stops a week later."""
    total_end, stop = pl.col("day") + pl.col("days") - 1, pl.col("stop_day")
    return replace(
        study,
        ratings=study.ratings.with_columns(score=pl.when(pl.col("day") > day).then(1.0).otherwise("score")),
        seizures=study.seizures.with_columns(count=pl.when(total_end > day).then(3).otherwise("count")),
        findings=study.findings.with_columns(
            result=pl.when((pl.col("day") > day) & pl.col("result").is_not_null())
            .then(pl.when(finding=CANDIDACY.network).then(pl.lit("multifocal")).otherwise(pl.lit("yes")))
            .otherwise("result")
        ),
        episodes=study.episodes.with_columns(to_day=pl.when(pl.col("to_day") > day).then(9999.0).otherwise("to_day")),
        treatments=study.treatments.with_columns(
            stop_reason=pl.when(~(stop > day)).then("stop_reason"),
            stop_day=pl.when(stop > day).then(stop + 7).otherwise(stop),
        ),
        doses=study.doses.with_columns(daily_dose=pl.when(pl.col("from_day") > day).then(1.0).otherwise("daily_dose")),
    )


@EXAMPLES
@given(seeds)
def test_a_verdict_of_freedom_stands_from_its_day_on(seed):
    """On daily records; a total is known on its last day only."""
    study = drawn(seed)
    study = replace(study, seizures=study.seizures.filter(days=1))
    criterion = ON_TREATMENTS[2]
    for who, number, verdict, day in (
        classify(study, criterion)
        .filter(pl.col("verdict") != "undetermined")
        .select("subject_id", "treatment_no", "verdict", "day")
        .rows()
    ):
        unit = {"subject_id": who, "treatment_no": number}
        assert classify(study, criterion, as_of=day).filter(**unit)["verdict"].to_list() == [verdict]
        assert verdict not in classify(study, criterion, as_of=day - 1).filter(**unit)["verdict"].to_list()


def met(study, criterion):
    found = classify(study, criterion).filter(verdict="met")
    return set(found.select("subject_id", "treatment_no").rows())


def unknown(study, criterion):
    found = classify(study, criterion).filter(verdict="undetermined")
    return set(found.select("subject_id", "treatment_no").rows())


@pytest.mark.parametrize("criteria", STRICTER.values(), ids=STRICTER.keys())
@EXAMPLES
@given(seeds)
def test_a_stricter_rule_is_met_by_fewer(criteria, seed):
    study = drawn(seed)
    lenient = None
    for criterion in criteria:
        found = met(study, criterion)
        assert lenient is None or found <= lenient
        lenient = found


def test_every_criterion_says_which_way_a_parameter_moves_it_and_a_chain_tries_it():
    tried = {}
    for criteria in STRICTER.values():
        for field in type(criteria[0]).moves:
            values = [getattr(criterion, field) for criterion in criteria]
            if len(set(values)) > 1 and None not in values:
                tried[type(criteria[0]), field] = "fewer" if values == sorted(values) else "more"
                assert values in (sorted(values), sorted(values, reverse=True))
    said_of = {(kind, field): way for kind in CLASSIFIERS for field, way in kind.moves.items()}
    assert {unit: tried.get(unit) for unit in said_of} == said_of


@pytest.mark.parametrize(
    "name", ["remission threshold", "improvement", "improvement bound", "entry", "seizure reduction"]
)
@EXAMPLES
@given(seeds)
def test_the_bound_has_no_part_in_what_is_undetermined(name, seed):
    study = drawn(seed)
    assert len({frozenset(unknown(study, criterion)) for criterion in STRICTER[name]}) == 1


@EXAMPLES
@given(seeds)
def test_response_and_remission_at_a_visit_in_plain_python(seed):
    study = drawn(seed)
    rows = [row for row in study.ratings.filter(scale="HAMD17").rows() if row[4] is not None]
    for visit, who in product(("week 2", "week 4"), study.subjects["subject_id"]):
        own = [row for row in rows if row[0] == who]
        start = max(((day, visit is not None, score) for _, day, visit, _, score in own if day <= 0), default=(None,))[
            -1
        ]
        score = next((score for _, _, held, _, score in own if held == visit), None)
        remission, response = (said(study, rule.at(visit), who)[0] for rule in (HAMD17_REMISSION, HAMD17_RESPONSE))
        assert remission == ("undetermined" if score is None else "met" if score <= 7 else "not met")
        known = score is not None and start is not None
        assert response == ("undetermined" if not known else "met" if 0 < start >= 2 * score else "not met")


@EXAMPLES
@given(seeds)
def test_times_are_sound_and_agree_with_the_verdicts(seed):
    study = drawn(seed)
    for criterion in (HAMD17_REMISSION, HAMD17_RESPONSE, RETENTION, *ON_TREATMENTS[:3]):
        exact = time_to(study, criterion)
        assert (exact["entry"] == 0).all()
        assert (exact["left"] >= 0).all()
        assert exact.filter(pl.col("right").is_not_null() & (pl.col("left") != pl.col("right"))).is_empty()
        assert exact.filter(pl.col("right").is_null() != pl.col("cause").is_null()).is_empty()
    happened = set(time_to(study, HAMD17_REMISSION).drop_nulls("right")["subject_id"])
    assert happened == {who for who, _ in met(study, HAMD17_REMISSION.ever())}
    completed = time_to(study, ON_TREATMENTS[2]).filter(cause="sustained freedom")
    assert set(completed.select("subject_id", "treatment_no").rows()) == met(study, ON_TREATMENTS[2])


@EXAMPLES
@given(seeds)
def test_intervals_hold_the_exact_day_at_their_right_end(seed):
    study = drawn(seed)
    for criterion in (HAMD17_REMISSION, HAMD17_RESPONSE):
        exact, between = time_to(study, criterion), time_to(study, criterion, timing="interval")
        assert_frame_equal(exact.drop("left"), between.drop("left"))
        assert (between["left"] <= exact["left"]).all()
        assert between.filter(pl.col("right") <= pl.col("left")).is_empty()


@EXAMPLES
@given(seeds)
def test_states_of_freedom_begin_where_verdicts_do(seed):
    study = drawn(seed)
    held = states(study, ON_TREATMENTS[2])
    assert (held["from_day"] <= held["to_day"]).all()
    first = classify(study, ON_TREATMENTS[2]).filter(verdict="met").select("subject_id", "day")
    assert set(first.rows()) <= set(held.select("subject_id", pl.col("from_day").cast(pl.Float64)).rows())


UNTIMED = (REFERRAL, RETENTION, TIME_TO_BASELINE_COUNT, TIME_TO_FIRST_SEIZURE)  # drawn for with a day each


def test_every_published_criterion_is_among_those_drawn_for():
    assert {type(criterion) for criterion in PUBLISHED.values()} == {type(criterion) for criterion in EVERY}
    plain = [replace(criterion, endpoint=None) for criterion in ON_RATINGS]
    assert all(criterion in EVERY or criterion in plain or criterion in UNTIMED for criterion in PUBLISHED.values())


def test_the_drawn_studies_hold_every_verdict_of_every_criterion():
    for criterion in EVERY:
        lacking = {"met", "not met", "undetermined"}
        for seed in range(8):
            lacking -= set(classify(drawn(seed), criterion)["verdict"]) if lacking else set()
        assert not lacking, criterion.label
