"""Studies small enough to be worked by hand."""

from pathlib import Path

import polars as pl

from cohort.outcomes.registry import classify
from cohort.records.study import Study
from cohort.schemas import OBSERVED, RATINGS, SEIZURES, SUBJECTS, TREATMENTS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "../shared/reference"
VISITS = ("baseline", "week 1", "week 2", "week 4", "week 6")
DAYS = {"baseline": 0, "week 1": 7, "week 2": 14, "week 4": 28, "week 6": 42}


def rated_study(scores, *, scale="HAMD17", last_days=None, treatments=(), first_days=None):
    """`scores`: for each subject a dict of visit (or day, for an unscheduled rating) to score."""
    rows = [
        (subject, DAYS.get(when, when), when if when in DAYS else None, scale, score)
        for subject, ratings in scores.items()
        for when, score in ratings.items()
    ]
    return made(
        list(scores),
        ratings=pl.DataFrame(rows, schema=RATINGS.schema, orient="row", strict=False),
        last_days=last_days,
        first_days=first_days,
        treatments=treatments,
    )


def diary_study(spans, treatments=(), *, observed=(), last_days=None, first_days=None):
    """`spans`: of each subject (day, days, count); `treatments`: (subject, no, drug, start, stop, reason)."""
    rows = [(subject, *span, None) for subject, listed in spans.items() for span in listed]
    return made(
        list(spans),
        seizures=pl.DataFrame(rows, schema=SEIZURES.schema, orient="row"),
        observed=pl.DataFrame(list(observed), schema=OBSERVED.schema, orient="row"),
        last_days=last_days,
        first_days=first_days,
        treatments=treatments,
    )


def made(subjects, *, treatments=(), last_days=None, first_days=None, **tables):
    first, last = first_days or {}, last_days or {}
    rows = [(subject, None, first.get(subject), last.get(subject)) for subject in subjects]
    courses = [(*row[:3], "drug", None, *row[3:], None) for row in treatments]
    return Study(
        name="small",
        visits=VISITS,
        subjects=pl.DataFrame(rows, schema=SUBJECTS.schema, orient="row"),
        treatments=pl.DataFrame(courses, schema=TREATMENTS.schema, orient="row"),
        **tables,
    )


def daily(from_day, to_day, seizures=(), missing=()):
    """A diary with a record on every day: one seizure on the days of `seizures`, no record on those of `missing`."""
    return [(day, 1, int(day in seizures)) for day in range(from_day, to_day + 1) if day not in missing]


ON = [("a", 1, "valproate", 0, None, None)]


def after_interval(interval, last, seizures=(), missing=(), treatments=ON):
    """Two seizures `interval` days apart, then the treatment from day 0."""
    diary = [*daily(-2 - interval, last, [-2 - interval, -2, *seizures], missing)]
    return diary_study({"a": diary}, treatments)


def row(study, criterion, subject="a", treatment_no=None, **asked):
    """The one row of OUTCOMES of a subject, as a dict."""
    found = classify(study, criterion, **asked).filter(subject_id=subject)
    if treatment_no is not None:
        found = found.filter(treatment_no=treatment_no)
    assert found.height == 1
    return found.row(0, named=True)


def said(study, criterion, subject="a", treatment_no=None, **asked):
    """Verdict and reason of a subject."""
    found = row(study, criterion, subject, treatment_no, **asked)
    return found["verdict"], found["reason"]
