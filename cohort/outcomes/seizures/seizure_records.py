"""The diary as control of seizures reads it: quiet days joined, status epilepticus one seizure."""

from __future__ import annotations

import polars as pl

from cohort.outcomes.seizures.status_epilepticus import status_epilepticus
from cohort.records.derive import diary
from cohort.records.quiet_spans import quiet_spans
from cohort.records.remembered import remembered
from cohort.records.study import Study


@remembered
def seizure_records(study: Study, *, status: bool) -> pl.DataFrame:
    """Return the spans of `diary`, neighbouring days without seizures as one span.

    With `status`, an episode of status epilepticus is one seizure on its first day, unless the diary has a seizure on
    that day: however long the episode, it is not many seizures.

    >>> days = pl.DataFrame({"subject_id": "a", "day": [0, 1, 2, 3], "days": 1, "count": 0, "type": None})
    >>> episode = pl.DataFrame({"subject_id": "a", "episode": "status epilepticus", "from_day": [2.4], "to_day": [3.1]})
    >>> study = Study(name="one", subjects=days.select("subject_id").unique(), seizures=days, episodes=episode)
    >>> seizure_records(study, status=True).rows()
    [('a', 0, 2, 0, 0), ('a', 2, 1, 1, 1), ('a', 3, 1, 0, 0)]
    """
    spans = _quiet_joined(diary(study))
    return _with_status(spans, study) if status and study.episodes.height else spans


def _quiet_joined(spans: pl.DataFrame) -> pl.DataFrame:
    """Join spans without seizures that follow each other without a gap; `spans` is sorted by subject and day."""
    end = pl.col("day") + pl.col("days")
    quiet = (pl.col("count") == 0).fill_null(False)
    same = pl.col("subject_id") == pl.col("subject_id").shift(1)
    follows = (quiet & quiet.shift(1) & same & (end.shift(1) == pl.col("day"))).fill_null(False)
    first = spans.select((~follows).arg_true()).to_series().cast(pl.Int64)
    last = first.shift(-1, fill_value=spans.height) - 1
    ends = spans.select(end.alias("end")).to_series().gather(last)
    return spans[first].with_columns(days=ends - pl.col("day"))


def _with_status(spans: pl.DataFrame, study: Study) -> pl.DataFrame:
    begun = status_epilepticus(study).select(
        "subject_id", day=pl.col("from_day").floor().cast(pl.Int64), days=pl.lit(1, dtype=pl.Int64)
    )
    first = spans.with_columns(opens="day", end=pl.col("day") + pl.col("days") - 1)
    covered = (
        begun.unique()
        .sort("subject_id", "day")
        .join_asof(first.drop("days"), on="day", by="subject_id", check_sortedness=False)
    )
    inside = (pl.col("day") <= pl.col("end")).fill_null(False)
    new = covered.filter(~(inside & (pl.col("known") > 0))).with_columns(
        count=pl.lit(1, dtype=pl.Int64), known=pl.lit(1, dtype=pl.Int64), opens=pl.when(inside).then("opens")
    )
    split = new.drop_nulls("opens").select("subject_id", day="opens").unique()
    kept = spans.join(split, on=["subject_id", "day"], how="anti")
    cut = first.join(split, on=["subject_id", "day"])
    quiet = cut.filter(count=0).select("subject_id", from_day="day", to_day="end")
    rest = quiet_spans(new.select("subject_id", "day", "days"), quiet)
    return pl.concat([kept, new.select(spans.columns), rest.select(spans.columns)]).sort("subject_id", "day")
