"""Records of a sequenced study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from cohort.schemas import TREATMENTS
from synthetic_data.drawn import Drawn, Heading
from synthetic_data.sequenced.after import After, draw_after, month_day
from synthetic_data.sequenced.courses import CAUSES, Courses, draw_courses
from synthetic_data.sequenced.design import MONTHS
from synthetic_data.sequenced.instruments import Ints, beside, companion_of
from synthetic_data.sequenced.prescribed import adverse_effects, doses, treatments
from synthetic_data.sequenced.scores import Ratings, draw_ratings
from synthetic_data.succession.histories import RESULTS

if TYPE_CHECKING:
    from synthetic_data.sequenced.truth import SequencedTruth

BASELINE = "baseline"


@dataclass(frozen=True, eq=False)
class Lives:
    """What became of the subjects of a block: their steps, their scores, what followed remission."""

    ids: pl.Series
    courses: Courses
    scores: Ratings
    after: After


def exit_visit(step: int) -> str:
    """Return the name of a step's last rating, which is the entry of the next; steps are counted from 1."""
    return f"step {step} exit"


def sequenced_heading(truth: SequencedTruth) -> Heading:
    """Return what the study says of itself."""
    steps = range(1, truth.succession.steps + 1)
    weeks = truth.calendar.weeks
    during = [[*(f"step {k} week {week}" for week in weeks), exit_visit(k)] for k in steps]
    months = [f"follow-up month {month}" for month in range(1, MONTHS + 1)]
    return Heading(
        name=truth.name,
        title=truth.title,
        index="start of the first treatment",
        visits=(BASELINE, *(visit for visits in during for visit in visits), *months),
    )


def draw_sequenced(truth: SequencedTruth, ids: pl.Series, rng: np.random.Generator) -> Drawn:
    """Draw SUBJECTS, RATINGS, TREATMENTS, DOSES, ADVERSE_EFFECTS, EPISODES, and what truly came of each step.

    A subject is under observation from day 0 to the last rating. What is latent has one row for each step begun:
    `subject_id, treatment_no, own_chance` (risk factors left out), `chance` (on this step, were it tolerated and a fair
    test), `result` (remission, intolerance, inefficacy, inadequate, other), `cause` (of a test that was not fair: dose
    too low, too short, not taken), `option, start_day, exit_day, entry_score, exit_score, left` (for good, after the
    step, without remission), `remission_day` (of the first rating in remission), `relapse_day` (within 12 months of the
    exit, seen or not) and `missed_month` (the first month of follow-up that is missed for good).
    """
    courses = draw_courses(truth, ids.len(), rng)
    scores = draw_ratings(truth, courses, rng)
    lives = Lives(ids, courses, scores, draw_after(truth, courses, scores, rng))
    taken = treatments(truth, ids, courses, lives.after)
    tables = {
        "subjects": _people(truth, lives, rng),
        "ratings": _ratings(truth, lives, rng),
        "treatments": taken.select(list(TREATMENTS.columns)),
        "doses": doses(truth, taken),
        "adverse_effects": adverse_effects(ids, courses, rng),
        "episodes": _episodes(truth, lives, rng),
    }
    return Drawn(tables, _latent(truth, lives))


def _people(truth: SequencedTruth, lives: Lives, rng: np.random.Generator) -> pl.DataFrame:
    courses, after, subjects = lives.courses, lives.after, lives.ids.len()
    left = np.where(courses.histories.taken, courses.exit, 0).max(axis=1)
    seen = np.where(after.who, after.since + month_day(after.last), left)
    factors = {
        factor.name: pl.Series(factor.levels, dtype=pl.Enum(factor.levels)).gather(has.astype(np.int64))
        for factor, has in zip(truth.succession.risk_factors, courses.histories.factors.T, strict=True)
    }
    return pl.DataFrame(
        {
            "subject_id": lives.ids,
            "first_day": np.zeros(subjects, dtype=np.int64),
            "last_day": seen,
            "age": rng.integers(*truth.ages, size=subjects, endpoint=True),
            "sex": np.where(rng.random(subjects) < truth.share_female, "F", "M"),
            "recurrent": np.where(rng.random(subjects) < truth.share_recurrent, "yes", "no"),
            **factors,
        }
    )


def _ratings(truth: SequencedTruth, lives: Lives, rng: np.random.Generator) -> pl.DataFrame:
    """Return RATINGS: the deciding scale at all visits, the other one at entry and exits."""
    ids, courses, scores = lives.ids, lives.courses, lives.scores
    steps, weeks = range(truth.succession.steps), truth.calendar.weeks
    who = np.arange(ids.len())
    entry = _rows(ids, who, np.zeros(who.size, dtype=np.int64), scores.at_entry[:, 0], np.full(who.size, BASELINE))
    here, step = np.nonzero(courses.histories.taken)
    names = np.array([exit_visit(k + 1) for k in steps])
    leave = _rows(ids, here, courses.exit[here, step], scores.at_exit[here, step], names[step])
    there, at, week = np.nonzero(scores.held)
    named = np.array([[f"step {k + 1} week {each}" for each in weeks] for k in steps])
    planned = _rows(ids, there, scores.day[there, at, week], scores.planned[there, at, week], named[at, week])
    primary = pl.concat([entry, leave, planned, _follow_up(ids, lives.after)]).with_columns(
        pl.col("score").cast(pl.Float64), scale=pl.lit(truth.scale)
    )
    other = _companion(truth, pl.concat([entry, leave]), rng)
    return pl.concat([primary, other]).sort("subject_id", "scale", "day")


def _rows(ids: pl.Series, who: Ints, day: Ints, score: Ints, visit: NDArray[np.str_]) -> pl.DataFrame:
    return pl.DataFrame({"subject_id": ids.gather(who), "day": day, "visit": visit, "score": score})


def _follow_up(ids: pl.Series, after: After) -> pl.DataFrame:
    months = np.arange(1, MONTHS + 1)
    who, month = np.nonzero(after.who[:, None] & (months <= after.last[:, None]))
    names = np.array([f"follow-up month {each}" for each in months])
    return _rows(ids, who, after.since[who] + month_day(month + 1), after.scores[who, month], names[month])


def _companion(truth: SequencedTruth, ratings: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    score = beside(ratings["score"].to_numpy(), truth.scale, truth.symptoms.companion_sd, rng)
    missing = (ratings["visit"] != BASELINE).to_numpy() & (rng.random(score.size) < truth.symptoms.companion_missing)
    known = pl.when(pl.Series(~missing)).then(pl.Series(score, dtype=pl.Float64))
    return ratings.with_columns(score=known, scale=pl.lit(companion_of(truth.scale).scale.name))


def _episodes(truth: SequencedTruth, lives: Lives, rng: np.random.Generator) -> pl.DataFrame:
    """Return the episode that led to the study, which ends with remission, and the relapses that were seen."""
    ids, after = lives.ids, lives.after
    before = np.ceil(truth.episode_days * np.exp(rng.standard_normal(ids.len()))).astype(np.int64)
    ended = pl.Series(after.who)
    remission = pl.Series(lives.scores.remission_day[np.arange(ids.len()), after.step])
    index = pl.DataFrame({"subject_id": ids, "from_day": -before}).with_columns(to_day=pl.when(ended).then(remission))
    again = np.flatnonzero(after.relapsed)
    relapses = pl.DataFrame({"subject_id": ids.gather(again), "from_day": after.relapse_day[again]}).with_columns(
        to_day=pl.lit(None, dtype=pl.Int64)
    )
    both = pl.concat([index, relapses]).sort("subject_id", "from_day")
    return both.with_columns(episode=pl.lit("depressive episode"))


def _latent(truth: SequencedTruth, lives: Lives) -> pl.DataFrame:
    courses, scores, after, history = lives.courses, lives.scores, lives.after, lives.courses.histories
    who, step = np.nonzero(history.taken)
    remits = pl.Series(courses.remits[who, step])
    first_step, *later = truth.options
    labels = np.array([each.names for each in first_step] + [each.label for offered in later for each in offered])
    first = np.cumsum([0, *(len(offered) for offered in truth.options)])[:-1]
    relapses = remits & pl.Series(after.relapse[who] <= MONTHS)
    return pl.DataFrame(
        {
            "subject_id": lives.ids.gather(who),
            "treatment_no": step + 1,
            "own_chance": history.own_chance[who],
            "chance": history.chance[who, step],
            "result": pl.Series(RESULTS).gather(history.result[who, step]),
            "cause": pl.Series(CAUSES, dtype=pl.String).gather(courses.cause[who, step]),
            "option": labels[first[step] + courses.option[who, step]],
            "start_day": courses.start[who, step],
            "exit_day": courses.exit[who, step],
            "entry_score": scores.at_entry[who, step],
            "exit_score": scores.at_exit[who, step],
            "left": history.left[who, step],
            "remission_day": scores.remission_day[who, step],
            "relapse_day": after.relapse_day[who],
            "missed_month": after.missed[who],
        }
    ).with_columns(
        remission_day=pl.when(remits).then("remission_day"),
        relapse_day=pl.when(relapses).then("relapse_day"),
        missed_month=pl.when(remits & (pl.col("missed_month") <= MONTHS)).then("missed_month"),
    )
