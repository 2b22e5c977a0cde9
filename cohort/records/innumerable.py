"""Counts beyond belief: a cluster written down as "innumerable" and entered as a large number."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cohort.errors import RecordError
from cohort.records.study import Study, check_study

# One seizure every ten minutes of a day: the cap of Goldenholz' CHOCOLATES simulator of diaries.
CAP_PER_DAY = 144


def innumerable_counts(study: Study, cap_per_day: int = CAP_PER_DAY) -> pl.DataFrame:
    """Return the seizure records whose count lies above the cap: SEIZURES with `capped`, the count that would stand.

    Args:
        study: The study.
        cap_per_day: The most seizures a day that are believed (a convention); a total may hold so many on each of its
            days. It holds for each record, so for each type of seizure where types are told apart.

    Raises:
        RecordError: The cap is below 1.
    """
    check_study(study)
    return study.seizures.with_columns(capped=_cap(cap_per_day)).filter(pl.col("count") > pl.col("capped"))


def with_capped_counts(study: Study, cap_per_day: int = CAP_PER_DAY) -> Study:
    """Return the study with no count above the cap; `innumerable_counts` lists what was changed.

    A count recorded as missing stays missing. Rates and the sums behind them fall; freedom, free days and intervals do
    not change, since a capped day still holds seizures.

    Args:
        study: The study.
        cap_per_day: As in `innumerable_counts`.

    Raises:
        RecordError: The cap is below 1.

    >>> seizures = pl.DataFrame({"subject_id": ["a", "a"], "day": [0, 1], "days": 1, "count": [999, None]})
    >>> study = Study(name="one", subjects=pl.DataFrame({"subject_id": ["a"]}), seizures=seizures)
    >>> with_capped_counts(study).seizures["count"].to_list()
    [144, None]
    """
    check_study(study)
    capped = pl.when(pl.col("count") > _cap(cap_per_day)).then(_cap(cap_per_day)).otherwise("count")
    return replace(study, seizures=study.seizures.with_columns(count=capped))


def _cap(per_day: int) -> pl.Expr:
    if not isinstance(per_day, int) or per_day < 1:
        raise RecordError(f"a cap of {per_day!r} seizures a day leaves none; it is a whole number from 1 up")
    return per_day * pl.col("days")
