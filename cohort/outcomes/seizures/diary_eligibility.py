"""Does a baseline diary let the subject into the study?"""

from __future__ import annotations

import polars as pl

from cohort.criteria import DiaryEligibility
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.records.derive import MONTH_DAYS, diary, seizures_in
from cohort.records.free_stretches import longest_free_stretch
from cohort.records.study import Study

_CHECKS = ("recorded", "enough", "each", "unbroken")


def classify_diary_eligibility(study: Study, criterion: DiaryEligibility) -> Judgement:
    """Return one verdict a subject; the value is the number of seizures known in the baseline.

    The day is the baseline's last, or the last recorded one where a free stretch was too long before. It is null for
    "undetermined".
    """
    units = _checked(study, criterion)
    met = pl.all_horizontal(pl.col(name).fill_null(False) for name in _CHECKS)
    failed = pl.any_horizontal(~pl.col(name).fill_null(True) for name in _CHECKS)
    lacking = ~met & ~failed
    units = units.with_columns(
        verdict(met, lacking),
        first_reason(
            (met, ""),
            (lacking & (pl.col("observed_days") == 0), "no observed days"),
            (lacking & pl.col("ended"), "follow-up ends before the day"),
            (lacking & pl.col("recorded").is_null(), "too few observed days"),
            (lacking & pl.col("unbroken").is_null(), "totals over several days"),
            (lacking, "seizures reach over the period's edge"),
            (~pl.col("recorded").fill_null(True), "too few observed days"),
            (~pl.col("unbroken").fill_null(True), "too long without a seizure"),
            (pl.lit(True), "fewer seizures than needed"),
        ),
        value=pl.when(pl.col("observed_days") > 0).then("seizures"),
        day=pl.when(~lacking).then(pl.min_horizontal("recorded_to", pl.lit(criterion.baseline.to_day))),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _checked(study: Study, criterion: DiaryEligibility) -> pl.DataFrame:
    """Return what each subject's baseline holds, and its checks, each null where it cannot be made."""
    first, last = criterion.baseline.from_day, criterion.baseline.to_day
    free = longest_free_stretch(
        study, first, last, min_observed=criterion.run_observed, max_gap_days=criterion.max_gap_days
    )
    recorded = seizures_in(study, first, last).select("subject_id", "observed_days")
    units = recorded.join(_known(study, criterion), on="subject_id", how="left").join(free, on="subject_id")
    units = units.with_columns(
        pl.col("seizures", "over_edge", "least").fill_null(0),
        pl.col("totals", "cut").fill_null(False),
        ended=(pl.col("recorded_to") < last).fill_null(True),
    )
    thin = 100 * pl.col("observed_days") < criterion.min_observed * criterion.baseline.days
    thinly = pl.lit(False if criterion.thin_diary == "not met" else None, dtype=pl.Boolean)
    open_ = pl.col("ended") | (pl.col("over_edge") > 0)
    enough, each = pl.col("seizures") >= criterion.min_seizures, pl.col("least") >= criterion.min_per_28_days
    allowed = pl.lit(True) if criterion.max_free_days is None else pl.col("longest_free") <= criterion.max_free_days
    told = pl.lit(criterion.max_free_days is None) | ~(pl.col("totals") | pl.col("ended"))
    # Where nothing of a stretch is known it is not too long: that nothing was recorded is another check's matter.
    return units.with_columns(
        recorded=pl.when(pl.col("ended")).then(None).when(thin).then(thinly).otherwise(pl.lit(True)),
        enough=pl.when(enough).then(pl.lit(True)).when(open_).then(None).otherwise(pl.lit(False)),
        each=pl.when(each).then(pl.lit(True)).when(open_ | pl.col("cut")).then(None).otherwise(pl.lit(False)),
        unbroken=pl.when(~allowed.fill_null(True)).then(pl.lit(False)).when(told).then(pl.lit(True)),
    )


def _known(study: Study, criterion: DiaryEligibility) -> pl.DataFrame:
    """Return the seizures known in the baseline, and where totals hide them.

    `seizures`: in records wholly in it; `over_edge`: in those that reach over its edges; `least`: the fewest in records
    wholly in one of its stretches of 28 days; `cut`: a total with seizures lies over the edge of such a stretch;
    `totals`: one of several days has seizures; `recorded_to`: the last recorded day of all.
    """
    first, last = criterion.baseline.from_day, criterion.baseline.to_day
    spans = diary(study).with_columns(end=pl.col("day") + pl.col("days") - 1, seizure=pl.col("known") > 0)
    touching = (pl.col("end") >= first) & (pl.col("day") <= last)
    inside = (pl.col("day") >= first) & (pl.col("end") <= last)
    stretch = [(pl.col(edge) - first) // MONTH_DAYS for edge in ("day", "end")]
    whole = inside & (stretch[0] == stretch[1])
    counts = [
        pl.col("known").filter(whole & (stretch[0] == number)).sum()
        for number in range(criterion.baseline.days // MONTH_DAYS)
    ]
    return spans.group_by("subject_id").agg(
        recorded_to=pl.col("end").filter(pl.col("count").is_not_null()).max(),
        seizures=pl.col("known").filter(inside).sum(),
        over_edge=pl.col("known").filter(touching & ~inside).sum(),
        totals=(touching & pl.col("seizure") & (pl.col("days") > 1)).any(),
        cut=(inside & pl.col("seizure") & (stretch[0] != stretch[1])).any(),
        least=pl.min_horizontal(counts) if counts else pl.lit(0),
    )


def _evidence(units: pl.DataFrame, criterion: DiaryEligibility) -> list[pl.DataFrame]:
    where, days = criterion.baseline.label, criterion.min_observed * criterion.baseline.days / 100
    seizures, least = (pl.when(pl.col("observed_days") > 0).then(name) for name in ("seizures", "least"))
    fewest = "fewest seizures in 28 days of the baseline"
    longest = "longest stretch of the baseline without a seizure, days"
    lines = [
        ("recorded", f"observed days in {where}", pl.col("observed_days"), days, ">=", "days"),
        ("enough", f"seizures in {where}", seizures, criterion.min_seizures, ">=", "seizures"),
        ("each", fewest, least, criterion.min_per_28_days or None, ">=", "seizures"),
        ("unbroken", longest, pl.col("longest_free"), criterion.max_free_days, "<=", "days"),
    ]
    return [
        check(units, what, found, threshold=pl.lit(limit), passed=pl.col(passed), bound=bound, unit=unit)
        for passed, what, found, limit, bound, unit in lines
        if limit is not None
    ]
