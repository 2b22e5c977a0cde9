"""The fast classifiers against plain definitions, walked day by day, on random small diaries."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.criteria import Period, SeizureFreedom, SeizureResponse
from cohort.outcomes.registry import classify
from cohort.outcomes.seizures.runs import longest_interval_before
from cohort.outcomes.treatments.courses import courses
from cohort.records.derive import diary
from tests.outcomes.small_studies import diary_study

SUBJECTS = 30
EXAMPLES = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32)


# Drawing: records one after the other, each (day, days that it covers, its count).


def laid_out(draw, start, end, *, longest=1, skipped=0.1, seizing=0.1, unknown=0.05, most=2):
    spans, day = [], start
    while day <= end:
        days = draw.randint(1, longest)
        if draw.random() < skipped:
            day += draw.randint(1, 6)
        count = draw.randint(1, most) if draw.random() < seizing else 0
        spans.append((day, days, None if draw.random() < unknown else count))
        day += days
    return spans


def some_diary(draw, *, longest=1):
    """From a diary without a fault to one with holes, from a free subject to one who is never free."""
    skipped, unknown = draw.choice([(0, 0), (0.02, 0.02), (0.1, 0.05), (0.3, 0.1)])
    before = laid_out(draw, -40, -1, longest=longest, skipped=skipped, seizing=0.15, unknown=unknown)
    seizing = draw.choice([0, 0.01, 0.05, 0.2])
    first = before[-1][0] + before[-1][1]
    last = draw.choice([5, 30, 60])
    return before + laid_out(draw, first, last, longest=longest, skipped=skipped, seizing=seizing, unknown=unknown)


def some_freedom(draw):
    return SeizureFreedom(
        min_days=draw.randint(1, 30),
        times=draw.randint(0, 2),
        lookback_days=draw.randint(1, 40),
        min_observed=draw.choice([50, 70, 85, 93, 100]),
        max_gap_days=draw.choice([0, 1, 3, 5]),
        source="drawn",
    )


def some_response(draw):
    reduction, bound = draw.choice(
        [(25, ">="), (25, ">"), (33.3, ">="), (50, ">="), (50, ">"), (75, ">="), (100, ">="), (100, ">=")]
    )
    periods = Period(-20, -1), Period(0, draw.choice([9, 19, 29]))
    criterion = SeizureResponse(reduction, bound, *periods, draw.choice([1, 60, 80]), draw.random() < 0.5, "drawn")
    filled = draw.choice(["observed rate", "zero", "baseline rate"])
    return criterion if criterion.freedom else replace(criterion, missing_days=filled)


# The definitions.


def slow_interval(spans, start, lookback):
    """The longest interval over every way in which the totals may have held their seizures; one day holds one."""
    before = [span for span in spans if span[2] and span[0] + span[1] - 1 < start]
    inside = [span for span in before if span[0] >= start - lookback]
    if how_many(inside) >= 2:  # an interval lies in one record or between two neighbours
        return max(max(gaps(way)) for near in [inside[:1], *pairwise(inside)] for way in ways(near) if len(way) > 1)
    if how_many(before) >= 2:
        return max(gaps(way)[-1] for way in ways(before[-2:]))
    return None


def how_many(spans):
    return sum(1 if days == 1 else count for _, days, count in spans)


def ways(spans):
    places = [combinations_with_replacement(range(day, day + n), 1 if n == 1 else c) for day, n, c in spans]
    return [sorted(day for part in way for day in part) for way in product(*places)]


def gaps(days):
    return [late - early for early, late in pairwise(days)]


def slow_freedom(spans, start, end, criterion, interval):
    """(verdict, day) of one treatment."""
    threshold = max(criterion.min_days, criterion.times * (interval or 0))
    seizing = {d: c > 0 for day, days, c in spans if c is not None for d in range(day, day + days)}
    since, recorded, last = start, 0, start - 1
    for today in range(start, end + 1):
        if today not in seizing:
            continue
        if today - last - 1 > criterion.max_gap_days or seizing[today]:
            since, recorded = today, 0
        elif today > since:
            recorded += 1
        last = today
        enough = 100 * recorded >= criterion.min_observed * (today - since)
        if not seizing[today] and today - since >= threshold and enough:
            return "met", today
    ends = [day + days - 1 for day, days, c in spans if c and day >= start and day + days - 1 <= end]
    return ("not met", min(ends)) if ends else ("undetermined", None)


def slow_rate(spans, period):
    """Seizures and observed days of a period: what lies in it, and the days of quiet spans that do."""
    within = [span for span in spans if span[2] is not None and wholly(span, period)]
    quiet = [d for day, days, c in spans if c == 0 for d in range(day, day + days)]
    days = {d for d in quiet if period.from_day <= d <= period.to_day}
    days |= {d for day, n, _ in within for d in range(day, day + n)}
    return sum(c for _, _, c in within), len(days)


def wholly(span, period):
    return span[0] >= period.from_day and span[0] + span[1] - 1 <= period.to_day


def slow_response(spans, criterion):
    before, after = criterion.baseline, criterion.treatment
    (b, b_days), (t, t_days) = slow_rate(spans, before), slow_rate(spans, after)
    if criterion.reduction == 100 and t > 0:
        return "not met"
    if criterion.reduction == 100:
        b_days = before.days
    if min(b_days, t_days) == 0 or too_little(spans, criterion, b_days, t_days):
        return "undetermined"
    if criterion.reduction == 100:
        return "met"
    if b == 0:
        return "not met"
    fall = 100 * (1 - Fraction(*filled_in(t, t_days, b, b_days, criterion)) / Fraction(b, rate_days(b_days, criterion)))
    asked = Fraction(str(criterion.reduction))
    return "met" if (fall >= asked if criterion.bound == ">=" else fall > asked) else "not met"


def rate_days(b_days, criterion):
    return criterion.baseline.days if criterion.missing_days == "zero" else b_days


def filled_in(t, t_days, b, b_days, criterion):
    """Seizures and days of the treatment period, its missing days as the criterion has them."""
    whole = criterion.treatment.days
    missing = {"observed rate": None, "zero": 0, "baseline rate": Fraction(b * (whole - t_days), b_days)}
    more = missing[criterion.missing_days]
    return (Fraction(t), Fraction(t_days)) if more is None else (Fraction(t + more), Fraction(whole))


def too_little(spans, criterion, b_days, t_days):
    before, after = criterion.baseline, criterion.treatment
    share = Fraction(criterion.min_observed, 100)
    if b_days < share * before.days or t_days < share * after.days:
        return True
    if criterion.complete and max(day + days - 1 for day, days, c in spans if c is not None) < after.to_day:
        return True
    touching = [s for s in spans if s[2] and s[0] <= after.to_day and s[0] + s[1] - 1 >= after.from_day]
    return criterion.reduction == 100 and any(not wholly(span, after) for span in touching)


# Side by side.


def freedom_side_by_side(seed, *, longest):
    """What the classifier and the definition say of each treatment of a drawn study."""
    draw = Random(seed)
    criterion = some_freedom(draw)
    spans, treatments, last_days, expected = {}, [], {}, {}
    for number in range(SUBJECTS):
        who, own, start = f"s{number:02}", some_diary(draw, longest=longest), draw.randint(-10, 10)
        stop = draw.choice([None, None, start + draw.randint(0, 50)])
        spans[who] = own
        last = max(start, own[-1][0] + own[-1][1] - 1)
        last_days[who] = last if stop is None else max(last, stop)
        treatments.append((who, 1, "x", start, stop, None if stop is None else "other"))
        interval = slow_interval(own, start, criterion.lookback_days) if criterion.times else None
        expected[who] = slow_freedom(own, start, last if stop is None else stop, criterion, interval)
    found = classify(diary_study(spans, treatments, last_days=last_days), criterion)
    assert ((found["reason"] == "") == (found["verdict"] == "met")).all()
    return {who: (verdict, day) for who, verdict, day in found.select("subject_id", "verdict", "day").rows()}, expected


@EXAMPLES
@given(seeds)
def test_freedom_on_daily_records(seed):
    found, expected = freedom_side_by_side(seed, longest=1)
    assert found == expected


@EXAMPLES
@given(seeds)
def test_freedom_on_totals(seed):
    found, expected = freedom_side_by_side(seed, longest=4)
    assert found == expected


@EXAMPLES
@given(seeds)
def test_the_longest_interval_that_totals_allow(seed):
    draw = Random(seed)
    start, lookback = draw.randint(-5, 25), draw.randint(1, 30)
    spans = {f"s{n}": laid_out(draw, 0, 18, longest=4, seizing=0.3, most=3) for n in range(SUBJECTS)}
    study = diary_study(spans, [(who, 1, "x", start, None, None) for who in spans])
    found = longest_interval_before(courses(study), diary(study), lookback)
    known = dict(found.select("subject_id", "interval").rows())
    for who, own in spans.items():
        assert known.get(who) == slow_interval(own, start, lookback)


def response_side_by_side(seed):
    draw = Random(seed)
    criterion = some_response(draw)
    spans = {f"s{n:02}": some_diary(draw, longest=draw.choice([1, 1, 5])) for n in range(SUBJECTS)}
    found = dict(classify(diary_study(spans), criterion).select("subject_id", "verdict").rows())
    return found, {who: slow_response(own, criterion) for who, own in spans.items()}


@EXAMPLES
@given(seeds)
def test_response_of_the_seizure_rate(seed):
    found, expected = response_side_by_side(seed)
    assert found == expected


@pytest.mark.parametrize("kind", ["daily", "totals", "response"])
def test_the_drawn_studies_hold_every_verdict_often(kind):
    """An oracle that hardly ever says "met" would prove little."""
    said = Counter()
    for seed in range(20):
        if kind == "response":
            said.update(response_side_by_side(seed)[1].values())
        else:
            said.update(
                verdict for verdict, _ in freedom_side_by_side(seed, longest=1 if kind == "daily" else 4)[1].values()
            )
    assert len(said) == 3
    assert min(said.values()) >= 0.1 * said.total(), said


def test_the_slow_definition_on_the_boy_of_the_clinical_rules():
    criterion = SeizureFreedom(source="by hand")
    spans = [(day, 1, int(day in (-37, -2, 304))) for day in range(-50, 400)]
    interval = slow_interval(spans, 0, 365)
    assert interval == 35
    assert slow_freedom(spans, 0, 399, criterion, interval) == ("not met", 304)
    assert slow_freedom(spans, 0, 303, criterion, interval) == ("undetermined", None)
    assert slow_freedom(spans[:-95], 0, 399, replace(criterion, min_days=300), interval) == ("met", 300)
