"""Records of treatments: courses, doses, adverse effects, status epilepticus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.clinic.after_drugs import AfterDrugs
from synthetic_data.clinic.courses import Courses
from synthetic_data.clinic.prescribing import LOW_DOSE, NONE_KEPT
from synthetic_data.succession.histories import INTOLERANCE

if TYPE_CHECKING:
    from synthetic_data.clinic.truth import ClinicTruth

Ints = NDArray[np.int64]

_STOP_REASONS = (None, "intolerance", "inefficacy", "inefficacy", None)  # by result
EFFECTS = ("somnolence", "dizziness", "rash", "irritability", "nausea", "double vision")
_EFFECTS_WITHIN = 90  # a mild effect shows itself in the first days of a course


def treatment_rows(truth: ClinicTruth, ids: pl.Series, courses: Courses, after: AfterDrugs) -> pl.DataFrame:
    """Return TREATMENTS; a combination is two rows, a course that goes on has no end yet, nor its adherence.

    The dose is null where DOSES has it.
    """
    rows = _drug_rows(truth, ids, courses)
    shown = rows.drop("raised", "full_dose", "starting_dose", "last", "kept")
    if truth.titration.days:
        shown = shown.with_columns(daily_dose=pl.lit(None, dtype=pl.Float64))
    therapies = pl.DataFrame(
        {"drug": [one.name for one in truth.therapies], "kind": [one.kind for one in truth.therapies]}
    )
    later = therapies.cast(pl.String)[after.therapy].select(
        ids.gather(after.who),
        treatment_no=pl.lit(truth.succession.steps + 1, dtype=pl.Int64),
        drug="drug",
        kind="kind",
        start_day=pl.Series(after.start),
    )
    return pl.concat([shown, later], how="diagonal")


def dose_rows(truth: ClinicTruth, ids: pl.Series, courses: Courses) -> pl.DataFrame:
    """Return DOSES of courses that were titrated: equal rises, as far as the course goes."""
    days, rises = truth.titration.days, truth.titration.rises
    rows = _drug_rows(truth, ids, courses)
    rises_of = pl.DataFrame({"rise": range(rises + 1)})
    rising = rows.join(rises_of, how="cross").with_columns(
        from_day=pl.col("start_day") + pl.col("rise") * days // rises,
        daily_dose=pl.col("starting_dose") + (pl.col("full_dose") - pl.col("starting_dose")) * pl.col("rise") / rises,
    )
    kept = rising.filter((pl.col("rise") == 0) | (pl.col("raised") & ~pl.col("kept")))
    kept = kept.with_columns(daily_dose=pl.when("kept").then("full_dose").otherwise("daily_dose"))
    within = kept.filter(pl.col("from_day") <= pl.col("last")) if days else kept.clear()
    return within.select("subject_id", "treatment_no", "drug", "from_day", "daily_dose")


def _drug_rows(truth: ClinicTruth, ids: pl.Series, courses: Courses) -> pl.DataFrame:
    """Return TREATMENTS of drugs, both doses, whether the dose was `raised`, the drug `kept`, and the `last` day."""
    who, step = np.nonzero(courses.histories.taken)
    kept = courses.prescribed.kept[who, step]
    both = np.concatenate([courses.prescribed.drug[who, step], kept[kept != NONE_KEPT]])
    place = np.concatenate([np.arange(who.size), np.flatnonzero(kept != NONE_KEPT)])
    who, step, is_kept = who[place], step[place], np.arange(place.size) >= who.size
    result, stopped = courses.histories.result[who, step], pl.Series(courses.stopped[who, step])
    low = (result == INTOLERANCE) | (courses.prescribed.cause[who, step] == LOW_DOSE)
    raised = pl.Series(~low | is_kept)
    return _names(truth)[both].select(
        ids.gather(who),
        pl.Series(step + 1).alias("treatment_no"),
        "drug",
        kind=pl.lit("drug"),
        daily_dose=pl.when(raised).then("full_dose").otherwise("starting_dose"),
        start_day=pl.Series(courses.start[who, step]),
        stop_day=pl.when(stopped).then(pl.Series(courses.stop[who, step])),
        stop_reason=pl.Series(_STOP_REASONS, dtype=pl.String).gather(result),
        adherence=pl.when(stopped).then(pl.Series(courses.adherence[who, step])),
        starting_dose="starting_dose",
        full_dose="full_dose",
        raised=raised,
        kept=pl.Series(is_kept),
        last=pl.Series(np.minimum(courses.stop[who, step], courses.last_day[who])),
    )


def _names(truth: ClinicTruth) -> pl.DataFrame:
    rows = [(one.drug, float(one.starting_dose), float(one.daily_dose)) for one in truth.prescriptions]
    return pl.DataFrame(rows, ["drug", "starting_dose", "full_dose"], orient="row")


def effect_rows(truth: ClinicTruth, ids: pl.Series, courses: Courses, rng: np.random.Generator) -> pl.DataFrame:
    """Return ADVERSE_EFFECTS: one in each course that was not tolerated, ending with it, and mild ones in others."""
    histories = courses.histories
    mild = rng.random(histories.taken.shape) < truth.mild_effects
    intolerant = histories.result == INTOLERANCE
    who, step = np.nonzero(histories.taken & (intolerant | mild))
    start, stop = courses.start[who, step], np.minimum(courses.stop[who, step], courses.last_day[who])
    severe = intolerant[who, step]
    reach = np.where(severe, stop - start + 1, np.minimum(stop - start + 1, _EFFECTS_WITHIN))
    day = start + (rng.random(who.size) * reach).astype(np.int64)
    return pl.DataFrame(
        {
            "subject_id": ids.gather(who),
            "day": day,
            "to_day": stop,
            "treatment_no": step + 1,
            "effect": np.array(EFFECTS)[rng.integers(len(EFFECTS), size=who.size)],
            "severity": np.where(severe, "severe", "mild"),
        }
    ).with_columns(to_day=pl.when(pl.Series(severe)).then("to_day"), serious=pl.lit(False))


def episode_rows(truth: ClinicTruth, seizures: pl.DataFrame, ids: pl.Series, rng: np.random.Generator) -> pl.DataFrame:
    """Return EPISODES: one status epilepticus in a few, on a day on which the diary has seizures, for some hours."""
    chosen = ids.filter(pl.Series(rng.random(ids.len()) < truth.status_epilepticus))
    days = seizures.filter((pl.col("count") > 0) & pl.col("subject_id").is_in(chosen.implode())).sort(
        "subject_id", "day"
    )
    shuffled = days.with_columns(key=pl.Series(rng.random(days.height))).sort("subject_id", "key")
    one = shuffled.unique("subject_id", keep="first", maintain_order=True)
    hours = 0.5 + np.minimum(rng.standard_exponential(one.height) * 2, 23)
    begins = pl.Series(rng.random(one.height).round(4))
    return one.select(
        "subject_id",
        episode=pl.lit("status epilepticus"),
        from_day=pl.col("day") + begins,
        to_day=pl.col("day") + begins + pl.Series((hours / 24).round(4)),
    )
