"""What would have to be otherwise in the records for a verdict to turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

Row = Mapping[str, Any]

# No further record turns these: what was done cannot be undone, or the rule has no answer.
FINAL = (
    "baseline is zero, percent undefined",
    "stopped for intolerance",
    "not a drug",
    "not suited",
    "no dose rule at this age",
    "another episode",
    "bipolar disorder",
    "not an antidepressant",
)
# What would decide these stands in none of the checks: it is asked for before anything can be compared.
LACKING = {
    "age not recorded": "the subject's age",
    "weight not recorded": "the subject's weight",
    "not in the dose table": "the drug in the dose table",
}
OVER = ("stopped before the threshold",)
# Where a rule tells several classes apart, its reason says which of the checks that failed stands in the way: words of
# those checks.
_STANDS_ON = {
    "too short": ("days at",),
    "dose too low": ("dose",),
    "dose not recorded": ("daily dose",),
    "adherence not recorded": ("taken",),
    "not adherent": ("taken",),
    "seizure under treatment": ("run",),
    "follow-up too short": ("run", "days on", "seen", "follow-up"),
    "stopped before the threshold": ("run", "days on"),
    "too many missing days": ("run",),
    "fewer failures than needed": ("failed", "given up"),
}
_WHOLE = ("days", "seizures", "treatments", "schedules", "drugs", "failures", "visits", "courses", "months")


@dataclass(frozen=True)
class Change:
    """One check that did not pass, and what would make it pass.

    Attributes:
        check: What was looked at.
        observed: What was found; None where it was not recorded.
        threshold: What it was compared with; None where it only had to be there.
        bound: How it had to stand to the threshold.
        unit: The unit of both.
        day: The day of the record, where it has one.
        gap: How far it was from passing, in the unit; 0 where a strict bound was met exactly. None where it was not
            recorded, or lies on the right side and failed for another reason.
    """

    check: str
    observed: float | None
    threshold: float | None
    bound: str | None
    unit: str | None
    day: float | None
    gap: float | None


def standing_in_the_way(changes: list[Change], reason: str) -> list[Change]:
    """Return those of the changes that a verdict's reason speaks of; all of them where it speaks of none."""
    words = _STANDS_ON.get(reason, ())
    return [change for change in changes if any(word in change.check for word in words)] or changes


def nearest_changes(checks: Iterable[Row], *, undetermined: bool = False) -> list[Change]:
    """Return what has to change, all of it, for a verdict that is not met: one change for each check that failed.

    Only checks with a bound decide, and numbers (checks with a unit) that had to be recorded and were not; where the
    verdict is undetermined, also what could not be compared for want of a record, or else what is on its way to a bound
    that it has not reached. Lines of the same words are alternatives, of which the nearest is given.
    """
    grouped: dict[str, list[Row]] = {}
    for row in checks:
        lacking = row["passed"] is False and row["observed"] is None and row["unit"] is not None
        if row["bound"] is not None or lacking:
            grouped.setdefault(row["check"], []).append(row)
    failed = [rows for rows in grouped.values() if _failed(rows) or (undetermined and _unknown(rows))]
    changes = [min(map(_change, rows), key=_distance) for rows in failed]
    if changes or not undetermined:
        return changes
    open_ = (min(map(_change, rows), key=_distance) for rows in grouped.values() if not any(r["passed"] for r in rows))
    return [change for change in open_ if (change.gap or 0) > 0]


def _failed(rows: list[Row]) -> bool:
    answers = [row["passed"] for row in rows]
    return False in answers and True not in answers


def _unknown(rows: list[Row]) -> bool:
    return all(row["passed"] is None for row in rows) and any(row["observed"] is None for row in rows)


def margins(checks: Iterable[Row]) -> list[Change]:
    """Return by how much each deciding check passed: the reverse of `nearest_changes`, for a verdict that is met."""
    grouped: dict[str, list[Row]] = {}
    for row in checks:
        known = row["bound"] is not None and row["observed"] is not None and row["threshold"] is not None
        if known and row["passed"]:
            grouped.setdefault(row["check"], []).append(row)
    widest = (max(rows, key=lambda row: abs(row["observed"] - row["threshold"])) for rows in grouped.values())
    return [_change(row) for row in widest]


def needed(change: Change) -> str:
    """Return what would be enough, in words.

    >>> needed(Change("days at or above the dose", 21.0, 42.0, ">=", "days", None, 21.0))
    '21 more days at or above the dose (3 weeks)'
    >>> needed(Change("HAMD17 <= 7", 9.0, 7.0, "<=", "points", 42.0, 2.0))
    '2 points less (HAMD17 <= 7)'
    """
    if change.gap is None or change.bound is None or change.threshold is None:
        return f"a record ({change.check})"
    if change.bound == "=":
        return f"{number(change.threshold)} instead of {number(change.observed or 0)} ({change.check})"
    text = _step(change)
    if change.unit in _WHOLE and change.check.startswith(f"{change.unit} "):
        return f"{text}{change.check.removeprefix(change.unit)}{_in_weeks(change.unit, enough(change))}"
    return f"{text}{_in_weeks(change.unit, enough(change))} ({change.check})"


def enough(change: Change) -> float:
    """Return the smallest change that is enough, in the unit: one more than the gap where whole things are counted."""
    gap = change.gap or 0.0
    if change.unit not in _WHOLE:
        return gap
    return floor(gap) + 1 if change.bound in (">", "<") else ceil(gap)


def _step(change: Change) -> str:
    shown = f"{ceil(round(enough(change) * 100, 6)) / 100:g}"  # rounded up, so that it is enough
    more_than = "more than " if change.bound in (">", "<") and change.unit not in _WHOLE else ""
    unit = _unit(enough(change), change.unit)
    upward = (shown, unit, "more") if more_than else (shown, "more", unit)
    words = upward if change.bound in (">", ">=") else (shown, unit, "less")
    return more_than + " ".join(word for word in words if word)


def amount(value: float, unit: str | None) -> str:
    """Return a number with its unit; long times also in weeks or months.

    >>> amount(1, "days"), amount(42, "days"), amount(4.1667, "percent"), amount(3, None)
    ('1 day', '42 days (6 weeks)', '4.17 percentage points', '3')
    """
    return " ".join(part for part in (number(value), _unit(value, unit)) if part) + _in_weeks(unit, value)


def _unit(value: float, unit: str | None) -> str:
    named = {"percent": "percentage points"}.get(unit or "", unit or "")
    return named[:-1] if value == 1 and named.endswith("s") and " " not in named else named


def _in_weeks(unit: str | None, value: float) -> str:
    return long_time(value) if unit == "days" else ""


def long_time(days: float) -> str:
    """Return a long time in weeks or months (of 30.4 days), in brackets; nothing for a short one."""
    if days < 14:
        return ""
    size, word = (7, "weeks") if days < 91 else (30.4375, "months")
    return f" ({round(days / size, 1):g} {word})"


def number(value: float) -> str:
    """Return a number whole where it is whole, else with two decimals."""
    return f"{value:.0f}" if value % 1 == 0 else f"{round(value, 2):g}"


def _change(row: Row) -> Change:
    observed, threshold, bound = row["observed"], row["threshold"], row["bound"]
    gap = None
    if observed is not None and threshold is not None and bound is not None:
        away = {"<": observed - threshold, "<=": observed - threshold, "=": abs(observed - threshold)}
        gap = away.get(bound, threshold - observed)
    if gap is not None and not row["passed"] and (gap < 0 or (gap == 0 and bound not in (">", "<"))):
        gap = None
    check = row["check"].removesuffix(f", {row['unit']}")
    return Change(check, observed, threshold, bound, row["unit"], row["day"], gap)


def _distance(change: Change) -> float:
    return float("inf") if change.gap is None else change.gap
