"""Studies drawn at random, with holes, ties, combinations and people who never came; criteria to judge them by."""

from dataclasses import replace
from functools import lru_cache
from random import Random

import polars as pl

from cohort.criteria import (
    HAMD17_ABOVE_REMISSION,
    HAMD17_REMISSION,
    HAMD17_RESPONSE,
    ILAE_2010_FREEDOM,
    RETENTION,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_75,
    SEIZURE_RESPONSE_100,
)
from cohort.records.study import Study
from cohort.schemas import RATINGS, SEIZURES, SUBJECTS, TREATMENTS
from tests.outcomes.drawn_depressions import ON_ANTIDEPRESSANTS, ON_DEPRESSIONS, with_depressions
from tests.outcomes.drawn_diaries import ON_DIARIES, with_diaries
from tests.outcomes.drawn_doses import ON_DOSES, with_doses
from tests.outcomes.drawn_epilepsies import ON_CONTROL, ON_EPILEPSIES, with_epilepsies
from tests.outcomes.drawn_findings import ON_FINDINGS, ON_THERAPIES, with_findings
from tests.outcomes.drawn_scales import ON_COURSES, ON_SCALES, more_ratings
from tests.outcomes.small_studies import DAYS, VISITS

SUBJECTS_DRAWN = 24  # the last nine have histories of antidepressants and nothing else
REASONS = ("inefficacy", "intolerance", "inefficacy and intolerance", "lost to follow-up", "remission", None)

ON_RATINGS = [
    HAMD17_REMISSION.at("week 4"),
    HAMD17_REMISSION.at("week 2", "week 4"),
    HAMD17_REMISSION.last_observed(),
    HAMD17_REMISSION.ever(),
    HAMD17_REMISSION.by_day(21.5),
    HAMD17_RESPONSE.at("week 4"),
    HAMD17_RESPONSE.last_observed(),
    HAMD17_RESPONSE.ever(),
    HAMD17_RESPONSE.by_day(21.5),
    *ON_SCALES,
]
ON_TREATMENTS = [
    ILAE_2010_FREEDOM,
    replace(ILAE_2010_FREEDOM, min_days=90, times=1, lookback_days=60),
    replace(ILAE_2010_FREEDOM, min_days=60, times=0, min_observed=70, max_gap_days=3),
    *ON_DOSES,
    *ON_CONTROL,
    *ON_ANTIDEPRESSANTS,
    replace(ILAE_2010_FREEDOM, min_days=60, times=2, interval_before="first treatment"),
]
ON_SUBJECTS = [
    *ON_RATINGS,
    *ON_COURSES,
    HAMD17_ABOVE_REMISSION,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_75,
    SEIZURE_RESPONSE_100,
    *ON_DIARIES,
    *ON_EPILEPSIES,
    *ON_FINDINGS,
    *ON_DEPRESSIONS,
]
EVERY = [*ON_SUBJECTS, *ON_TREATMENTS, *ON_THERAPIES, RETENTION.at(90), replace(RETENTION, treatment_no=2).at(90)]


@lru_cache(maxsize=32)
def drawn(seed, prefix="s"):
    """A study of some subjects, of which the first has something of everything early on."""
    draw = Random(seed)
    names = [f"{prefix}{number}" for number in range(SUBJECTS_DRAWN)]
    depressed, names = names[15:], names[:15]
    subjects = [(who, None, None, draw.choice([None, 2000])) for who in names]
    ratings = [row for who in names for row in _ratings(draw, who, names[0])]
    study = Study(
        name="drawn",
        visits=VISITS,
        subjects=pl.DataFrame(subjects, schema=SUBJECTS.schema, orient="row"),
        ratings=_frame(RATINGS, ratings + more_ratings(seed, names)),
        seizures=_frame(SEIZURES, [row for who in names for row in _diary(draw, who)]),
        treatments=_frame(TREATMENTS, [row for who in names for row in _courses(draw, who, names[0])]),
    )
    epilepsies = with_epilepsies(with_diaries(with_doses(study, seed), seed), seed)
    return with_depressions(with_findings(epilepsies, seed), seed, depressed)


def _frame(frame, rows):
    return pl.DataFrame(rows, schema=frame.schema, orient="row", strict=False)


def _ratings(draw, who, first):
    score = lambda: draw.choice([None, 0, 3, 7, 8, 10, 12, 14, 20, 24])  # noqa: E731
    if who == first or draw.random() < 0.8:
        yield who, -1.0, None, "HAMD17", 20 if who == first else score()
    if who != first and draw.random() < 0.1:
        return
    for visit, day in DAYS.items():
        if draw.random() < 0.7:
            yield who, float(day + draw.choice([0, 0, 0.5])), visit, "HAMD17", score()
    for day in draw.sample(range(1, 60), 3):
        yield who, float(day), None, "HAMD17", score()


def _diary(draw, who):
    seizing, skipped = draw.choice([0, 0.002, 0.05]), draw.choice([0, 0.02])
    day = -100
    while day < 600:
        days = draw.choice([1, 1, 1, 7, 14])
        count = None if draw.random() < 0.02 else draw.choice([1, 1, 4]) if draw.random() < seizing * days else 0
        if day < 0 and draw.random() < 0.2:
            count = 1
        if draw.random() >= skipped:
            yield who, day, days, count, None
        day += days
        if draw.random() < 0.005:
            day += draw.choice([10, 30])
        if draw.random() < 0.001:
            return


def _courses(draw, who, first):
    start = 0
    for number in range(1, 1 + (2 if who == first else draw.randint(0, 3))):
        stop = start + (20 if who == first and number == 1 else draw.choice([20, 100, 400, 590]))
        going_on = draw.random() < 0.3 and (who != first or number == 2)
        for drug in draw.sample("abc", draw.choice([1, 1, 2])):
            reason = None if going_on else draw.choice(REASONS)
            yield who, number, drug, "drug", None, start, None if going_on else stop, reason, None
        if going_on:
            return
        start = stop + draw.choice([0, 1, 10])
