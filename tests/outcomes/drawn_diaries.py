"""Diaries by days and episodes of status epilepticus, put into drawn studies, and criteria to judge them by."""

from dataclasses import replace
from random import Random

import polars as pl

from cohort.criteria import (
    BRIVARACETAM_ELIGIBILITY,
    CENOBAMATE_C013_ELIGIBILITY,
    CENOBAMATE_C017_ELIGIBILITY,
    SEIZURE_CLUSTERS,
    SEIZURE_RESPONSE_50,
    SEIZURE_RESPONSE_90,
    STATUS_EPILEPTICUS,
    TIME_TO_BASELINE_COUNT,
    TIME_TO_FIRST_SEIZURE,
    Period,
)
from cohort.schemas import EPISODES, SEIZURES

TIMED = [
    replace(TIME_TO_BASELINE_COUNT, min_observed=50).by(300),
    replace(TIME_TO_BASELINE_COUNT, rounding="nearest", missing_days="left open", from_day=1, min_observed=30).by(60),
    TIME_TO_FIRST_SEIZURE.by(100),
    replace(TIME_TO_FIRST_SEIZURE, number=3, missing_days="left open").by(200),
]
ELIGIBLE = [
    CENOBAMATE_C013_ELIGIBILITY,
    CENOBAMATE_C017_ELIGIBILITY,
    BRIVARACETAM_ELIGIBILITY,
    replace(BRIVARACETAM_ELIGIBILITY, min_seizures=2, min_per_28_days=0, max_free_days=40),
    replace(
        BRIVARACETAM_ELIGIBILITY, min_seizures=3, min_per_28_days=1, baseline=Period(0, 27), thin_diary="undetermined"
    ),
]
CLUSTERED = [SEIZURE_CLUSTERS, replace(SEIZURE_CLUSTERS, seizures=4, days=7).between(-100, 200)]
STATUS = [STATUS_EPILEPTICUS, replace(STATUS_EPILEPTICUS, t1_convulsive=25, t1_focal=25)]
ON_RATES = [
    SEIZURE_RESPONSE_90,
    replace(SEIZURE_RESPONSE_50, missing_days="zero"),
    replace(SEIZURE_RESPONSE_50, missing_days="baseline rate", min_observed=40),
]
ON_DIARIES = [*ON_RATES, *TIMED, *ELIGIBLE, *CLUSTERED, *STATUS]


def with_diaries(study, seed):
    """The study with two subjects whose days before day 0 were recorded one by one, and with episodes of status."""
    draw = Random(seed + 2)
    names = study.subjects["subject_id"].to_list()
    seizures = study.seizures
    for who in names[3:5]:
        past = (pl.col("subject_id") == who) & (pl.col("day") < 0)
        seizing = draw.choice([0.2, 0.4])
        daily = [(who, day, 1, int(draw.random() < seizing), None) for day in range(-100, 0) if draw.random() < 0.97]
        fresh = pl.DataFrame(daily, schema=SEIZURES.schema, orient="row")
        over = seizures.filter(past & (pl.col("day") + pl.col("days") > 0))["day"].min()
        kept = pl.col("day") < (0 if over is None else over)
        seizures = pl.concat([seizures.filter(~past | (pl.col("day") + pl.col("days") > 0)), fresh.filter(kept)])
    episodes = [row for who in names for row in _episodes(draw, who, names[0])]
    drawn = pl.DataFrame(episodes, schema=EPISODES.schema, orient="row")
    return replace(study, seizures=seizures, episodes=pl.concat([study.episodes, drawn]))


def _episodes(draw, who, first):
    if who == first:
        yield who, "convulsive status epilepticus", -20.0, -19.9
    for day in draw.sample(range(-10, 500), draw.choice([0, 0, 1, 3])):
        start = day + draw.choice([0, 0.25])
        minutes = draw.choice([None, 0, 4, 7, 20, 50, 1440])
        name = draw.choice([*STATUS_EPILEPTICUS.names, "depressive episode"])
        yield who, name, start, None if minutes is None else start + minutes / 1440
