"""Remission that lasts, recovery, relapse and recurrence against plain definitions, walked rating by rating."""

from math import floor
from random import Random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.criteria import HAMD17_RELAPSE, Recovery, Recurrence, Relapse, SustainedRemission
from cohort.outcomes.registry import classify
from cohort.outcomes.states import states
from cohort.outcomes.times.time_to import time_to
from tests.outcomes.drawn_scales import ON_COURSES
from tests.outcomes.small_studies import rated_study

EXAMPLES = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32)
SUBJECTS = 25


def some_scores(draw):
    """One subject's ratings on drawn days, some missing, well and ill by turns."""
    day, well, found = draw.choice([0.0, 1.0]), draw.random() < 0.5, {}
    for _ in range(draw.randint(0, 24)):
        found[day] = draw.choice([None, 7, 3, 7, 5] if well else [8, 12, 14, 20, 20, 9])
        day += draw.choice([0.25, 3, 7, 7, 14, 20, 45, 70])
        well = well if draw.random() < 0.82 else not well
    return found


def some_remission(draw):
    return SustainedRemission(
        "HAMD17",
        7,
        "drawn",
        draw.choice(["<=", "<"]),
        visits=draw.randint(1, 3),
        days=draw.choice([0, 7, 21]),
        max_gap_days=draw.choice([10, 30, 60]),
    )


def some_rule(draw, kind):
    return kind(
        some_remission(draw),
        draw.choice([9, 14, 20]),
        draw.choice([20, 60] if kind is not Relapse else [20, 60, None]),
        "drawn",
        draw.choice(["without return", "in remission"]),
        draw.choice([None, 0, 14, 30]),
    )


class Walk:
    """What is known after each rating, one by one."""

    def __init__(self, scores, rule):
        self.remission = rule if isinstance(rule, SustainedRemission) else rule.remission
        self.rule = None if isinstance(rule, SustainedRemission) else rule
        self.rows = [(day, score) for day, score in sorted(scores.items()) if day > 0 and score is not None]
        self.place = -1
        self.run, self.was_low = None, False
        self.sustained = self.recovered_day = self.relapse_day = self.recurrence_day = None
        self.lost_sight = self.lost_recovery = False
        self.unclear_relapse = self.unclear_recurrence = False
        self.full = None  # the last full score: place, date, remissions seen so far
        self.remissions = 0
        self.new_part()
        self.onset_in_stretch = None
        for place, (day, score) in enumerate(self.rows):
            self.place, self.day, self.score = place, day, score
            self.step()
        if self.rows:
            self.lost_sight |= self.run is not None
            self.lost_recovery |= self.may_recover()

    def new_part(self):
        self.remitted = self.recovered = self.gap_since = False
        self.earliest = None

    def may_recover(self):
        if self.run is not None:
            return True
        return bool(self.rule and self.rule.kept == "without return" and self.onset_in_stretch is not None)

    def low(self):
        edge = self.remission.threshold
        return self.score <= edge if self.remission.bound == "<=" else self.score < edge

    def step(self):
        date = floor(self.day)
        gap = self.place > 0 and date - floor(self.rows[self.place - 1][0]) > self.remission.max_gap_days
        if gap:
            self.lost_sight |= self.run is not None
            self.lost_recovery |= self.may_recover()
            if self.run is not None or self.remitted:
                self.gap_since = True
            if self.run is not None:
                self.saw_onset(self.run[0])
            self.run = self.onset_in_stretch = None
        if not self.low():
            self.run = None
        else:
            self.run = [date, set()] if self.run is None else self.run
            self.run[1].add(date)
        established = bool(
            self.run and len(self.run[1]) >= self.remission.visits and date - self.run[0] >= self.remission.days
        )
        if established:
            self.sustained = self.day if self.sustained is None else self.sustained
            self.remissions += 1
            self.remitted = True
            self.saw_onset(self.run[0])
            self.onset_in_stretch = self.run[0] if self.onset_in_stretch is None else self.onset_in_stretch
        if self.rule:
            self.follow(date, gap, established)

    def saw_onset(self, date):
        self.earliest = date if self.earliest is None else min(self.earliest, date)

    def follow(self, date, gap, established):
        rule, high = self.rule, self.score >= self.rule.full_score
        soon = next_one = False
        if self.full is not None and self.full[2] == self.remissions:
            soon = rule.confirm_days is not None and date - self.full[1] <= rule.confirm_days
            next_one = self.place - self.full[0] == 1 and not gap
        returned = high and (rule.confirm_days is None or soon or next_one)
        since = date if rule.confirm_days is None else self.full[1] if self.full else None
        if returned:
            self.came_back(since)
        elif rule.recovery_days is not None and not high and not soon:
            if rule.kept == "in remission":
                lasted = date - self.run[0] if established else -1
            else:
                lasted = date - self.onset_in_stretch if self.onset_in_stretch is not None else -1
            if lasted >= rule.recovery_days:
                self.recovered = True
                self.recovered_day = self.day if self.recovered_day is None else self.recovered_day
        self.pending = high and not returned and self.remitted
        self.pending_recovered = self.recovered
        if high:
            self.full = (self.place, date, self.remissions)

    def came_back(self, since):
        days = self.rule.recovery_days
        hidden = bool(self.gap_since and days is not None and self.earliest is not None)
        hidden = hidden and since - self.earliest >= days
        if self.recovered:
            self.recurrence_day = self.day if self.recurrence_day is None else self.recurrence_day
        elif self.remitted and not hidden:
            self.relapse_day = self.day if self.relapse_day is None else self.relapse_day
        elif self.remitted or self.gap_since:
            self.unclear_relapse = True
        if not self.recovered and hidden:
            self.unclear_recurrence = True
        self.new_part()
        self.onset_in_stretch = None


def said_by(walk, criterion):
    if not walk.rows:
        return "undetermined", None
    pending = walk.rule is not None and walk.pending
    met, lacking = {
        SustainedRemission: (walk.sustained, walk.lost_sight),
        Recovery: (walk.recovered_day, walk.lost_recovery),
        Relapse: (walk.relapse_day, walk.unclear_relapse or (pending and not walk.pending_recovered)),
        Recurrence: (walk.recurrence_day, walk.unclear_recurrence or (pending and walk.pending_recovered)),
    }[type(criterion)]
    if met is not None:
        return "met", met
    return ("undetermined", None) if lacking else ("not met", walk.rows[-1][0])


@EXAMPLES
@given(seeds)
def test_every_state_in_plain_python(seed):
    draw = Random(seed)
    scores = {f"s{number}": some_scores(draw) for number in range(SUBJECTS)} | {"known": {2.0: 8}}
    study = rated_study(scores)
    rules = [some_remission(draw), *(some_rule(draw, kind) for kind in (Recovery, Relapse, Recurrence))]
    for criterion in rules:
        fast = {row[0]: row[1:] for row in classify(study, criterion).select("subject_id", "verdict", "day").rows()}
        slow = {who: said_by(Walk(own, criterion), criterion) for who, own in scores.items()}
        assert {who: (fast[who], slow[who]) for who in fast if fast[who] != slow[who]} == {}, criterion


@EXAMPLES
@given(seeds)
def test_states_and_times_agree_with_the_verdicts(seed):
    draw = Random(seed)
    scores = {f"s{number}": some_scores(draw) for number in range(SUBJECTS)} | {"known": {2.0: 8}}
    study = rated_study(scores)
    for criterion in (some_remission(draw), some_rule(draw, Recovery)):
        held = states(study, criterion)
        assert (held["from_day"] <= held["to_day"]).all()
        overlap = held["from_day"] <= held["to_day"].shift(1)
        assert not (overlap & (held["subject_id"] == held["subject_id"].shift(1))).any()
        name = "recovered" if isinstance(criterion, Recovery) else "sustained remission"
        begun = held.filter(state=name).group_by("subject_id").agg(day=pl.col("from_day").min())
        met = classify(study, criterion).filter(verdict="met").select("subject_id", "day").rows()
        # States are told by the day: one that a rating out of remission may have ended on its day is not among them.
        rule = getattr(criterion, "remission", criterion)
        out = {
            who: [day for day, score in own.items() if (score or 0) >= rule.threshold] for who, own in scores.items()
        }
        again = {who for who, day in met if any(day < other < int(day) + 1 for other in out[who])}
        expected = sorted((who, int(day)) for who, day in met if who not in again)
        assert sorted(row for row in begun.rows() if row[0] not in again) == expected
    relapse = some_rule(draw, Relapse)
    times = time_to(study, relapse)
    remitted = classify(study, relapse.remission).filter(verdict="met").select("subject_id", since="day")
    assert set(times["subject_id"]) == set(remitted["subject_id"])
    happened = times.drop_nulls("right").join(remitted, on="subject_id")
    days = dict(classify(study, relapse).filter(verdict="met").select("subject_id", "day").rows())
    for who, after, since in happened.select("subject_id", "right", "since").rows():
        assert abs(days[who] - since - after) < 1e-9


def test_nobody_and_nothing():
    """Nobody rated after baseline, one subject, and a study as of a day before its first record."""
    study = rated_study({"a": {0.0: 20}})
    for criterion in ON_COURSES:
        if criterion.scale == "HAMD17":
            for asked in ({}, {"as_of": -1}):
                assert classify(study, criterion, **asked)["reason"].to_list() == ["no rating after baseline"]
    for criterion in (ON_COURSES[0], ON_COURSES[4]):
        assert states(study, criterion).is_empty()
    assert time_to(study, ON_COURSES[0]).is_empty()
    assert time_to(study, HAMD17_RELAPSE).is_empty()


def test_a_remission_lost_and_found_on_one_day_is_two_states_that_share_no_day():
    study = rated_study({"a": {1.0: 5, 8.0: 5, 8.25: 20, 8.5: 3, 9.0: 4}, "known": {2.0: 8}})
    held = states(study, SustainedRemission("HAMD17", 7, "drawn", visits=1, days=0, max_gap_days=60))
    assert held.select("from_day", "to_day").rows() == [(1, 1), (8, 9)]
