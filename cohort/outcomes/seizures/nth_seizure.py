"""Has the n-th seizure come, and when?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cohort.criteria import NthSeizure
from cohort.errors import CriterionError
from cohort.outcomes.judgement import Judgement, check, first_reason, judgement, verdict
from cohort.outcomes.seizures.seizure_response import needs_seizures
from cohort.outcomes.times.events import Timing, events, first_stop
from cohort.records.derive import MONTH_DAYS, diary, seizures_in
from cohort.records.study import Study


def needs_last_day(study: Study, criterion: NthSeizure) -> None:
    """Refuse a criterion without a last day, and a study without seizure records.

    Raises:
        CriterionError: One of them is absent.
    """
    if criterion.to_day is None:
        raise CriterionError(f"name the day up to which seizures count: the criterion .by(83), not {criterion.label!r}")
    needs_seizures(study, criterion)


def classify_nth_seizure(study: Study, criterion: NthSeizure) -> Judgement:
    """Return one verdict a subject; the value is the number of seizures known to have happened up to the last day.

    The day of "met" is the first by which n certainly happened; of "not met" the last recorded one that counts.
    """
    units = _counted(study, criterion)
    met, unknown, undefined = pl.col("reached").is_not_null(), pl.col("number").is_null(), pl.col("number") == 0
    days = (criterion.to_day or 0) - criterion.from_day + 1
    thin = 100 * pl.col("recorded") < criterion.min_observed * days
    holes = pl.lit(criterion.missing_days == "left open") & (pl.col("recorded") < days)
    ended = (pl.col("recorded_to") < criterion.to_day).fill_null(True)
    over = (pl.col("seizures") + pl.col("over_edge") >= pl.col("number")) & (pl.col("over_edge") > 0)
    open_ = unknown | (~undefined & ~met & (ended | over | thin | holes))
    units = units.with_columns(
        verdict(met, open_),
        first_reason(
            (undefined, "no seizures at baseline"),
            (met, ""),
            (unknown & (pl.col("baseline_days") == 0), "no observed days"),
            (unknown, "too few observed days"),
            (pl.col("recorded") == 0, "no observed days"),
            (ended, "follow-up ends before the day"),
            (over, "seizures reach over the period's edge"),
            (thin, "too few observed days"),
            (holes, "too many missing days"),
            (pl.lit(True), "fewer seizures than needed"),
        ),
        value=pl.when(pl.col("recorded") > 0).then("seizures"),
        day=pl.when(undefined)
        .then(criterion.baseline.to_day)
        .when(~open_)
        .then(pl.coalesce("reached", "last_recorded")),
    )
    return judgement(criterion, units, _evidence(units, criterion))


def _counted(study: Study, criterion: NthSeizure) -> pl.DataFrame:
    """Return each subject's `number` and what its diary holds up to the last day.

    `number`: null where the baseline's records do not tell it, 0 where it held no seizure. `since` and `reached`: the
    n-th seizure lies after the one and on or before the other. `seizures, recorded, last_recorded`: of records wholly
    in the days that count; `over_edge`: seizures of totals that reach over an edge; `recorded_to`: of all records.
    """
    spans = _spans(study, criterion)
    counted = spans.filter("wholly").join(_numbers(study, criterion), on="subject_id")
    before = pl.col("known").cum_sum().over("subject_id", order_by="day") - pl.col("known")
    nth = (pl.col("number") > 0) & (before < pl.col("number")) & (before + pl.col("known") >= pl.col("number"))
    reached = counted.filter(nth).select("subject_id", reached="end", begins=pl.col("day") - 1)
    full = pl.col("count").is_not_null()
    last = _last(criterion)
    sums = spans.group_by("subject_id").agg(
        seizures=pl.col("known").filter("wholly").sum(),
        recorded=(last - pl.max_horizontal("day", pl.lit(criterion.from_day)) + 1)
        .filter(full & pl.col("counts"))
        .sum(),
        last_recorded=last.filter(full & pl.col("counts")).max(),
        over_edge=pl.col("known").filter(~pl.col("wholly")).sum(),
        complete_to=_complete_to(criterion).filter(full & pl.col("counts")).max(),
    )
    ends = diary(study).filter(full).group_by("subject_id").agg(recorded_to=(pl.col("day") + pl.col("days") - 1).max())
    joined = _numbers(study, criterion).join(sums, on="subject_id", how="left")
    joined = joined.join(reached, on="subject_id", how="left").join(ends, on="subject_id", how="left")
    zero = joined.with_columns(pl.col("seizures", "recorded", "over_edge").fill_null(0))
    complete = pl.col("complete_to").fill_null(criterion.from_day - 1)
    since = pl.min_horizontal("begins", complete) if criterion.missing_days == "left open" else pl.col("begins")
    exact = (pl.col("reached") == pl.col("begins") + 1) & (since == pl.col("begins"))
    return zero.with_columns(complete_to=complete, since=pl.when(~exact).then(since)).sort("subject_id")


def _spans(study: Study, criterion: NthSeizure) -> pl.DataFrame:
    """Return the diary's spans that touch the days that count.

    Adds `end`; `wholly`: the seizures count; `counts`: its days do, quiet spans with those that lie inside.
    """
    end = pl.col("day") + pl.col("days") - 1
    before_last = pl.lit(True) if criterion.to_day is None else pl.col("end") <= criterion.to_day
    begun = pl.lit(True) if criterion.to_day is None else pl.col("day") <= criterion.to_day
    touching = diary(study).with_columns(end=end).filter((pl.col("end") >= criterion.from_day) & begun)
    wholly = (pl.col("day") >= criterion.from_day) & before_last
    return touching.with_columns(wholly=wholly, counts=wholly | (pl.col("count") == 0)).sort("subject_id", "day")


def _complete_to(criterion: NthSeizure) -> pl.Expr:
    """Return the last day of a span up to which no day is missing; null where one is."""
    full = pl.col("count").is_not_null() & pl.col("counts")
    days = pl.when(full).then(pl.col("end") - pl.max_horizontal("day", pl.lit(criterion.from_day)) + 1).otherwise(0)
    so_far = days.cum_sum()
    return pl.when(so_far == pl.col("end") - criterion.from_day + 1).then(_last(criterion))


def _last(criterion: NthSeizure) -> pl.Expr:
    """Return the last day of a span that counts."""
    return pl.col("end") if criterion.to_day is None else pl.min_horizontal("end", pl.lit(criterion.to_day))


def _numbers(study: Study, criterion: NthSeizure) -> pl.DataFrame:
    """Return `subject_id, number, baseline_days`: how many seizures are waited for."""
    everyone = study.subjects.select("subject_id").sort("subject_id")
    if criterion.number is not None:
        given = pl.lit(criterion.number, dtype=pl.Int64)
        return everyone.with_columns(number=given, baseline_days=pl.lit(None, dtype=pl.Int64))
    period = criterion.baseline
    days, monthly = pl.col("observed_days"), MONTH_DAYS * pl.col("seizures")
    whole = -(-monthly // days) if criterion.rounding == "up" else (2 * monthly + days) // (2 * days)
    own = pl.when(pl.col("seizures") == 0).then(0).otherwise(pl.max_horizontal(whole, pl.lit(1)))
    enough = (days > 0) & (100 * days >= criterion.min_observed * period.days)
    found = seizures_in(study, period.from_day, period.to_day)
    return found.select("subject_id", number=pl.when(enough).then(own).cast(pl.Int64), baseline_days=days)


def _evidence(units: pl.DataFrame, criterion: NthSeizure) -> list[pl.DataFrame]:
    days = (criterion.to_day or 0) - criterion.from_day + 1
    happened, number = pl.col("seizures"), pl.col("number")
    enough = pl.when(number > 0).then(happened >= number)
    where = f"days {criterion.from_day} to {criterion.to_day}"
    lines = [
        check(
            units,
            f"observed days in {where}",
            pl.col("recorded"),
            threshold=pl.lit(criterion.min_observed * days / 100),
            passed=100 * pl.col("recorded") >= criterion.min_observed * days,
            bound=">=",
            unit="days",
        ),
        check(
            units,
            f"seizures known in {where}",
            happened,
            threshold=number,
            passed=pl.when(pl.col("reached").is_not_null() | (pl.col("verdict") == "not met")).then(enough),
            day=pl.col("reached"),
            bound=">=",
            unit="seizures",
        ),
    ]
    if criterion.number is None:
        least = pl.lit(criterion.min_observed * criterion.baseline.days / 100)
        own = f"observed days in {criterion.baseline.label}"
        kept = pl.col("baseline_days")
        lines.insert(0, check(units, own, kept, threshold=least, passed=kept >= least, bound=">=", unit="days"))
    return lines


def time_to_nth_seizure(study: Study, criterion: NthSeizure, _: Timing, compete: Sequence[str]) -> pl.DataFrame:
    """Return EVENTS from day 0 to the n-th seizure; who has no n, or no recorded day, is not in it.

    Without the event, time is censored at the last recorded day that counts; where missing days are left open, at the
    last one before the first of them.
    """
    needs_seizures(study, criterion)
    units = _counted(study, criterion).filter((pl.col("number") > 0) & (pl.col("recorded") > 0))
    left_open = criterion.missing_days == "left open"
    followed = pl.col("complete_to") if left_open else pl.col("last_recorded")
    seen_to = pl.col("complete_to") + 1 if left_open else pl.lit(criterion.to_day, dtype=pl.Int64)
    units = units.join(first_stop(study, compete), on="subject_id", how="left").with_columns(start=pl.lit(0))
    reached = pl.col("reached").is_not_null()
    end = pl.when(reached).then("reached").otherwise(followed)
    in_time = (
        pl.when(reached).then(pl.col("stop") < pl.col("reached")).otherwise((pl.col("stop") <= seen_to).fill_null(True))
    )
    stopped = pl.col("stop").is_not_null() & in_time
    cause = pl.when(stopped).then(pl.col("stop_reason").cast(pl.String)).when(reached).then(pl.lit("seizures"))
    units = units.with_columns(
        until=pl.when(stopped).then("stop").otherwise(end),
        cause=cause,
        since=pl.when(reached & ~stopped).then(pl.col("since").clip(lower_bound=0)),
    )
    return events(study, units.filter(pl.col("until") >= 0))
