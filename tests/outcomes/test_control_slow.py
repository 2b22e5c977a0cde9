"""Control of seizures against its definition in plain Python, as of every few days, on drawn treatments."""

from dataclasses import replace
from random import Random

import polars as pl
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from cohort.criteria import ANTISEIZURE_ADEQUACY, ILAE_2010_CONTROL, ILAE_2010_FREEDOM
from cohort.outcomes.registry import classify
from cohort.records.study import Study
from cohort.schemas import DOSES, SEIZURES, TREATMENTS
from tests.outcomes.slow_control import slow_control

CASES = 25
FREEDOM = replace(ILAE_2010_FREEDOM, min_days=25, times=2, lookback_days=40, max_gap_days=4)
SHORT = replace(
    ILAE_2010_CONTROL,
    freedom=FREEDOM,
    adequacy=replace(ANTISEIZURE_ADEQUACY, half_lives=0),
    min_exposure_days=8,
)
RULES = {
    "usual": SHORT,
    "every missing day": replace(
        SHORT, freedom=replace(FREEDOM, max_gap_days=0, min_observed=100), min_exposure_days=0
    ),
    "relapse, optimisation": replace(SHORT, after_relapse="failure", judge_after_optimisation=True),
    "no test": replace(SHORT, missed_doses="no test", min_exposure_days=20),
    "counted": replace(
        SHORT, missed_doses="counted", adequacy=replace(SHORT.adequacy, missing_adherence="undetermined")
    ),
}


def some_case(draw):
    seizing, missing = draw.choice([0, 0.02, 0.05, 0.15]), draw.choice([0, 0, 0.03, 0.15])
    last_day = draw.choice([15, 60, 120])
    diary = {}
    for day in range(-30, last_day + 1):
        if draw.random() >= missing:
            often = 0.1 if day < 0 else seizing if day < draw.choice([10, 30, 200]) else 0
            diary[day] = None if draw.random() < missing / 3 else int(draw.random() < often)
    stop = draw.choice([None, 3, 20, 60, last_day])
    stop = None if stop is None or stop > last_day else stop
    days = sorted({draw.randint(0, min(50, last_day)) for _ in range(draw.choice([0, 0, 1, 2, 4]))})
    share = draw.choice([0.7, 0.9, 1.0, 1.0])
    return {
        "diary": diary,
        "start": 0,
        "stop": stop,
        "why": None if stop is None else draw.choice(["inefficacy", "intolerance", "remission", None]),
        "drug": draw.choice(["levetiracetam"] * 5 + ["carbamazepine"] * 2 + ["x"]),
        "dose": draw.choice([None, 400.0, 750.0, 1000.0, 1000.0]),
        "doses": [
            (day, draw.choice([None, 300.0, 800.0, 1000.0, 1200.0]), draw.choice([None, 0.5, share, share]))
            for day in days
        ],
        "adherence": None if stop is None else draw.choice([None, 0.5, 0.8, 1.0]),
        "syndrome": draw.choice([None, None, "JME"]),
        "epilepsy_type": draw.choice([None] + ["focal"] * 4),
        "last_day": last_day,
    }


def study_of(cases):
    named = {f"s{number}": case for number, case in enumerate(cases)}
    people = [
        (who, None, case["last_day"], 30.0, case["syndrome"], case["epilepsy_type"]) for who, case in named.items()
    ]
    treatments = [
        (who, 1, case["drug"], "drug", case["dose"], 0, case["stop"], case["why"], case["adherence"])
        for who, case in named.items()
    ]
    doses = [(who, 1, case["drug"], *each) for who, case in named.items() for each in case["doses"]]
    seizures = [(who, day, 1, count, None) for who, case in named.items() for day, count in case["diary"].items()]
    columns = {"subject_id": pl.String, "first_day": pl.Int64, "last_day": pl.Int64}
    columns |= {"age": pl.Float64, "syndrome": pl.String, "epilepsy_type": pl.String}
    return Study(
        name="cases",
        subjects=pl.DataFrame(people, schema=columns, orient="row"),
        treatments=pl.DataFrame(treatments, schema=TREATMENTS.schema, orient="row"),
        doses=pl.DataFrame(doses, schema=DOSES.schema, orient="row"),
        seizures=pl.DataFrame(seizures, schema=SEIZURES.schema, orient="row"),
    )


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=2, deadline=None)
@given(st.integers(0, 2**32))
def test_each_step_of_the_definition_in_plain_python(name, seed):
    draw, criterion = Random(seed), RULES[name]
    cases = [some_case(draw) for _ in range(CASES)]
    study = study_of(cases)
    for today in (*sorted(draw.sample(range(1, 119), 4)), 120):
        found = classify(study, criterion, as_of=today).sort(pl.col("subject_id").str.slice(1).cast(pl.Int64))
        for case, row in zip(cases, found.iter_rows(named=True), strict=True):
            note((today, case, row))
            assert (row["category"][0], row["reason"], row["day"]) == slow_control(case, criterion, today)
