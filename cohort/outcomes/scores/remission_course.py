"""A subject's ratings in their order: runs in remission, and the returns of the episode."""

from __future__ import annotations

import polars as pl

from cohort.criteria.recovery import AfterRemission
from cohort.criteria.sustained import SustainedRemission
from cohort.outcomes.scores.ratings import after_baseline
from cohort.outcomes.scores.remission import in_remission
from cohort.records.remembered import remembered
from cohort.records.study import Study

SUBJECT = "subject_id"


def remission_runs(study: Study, remission: SustainedRemission) -> pl.DataFrame:
    """Return each known rating after baseline, in order, with the run in remission to which it belongs.

    Columns: `subject_id, day, score, date` (the calendar day), `gap` (too long after the rating before it), `low` (in
    remission), `run` (its number; that of the last one where the rating is in none), `onset` (the run's first date),
    `lasted` (days since then), `visits` (so far in the run), `established` (the run is long enough by now), `unseen`
    (what came next was not seen: it is the last rating, or the next one comes too late).
    """
    rows = after_baseline(study, remission.scale).select(SUBJECT, "day", "score")
    low, before = in_remission(pl.col("score"), remission), pl.col("date").shift(1).over(SUBJECT)
    rows = rows.with_columns(date=pl.col("day").floor().cast(pl.Int64), low=low).with_columns(
        gap=(pl.col("date") - before > remission.max_gap_days).fill_null(False),
        another=(pl.col("date") != before).fill_null(True),
    )
    begins = pl.col("low") & (pl.col("gap") | ~pl.col("low").shift(1).over(SUBJECT).fill_null(False))
    rows = rows.with_columns(begins=begins).with_columns(run=pl.col("begins").cum_sum().over(SUBJECT))
    counted = (pl.col("another") | pl.col("begins")).cast(pl.Int64).cum_sum().over(SUBJECT, "run", "low")
    rows = rows.with_columns(
        onset=pl.when("low").then(pl.col("date").min().over(SUBJECT, "run", "low")),
        visits=pl.when("low").then(counted),
        unseen=pl.col("gap").shift(-1).over(SUBJECT).fill_null(True),
    ).with_columns(lasted=pl.col("date") - pl.col("onset"))
    enough = (pl.col("visits") >= remission.visits) & (pl.col("lasted") >= remission.days)
    return rows.with_columns(established=pl.col("low") & enough.fill_null(False)).drop("begins", "another")


@remembered
def after_remission(study: Study, rule: AfterRemission) -> pl.DataFrame:
    """Return the rows of `remission_runs` with what became of each remission.

    Adds `high` (a full score), `returned` (one that confirms the return), `since` (the date of the full score that it
    confirms), `part` (the ratings up to a return) and `stretch` (those without a gap), `remitted` (remission was
    established in the part so far), `stretched` (or in the stretch), `spell` (the days since the onset of what may
    become recovery, null where there is nothing), `recovering` (recovery is complete on this rating), `recovered` (it
    was, in the part so far), `hidden` (a gap since a score in remission hides what went on in the part),
    `hidden_recovery` (and it, or what was seen, may have been recovery).
    """
    rows = _with_returns(remission_runs(study, rule.remission), rule)
    rows = rows.with_columns(
        part=pl.col("returned").cum_sum().over(SUBJECT) - pl.col("returned").cast(pl.UInt32),
        stretch=(pl.col("returned").shift(1).over(SUBJECT).fill_null(False) | pl.col("gap")).cum_sum().over(SUBJECT),
    )
    rows = rows.with_columns(
        remitted=_so_far(pl.col("established"), "part"),
        spell=_spell(rule),
        stretched=_so_far(pl.col("established"), "stretch"),
    )
    rows = rows.with_columns(recovering=_recovering(rule))
    return _with_hidden(rows.with_columns(recovered=_so_far(pl.col("recovering"), "part")), rule)


def _so_far(flag: pl.Expr, group: str) -> pl.Expr:
    """Return whether a flag was up on this row or an earlier one of its group."""
    return flag.cum_sum().over(SUBJECT, group) > 0


def _with_returns(rows: pl.DataFrame, rule: AfterRemission) -> pl.DataFrame:
    """Add `high, returned, since` and `pending`: a full score shortly before may yet be confirmed."""
    rows = rows.with_columns(
        high=pl.col("score") >= rule.full_score,
        place=pl.int_range(pl.len()).over(SUBJECT),
        remissions=pl.col("established").cum_sum().over(SUBJECT),
    )
    if rule.confirm_days is None:
        return rows.with_columns(returned=pl.col("high"), since=pl.col("date"), pending=pl.lit(False))
    last = {f"last_{name}": _last_full_score(name) for name in ("date", "place", "remissions")}
    rows = rows.with_columns(**last)
    # A remission established in between parts two full scores: the later one confirms nothing.
    follows = pl.col("remissions") == pl.col("last_remissions")
    soon = follows & (pl.col("date") - pl.col("last_date") <= rule.confirm_days)
    next_one = follows & (pl.col("place") - pl.col("last_place") == 1) & ~pl.col("gap")
    confirms = pl.col("high") & (soon | next_one).fill_null(False)
    return rows.with_columns(returned=confirms, since="last_date", pending=soon.fill_null(False))


def _last_full_score(name: str) -> pl.Expr:
    return pl.when("high").then(pl.col(name)).forward_fill().shift(1).over(SUBJECT)


def _spell(rule: AfterRemission) -> pl.Expr:
    """Return the days since the onset of the remission that may become recovery."""
    if rule.kept == "in remission":
        return pl.when("established").then("lasted")
    first = pl.when("established").then("onset").min().over(SUBJECT, "stretch")
    return pl.when(_so_far(pl.col("established"), "stretch")).then(pl.col("date") - first)


def _recovering(rule: AfterRemission) -> pl.Expr:
    if rule.recovery_days is None:
        return pl.lit(False)
    steady = ~pl.col("high") & ~pl.col("pending")
    return (steady & (pl.col("spell") >= rule.recovery_days)).fill_null(False)


def _with_hidden(rows: pl.DataFrame, rule: AfterRemission) -> pl.DataFrame:
    """Add `hidden` and `hidden_recovery`: what may have happened in a gap since a score in remission."""
    before = (pl.col("low") | pl.col("remitted")).shift(1).over(SUBJECT, "part").fill_null(False)
    rows = rows.with_columns(lost=pl.col("gap") & before, before=pl.col("onset").shift(1).over(SUBJECT))
    onset = pl.when("lost").then("before").when("established").then("onset")
    rows = rows.with_columns(
        hidden=_so_far(pl.col("lost"), "part"), earliest=onset.cum_min().forward_fill().over(SUBJECT, "part")
    )
    if rule.recovery_days is None:
        return rows.with_columns(hidden_recovery=pl.lit(False))
    long_enough = pl.col("since") - pl.col("earliest") >= rule.recovery_days
    return rows.with_columns(hidden_recovery=(pl.col("hidden") & long_enough).fill_null(False))
