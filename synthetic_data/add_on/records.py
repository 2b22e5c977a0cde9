"""Records of an add-on study of epilepsy."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic_data.add_on.dosing import Ints, dose_steps, left_of_rate
from synthetic_data.add_on.enrolment import Enrolled, draw_enrolled
from synthetic_data.add_on.stops import REASONS, Stops, draw_stops
from synthetic_data.add_on.truth import AddOnTruth
from synthetic_data.diary.counts import draw_counts
from synthetic_data.diary.reporting import diary_frame, missing_days, written_counts
from synthetic_data.drawn import Drawn, Heading

_EFFECTS = ("dizziness", "somnolence", "diplopia", "fatigue", "headache")
_SEVERITIES = ("mild", "moderate", "severe")
_FORGET = 14  # days within which an adverse effect passes once the drug is stopped


def add_on_heading(truth: AddOnTruth) -> Heading:
    """Return what the study says of itself."""
    return Heading(
        name="add_on_epilepsy",
        title="Simulated randomized add-on study of epilepsy",
        index="randomization",
        arms=truth.arms,
    )


def draw_add_on(truth: AddOnTruth, ids: pl.Series, rng: np.random.Generator) -> Drawn:
    """Draw SUBJECTS, SEIZURES, for a diary of events OBSERVED, TREATMENTS, DOSES and ADVERSE_EFFECTS.

    A completed treatment has no `stop_day`: it goes on at the end of the study. Only those who stop for intolerance
    have adverse effects, one each.

    What is latent has one row a subject: `subject_id, arm, rate28` (untreated), `overdispersion, clusters,
    weekly_amplitude, monthly_amplitude` (0 for no cycle), `stop_reason, last_treated` (null and the last day where
    completed), `kept_diary` (null where nothing was stopped), `true_baseline, true_seizures` (true seizures of all
    baseline and all treatment days, those after leaving included).
    """
    subjects = ids.len()
    arm = rng.permutation(np.arange(subjects) % 2)
    enrolled = draw_enrolled(truth, subjects, rng)
    stops = draw_stops(truth, arm, rng)
    kept = rng.random(subjects) < truth.keeps_diary
    last = np.where((stops.reason > 0) & ~kept, stops.last_treated, truth.treatment_days - 1)
    people = _people(truth, ids, arm, last, rng)
    left = left_of_rate(truth, arm, stops.last_treated)
    counts = draw_counts(
        truth.diary, enrolled.habits, np.arange(truth.treatment_days), left, rng, before=enrolled.counts
    )
    treatments = _treatments(truth, ids, arm, stops, rng)
    tables = {
        "subjects": people,
        "seizures": _seizures(truth, people, enrolled, counts, rng),
        "observed": people.select("subject_id", from_day="first_day", to_day="last_day"),
        "treatments": treatments,
        "doses": _doses(truth, treatments),
        "adverse_effects": _adverse_effects(treatments, last, rng),
    }
    if truth.diary.form == "daily":
        tables["observed"] = tables["observed"].clear()
    return Drawn(tables, _latent(people, enrolled, stops, kept, counts))


def _people(truth: AddOnTruth, ids: pl.Series, arm: Ints, last: Ints, rng: np.random.Generator) -> pl.DataFrame:
    subjects = ids.len()
    return pl.DataFrame(
        {
            "subject_id": ids,
            "arm": pl.Series(truth.arms).gather(arm),
            "first_day": np.full(subjects, -truth.baseline_days),
            "last_day": last,
            "age": rng.integers(*truth.ages, size=subjects, endpoint=True),
            "sex": np.where(rng.random(subjects) < truth.share_female, "F", "M"),
        }
    )


def _seizures(
    truth: AddOnTruth, people: pl.DataFrame, enrolled: Enrolled, counts: Ints, rng: np.random.Generator
) -> pl.DataFrame:
    days = np.arange(-truth.baseline_days, truth.treatment_days)
    missing = np.zeros((people.height, days.size), dtype=np.bool_)
    missing[:, : enrolled.missing.shape[1]] = enrolled.missing
    missing[:, truth.baseline_days :] |= missing_days(truth.diary, counts, rng)
    written = np.concatenate([enrolled.written, written_counts(truth.diary, counts, rng)], axis=1)
    diary = diary_frame(truth.diary, days, written, missing, days <= people["last_day"].to_numpy()[:, None])
    return diary.select(people["subject_id"].gather(diary["who"]), "day", "count", days=pl.lit(1))


def _treatments(truth: AddOnTruth, ids: pl.Series, arm: Ints, stops: Stops, rng: np.random.Generator) -> pl.DataFrame:
    """Return TREATMENTS rows; pills are counted at the end for everybody."""
    active = pl.Series(arm == 1)
    return pl.DataFrame(
        {
            "subject_id": ids,
            "treatment_no": np.ones(ids.len(), dtype=np.int64),
            "drug": np.where(active, truth.drug, truth.arms[0]),
            "kind": np.where(active, "drug", "placebo"),
            "start_day": np.zeros(ids.len(), dtype=np.int64),
            "stop_day": stops.last_treated,
            "stop_reason": pl.Series(REASONS, dtype=pl.String).gather(stops.reason),
            "adherence": rng.uniform(*truth.adherence, size=ids.len()).round(2),
        }
    ).with_columns(
        stop_day=pl.when(pl.col("stop_reason").is_not_null()).then("stop_day"), daily_dose=pl.lit(None, pl.Float64)
    )


def _doses(truth: AddOnTruth, treatments: pl.DataFrame) -> pl.DataFrame:
    """Return DOSES rows of those on the drug, as far as they got."""
    steps = pl.DataFrame(dose_steps(truth), schema=["from_day", "daily_dose"], orient="row")
    begun = pl.col("from_day") <= pl.col("stop_day").fill_null(truth.treatment_days)
    rows = treatments.filter(kind="drug").select("subject_id", "treatment_no", "drug", "stop_day")
    return rows.join(steps, how="cross", maintain_order="left_right").filter(begun).drop("stop_day")


def _adverse_effects(treatments: pl.DataFrame, last: Ints, rng: np.random.Generator) -> pl.DataFrame:
    """Return the adverse effect for which a treatment was stopped; no end where it outlasts the observation."""
    rows = treatments.with_columns(last=last).filter(stop_reason="intolerance")
    stop = rows["stop_day"].to_numpy()
    gone = stop + rng.integers(1, _FORGET, size=stop.size, endpoint=True)
    return rows.select(
        "subject_id",
        "treatment_no",
        day=pl.Series(rng.integers(0, stop, endpoint=True)),
        to_day=pl.when(pl.Series(gone) <= pl.col("last")).then(pl.Series(gone)),
        effect=pl.Series(_EFFECTS).gather(rng.integers(0, len(_EFFECTS), size=stop.size)),
        severity=pl.Series(_SEVERITIES).gather(rng.integers(0, len(_SEVERITIES), size=stop.size)),
        serious=pl.lit(False),
    )


def _latent(
    people: pl.DataFrame, enrolled: Enrolled, stops: Stops, kept: NDArray[np.bool_], counts: Ints
) -> pl.DataFrame:
    habits = enrolled.habits
    names = ("rate28", "overdispersion", "clusters", "weekly_amplitude", "monthly_amplitude")
    return people.select(
        "subject_id",
        "arm",
        *(pl.Series(name, getattr(habits, name)) for name in names),
        stop_reason=pl.Series(REASONS, dtype=pl.String).gather(stops.reason),
        last_treated=pl.Series(stops.last_treated),
        kept_diary=pl.when(pl.Series(stops.reason) > 0).then(pl.Series(kept)),
        true_baseline=pl.Series(enrolled.counts.sum(axis=1)),
        true_seizures=pl.Series(counts.sum(axis=1)),
    )
