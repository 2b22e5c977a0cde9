"""Courses of treatment drawn in numbers, held against shares and times in closed form."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from synthetic_data.clinic.after_drugs import FREE, NO_RESPONSE, draw_after_drugs, resistant
from synthetic_data.clinic.courses import NEVER, draw_courses
from synthetic_data.clinic.lengths import Length, Lengths
from synthetic_data.clinic.people import draw_people
from synthetic_data.clinic.prescribing import CAUSES, LOW_ADHERENCE, NONE_KEPT, TOO_EARLY, UNSUITED
from synthetic_data.clinic.prescriptions import suits
from synthetic_data.clinic.therapies import therapy_shares
from synthetic_data.presets import KWAN_BRODIE_2000, RESISTANT_CLINIC
from synthetic_data.succession.histories import (
    INADEQUATE,
    INEFFICACY,
    INTOLERANCE,
    OTHER,
    REMISSION,
    draw_histories,
)
from synthetic_data.succession.returns import resistant_at_end
from synthetic_data.succession.shares import step_shares

N = 100_000
TRUTH = RESISTANT_CLINIC


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(31)
    histories = draw_histories(TRUTH.succession, N, rng)
    people = draw_people(TRUTH, histories, rng)
    courses = draw_courses(TRUTH, histories, people.syndrome, rng)
    return people, courses, draw_after_drugs(TRUTH, people, courses, rng)


def near(found, share, n):
    return abs(found - share) <= 4.5 * math.sqrt(share * (1 - share) / n) + 1e-12


def test_a_length_by_hand():
    """An exponential time of mean 10 between 0 and 20 days: P(1 day) = (1 - e^-.1) / (1 - e^-2)."""
    length = Length(shape=1.0, scale=10.0, shortest=1, longest=20)
    by_hand = (1 - math.exp(-0.1)) / (1 - math.exp(-2))
    assert length.within([0, 1, 20, 30]) == pytest.approx([0, by_hand, 1, 1], abs=1e-12)
    assert length.of(np.array([0.0, by_hand - 1e-9, by_hand + 1e-9, 1.0])).tolist() == [1, 1, 2, 20]


def test_lengths_have_the_medians_of_sanad():
    assert Lengths().intolerance.median == pytest.approx(187, abs=2)
    assert Lengths().inefficacy.median == pytest.approx(492, abs=2)
    # Of those who stopped within 3 years for intolerance, 45, 65, 91 percent had after 6 months, 1 and 2 years
    # (cumulative incidence .076, .111, .155 of .170), for inefficacy 16, 38, 74 (.034, .080, .158 of .213).
    assert Lengths().intolerance.within([182, 365, 730]) == pytest.approx([0.45, 0.65, 0.91], abs=0.05)
    assert Lengths().inefficacy.within([182, 365, 730]) == pytest.approx([0.16, 0.38, 0.74], abs=0.03)


def test_courses_last_as_long_as_their_end_says(drawn):
    _, courses, _ = drawn
    taken, result, cause = courses.histories.taken, courses.histories.result, courses.prescribed.cause
    days = courses.stop - courses.start + 1
    kinds = (
        (result == INTOLERANCE, TRUTH.lengths.intolerance),
        (np.isin(result, [INEFFICACY, INADEQUATE]) & (cause != TOO_EARLY), TRUTH.lengths.inefficacy),
        (result == OTHER, TRUTH.lengths.lost),
    )
    for mine, length in kinds:
        lasted = days[taken & mine]
        for day in (30, 200, 500, 1000):
            assert near((lasted <= day).mean(), length.within(day), lasted.size)
    early = days[taken & (cause == TOO_EARLY)]
    assert (early.min(), early.max()) == TRUTH.lengths.too_early
    assert early.mean() == pytest.approx(17, abs=4.5 * early.std() / math.sqrt(early.size))


def test_courses_follow_each_other_while_subjects_are_in_sight(drawn):
    _, courses, _ = drawn
    histories = courses.histories
    both = histories.taken[:, 1:]
    assert (courses.start[:, 1:][both] == courses.stop[:, :-1][both] + 1).all()
    assert (courses.start[:, 0] == 0).all()
    assert (
        np.minimum(courses.stop, courses.last_day[:, None])[histories.taken] >= courses.start[histories.taken]
    ).all()
    last = histories.taken.sum(axis=1) - 1
    who = np.arange(N)
    result = histories.result[who, last]
    gone = histories.left[who, last] & ((last < TRUTH.succession.steps - 1) | (result == OTHER))
    assert (courses.last_day[gone] == courses.stop[who, last][gone]).all()
    assert (courses.last_day[~gone] == TRUTH.follow_up_days - 1).all()
    assert not (gone & (result == REMISSION)).any()


def test_a_treatment_that_was_no_fair_test_was_each_of_its_causes_equally_often(drawn):
    people, courses, _ = drawn
    unfair = courses.histories.taken & (courses.histories.result == INADEQUATE)
    cause = courses.prescribed.cause
    assert ((cause >= 0) == unfair).all()
    focal = np.array([one.epilepsy_type == "focal" for one in TRUTH.syndromes])[people.syndrome]
    for mine, possible in ((focal, 3), (~focal, 4)):  # every drug suits focal epilepsy
        first = cause[mine & unfair[:, 0], 0]
        shares = np.bincount(first, minlength=len(CAUSES)) / first.size
        assert all(near(share, 1 / possible, first.size) for share in shares[:possible])
        assert (shares[possible:] == 0).all()


def test_drugs_are_never_taken_twice_and_suit_unless_that_is_the_cause(drawn):
    people, courses, _ = drawn
    drug, kept, cause = courses.prescribed.drug, courses.prescribed.kept, courses.prescribed.cause
    fits = suits(TRUTH.prescriptions, TRUTH.syndromes)[people.syndrome]
    assert (np.take_along_axis(fits, drug, axis=1) == (cause != UNSUITED)).all()
    ordered = np.sort(drug, axis=1)
    assert (ordered[:, 1:] > ordered[:, :-1]).all()
    combined = kept != NONE_KEPT
    failed = courses.histories.result[:, :-1] == INEFFICACY
    assert (kept[:, 1:][combined[:, 1:]] == drug[:, :-1][combined[:, 1:]]).all()
    assert not combined[:, 0].any()
    assert not (combined[:, 1:] & ~failed).any()
    assert near(combined[:, 1:][failed].mean(), TRUTH.combined, failed.sum())


def test_combinations_may_begin_later():
    truth = replace(TRUTH, combined=1.0, combined_from=3)
    rng = np.random.default_rng(1)
    histories = draw_histories(truth.succession, 500, rng)
    courses = draw_courses(truth, histories, np.zeros(500, dtype=np.int64), rng)
    combined = courses.prescribed.kept != NONE_KEPT
    assert not combined[:, :2].any()
    assert (combined[:, 2:] == (histories.result[:, 1:-1] == INEFFICACY)).all()


def test_adherence_is_low_only_where_that_is_the_cause(drawn):
    low = drawn[1].prescribed.cause == LOW_ADHERENCE
    assert drawn[1].adherence[low].max() <= TRUTH.low_adherence[1] < 0.8
    assert drawn[1].adherence[~low].min() >= TRUTH.adherence[0] >= 0.8


def test_relapses_come_after_sustained_freedom_at_a_constant_hazard(drawn):
    _, courses, _ = drawn
    mine = courses.histories.taken & (courses.histories.result == REMISSION)
    free, relapse = courses.free_from[mine], courses.relapse[mine]
    assert (free < NEVER).all()
    assert (courses.free_from[courses.histories.result != REMISSION] == NEVER).all()
    since = relapse - free - TRUTH.sustained_days - 1
    assert since.min() >= 0
    for years in (1, 5):
        days = math.ceil(years * 365.25)
        exact = -math.expm1(-TRUTH.relapse.per_year * days / 365.25)
        seen = free + TRUTH.sustained_days + 1 + days <= TRUTH.follow_up_days  # long enough in sight
        assert near((since[seen] < days).mean(), exact, seen.sum())


def test_withdrawal_of_the_first_treatment_has_the_survival_and_incidence_of_the_truth(drawn):
    """Product-limit and Aalen-Johansen by hand, the lost censored, against the closed form."""
    _, courses, _ = drawn
    stop = (courses.stop - courses.start)[:, 0]
    reason = courses.histories.result[:, 0]
    answers = TRUTH.estimates().filter(criterion="withdrawal of treatment 1")
    longest = TRUTH.lengths.longest
    ended = np.isin(reason, [INTOLERANCE, INEFFICACY, INADEQUATE])
    leaves = np.bincount(np.where(reason == REMISSION, longest + 1, stop), minlength=longest + 2)
    at_risk = N - np.cumsum(leaves) + leaves
    stops = np.bincount(stop[ended], minlength=longest + 2)
    survival = np.cumprod(1 - stops / at_risk)
    incidence = {}
    for name, mine in (("intolerance", reason == INTOLERANCE), ("inefficacy", ended & (reason != INTOLERANCE))):
        step = np.append(1.0, survival[:-1]) * np.bincount(stop[mine], minlength=longest + 2) / at_risk
        incidence[name] = np.cumsum(step)
    for row in answers.iter_rows(named=True):
        curve = survival if row["statistic"] == "survival" else incidence[row["term"]]
        found = curve[min(int(row["at"]), longest)]
        assert near(found, row["estimate"], 0.9 * N)  # the few lost cost a little of the information
    assert answers.height == 6 * 3


def test_without_loss_withdrawal_is_the_sum_of_its_reasons():
    answers = KWAN_BRODIE_2000.estimates().filter(criterion="withdrawal of treatment 1")
    wide = answers.pivot(on="term", index="at", values="estimate")
    total = wide["time point"] + wide["intolerance"] + wide["inefficacy"]
    assert total.to_list() == pytest.approx([1.0] * 6, abs=1e-12)
    shares = step_shares(KWAN_BRODIE_2000.succession)
    last = wide.filter(pl.col("at") == 1460)
    assert last["intolerance"].item() == pytest.approx(shares.intolerance[0], abs=1e-12)
    assert last["time point"].item() == pytest.approx(shares.remission[0], abs=1e-12)
    half = wide.filter(pl.col("at") == 182)["intolerance"].item() / shares.intolerance[0]
    assert half == pytest.approx(Lengths().intolerance.within(183), abs=1e-12)  # 183 days: the first is day 0


def test_therapies_go_to_those_in_whom_drugs_failed_and_whom_they_suit(drawn):
    people, courses, after = drawn
    candidates = resistant(courses)
    assert near(candidates.mean(), resistant_at_end(step_shares(TRUTH.succession)), N)
    assert candidates[after.who].all()
    kinds = np.array([one.epilepsy_type for one in TRUTH.syndromes])[people.syndrome[after.who]]
    names = np.array([one.name for one in TRUTH.therapies])[after.therapy]
    assert set(kinds[names == "temporal resection"]) == {"focal"}
    assert set(people.result[after.who][names == "temporal resection"]) == {"focal concordant lesion"}
    assert people.antibodies[after.who][names == "immunotherapy"].any(axis=1).all()
    for place, share in enumerate(therapy_shares(TRUTH)):
        assert near((after.therapy == place).sum() / candidates.sum(), share, candidates.sum())


def test_the_shares_of_therapies_by_hand():
    """Resection: focal (.6), lesion (.4), taken by half: .12. Of the rest 1 - .995 * .99 * .985 are positive."""
    positive = 1 - 0.995 * 0.99 * 0.985
    resected = 0.6 * 0.4 * 0.5
    treated = (1 - resected) * positive * 0.8
    stimulated = (1 - resected - treated) * 0.4
    diet = (1 - resected - treated - stimulated) * 0.3
    assert therapy_shares(TRUTH) == pytest.approx([resected, treated, stimulated, diet], abs=1e-12)


def test_therapies_do_what_the_truth_says(drawn):
    _, courses, after = drawn
    delay = after.start - courses.stop[after.who, -1] - 1
    for place, therapy in enumerate(TRUTH.therapies):
        mine = after.therapy == place
        assert near((after.outcome[mine] == FREE).mean(), therapy.freedom, mine.sum())
        assert near((after.outcome[mine] != NO_RESPONSE).mean(), therapy.response, mine.sum())
        assert 28 <= delay[mine].min() < 40
        assert 170 < delay[mine].max() <= 180
    assert (after.left[after.outcome == NO_RESPONSE] == 1).all()
    assert after.left[(after.outcome != NO_RESPONSE) & (after.outcome != FREE)].max() <= 0.5
    assert ((after.free_from < NEVER) == (after.outcome == FREE)).all()
