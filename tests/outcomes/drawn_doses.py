"""Drugs, doses, adherence and what they are judged by, put into drawn studies."""

from dataclasses import replace
from random import Random

import polars as pl

from cohort.criteria import (
    ANTIDEPRESSANT_ADEQUACY,
    ANTISEIZURE_ADEQUACY,
    ATHF_ADEQUACY,
    ATRQ_ADEQUACY,
    AUGMENTATION_ADEQUACY,
)
from cohort.schemas import DOSES, TREATMENTS

DRUGS = {"levetiracetam": 750, "LTG": 150, "CBZ": 500, "sertraline": 50, "amitriptyline": 150, "lithium": 600, "x": 1}
FAMILIES = [list(DRUGS)[:3], list(DRUGS)[3:6], list(DRUGS)]
FULL_NAMES = {"LTG": "lamotrigine", "CBZ": "carbamazepine"}

ON_DOSES = [
    ANTISEIZURE_ADEQUACY,
    ANTIDEPRESSANT_ADEQUACY,
    ATRQ_ADEQUACY,
    ATHF_ADEQUACY,
    AUGMENTATION_ADEQUACY,
    replace(ANTISEIZURE_ADEQUACY, combination="any drug", min_days=20, missing_age="adult", half_lives=0),
    replace(ANTISEIZURE_ADEQUACY, combination="every drug", reduction="pauses", suitability=None, bound=">"),
    replace(ANTIDEPRESSANT_ADEQUACY, missing_adherence="undetermined", reduction="pauses", min_days=15),
]


def with_doses(study, seed):
    """The study with real drugs in the place of letters, doses and adherence, ages, weights, syndromes."""
    draw = Random(seed + 1)
    names = {}
    for who, number in study.treatments.select("subject_id", "treatment_no").unique().sort("*").rows():
        names[who, number] = dict(zip("abc", draw.sample(draw.choice(FAMILIES), 3), strict=True))
    treatments, doses = [], []
    for row in study.treatments.sort("*").rows(named=True):
        row["drug"] = names[row["subject_id"], row["treatment_no"]][row["drug"]]
        row["daily_dose"] = _dose(draw, row["drug"])
        row["adherence"] = None if row["stop_day"] is None else draw.choice([None, None, 0.5, 0.8, 0.9, 1.0])
        row["kind"] = draw.choice(["drug"] * 14 + ["diet"])
        treatments.append(row)
        doses += _rises(draw, row)
    people = study.subjects.with_columns(
        pl.Series(
            "age",
            [draw.choice([None, 9, 17, 30, 30, 40, 40, 60, 60]) for _ in range(study.subjects.height)],
            pl.Float64,
        ),
        pl.Series("weight", [draw.choice([None, 20, 35, 60]) for _ in range(study.subjects.height)], pl.Float64),
        pl.Series("syndrome", [draw.choice([None, "JME", "focal", "?"]) for _ in range(study.subjects.height)]),
        pl.Series("epilepsy_type", [draw.choice([None, "focal", "generalized"]) for _ in range(study.subjects.height)]),
    )
    return replace(
        study,
        subjects=people,
        treatments=pl.DataFrame(treatments, schema=TREATMENTS.schema),
        doses=pl.DataFrame(doses, schema=DOSES.schema, orient="row"),
    )


def _dose(draw, drug):
    share = draw.choice([None, 0.5, 1, 2, 2, 4])
    return None if share is None else share * DRUGS[drug]


def _rises(draw, row):
    """Some records of changing doses, under the drug's full name, one of them perhaps before the start."""
    if draw.random() < 0.6:
        return []
    days = sorted(draw.sample(range(-3, 120), draw.choice([1, 2, 4])))
    drug = FULL_NAMES.get(row["drug"], row["drug"])
    unit = row["subject_id"], row["treatment_no"], drug
    return [
        (
            *unit,
            row["start_day"] + day,
            draw.choice([0.0, _dose(draw, row["drug"])]),
            draw.choice([None, None, 0.7, 1.0, 1.0]),
        )
        for day in days
    ]
