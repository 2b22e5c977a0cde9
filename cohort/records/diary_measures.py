"""The measures of a seizure diary in two periods, one row a subject: what add-on studies report."""

from __future__ import annotations

import polars as pl

from cohort.errors import RecordError
from cohort.records.derive import MONTH_DAYS, diary, seizure_changes
from cohort.records.free_stretches import longest_free_stretch
from cohort.records.periods import check_period, check_whole_numbers
from cohort.records.study import Study, check_study

Days = tuple[int, int]


def diary_measures(
    study: Study,
    baseline_days: Days,
    treatment_days: Days,
    *,
    min_observed: int = 80,
    run_observed: int = 90,
    max_gap_days: int = 14,
) -> pl.DataFrame:
    """Return what a seizure diary says of a baseline and a treatment period, one row a subject.

    A day without a record, or recorded as missing, is missing and never zero: it is in no rate. Who left early has the
    rate of the days up to then; where dropouts shall count as nonresponders, classify a `SeizureResponse` and ask
    `proportions` for `undetermined="not met"`. Both percentages compare whole numbers of seizures and days, so that 6
    in 29 days falling to 3 in 29 is exactly -50.

    Args:
        study: The study; for a diary with counts beyond belief, `with_capped_counts` of it.
        baseline_days: First and last day of the baseline period, both included.
        treatment_days: First and last day of the treatment period.
        min_observed: The percentage of a period's days below which it is flagged (a convention).
        run_observed: The percentage of a free stretch's days that must be recorded (a convention).
        max_gap_days: The longest gap in the records that a free stretch may span (a convention).

    Returns:
        `subject_id, arm`, then of the baseline `baseline_seizures, baseline_days` (recorded), `baseline_missing_days,
        baseline_rate28, baseline_free_days28, baseline_longest_free`, and of the treatment period the same without
        "baseline" and with `observed_days, last_observed`; `longest_free_unbroken`, the longest stretch without a
        missing day; `percent_change` and `response_ratio`, negative where there are fewer seizures
        (`seizure_changes`); the flags `baseline_zero` (no seizure at baseline: no percent change),
        `few_baseline_days, few_days` (less than `min_observed` percent recorded); covariates.

        Rates and free days are per 28 recorded days. Free days are null where a total over several days holds
        seizures: how many of its days were free is not known. A stretch is null where no day was recorded.

    Raises:
        RecordError: A period ends before it begins, they overlap, or a percentage does not lie above 0 and up to 100.

    >>> records = {"day": [-29, -1, 0, 1, 2], "days": [28, 1, 1, 1, 1], "count": [3, 3, 0, 0, 1]}
    >>> seizures = pl.DataFrame({"subject_id": ["a"] * 5, **records})
    >>> study = Study(name="one", subjects=pl.DataFrame({"subject_id": ["a"]}), seizures=seizures)
    >>> found = diary_measures(study, (-29, -1), (0, 3))
    >>> found.select("baseline_seizures", "baseline_days", "rate28", "missing_days", "longest_free").rows()
    [(6, 29, 9.333333333333334, 1, 2)]
    """
    check_study(study)
    check_period("baseline_days", baseline_days)
    check_period("treatment_days", treatment_days)
    check_whole_numbers(min_observed=min_observed)
    if baseline_days[1] >= treatment_days[0]:
        raise RecordError("the baseline period must end before the treatment period begins")
    if not 0 < min_observed <= 100:
        raise RecordError(f"min_observed is a percentage above 0 and up to 100, not {min_observed:g}")
    whole = {"min_observed": run_observed, "max_gap_days": max_gap_days}
    unbroken = {"min_observed": 100, "max_gap_days": 0}
    changed = seizure_changes(study, baseline_days, treatment_days)
    parts = {
        "baseline_free_days28": _free_days(study, baseline_days),
        "free_days28": _free_days(study, treatment_days),
        "baseline_longest_free": longest_free_stretch(study, *baseline_days, **whole),
        "longest_free": longest_free_stretch(study, *treatment_days, **whole),
        "longest_free_unbroken": longest_free_stretch(study, *treatment_days, **unbroken),
    }
    for name, part in parts.items():
        changed = changed.join(part.select("subject_id", pl.last().alias(name)), on="subject_id", how="left")
    before, after = (last - first + 1 for first, last in (baseline_days, treatment_days))
    measured = changed.with_columns(
        baseline_missing_days=before - pl.col("baseline_days"),
        missing_days=after - pl.col("observed_days"),
        baseline_zero=(pl.col("baseline_seizures") == 0).fill_null(False),
        few_baseline_days=100 * pl.col("baseline_days") < min_observed * before,
        few_days=100 * pl.col("observed_days") < min_observed * after,
    )
    return measured.select("subject_id", "arm", *_MEASURES, *study.covariates).sort("subject_id")


_MEASURES = (
    "baseline_seizures",
    "baseline_days",
    "baseline_missing_days",
    "baseline_rate28",
    "baseline_free_days28",
    "baseline_longest_free",
    "seizures",
    "observed_days",
    "missing_days",
    "rate28",
    "free_days28",
    "longest_free",
    "longest_free_unbroken",
    "last_observed",
    "percent_change",
    "response_ratio",
    "baseline_zero",
    "few_baseline_days",
    "few_days",
)


def _free_days(study: Study, period: Days) -> pl.DataFrame:
    """Return the days without a seizure per 28 recorded days: `subject_id, free_days28`.

    The recorded days are those of the rate (`seizures_in`): quiet spans with the days that lie in the period, and days
    with seizures wholly in it.
    """
    first, last = period
    end = pl.col("day") + pl.col("days") - 1
    quiet = pl.col("count") == 0
    within = (pl.col("day") >= first) & (end <= last)
    touching = quiet & (pl.col("day") <= last) & (end >= first)
    known = diary(study).drop_nulls("count").filter(within | touching)
    days = pl.min_horizontal(end, pl.lit(last)) - pl.max_horizontal("day", pl.lit(first)) + 1
    sums = known.group_by("subject_id").agg(
        free=days.filter(quiet).sum(), recorded=days.sum(), told=(quiet | (pl.col("days") == 1)).all()
    )
    rate = pl.when(pl.col("told") & (pl.col("recorded") > 0)).then(MONTH_DAYS * pl.col("free") / pl.col("recorded"))
    return sums.select("subject_id", free_days28=rate)
