"""The diary and the seizures of a period against their slow definitions, day by day."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cohort.records.derive import (
    diary,
    seizures_in,
)
from tests.records.tables import counted

Drawn = tuple[list[Any], list[Any]]


@st.composite
def records(draw: st.DrawFn) -> Drawn:
    """Return seizure records and spans of observation of one subject, neither overlapping among themselves."""
    lines, day = [], draw(st.integers(-6, 3))
    for _ in range(draw(st.integers(0, 6))):
        day += draw(st.integers(0, 4))
        days = draw(st.integers(1, 5))
        for kind in draw(st.sampled_from([("focal",), (None,), ("focal", "tonic")])):
            lines.append(("a", day, days, draw(st.sampled_from([0, 0, 1, 3, None])), kind))
        day += days
    observed, day = [], draw(st.integers(-6, 3))
    for _ in range(draw(st.integers(0, 4))):
        begins = day + draw(st.integers(0, 4))
        day = begins + draw(st.integers(0, 8)) + 1
        observed.append(("a", begins, day - 1))
    return lines, observed


def by_the_day(lines: list[Any], observed: list[Any]) -> dict[int, tuple[tuple[int, int], int | None]]:
    """Return what is known of each day: (the span it belongs to, the span's count); a day not named is missing."""
    known: dict[int, tuple[tuple[int, int], int | None]] = {
        day: ((day, 1), 0) for _, begins, ends in observed for day in range(begins, ends + 1)
    }
    for _, begins, days, _, _ in lines:
        counts = [count for _, other, length, count, _ in lines if (other, length) == (begins, days)]
        total = None if None in counts else sum(counts)
        known |= dict.fromkeys(range(begins, begins + days), ((begins, days), total))
    return known


@settings(max_examples=200, deadline=None)
@given(records())
def test_the_diary_is_that_of_the_slow_definition(drawn: Drawn) -> None:
    lines, observed = drawn
    spans = {(begins, days) for _, begins, days, _, _ in lines}
    found = {}
    for _, begins, days, count, _ in diary(counted(*lines, observed=observed)).iter_rows():
        for day in range(begins, begins + days):
            assert day not in found, "spans overlap"
            found[day] = ((begins, days) if (begins, days) in spans and count != 0 else (day, 1), count)
    expected = {
        day: (span if count != 0 else (day, 1), count) for day, (span, count) in by_the_day(lines, observed).items()
    }
    assert found == expected


@settings(max_examples=200, deadline=None)
@given(records(), st.integers(-8, 30), st.integers(0, 20))
def test_the_seizures_of_a_period_are_those_of_the_slow_definition(drawn: Drawn, from_day: int, length: int) -> None:
    lines, observed = drawn
    to_day = from_day + length
    known = by_the_day(lines, observed)
    inside = {
        day: (span, count)
        for day, (span, count) in known.items()
        if from_day <= day <= to_day
        and (count == 0 or (count is not None and from_day <= span[0] and span[0] + span[1] - 1 <= to_day))
    }
    seizures = sum(count for _, count in set(inside.values())) if inside else None
    row = seizures_in(counted(*lines, observed=observed, subjects="a"), from_day, to_day).row(0, named=True)
    assert (row["seizures"], row["observed_days"]) == (seizures, len(inside))
    assert row["last_observed"] == (max(inside) if inside else None)
    assert row["rate28"] == (28 * seizures / len(inside) if inside else None)
