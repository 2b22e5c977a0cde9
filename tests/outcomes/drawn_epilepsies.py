"""Adverse effects and drugs at full doses put into drawn studies, and the rules on control and resistance."""

from dataclasses import replace
from random import Random

import polars as pl

from cohort.criteria import (
    ANTISEIZURE_ADEQUACY,
    BRODIE_2012_COURSE,
    EPILEPSY_TRAJECTORY,
    ILAE_2010_CONTROL,
    ILAE_2010_FREEDOM,
    ILAE_2010_RESISTANCE,
    ILAE_2010_RESISTANCE_RELAPSE_COUNTS,
    TWO_DRUGS_FAILED_ANY_REASON,
)
from cohort.schemas import ADVERSE_EFFECTS, TREATMENTS

LENIENT = replace(
    ILAE_2010_CONTROL,
    freedom=replace(ILAE_2010_FREEDOM, min_days=60, times=1, lookback_days=60),
    adequacy=replace(ANTISEIZURE_ADEQUACY, half_lives=0, suitability=None, missing_age="adult", combination="any drug"),
    min_exposure_days=10,
    after_relapse="failure",
    judge_after_optimisation=True,
)
UNSURE = replace(
    ILAE_2010_CONTROL,
    freedom=replace(ILAE_2010_FREEDOM, min_days=90, times=0),
    adequacy=replace(ANTISEIZURE_ADEQUACY, missing_adherence="undetermined", reduction="pauses"),
    missed_doses="no test",
    status_epilepticus="left out",
    effects_asked="always",
    settling_days=30,
)
ON_CONTROL = [ILAE_2010_CONTROL, LENIENT, UNSURE]
RESISTANT = replace(ILAE_2010_RESISTANCE, failures=1, control=LENIENT, freedom_by="drugs", after_stop="lost")
GIVEN_UP = replace(TWO_DRUGS_FAILED_ANY_REASON, failures=1)
COURSE = replace(
    EPILEPSY_TRAJECTORY,
    control=LENIENT,
    early_drugs=1,
    early_days=60,
    transient_days=30,
    windows=2,
    failures=1,
    min_follow_up_days=200,
)
BRODIE = replace(BRODIE_2012_COURSE, freedom=LENIENT.freedom, early_days=60, min_follow_up_days=100)
ON_EPILEPSIES = [
    ILAE_2010_RESISTANCE,
    ILAE_2010_RESISTANCE_RELAPSE_COUNTS,
    RESISTANT,
    replace(ILAE_2010_RESISTANCE, failures=1, control=UNSURE),
    TWO_DRUGS_FAILED_ANY_REASON,
    GIVEN_UP,
    EPILEPSY_TRAJECTORY,
    COURSE,
    replace(COURSE, remission_first=True),
    BRODIE_2012_COURSE,
    BRODIE,
]


def with_epilepsies(study, seed):
    """The study with adverse effects, and full doses of two drugs that suit everybody in every third subject."""
    draw = Random(seed + 5)
    courses = study.treatments.select("subject_id", "treatment_no", "start_day").unique().sort("*").rows()
    effects = []
    for who, number, start in courses:
        if draw.random() < 0.3:
            day, told = start + draw.choice([0, 5, 30]), draw.choice([number, None])
            effects.append((who, day, None, told, draw.choice(["rash", "dizziness"]), None, None))
    named = study.subjects.sort("subject_id")["subject_id"].to_list()
    return replace(
        study,
        adverse_effects=pl.concat([study.adverse_effects, _frame(effects)]).unique(
            ["subject_id", "day", "effect"], keep="first", maintain_order=True
        ),
        treatments=pl.concat([study.treatments, _full(draw, study, named[::3])]),
    )


def _frame(effects):
    return pl.DataFrame(effects, schema=ADVERSE_EFFECTS.schema, orient="row")


def _full(draw, study, subjects):
    rows = []
    for who in subjects:
        taken = study.treatments.filter(subject_id=who)["treatment_no"].max() or 0
        stop = draw.choice([150, 300])
        why = draw.choice(["inefficacy", "intolerance", "remission"])
        rows.append((who, taken + 1, "levetiracetam", "drug", 3000.0, 0, stop, why, draw.choice([None, 0.9])))
        rows.append((who, taken + 2, "valproate", "drug", 2500.0, stop, None, None, None))
    return pl.DataFrame(rows, schema=TREATMENTS.schema, orient="row")
