"""Histories of antidepressants with their scores, episodes and findings, added to drawn studies."""

from dataclasses import replace
from random import Random

import polars as pl

from cohort.criteria import (
    ANTIDEPRESSANT_FAILURE,
    ATRQ_FAILURE,
    DEPRESSION_TRAJECTORY,
    MAUDSLEY,
    MGH_STAGING,
    PSEUDO_RESISTANCE,
    STARD_FAILURE,
    THASE_RUSH,
    TRD_EMA_2013,
    TRD_FDA,
    TRD_NO_REMISSION_TWO_CLASSES,
    TRD_REGISTER_SECOND_SWITCH,
    TRD_RYBAK_2021,
    TRD_SFORZINI_2021,
    EpisodeRule,
)
from cohort.schemas import DOSES, EPISODES, FINDINGS, RATINGS, TREATMENTS

MINIMUM = {"citalopram": 20, "sertraline": 50, "venlafaxine": 150, "mirtazapine": 15, "nortriptyline": 75}
MINIMUM |= {"phenelzine": 45, "aripiprazole": 5, "mystery": 1, "ECT": 1}
COMBINATIONS = [("citalopram",), ("sertraline",), ("venlafaxine",), ("nortriptyline",), ("phenelzine",)] * 3
COMBINATIONS += [("venlafaxine", "mirtazapine"), ("citalopram", "aripiprazole"), ("mystery",), ("ECT",), ("ECT",)]
REASONS = ("inefficacy", "inefficacy", "intolerance", "inefficacy and intolerance", "remission", "lost to follow-up")

ON_ANTIDEPRESSANTS = [
    ANTIDEPRESSANT_FAILURE,
    ATRQ_FAILURE,
    STARD_FAILURE,
    replace(ANTIDEPRESSANT_FAILURE, failure="improvement below 25", lost="failure", grace_days=30),
    replace(
        ANTIDEPRESSANT_FAILURE,
        failure="improvement below 50",
        adequacy=replace(ANTIDEPRESSANT_FAILURE.adequacy, missing_adherence="undetermined", min_days=14),
        unrated="stop reason",
        baseline_days=5,
    ),
]
ANY = EpisodeRule("any", missing="undetermined")
ON_DEPRESSIONS = [
    TRD_NO_REMISSION_TWO_CLASSES,
    TRD_EMA_2013,
    TRD_FDA,
    TRD_RYBAK_2021,
    TRD_SFORZINI_2021,
    replace(TRD_FDA, failures=1, veto=PSEUDO_RESISTANCE, episodes=ANY, bipolar_excluded=False),
    PSEUDO_RESISTANCE,
    replace(TRD_REGISTER_SECOND_SWITCH, within_days=150),
    TRD_REGISTER_SECOND_SWITCH,
    THASE_RUSH,
    MAUDSLEY,
    MGH_STAGING,
    DEPRESSION_TRAJECTORY,
]


def with_depressions(study, seed, who):
    """The study with further subjects: their antidepressants, scores, episodes and findings."""
    draw = Random(seed + 4)
    tables = {"treatments": [], "doses": [], "ratings": [], "episodes": [], "findings": []}
    for subject in who:
        _history(draw, subject, tables)
    frames = {"treatments": TREATMENTS, "doses": DOSES, "ratings": RATINGS, "episodes": EPISODES, "findings": FINDINGS}
    people = pl.DataFrame({"subject_id": who, "age": draw.choices([None, 40, 50, 60, 70], k=len(who))})
    both = pl.concat([study.subjects, people.cast({"age": pl.Float64})], how="diagonal")
    added = {
        name: pl.concat([study.table(name), pl.DataFrame(rows, schema=frames[name].schema, orient="row", strict=False)])
        for name, rows in tables.items()
    }
    return replace(study, subjects=both, **added)


def _history(draw, who, tables):
    start, taken = draw.choice([-20, 0, 0, 3]), draw.randint(1, 5)
    score = draw.choice([0, 18, 24, 24, 24, 30, 30])
    if draw.random() < 0.9:
        tables["ratings"].append((who, start - 0.25, None, "HAMD17", score))
    for number in range(1, taken + 1):
        last = number == taken
        days = draw.choice([10, 30, 44, 60, 60, 90])
        stop = None if last and draw.random() < 0.6 else start + days
        _course(draw, tables, (who, number), start, stop)
        for day in range(start + 7, start + days + 12, draw.choice([7, 14, 14])):
            if draw.random() < 0.85:
                score = draw.choice([score] * 25 + [18, 20, 22, 24, 24, 14, 11, 4, None])
                tables["ratings"].append((who, day + number / 100, None, "HAMD17", score))
        start = start + days + draw.choice([0, 1, 1, 20, 100])
    for day in draw.sample([-300, -200, -30, 0, 50, 200, 400], draw.choice([0, 1, 1, 2])):
        tables["episodes"].append((who, "depressive episode", day, draw.choice([None, day + 40, day + 120, day + 600])))
    for finding, value, unit in (("TSH", draw.choice([2, 14]), "mIU/L"), ("AHI", draw.choice([3, 15, 40]), None)):
        if draw.random() < 0.5:
            tables["findings"].append((who, draw.choice([-5, 30, 200]), finding, value, unit, None))
    if draw.random() < 0.5:
        result = draw.choice(["bipolar disorder", "major depression", "major depression"])
        tables["findings"].append((who, draw.choice([-5, 30, 200]), "diagnosis", None, None, result))
    if draw.random() < 0.3:
        tables["findings"].append((who, 0, "psychotic features", None, None, draw.choice(["yes", "no"])))


def _course(draw, tables, unit, start, stop):
    reason = None if stop is None else draw.choice(REASONS)
    for drug in draw.choice(COMBINATIONS):
        dose = draw.choice([None, 0.5, 1, 1, 1, 1, 1, 1, 1, 2, 2])
        dose = None if dose is None else dose * MINIMUM[drug]
        adherence = None if stop is None else draw.choice([None, 0.5, 0.9, 1.0, 1.0, 1.0, 1.0])
        kind = "stimulation" if drug == "ECT" else "drug"
        tables["treatments"].append((*unit, drug, kind, dose, start, stop, reason, adherence))
        if kind == "drug" and draw.random() < 0.3:
            tables["doses"].append((*unit, drug, start + draw.choice([0, 10, 20]), 2 * MINIMUM[drug], None))
