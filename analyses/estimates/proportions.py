"""How many met a criterion: shares by group, and differences between groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import polars as pl

from analyses.estimates.distributions import normal_quantile
from analyses.estimates.groups import Label, grouped, levels, reference_level, require
from analyses.estimates.result import Estimates, estimates_frame
from cohort.closed_lists import VERDICTS
from cohort.errors import EstimationError, some

Undetermined = Literal["excluded", "not met"]
TERMS: dict[str, str] = {"excluded": "observed cases", "not met": "non-responder imputation"}


@dataclass(frozen=True)
class _Count:
    criterion: str
    group: Label
    met: int
    counted: int
    undetermined: int
    units: int


def proportions(
    outcomes: pl.DataFrame, *, by: str | None = "arm", undetermined: Undetermined, confidence: float = 0.95
) -> Estimates:
    """Return the share that met each criterion, by group.

    A row "share" a criterion and group (standard error sqrt(p(1-p)/n), Wilson's limits, `n` the denominator, `events`
    the number that met it), and a row "undetermined" (how many could not be decided, `n` all units). Empty Enum
    levels appear with n = 0 and a null share.

    Args:
        outcomes: OUTCOMES, with the column `by`; one criterion or several.
        by: The grouping column; None for everyone together.
        undetermined: "excluded" leaves units that could not be decided out of the denominator (observed cases); "not
            met" counts them as failures (non-responder imputation).
        confidence: Coverage of the limits.

    Raises:
        EstimationError: A column is missing, a unit appears twice, or a verdict is unknown.

    Sources: Wilson EB. J Am Stat Assoc 1927;22:209-12.

    >>> outcomes = pl.DataFrame({"criterion": "remission", "subject_id": ["1", "2", "3"], "arm": "drug",
    ...                          "verdict": ["met", "not met", "undetermined"]})
    >>> proportions(outcomes, undetermined="excluded").value("share")
    0.5
    """
    z = normal_quantile(confidence)
    counts, notes = _counts(outcomes, by, undetermined)
    rows: list[dict[str, object]] = []
    for count in counts:
        named: dict[str, object] = {"criterion": count.criterion, "group": count.group}
        low, high = wilson(count.met, count.counted, z)
        share = count.met / count.counted if count.counted else None
        rows.append(
            named
            | {"statistic": "share", "term": TERMS[undetermined], "estimate": share, "conf_low": low, "conf_high": high}
            | {"std_error": _binomial_error(count.met, count.counted), "n": count.counted, "events": count.met}
        )
        rows.append(named | {"statistic": "undetermined", "estimate": count.undetermined, "n": count.units})
    method = f"Share that met the criterion ({TERMS[undetermined]}) with Wilson {100 * confidence:g}% limits"
    return Estimates(estimates_frame(rows), method, notes, confidence)


def risk_differences(
    outcomes: pl.DataFrame,
    *,
    by: str = "arm",
    undetermined: Undetermined,
    reference: str | None = None,
    confidence: float = 0.95,
) -> Estimates:
    """Return each group's share minus the reference group's share.

    A row "risk difference" a criterion and group: Newcombe's hybrid score interval (his method 10), the unpooled Wald
    standard error, `n` and `events` of both groups together; null where either group has no denominator.

    Args:
        outcomes: OUTCOMES, with the column `by`.
        by: The grouping column.
        undetermined: As in `proportions`.
        reference: The level that is subtracted; by default the first (an Enum's first level).
        confidence: Coverage of the limits.

    Raises:
        EstimationError: As `proportions`; or there are not two groups; or `reference` is not one.

    Sources: Newcombe RG. Stat Med 1998;17:873-90 (method 10).
    """
    z = normal_quantile(confidence)
    counts, notes = _counts(outcomes, by, undetermined)
    compared = reference_level(tuple(dict.fromkeys(count.group for count in counts)), by, reference)
    base = {count.criterion: count for count in counts if count.group == compared}
    rows = [_difference(c, base[c.criterion], TERMS[undetermined], z) for c in counts if c.group != compared]
    method = (
        f"Difference of the shares that met the criterion ({TERMS[undetermined]}), group minus {compared}, "
        f"with Newcombe hybrid score {100 * confidence:g}% limits (method 10)"
    )
    return Estimates(estimates_frame(rows), method, notes, confidence)


def wilson(met: int, n: int, z: float) -> tuple[float, float] | tuple[None, None]:
    """Return the Wilson score limits of a proportion; nulls where n is 0.

    >>> [round(limit, 4) for limit in wilson(81, 263, 1.959964)]
    [0.2553, 0.3662]
    """
    if n == 0:
        return None, None
    p = met / n
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # Rounding would leave 1e-17 where the limit is exactly 0 or 1.
    low = 0.0 if met == 0 else (middle - half) / scale
    high = 1.0 if met == n else (middle + half) / scale
    return low, high


def newcombe(
    met: int, n: int, reference_met: int, reference_n: int, z: float
) -> tuple[float, float] | tuple[None, None]:
    """Return the hybrid score limits of p - p_reference; nulls where a denominator is 0.

    >>> [round(limit, 4) for limit in newcombe(56, 70, 48, 80, 1.959964)]
    [0.0524, 0.3339]
    """
    (low, high), (low_r, high_r) = wilson(met, n, z), wilson(reference_met, reference_n, z)
    if low is None or low_r is None or high is None or high_r is None:
        return None, None
    p, p_r = met / n, reference_met / reference_n
    return (
        p - p_r - math.hypot(p - low, high_r - p_r),
        p - p_r + math.hypot(high - p, p_r - low_r),
    )


def _difference(count: _Count, base: _Count, term: str, z: float) -> dict[str, object]:
    row: dict[str, object] = {"criterion": count.criterion, "term": term, "group": count.group, "reference": base.group}
    row |= {"statistic": "risk difference", "n": count.counted + base.counted, "events": count.met + base.met}
    if not (count.counted and base.counted):
        return row
    low, high = newcombe(count.met, count.counted, base.met, base.counted, z)
    errors = [_binomial_error(c.met, c.counted) or 0.0 for c in (count, base)]
    estimate = count.met / count.counted - base.met / base.counted
    return row | {"estimate": estimate, "std_error": math.hypot(*errors), "conf_low": low, "conf_high": high}


def _binomial_error(met: int, n: int) -> float | None:
    return math.sqrt(met / n * (1 - met / n) / n) if n else None


def _counts(outcomes: pl.DataFrame, by: str | None, undetermined: str) -> tuple[list[_Count], tuple[str, ...]]:
    _check(outcomes, undetermined)
    groups = grouped(outcomes, by)
    verdict = pl.col("verdict").cast(pl.String)
    tally = groups.frame.group_by(pl.col("criterion").cast(pl.String), "_group", verdict).len()
    number = {(criterion, group, word): count for criterion, group, word, count in tally.iter_rows()}
    criteria = [c for c in levels(outcomes["criterion"]) if any(key[0] == c for key in number)]
    counts = []
    for criterion in criteria:
        for group, label in enumerate(groups.labels):
            met, not_met, unknown = (number.get((criterion, group, word), 0) for word in VERDICTS)
            counted = met + not_met + (unknown if undetermined == "not met" else 0)
            counts.append(_Count(criterion, label, met, counted, unknown, met + not_met + unknown))
    notes = [_undetermined_note(groups.frame, criterion, undetermined) for criterion in criteria]
    return counts, (*groups.notes, *_repeats_note(groups.frame), *notes)


def _check(outcomes: pl.DataFrame, undetermined: str) -> None:
    if undetermined not in TERMS:
        raise EstimationError(f"undetermined={undetermined!r} was given; it is 'excluded' or 'not met'")
    require(outcomes, ["criterion", "subject_id", "verdict"], "outcomes")
    if outcomes.height == 0:
        raise EstimationError("there are 0 outcomes; a share needs at least one")
    unknown = [word for word in outcomes["verdict"].cast(pl.String).unique().sort().to_list() if word not in VERDICTS]
    if unknown:
        raise EstimationError(f"{len(unknown)} verdicts are unknown: {some(unknown)}; they are {some(VERDICTS)}")
    unit = [name for name in ("criterion", "subject_id", "treatment_no") if name in outcomes.columns]
    repeated = outcomes.filter(pl.struct(unit).is_duplicated())
    if repeated.height:
        raise EstimationError(
            f"{repeated.height} outcomes stand for the same {' and '.join(unit)}, as for subjects "
            f"{some(repeated['subject_id'].unique().sort())}; a join may have repeated them: keep one row each"
        )


def _undetermined_note(frame: pl.DataFrame, criterion: str, undetermined: str) -> str:
    own = frame.filter(pl.col("criterion").cast(pl.String) == criterion)
    unknown = own.filter(pl.col("verdict").cast(pl.String) == "undetermined")
    note = f"{criterion}: {unknown.height} of {own.height} undetermined"
    if not unknown.height:
        return note
    note += ", left out of the denominator" if undetermined == "excluded" else ", counted as not met"
    if "reason" not in unknown.columns:
        return note
    reasons = unknown.group_by(pl.col("reason").cast(pl.String).fill_null("")).len().sort("reason")
    counted = [f"{reason or 'no reason given'}: {count}" for reason, count in reasons.iter_rows()]
    return f"{note} ({', '.join(counted)})"


def _repeats_note(frame: pl.DataFrame) -> tuple[str, ...]:
    rows = frame.group_by("criterion", "subject_id", "_group").len()
    several = rows.filter(pl.col("len") > 1)["subject_id"].n_unique()
    if not several:
        return ()
    return (f"{several} subjects count more than once in a group; the limits take all units as independent",)
