"""Which seizures come in clusters, and who has any?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import ClusterDays
from cohort.criteria.soundness import check_part
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.seizures.seizure_response import needs_seizures
from cohort.records.derive import diary
from cohort.records.study import Study, check_study


def clusters(study: Study, criterion: ClusterDays) -> pl.DataFrame:
    """Return every cluster of seizures.

    Args:
        study: The study.
        criterion: How many seizures within how many days make one.

    Returns:
        `subject_id, cluster_no, from_day, to_day, seizures`, one row a cluster: its first and its last day with a
        seizure, and how many are known between them. Windows that share a day or follow on each other are one cluster.
        A missing day adds no seizure; a total longer than the window shows no cluster.

    Raises:
        CriterionError: The study has no seizure records.

    >>> records = {"day": [0, 1, 2, 9], "days": 1, "count": [3, 4, 1, 5]}
    >>> seizures = pl.DataFrame({"subject_id": ["a"] * 4, **records})
    >>> study = Study(name="one", subjects=pl.DataFrame({"subject_id": ["a"]}), seizures=seizures)
    >>> clusters(study, ClusterDays(seizures=3, source="protocol")).rows()
    [('a', 1, 0, 1, 7), ('a', 2, 9, 9, 5)]
    """
    check_study(study)
    check_part("criterion", criterion, ClusterDays)
    needs_seizures(study, criterion)
    return _merged(_windows(_spans(study, criterion), criterion), _spans(study, criterion))


def _spans(study: Study, criterion: ClusterDays) -> pl.DataFrame:
    """Return the diary of the days that are looked at; totals with seizures that reach over an edge are left out."""
    spans = diary(study).with_columns(end=pl.col("day") + pl.col("days") - 1)
    if criterion.period is None:
        return spans
    first, last = criterion.period.from_day, criterion.period.to_day
    inside = (pl.col("day") >= first) & (pl.col("end") <= last)
    quiet = (pl.col("count") == 0) & (pl.col("end") >= first) & (pl.col("day") <= last)
    kept = spans.filter(inside | quiet.fill_null(False))
    day, end = pl.max_horizontal("day", pl.lit(first)), pl.min_horizontal("end", pl.lit(last))
    return kept.with_columns(day=day, end=end, days=end - day + 1)


def _windows(spans: pl.DataFrame, criterion: ClusterDays) -> pl.DataFrame:
    """Return the windows with enough seizures: `subject_id, from_day, to_day`, from a seizure to a seizure."""
    seizing = spans.filter(pl.col("known") > 0).sort("subject_id", "day")
    by_day = seizing.filter(pl.col("days") == 1)
    rolled = by_day.rolling("day", period=f"{criterion.days}i", group_by="subject_id").agg(
        pl.col("known").sum(), from_day=pl.col("end").min()
    )
    totals = seizing.filter((pl.col("days") > 1) & (pl.col("days") <= criterion.days))
    found = pl.concat(
        [
            rolled.select("subject_id", "from_day", "known", to_day="day"),
            totals.select("subject_id", "known", from_day="day", to_day="end").select(
                "subject_id", "from_day", "known", "to_day"
            ),
        ]
    )
    return found.filter(pl.col("known") >= criterion.seizures).drop("known")


def _merged(windows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    ordered = windows.sort("subject_id", "from_day", "to_day")
    reached = pl.col("to_day").cum_max().shift(1).over("subject_id")
    begins = (pl.col("from_day") > reached + 1).fill_null(True)
    numbered = ordered.with_columns(cluster_no=begins.cum_sum().over("subject_id").cast(pl.Int64))
    found = numbered.group_by("subject_id", "cluster_no").agg(pl.col("from_day").min(), pl.col("to_day").max())
    held = spans.sort("day").join_asof(
        found.sort("from_day"), left_on="day", right_on="from_day", by="subject_id", check_sortedness=False
    )
    inside = held.filter(pl.col("end") <= pl.col("to_day"))
    counts = inside.group_by("subject_id", "cluster_no").agg(seizures=pl.col("known").sum())
    return found.join(counts, on=["subject_id", "cluster_no"]).sort("subject_id", "cluster_no")


def classify_clusters(study: Study, criterion: ClusterDays) -> Judgement:
    """Return one verdict a subject; the value is the number of days that lie in clusters.

    The day of "met" is the first by which a cluster was complete, of "not met" the last recorded one that counts.
    """
    units = _counted(study, criterion)
    met, nothing = pl.col("completed").is_not_null(), pl.col("recorded") == 0
    thin = 100 * pl.col("recorded") < criterion.min_observed * pl.col("span")
    ended = pl.lit(False)
    if criterion.period is not None:
        ended = (pl.col("recorded_to") < criterion.period.to_day).fill_null(True)
    lacking = ~met & (nothing | ended | thin | pl.col("hidden"))
    units = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (met, ""),
            (nothing, "no observed days"),
            (ended, "follow-up ends before the day"),
            (pl.col("hidden"), "totals over several days"),
            (thin, "too few observed days"),
            (pl.lit(True), "no cluster"),
        ),
        value=pl.when(~nothing | met).then("cluster_days"),
        day=pl.when(met).then("completed").when(~lacking).then("last_recorded"),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _counted(study: Study, criterion: ClusterDays) -> pl.DataFrame:
    """Return each subject's first complete window, days in clusters, and what of the days was recorded.

    `span` is how many days the recorded ones are compared with; `hidden`: a total may hold a cluster.
    """
    spans = _spans(study, criterion)
    windows = _windows(spans, criterion)
    full = pl.col("count").is_not_null()
    first, last = pl.col("day").filter(full).min(), pl.col("end").filter(full).max()
    whole = last - first + 1 if criterion.period is None else pl.lit(criterion.period.days)
    sums = spans.group_by("subject_id").agg(
        recorded=pl.col("days").filter(full).sum(),
        span=whole,
        last_recorded=last,
        hidden=((pl.col("known") >= criterion.seizures) & (pl.col("days") > criterion.days)).any(),
    )
    days = (pl.col("to_day") - pl.col("from_day") + 1).sum()
    found = _merged(windows, spans).group_by("subject_id").agg(cluster_days=days)
    ends = diary(study).filter(full).group_by("subject_id").agg(recorded_to=(pl.col("day") + pl.col("days") - 1).max())
    joined = study.subjects.select("subject_id")
    for part in (sums, found, ends, windows.group_by("subject_id").agg(completed=pl.col("to_day").min())):
        joined = joined.join(part, on="subject_id", how="left")
    return joined.with_columns(
        pl.col("recorded", "cluster_days", "span").fill_null(0), pl.col("hidden").fill_null(False)
    ).sort("subject_id")


def _evidence(units: pl.DataFrame, criterion: ClusterDays) -> list[pl.DataFrame]:
    recorded = pl.col("recorded")
    least = criterion.min_observed * pl.col("span") / 100
    inside = pl.when((recorded > 0) | pl.col("completed").is_not_null()).then("cluster_days")
    return [
        check(units, "observed days", recorded, threshold=least, passed=recorded >= least, bound=">=", unit="days"),
        check(
            units,
            f"days in clusters of {criterion.seizures} seizures",
            inside,
            threshold=pl.lit(1),
            passed=pl.when(pl.col("verdict") != "undetermined").then(pl.col("completed").is_not_null()),
            day=pl.col("completed"),
            bound=">=",
            unit="days",
        ),
    ]
