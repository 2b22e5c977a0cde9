"""Stretches of days without a seizure inside a period, however they are broken by seizures and by missing days."""

from __future__ import annotations

import polars as pl

from cohort.errors import RecordError
from cohort.records.derive import diary
from cohort.records.periods import check_days, check_whole_numbers
from cohort.records.study import Study, check_study

_STRETCH = ["subject_id", "stretch"]


def longest_free_stretch(
    study: Study, from_day: int, to_day: int, *, min_observed: int = 90, max_gap_days: int = 14
) -> pl.DataFrame:
    """Return the longest stretch without a seizure in a period, in days: `subject_id, longest_free`.

    A stretch reaches from one day recorded without a seizure to another, both included, with no known seizure between
    them. At least `min_observed` percent of its days were recorded, and no gap in them is longer than `max_gap_days`
    (both are conventions; 100 and 0 let every missing day end a stretch). A total with seizures that reaches into the
    period ends a stretch too, since its seizures may lie there.

    Returns:
        One row a subject; 0 where the period's recorded days all hold seizures, null where no day of it was recorded.

    Raises:
        RecordError: The period ends before it begins; the percentage does not lie above 0 and up to 100, or the gap is
            negative.
    """
    check_study(study)
    check_days(from_day, to_day)
    check_whole_numbers(min_observed=min_observed, max_gap_days=max_gap_days)
    if not 0 < min_observed <= 100 or max_gap_days < 0:
        raise RecordError("min_observed lies above 0 and up to 100, and max_gap_days is at least 0")
    spans = _spans(study, from_day, to_day)
    best = _best_ends(_stretches(spans, max_gap_days), min_observed).group_by("subject_id")
    longest = best.agg(longest=(pl.col("last") - pl.col("day") + 1).max())
    seen = spans.group_by("subject_id").agg(seen=pl.len())
    found = study.subjects.select("subject_id").join(seen, on="subject_id", how="left")
    zero = pl.when(pl.col("seen") > 0).then(pl.lit(0, dtype=pl.Int64))
    joined = found.join(longest, on="subject_id", how="left")
    return joined.select("subject_id", longest_free=pl.coalesce("longest", zero)).sort("subject_id")


def _spans(study: Study, from_day: int, to_day: int) -> pl.DataFrame:
    """Return what is known of the period, cut at its edges: `subject_id, day, end, seizure`."""
    end = pl.col("day") + pl.col("days") - 1
    known = diary(study).filter(pl.col("count").is_not_null() | (pl.col("known") > 0))
    inside = known.with_columns(end=end).filter((pl.col("end") >= from_day) & (pl.col("day") <= to_day))
    return inside.select(
        "subject_id",
        day=pl.max_horizontal("day", pl.lit(from_day, dtype=pl.Int64)),
        end=pl.min_horizontal("end", pl.lit(to_day, dtype=pl.Int64)),
        seizure=pl.col("known") > 0,
    ).sort("subject_id", "day")


def _stretches(spans: pl.DataFrame, max_gap_days: int) -> pl.DataFrame:
    """Return the quiet spans with the number of the stretch in which seizures and long gaps leave them."""
    apart = pl.col("day") - pl.col("end").shift(1).over("subject_id") - 1
    broken = pl.col("seizure") | (apart > max_gap_days).fill_null(True)
    numbered = spans.with_columns(stretch=broken.cum_sum().over("subject_id"))
    return numbered.filter(~pl.col("seizure"))


def _best_ends(quiet: pl.DataFrame, percent: int) -> pl.DataFrame:
    """Return for each quiet span, as the first of a stretch, the last day to which a stretch from there can reach.

    With N(e) days recorded up to day e, the days from s to e are recorded well enough where
    100 (N(e) - N(s - 1)) >= p (e - s + 1), that is where f(e) = 100 N(e) - p e is at least f(s - 1). Of all later ends
    the largest that reaches f(s - 1) is found among the running maxima of f from the right, which fall with e.
    """
    days = pl.col("end") - pl.col("day") + 1
    recorded = days.cum_sum().over(_STRETCH, order_by="day")
    scored = quiet.with_columns(
        opens=100 * (recorded - days) - percent * (pl.col("day") - 1), closes=100 * recorded - percent * pl.col("end")
    )
    reached = scored.with_columns(reach=pl.col("closes").cum_max(reverse=True).over(_STRETCH, order_by="day"))
    ends = reached.group_by(*_STRETCH, "reach").agg(last=pl.col("end").max()).sort("reach")
    starts = scored.select(*_STRETCH, "day", "opens").sort("opens")
    return starts.join_asof(
        ends, left_on="opens", right_on="reach", by=_STRETCH, strategy="forward", check_sortedness=False
    )
