"""Small histories as EVENTS, and as hypothesis draws them: ties, gaps, late entries, events on day 0, deaths."""

import polars as pl
from hypothesis import strategies as st

CAUSES = {0: None, 1: "seizure", 2: "death"}


def as_events(histories, arms=None, **columns):
    """Return EVENTS of histories: lists of (entry, time, outcome)."""
    arms = arms or ["A"] * len(histories)
    rows = [
        (f"s{number:03}", arm, place, float(entry), float(time), CAUSES[how])
        for number, (history, arm) in enumerate(zip(histories, arms, strict=True))
        for place, (entry, time, how) in enumerate(history, 1)
    ]
    schema = {"subject_id": pl.String, "arm": pl.Enum(["A", "B"]), "event_no": pl.Int64}
    schema |= {"entry": pl.Float64, "left": pl.Float64, "cause": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    right = pl.when(pl.col("cause").is_not_null()).then("left")
    return frame.with_columns(right=right, **{name: pl.lit(value) for name, value in columns.items()})


@st.composite
def a_history(draw, terminal):
    days = sorted(draw(st.sets(st.integers(0, 8), min_size=1, max_size=5)))
    late = draw(st.booleans()) and len(days) > 1
    entry = days.pop(0) if late else 0
    rows = []
    for day in days:
        rows.append((entry, day, draw(st.integers(0, 1))))
        gap = draw(st.integers(0, 4)) == 0
        entry = day + 1 if gap else day
        if gap and day + 1 in days:
            break
    if terminal and draw(st.booleans()):
        rows[-1] = (*rows[-1][:2], 2)
    return rows


def some_histories(terminal=False, least=2):
    return st.lists(a_history(terminal), min_size=least, max_size=6)
