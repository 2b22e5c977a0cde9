"""How the scores went under each course of treatment."""

from __future__ import annotations

import polars as pl

from cohort.criteria.antidepressant_result import AntidepressantResult
from cohort.outcomes.scores.ratings import rated
from cohort.outcomes.scores.remission import in_remission
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study

_DECIMALS = 9  # a fall of exactly 25 percent, 16.4 to 12.3, is 24.999999999999993 in binary fractions


def rated_courses(study: Study, courses: pl.DataFrame, criterion: AntidepressantResult) -> pl.DataFrame:
    """Return the courses with what their ratings say.

    Args:
        study: The study.
        courses: One row a course: UNIT, `start, stop, ready` (the first day on which a score can show a failure).
        criterion: Which ratings belong to a course.

    Returns:
        The courses with `baseline, baseline_day`, the last rating under the course `score, score_day, improvement`,
        `remission_day, response_day, reached_day` (of the first rating in remission, with a fall of half, with no
        failure), and `failed_day` (of the first rating from `ready` on that shows a failure); null where there is none.
    """
    scores = rated(study, criterion.remission.scale).drop("baseline", "visit")
    windows = _with_window(courses, criterion)
    start = _baselines(windows, scores, criterion.baseline_days)
    begun = windows.join(start, on=UNIT, how="left")
    after = (pl.col("day") > pl.col("start")) & (pl.col("day") <= pl.col("until"))
    under = begun.join(scores, on="subject_id", how="inner", maintain_order="left_right").filter(after)
    seen = _judged(under, criterion).group_by(UNIT, maintain_order=True).agg(*_summary())
    return begun.drop("until").join(seen, on=UNIT, how="left").sort(UNIT)


def percent_improvement(start: pl.Expr, score: pl.Expr) -> pl.Expr:
    """Return by how many percent of a baseline the score has fallen, to nine decimals; null from a baseline of zero."""
    return pl.when(start > 0).then((100 * (start - score) / start).round(_DECIMALS))


def _with_window(courses: pl.DataFrame, criterion: AntidepressantResult) -> pl.DataFrame:
    """Add `until`: the last day whose ratings belong to a course, `grace_days` after the stop or the next start."""
    starts = courses.select("subject_id", next_start="start").unique().sort("next_start")
    stopped = courses.filter(pl.col("stop").is_not_null()).sort("stop")
    following = stopped.join_asof(
        starts,
        left_on="stop",
        right_on="next_start",
        by="subject_id",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    ).select(*UNIT, "next_start")
    graced = pl.min_horizontal(pl.col("stop") + criterion.grace_days, "next_start").cast(pl.Float64)
    until = pl.when(pl.col("stop").is_not_null()).then(graced).otherwise(float("inf"))
    return courses.join(following, on=UNIT, how="left").with_columns(until=until).drop("next_start")


def _baselines(courses: pl.DataFrame, scores: pl.DataFrame, days: int) -> pl.DataFrame:
    before = courses.select(*UNIT, "start").join(scores, on="subject_id", maintain_order="left_right")
    near = before.filter((pl.col("day") <= pl.col("start")) & (pl.col("day") >= pl.col("start") - days))
    last = near.group_by(UNIT, maintain_order=True).last()
    return last.select(*UNIT, baseline="score", baseline_day="day")


def _judged(under: pl.DataFrame, criterion: AntidepressantResult) -> pl.DataFrame:
    """Add `improvement, remitted, responded, reached, failing` to each rating; null where there is no baseline."""
    improvement, remitted = pl.col("improvement"), pl.col("remitted")
    found = under.with_columns(
        improvement=percent_improvement(pl.col("baseline"), pl.col("score")),
        remitted=in_remission(pl.col("score"), criterion.remission),
    )
    enough = pl.lit(False) if criterion.improvement is None else improvement >= criterion.improvement
    found = found.with_columns(responded=improvement >= 50, reached=remitted | enough)
    return found.with_columns(failing=~pl.col("reached") & (pl.col("day") >= pl.col("ready")))


def _summary() -> list[pl.Expr]:
    last = [pl.col("score").last(), pl.col("day").last().alias("score_day"), pl.col("improvement").last()]
    at_last = [pl.col(name).last() for name in ("remitted", "responded", "reached")]
    named = {
        "remitted": "remission_day",
        "responded": "response_day",
        "reached": "reached_day",
        "failing": "failed_day",
    }
    first = [pl.col("day").filter(pl.col(name)).first().alias(day) for name, day in named.items()]
    return [*last, *at_last, *first]
