"""Records of an epilepsy clinic."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.clinic.after_drugs import OUTCOMES, AfterDrugs, draw_after_drugs
from synthetic_data.clinic.courses import NEVER, Courses, draw_courses
from synthetic_data.clinic.effect import Effect, effect_of
from synthetic_data.clinic.people import draw_people, finding_rows, subject_rows
from synthetic_data.clinic.prescribing import CAUSES, NO_CAUSE
from synthetic_data.clinic.tables import dose_rows, effect_rows, episode_rows, treatment_rows
from synthetic_data.diary.habits import draw_habits
from synthetic_data.diary.reporting import draw_diary
from synthetic_data.drawn import Drawn, Heading
from synthetic_data.succession.histories import RESULTS, draw_histories

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Floats = NDArray[np.float64]


def clinic_heading(truth: ClinicTruth) -> Heading:
    """Return what the study says of itself."""
    return Heading(
        name="epilepsy_clinic",
        title="Simulated epilepsy clinic, successive treatments",
        index="start of the first treatment",
    )


def draw_clinic(truth: ClinicTruth, ids: pl.Series, rng: np.random.Generator) -> Drawn:
    """Draw the records of an epilepsy clinic, and what truly came of each treatment.

    What is latent has one row a treatment:

    - `subject_id, treatment_no`;
    - `rate28`: untreated seizures in 28 days;
    - `own_chance`: of remission, risk factors left out; `chance`: on this treatment, if it is tolerated and tested;
    - `result`: remission, intolerance, inefficacy, inadequate, other; of therapies remission, response, no response;
    - `cause`: why the treatment was no fair test, else null;
    - `start_day`; `free_from`: first day of freedom, else null; `relapse_day`: from which seizures
      come again, else null;
    - `left`: whether the subject left for good after or during it, without remission.
    """
    subjects = ids.len()
    histories = draw_histories(truth.succession, subjects, rng)
    people = draw_people(truth, histories, rng)
    courses = draw_courses(truth, histories, people.syndrome, rng)
    after = draw_after_drugs(truth, people, courses, rng)
    habits = draw_habits(truth.diary, subjects, rng)
    days = np.arange(-truth.diary_days, truth.follow_up_days)
    effect = effect_of(truth, courses, after)
    diary = draw_diary(truth.diary, habits, days, partial(_within, effect, days, subjects), rng)
    seizures = diary.select(ids.gather(diary["who"]), "day", "count", days=pl.lit(1, dtype=pl.Int64))
    subject = subject_rows(truth, ids, people, histories, courses.last_day)
    observed = subject.select("subject_id", from_day="first_day", to_day="last_day")
    tables = {
        "subjects": subject,
        "seizures": seizures,
        "observed": observed if truth.diary.form == "events" else observed.clear(),
        "treatments": treatment_rows(truth, ids, courses, after),
        "doses": dose_rows(truth, ids, courses),
        "adverse_effects": effect_rows(truth, ids, courses, rng),
        "findings": finding_rows(truth, ids, people),
        "episodes": episode_rows(truth, seizures, ids, rng),
    }
    return Drawn(tables, _latent(truth, ids, habits.rate28, courses, after))


def _within(effect: Effect, days: NDArray[np.int64], subjects: int, block: slice) -> Floats:
    return effect.on(days, slice(block.start, min(block.stop, subjects)))


def _latent(truth: ClinicTruth, ids: pl.Series, rate28: Floats, courses: Courses, after: AfterDrugs) -> pl.DataFrame:
    histories = courses.histories
    who, step = np.nonzero(histories.taken)
    cause = courses.prescribed.cause[who, step]
    drugs = pl.DataFrame(
        {
            "subject_id": ids.gather(who),
            "treatment_no": step + 1,
            "rate28": rate28[who],
            "own_chance": histories.own_chance[who],
            "chance": histories.chance[who, step],
            "result": pl.Series(RESULTS).gather(histories.result[who, step]),
            "cause": pl.Series((*CAUSES, None), dtype=pl.String).gather(
                np.where(cause == NO_CAUSE, len(CAUSES), cause)
            ),
            "start_day": courses.start[who, step],
            "free_from": courses.free_from[who, step],
            "relapse_day": courses.relapse[who, step],
            "left": histories.left[who, step],
        }
    )
    chances = np.array([therapy.freedom for therapy in truth.therapies])
    therapies = pl.DataFrame(
        {
            "subject_id": ids.gather(after.who),
            "treatment_no": np.full(after.who.size, truth.succession.steps + 1),
            "rate28": rate28[after.who],
            "own_chance": histories.own_chance[after.who],
            "chance": chances[after.therapy] if chances.size else np.zeros(0),
            "result": pl.Series(OUTCOMES).gather(after.outcome),
            "start_day": after.start,
            "free_from": after.free_from,
            "relapse_day": after.relapse,
            "left": np.zeros(after.who.size, dtype=np.bool_),
        }
    )
    dates = pl.when(pl.col("free_from", "relapse_day") < NEVER).then(pl.col("free_from", "relapse_day"))
    return pl.concat([drugs, therapies], how="diagonal").with_columns(dates).sort("subject_id", "treatment_no")
