"""Episodes of status epilepticus: which there were, how long they lasted, and each as one seizure of a diary."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohort.criteria import STATUS_EPILEPTICUS, StatusEpilepticus
from cohort.criteria.soundness import check_part
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.derive import follow_up
from cohort.records.study import Study, check_study
from cohort.schemas import SEIZURES

STATUS_CLASSES = ("beyond t1", "beyond t2", "refractory", "super-refractory")
_KINDS = ("convulsive", "focal", "refractory", "super_refractory")
_MINUTES = 24 * 60


def needs_episodes(study: Study, _: StatusEpilepticus) -> None:
    """Refuse a study that records no episodes.

    Raises:
        CriterionError: It has none.
    """
    if study.episodes.is_empty():
        raise CriterionError("status epilepticus needs episodes, and the study has none")


def status_epilepticus(study: Study, criterion: StatusEpilepticus = STATUS_EPILEPTICUS) -> pl.DataFrame:
    """Return the episodes of status epilepticus, those of a subject that overlap as one.

    Returns:
        `subject_id, episode_no, from_day, to_day, kind` ("convulsive", "focal", null where it is not told), `severity`
        ("super-refractory", "refractory", null: the name says no more), `hours` (null where the duration is not known),
        `beyond_t1, beyond_t2` (null where that is not known).

    >>> subjects = pl.DataFrame({"subject_id": ["a"]})
    >>> spans = {"subject_id": ["a", "a"], "from_day": [3.5, 40.0], "to_day": [3.51, None]}
    >>> episodes = pl.DataFrame(spans | {"episode": ["convulsive status epilepticus", "status epilepticus"]})
    >>> study = Study(name="one", subjects=subjects, episodes=episodes)
    >>> status_epilepticus(study).select("kind", pl.col("hours").round(2), "beyond_t1", "beyond_t2").rows()
    [('convulsive', 0.24, True, False), (None, None, None, None)]
    """
    found = _episodes(study, criterion)
    severe, minutes = pl.col("severity").is_not_null(), pl.col("minutes")
    beyond = {
        time: pl.when(severe).then(pl.lit(True)).otherwise(_beyond(time, criterion)).alias(f"beyond_{time}")
        for time in ("t1", "t2")
    }
    return found.with_columns(*beyond.values(), hours=pl.when("timed").then(minutes / 60)).select(
        "subject_id",
        "episode_no",
        "from_day",
        "to_day",
        "kind",
        "severity",
        "hours",
        "beyond_t1",
        "beyond_t2",
    )


def _beyond(time: str, criterion: StatusEpilepticus) -> pl.Expr:
    """Return whether an episode lasted so long; of unknown kind, where both times say the same.

    One whose end is not known lasted at least as long as its parts with an end did.
    """
    minutes = pl.col("minutes")
    convulsive, focal = (getattr(criterion, f"{time}_{kind}") for kind in ("convulsive", "focal"))
    by_kind = pl.when(kind="convulsive").then(minutes >= convulsive).when(kind="focal").then(minutes >= focal)
    least, most = min(convulsive, focal), max(convulsive, focal)
    either = pl.when(minutes >= most).then(pl.lit(True)).when(minutes < least).then(pl.lit(False))
    lasted = pl.coalesce(by_kind, either)
    return pl.when(lasted | pl.col("timed")).then(lasted)


def _episodes(study: Study, criterion: StatusEpilepticus) -> pl.DataFrame:
    """Return the episodes by the criterion's names, merged where they overlap.

    `minutes` passed from the first start to the last known end; they are all of the duration where `timed`, that is
    where every end is known and more than one whole day. A time in days carries fractions that a computer rounds, so
    that minutes are compared to the millionth.
    """
    check_study(study)
    check_part("criterion", criterion, StatusEpilepticus)
    name = pl.col("episode").str.to_lowercase().str.strip_chars()
    named = study.episodes.with_columns(name=name).filter(pl.col("name").is_in(list(criterion.names)))
    kinds = [pl.col("name").is_in([each.lower() for each in getattr(criterion, kind)]).alias(kind) for kind in _KINDS]
    ordered = named.with_columns(*kinds, end=pl.coalesce("to_day", "from_day")).sort("subject_id", "from_day", "end")
    reached = pl.col("end").cum_max().shift(1).over("subject_id")
    begins = (pl.col("from_day") > reached).fill_null(True)
    numbered = ordered.with_columns(episode_no=begins.cum_sum().over("subject_id").cast(pl.Int64))
    whole = (pl.col("from_day") == pl.col("from_day").floor()).all()
    first, last = pl.col("from_day").min(), pl.col("to_day").max()
    ended = pl.col("to_day").is_not_null().all()
    merged = numbered.group_by("subject_id", "episode_no").agg(
        *(pl.col(kind).any() for kind in _KINDS),
        from_day=first,
        to_day=pl.when(ended).then(last),
        timed=ended & ~((first == last) & whole),
        minutes=((last - first) * _MINUTES).round(6),
    )
    kind = pl.when("convulsive").then(pl.lit("convulsive")).when("focal").then(pl.lit("focal"))
    grave = pl.when("super_refractory").then(pl.lit("super-refractory")).when("refractory").then(pl.lit("refractory"))
    return merged.with_columns(kind=kind, severity=grave).sort("subject_id", "episode_no")


def classify_status_epilepticus(study: Study, criterion: StatusEpilepticus) -> Judgement:
    """Return one verdict a subject; the value is the longest known duration in hours, the category the gravest class.

    The day of "met" is the moment at which an episode first passed t1 (of a refractory one, its end or its first day),
    of "not met" the last day of follow-up.
    """
    units = _worst(study, criterion)
    met, unclear = pl.col("met_day").is_not_null(), pl.col("unclear").fill_null(False)
    lacking = ~met & (unclear | pl.col("last_day").is_null())
    units = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (met, ""),
            (unclear, "duration not recorded"),
            (pl.col("last_day").is_null(), "no observed days"),
            (pl.col("episodes") == 0, "no episode"),
            (pl.lit(True), "too short"),
        ),
        value=pl.col("hours"),
        category=pl.when(met).then("gravest"),
        day=pl.when(met).then("met_day").when(~lacking).then("last_day"),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _worst(study: Study, criterion: StatusEpilepticus) -> pl.DataFrame:
    found = status_epilepticus(study, criterion)
    severe = pl.col("severity").is_not_null()
    asked = pl.when(kind="convulsive").then(criterion.t1_convulsive).when(kind="focal").then(criterion.t1_focal)
    least = pl.coalesce(asked, pl.lit(max(criterion.t1_convulsive, criterion.t1_focal)))
    passed = pl.col("from_day") + least / _MINUTES
    when = pl.when(severe & (pl.col("hours").is_null() | (60 * pl.col("hours") < least))).then("from_day")
    grade = pl.coalesce(
        "severity", pl.when("beyond_t2").then(pl.lit("beyond t2")).when("beyond_t1").then(pl.lit("beyond t1"))
    )
    graded = found.with_columns(at=when.otherwise(passed), grade=grade.cast(pl.Enum(STATUS_CLASSES)))
    worst = graded.group_by("subject_id").agg(
        met_day=pl.col("at").filter("beyond_t1").min(),
        unclear=pl.col("beyond_t1").is_null().any(),
        hours=pl.col("hours").max(),
        gravest=pl.col("grade").filter("beyond_t1").max().cast(pl.String),
        episodes=pl.len(),
    )
    joined = follow_up(study).join(worst, on="subject_id", how="left")
    return joined.with_columns(pl.col("episodes").fill_null(0)).sort("subject_id")


def _evidence(units: pl.DataFrame, criterion: StatusEpilepticus) -> list[pl.DataFrame]:
    least = f"{criterion.t1_convulsive:g} minutes convulsive, {criterion.t1_focal:g} focal"
    passed = pl.when(pl.col("verdict") != "undetermined").then(pl.col("met_day").is_not_null())
    seen = pl.when(pl.col("last_day").is_not_null()).then("episodes")
    return [
        check(units, "episodes of status epilepticus", seen, unit="episodes"),
        check(units, f"longest of them ({least})", pl.col("hours"), passed=passed, day=pl.col("met_day"), unit="hours"),
    ]


def with_status_as_one_seizure(study: Study, criterion: StatusEpilepticus = STATUS_EPILEPTICUS) -> Study:
    """Return the study with each episode of status epilepticus as one seizure, whatever the diary counted on its days.

    The diary's records of single days that an episode touches, of every type, give way to one record that covers those
    days, of type "status epilepticus": its count is the number of episodes on them. A day that an episode touches is
    thereby recorded, though the diary were missing on it. An episode of more than one day breaks a run without seizures
    from its first day to its last; like every total, it leaves open which of these days were free. Episodes too short
    for the criterion, or of unknown duration, are one seizure too.

    Where a total over several days reaches into the episode's days, the diary stays as it is: what of the total
    belonged to the episode is not known.

    Raises:
        CriterionError: The study records no episodes.

    >>> days = {"day": [2, 3, 4], "days": 1, "count": [0, 70, 1]}
    >>> seizures = pl.DataFrame({"subject_id": ["a"] * 3, **days})
    >>> span = {"subject_id": ["a"], "episode": ["status epilepticus"], "from_day": [3.2], "to_day": [3.9]}
    >>> subjects = pl.DataFrame({"subject_id": ["a"]})
    >>> study = Study(name="one", subjects=subjects, seizures=seizures, episodes=pl.DataFrame(span))
    >>> with_status_as_one_seizure(study).seizures.select("day", "count").rows()
    [(2, 0), (3, 1), (4, 1)]
    """
    check_study(study)
    needs_episodes(study, criterion)
    spans = _spans_of_days(_episodes(study, criterion))
    end = pl.col("day") + pl.col("days") - 1
    records = study.seizures.with_row_index("row").with_columns(end=end)
    touched = records.join(spans, on="subject_id").filter(
        (pl.col("day") <= pl.col("last")) & (pl.col("end") >= pl.col("first"))
    )
    span = ["subject_id", "first"]
    blocked = touched.filter(pl.col("days") > 1).select(span).unique()
    open_ = spans.join(blocked, on=span, how="anti")
    replaced = touched.join(open_, on=span, how="semi").select("row")
    kept = records.join(replaced, on="row", how="anti").select(study.seizures.columns)
    told = {"days": pl.col("last") - pl.col("first") + 1, "type": pl.lit("status epilepticus")}
    new = open_.select("subject_id", day="first", count="episodes", **told).select(study.seizures.columns)
    return replace(study, seizures=pl.concat([kept, SEIZURES.conform(new)]))


def _spans_of_days(episodes: pl.DataFrame) -> pl.DataFrame:
    """Return the whole days that episodes touch: `subject_id, first, last, episodes`, spans that share a day as one."""
    days = episodes.with_columns(
        first=pl.col("from_day").floor().cast(pl.Int64),
        last=pl.coalesce("to_day", "from_day").floor().cast(pl.Int64),
    ).sort("subject_id", "first", "last")
    reached = pl.col("last").cum_max().shift(1).over("subject_id")
    begins = (pl.col("first") > reached).fill_null(True)
    numbered = days.with_columns(span=begins.cum_sum().over("subject_id"))
    merged = numbered.group_by("subject_id", "span").agg(
        pl.col("first").min(), pl.col("last").max(), episodes=pl.len().cast(pl.Int64)
    )
    return merged.drop("span").sort("subject_id", "first")
