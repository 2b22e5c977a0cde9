"""Which depressive episode each treatment belongs to, and which one is judged."""

from __future__ import annotations

import polars as pl

from cohort.criteria.depressive_episodes import EpisodeRule
from cohort.outcomes.treatments.courses import UNIT
from cohort.records.study import Study


def depressive_episodes(study: Study, rule: EpisodeRule) -> pl.DataFrame:
    """Return one row an episode, subjects without a record of one having one: `subject_id, episode_no, since, until`.

    `since` is null where no episode was recorded and all treatments belong to one, `until` where the episode goes on.
    Subjects without a record are absent where that leaves them undetermined.
    """
    name = pl.col("episode").str.strip_chars().str.to_lowercase()
    spans = study.episodes.filter(name == rule.name.strip().lower()).sort("subject_id", "from_day")
    reach = pl.col("to_day").fill_null(float("inf")).cum_max().shift(1).over("subject_id")
    begins = reach.is_null() | (pl.col("from_day") - reach >= rule.well_days)
    numbered = spans.with_columns(episode_no=begins.cast(pl.Int64).cum_sum().over("subject_id"))
    going_on = pl.col("to_day").is_null().any()
    merged = numbered.group_by("subject_id", "episode_no").agg(
        since=pl.col("from_day").min(), until=pl.when(~going_on).then(pl.col("to_day").max())
    )
    if rule.missing == "one":
        without = study.subjects.select("subject_id").join(merged, on="subject_id", how="anti")
        nothing = pl.lit(None, dtype=pl.Float64)
        single = without.with_columns(episode_no=pl.lit(1, pl.Int64), since=nothing, until=nothing)
        merged = pl.concat([merged, single])
    return merged.sort("subject_id", "episode_no")


def judged_episodes(study: Study, rule: EpisodeRule) -> pl.DataFrame:
    """Return the episodes that a rule judges: of each subject the last, or all."""
    episodes = depressive_episodes(study, rule)
    if rule.which == "any":
        return episodes
    return episodes.group_by("subject_id", maintain_order=True).last()


def in_episodes(courses: pl.DataFrame, episodes: pl.DataFrame) -> pl.DataFrame:
    """Return the courses that belong to one of these episodes, with `episode_no`; `courses` has UNIT and `start`.

    A course belongs to the last episode begun by its start.
    """
    held = courses.select(*UNIT, "start").join(episodes, on="subject_id")
    begun = held.filter(pl.col("since").is_null() | (pl.col("since").floor() <= pl.col("start")))
    last = begun.group_by(UNIT).agg(pl.col("episode_no").max())
    return courses.join(last, on=UNIT).sort(UNIT)
