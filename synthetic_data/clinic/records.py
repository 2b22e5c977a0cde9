"""Records of an epilepsy clinic."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.clinic.courses import FREE, RESULTS, Courses, draw_courses
from synthetic_data.clinic.truth import ClinicTruth
from synthetic_data.diary.days import draw_diary, untreated_rates
from synthetic_data.drawn import Drawn, Heading

_STOP_REASONS = (None, "intolerance", "inefficacy")  # by result


def clinic_heading(truth: ClinicTruth) -> Heading:
    """Return what the study says of itself."""
    return Heading(
        name="epilepsy_clinic",
        title="Simulated epilepsy clinic, successive treatments",
        index="start of the first treatment",
    )


def draw_clinic(truth: ClinicTruth, ids: pl.Series, rng: np.random.Generator) -> Drawn:
    """Draw SUBJECTS, SEIZURES, TREATMENTS, for a diary of events OBSERVED, and what truly came of each.

    What is latent has `subject_id, treatment_no, rate28` (untreated), `result` (free, intolerant, failed),
    `start_day`, `free_from` (first day of lasting freedom, else null), one row for each treatment.
    """
    subjects = ids.len()
    people = _people(truth, ids, rng)
    rates = untreated_rates(truth, subjects, rng)
    courses = draw_courses(truth, subjects, rng)
    diary = draw_diary(truth, rates, courses, rng)
    observed = people.select("subject_id", from_day="first_day", to_day="last_day")
    tables = {
        "subjects": people,
        "seizures": diary.select(ids.gather(diary["who"]), "day", "count", days=pl.lit(1)),
        "treatments": _treatments(truth, ids, courses),
        "observed": observed if truth.diary == "events" else observed.clear(),
    }
    return Drawn(tables, _results(ids, rates, courses))


def _people(truth: ClinicTruth, ids: pl.Series, rng: np.random.Generator) -> pl.DataFrame:
    subjects = ids.len()
    return pl.DataFrame(
        {
            "subject_id": ids,
            "first_day": np.full(subjects, -truth.diary_days),
            "last_day": np.full(subjects, truth.follow_up_days - 1),
            "age": rng.integers(*truth.ages, size=subjects, endpoint=True),
            "sex": np.where(rng.random(subjects) < truth.share_female, "F", "M"),
            "epilepsy_type": np.where(rng.random(subjects) < truth.share_focal, "focal", "generalized"),
        }
    )


def _treatments(truth: ClinicTruth, ids: pl.Series, courses: Courses) -> pl.DataFrame:
    """Return TREATMENTS rows; the intolerant never got beyond the starting dose, an ongoing course has no end yet."""
    who, step = np.nonzero(courses.taken)
    result = courses.result[who, step]
    drugs = pl.DataFrame(list(truth.prescriptions))[courses.prescription[who, step]]
    reason = pl.Series(_STOP_REASONS, dtype=pl.String).gather(result)
    ended = pl.Series(result != FREE)
    return drugs.select(
        ids.gather(who),
        "drug",
        treatment_no=step + 1,
        kind=pl.lit("drug"),
        daily_dose=pl.when(reason.eq_missing("intolerance")).then("starting_dose").otherwise("daily_dose"),
        start_day=courses.start[who, step],
        stop_day=pl.when(ended).then(pl.Series(courses.stop[who, step])),
        stop_reason=reason,
        adherence=pl.when(ended).then(pl.Series(courses.adherence[who, step])),
    )


def _results(ids: pl.Series, rates: NDArray[np.float64], courses: Courses) -> pl.DataFrame:
    who, step = np.nonzero(courses.taken)
    result = courses.result[who, step]
    return pl.DataFrame(
        {
            "subject_id": ids.gather(who),
            "treatment_no": step + 1,
            "rate28": rates[who],
            "result": pl.Series(RESULTS).gather(result),
            "start_day": courses.start[who, step],
            "free_from": courses.free_from[who, step],
        }
    ).with_columns(free_from=pl.when(pl.col("result") == RESULTS[FREE]).then("free_from"))
