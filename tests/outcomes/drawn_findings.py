"""Findings put into drawn studies, and criteria that read them."""

from dataclasses import replace
from random import Random

import polars as pl

from cohort.criteria import (
    APE,
    APE2,
    CANDIDACY,
    IMMUNE_WORKUP,
    REFERRAL,
    RITE2,
    THERAPY_RESPONSE_50,
    TWO_DRUGS_FAILED_ANY_REASON,
    Period,
)
from cohort.schemas import FINDINGS, TREATMENTS

GIVEN_UP = replace(TWO_DRUGS_FAILED_ANY_REASON, failures=1)
ON_FINDINGS = [
    CANDIDACY,
    replace(CANDIDACY, resistance=GIVEN_UP),
    replace(CANDIDACY, resistance=GIVEN_UP, not_recorded="undetermined"),
    REFERRAL.within(60),
    replace(REFERRAL, resistance=GIVEN_UP, earlier="counts").within(300),
    APE2,
    APE,
    RITE2,
    replace(APE2, resistance=GIVEN_UP),
    IMMUNE_WORKUP,
    replace(IMMUNE_WORKUP, not_recorded="absent"),
]
ON_THERAPIES = [
    THERAPY_RESPONSE_50,
    replace(THERAPY_RESPONSE_50, reduction=10, min_observed=10, before=Period(-100, -1), after=Period(10, 150)),
]
YES_NO = (
    *(item.finding for item in RITE2.items),
    IMMUNE_WORKUP.seizures,
    "systemic autoimmunity",
    CANDIDACY.hemisphere,
    CANDIDACY.drops,
)


def with_findings(study, seed):
    """The study with findings, of which some say nothing, and diets beside the drugs, the first subject's early on."""
    draw = Random(seed + 5)
    names = study.subjects["subject_id"].to_list()
    rows = [row for who in names for row in _findings(draw, who, early=who == names[0])]
    diets = [row for who in names for row in _diet(draw, who, early=who == names[0])]
    return replace(
        study,
        findings=pl.DataFrame(rows, schema=FINDINGS.schema, orient="row", strict=False),
        treatments=pl.concat([study.treatments, pl.DataFrame(diets, schema=TREATMENTS.schema, orient="row")]),
    )


def _diet(draw, who, *, early):
    start = 100 if early else draw.choice([None, 0, 150, 300])
    if start is not None:
        stop = draw.choice([None, start + 60])
        yield who, 9, "ketogenic diet", "diet", None, start, stop, None if stop is None else "inefficacy", None


def _findings(draw, who, *, early):
    likely = draw.choice([0.2, 0.5, 0.8])
    for finding in YES_NO:
        for day in draw.sample(range(-20, 500), draw.choice([0, 1, 1, 1, 2])):
            told = draw.random() < likely
            said = draw.choice([None, "yes" if told else "No", "present" if told else " absent "])
            value = None if said or draw.random() < 0.2 else float(told)
            yield who, day + draw.choice([0.0, 0.0, 0.5]), finding, value, None, said
    for day in draw.sample(range(-50, 500), draw.choice([0, 1, 2])):
        yield who, float(day), CANDIDACY.network, None, None, draw.choice([None, *CANDIDACY.networks])
    for day in draw.sample(range(-50, 500), draw.choice([0, 1, 2])):
        yield who, float(day), REFERRAL.finding, None, None, draw.choice([None, "epilepsy surgery centre", "no"])
    if early:
        yield who, -60.0, CANDIDACY.network, None, None, "multifocal"
